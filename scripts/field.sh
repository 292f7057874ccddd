#!/bin/bash
# Installs Buzón in a Debian 12 of its own, by the very commands of README.md and config/slapd/README.md, boots it with
# systemd-nspawn and checks that the agent works under its unit. One line a step; ends with 1 where a step failed.
#
# As root, on Debian (debootstrap, systemd-container). The machine has no network but its own loopback. Its root is made
# once (FIELD, .build/field by default; 3 min and 0.4 GB) and copied for each run, which takes half a minute. BIN=FILE
# installs a program that is built already; KEEP=1 keeps the machine's root.
set -euo pipefail
cd "$(dirname "$0")/.."
field=$(realpath -m "${FIELD:-.build/field}")
build=${BUILD:-release}
name=field
. scripts/machine.sh

# The block, of those, that has this text in it.
readme=$(commands README.md '## Into a real directory')
packages=$(sed -n '/^apt-get install/,/[^\\]$/p' <<<"$readme")
after_install=$(sed -n '/^systemd-sysusers/,/^systemd-tmpfiles/p' <<<"$readme")
enable=$(sed -n '/^systemctl daemon-reload/,/^systemctl enable/p' <<<"$readme")
directory=$(commands config/slapd/README.md '# An OpenLDAP that Buzón can work with')
for part in "$packages" "$after_install" "$enable" "$directory"; do
  [ -n "$part" ] || give_up "a README has no such commands any more; look at commands() in scripts/field.sh"
done

# --- The root, once. What the README says is needed to run, the directory, and an init.

wanted=$(tr -d '\\\n' <<<"$packages" | sed 's/.*--no-install-recommends//; s/^ *//; s/  */,/g')
include=systemd-sysv,dbus,slapd,ldap-utils,$wanted
make_root "$field/root" bookworm "$include"
begin_machine "$field/root"

# --- Installed as the README says.

must "make install DESTDIR=..." make --no-print-directory install ${BIN:+BIN="$BIN"} BUILD="$build" DESTDIR="$root"
say "        the program has $(stat -c %s "$root/usr/bin/buzon" | numfmt --to=iec)"

# Statically linked Swift finds its arguments by /proc.
runs_bare() {
  unshare --mount --propagation private bash -ec 'mount --bind /proc "$0/proc"; exec chroot "$0" /usr/bin/env -i /usr/bin/buzon --version' "$root" |
    grep -xE '[0-9]+(\.[0-9]+)*'
}
must "the program runs where there is no Swift toolchain" runs_bare
named_packages() {
  local library path owner missing=''
  chroot "$root" ldd /usr/bin/buzon > "$work/libraries"
  ! grep 'not found' "$work/libraries" || return 1
  for library in $(readelf -d "$root/usr/bin/buzon" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'); do
    path=$(awk -v name="$library" '$1 == name { print $3 }' "$work/libraries")
    [ -n "$path" ] || continue
    owner=$(chroot "$root" dpkg -S "$(chroot "$root" readlink -f "$path")" "*/$library" 2>/dev/null | head -n 1 | cut -d: -f1)
    case ",$wanted,libc6," in *",$owner,"*) ;; *) missing+=" $library:$owner" ;; esac
  done
  [ -z "$missing" ] || { echo "the README does not name the packages of:$missing"; return 1; }
}
step "each library it needs is of a package that the README names" named_packages || true

# slapd as Debian's installer makes it for this domain, with an administrator's password.
configure_slapd() {
  slapd_answers | chroot "$root" debconf-set-selections
  # Nothing starts before the machine does (Debian Policy 9.3.3.1).
  printf '#!/bin/sh\nexit 101\n' > "$root/usr/sbin/policy-rc.d"
  chmod 755 "$root/usr/sbin/policy-rc.d"
  DEBIAN_FRONTEND=noninteractive chroot "$root" dpkg-reconfigure -f noninteractive slapd
  rm "$root/usr/sbin/policy-rc.d"
}
must "Debian's slapd has an empty directory dc=putumayo,dc=gov,dc=co" configure_slapd

boot
must "the machine boots" eventually 120 is_up

must "README: the packages are there" script "$packages"
must "README: users and folders" script "$after_install"
modes() {
  [ "$(inside stat -c '%a %U:%G' /var/spool/buzon/incoming)" = "3730 buzon:buzon-submit" ] &&
    [ "$(inside stat -c '%a %U:%G' /var/lib/buzon)" = "700 buzon:buzon" ]
}
step "incoming/ is 3730 buzon:buzon-submit, the state 0700" modes || true

# The README's commands stop where a value is empty: then nothing was changed.
refuses_empty() {
  local before
  before=$(inside slapcat -n 0 | grep -c .)
  ! script "${directory/AGENT_UID=\$(id -u buzon)/AGENT_UID=}" <<<"$password" || return 1
  [ "$before" = "$(inside slapcat -n 0 | grep -c .)" ]
}
step "config/slapd/README.md: an empty value stops it before anything is changed" refuses_empty || true
prepare_directory() { script "$directory" <<<"$password"; }
must "config/slapd/README.md: its commands, as they stand" prepare_directory
is_mapped() { script 'runuser -u buzon -- ldapwhoami -Q -Y EXTERNAL -H ldapi:///' | grep -x 'dn:cn=buzon,ou=services,dc=putumayo,dc=gov,dc=co'; }
must "the directory takes the user buzon for the agent" is_mapped
secrets() {
  [ "$(inside stat -c '%a %U' /root/slapd-config-before-buzon.ldif)" = "600 root" ] &&
    [ "$(inside stat -c '%a %U' /root/buzon-mail.password)" = "600 root" ] &&
    ! inside grep -rE '^olcRootPW|^userPassword: [^@$]' /usr/share/buzon
}
step "secrets are 0600 in /root, none in /usr/share/buzon" secrets || true

# What init would apply is what those commands applied; only the configuration is the shipped example still.
nothing_left() {
  local left
  left=$(script 'buzon init --dry-run --base dc=putumayo,dc=gov,dc=co --domain putumayo.gov.co --organization Field' |
    grep -E '^(missing|differs|by-hand)' | grep -v 'write the configuration') || true
  echo "$left"
  [ -z "$left" ]
}
step "buzon init finds nothing left to do in the directory" nothing_left || true
is_fit() { script 'buzon doctor'; }
step "buzon doctor finds nothing wrong" is_fit || true

# --- The agent under its unit.

must "README: systemctl enable --now buzon" script "$enable"
is_active() { inside systemctl is-active --quiet buzon && inside journalctl -u buzon --no-pager -o cat | grep agent.started; }
must "the agent runs" eventually 60 is_active
status_ok() { as_buzon buzon status; }
step "buzon status says that all is well" eventually 60 status_ok || true
leases() {
  local pid line
  pid=$(inside systemctl show -P MainPID buzon)
  line=$(inside grep CapEff "/proc/$pid/status" | tr -d '[:space:]' | cut -d: -f2)
  echo "CapEff $line"
  [ $((16#$line)) = $((1 << 28)) ]
}
step "it has CAP_LEASE and no other capability" leases || true

inside useradd --create-home --groups buzon-submit ana
carry_out() { # NUMBER ADDRESS
  form "$1" "$2" > "$root/home/ana/$1.yaml"
  as_ana buzon submit "/home/ana/$1.yaml" || return 1
  eventually 60 is_applied "$1"
}
is_applied() { as_buzon buzon show "$1" --json | grep '"outcome":"applied"'; }
step "a form of ana's, of buzon-submit and not root, is carried out" carry_out 2026-0001 maria.lopez || true
in_directory() { as_buzon ldapsearch -Q -LLL -Y EXTERNAL -H ldapi:/// -b ou=people,dc=putumayo,dc=gov,dc=co '(mail=maria.lopez@putumayo.gov.co)' dn buzonRequest | grep -x 'buzonRequest: 2026-0001#0'; }
step "the account is in the directory with its stamp" in_directory || true
recorded() { inside test -s "/var/lib/buzon-records/deliveries/$(date -u +%Y)/2026-0001.json" && inside grep -q maria.lopez /var/lib/buzon-records/accounts/accounts.csv; }
step "the delivery record and the account list are written" eventually 60 recorded || true
# With cp, and readable for its group alone: incoming/ gives the copy that group.
copied() {
  form 2026-0002 pedro.ruiz > "$root/home/ana/copied.yaml"
  as_ana sh -c 'umask 027; cp /home/ana/copied.yaml /var/spool/buzon/incoming/' || return 1
  eventually 60 is_applied 2026-0002
}
step "a form that ana copies (0640) is carried out" copied || true

reload() {
  script "sed -i 's/^  level: info/  level: debug/' /etc/buzon/buzon.yaml; systemctl reload buzon" || return 1
  eventually 30 reread
}
reread() { inside journalctl -u buzon --no-pager -o cat | grep -E 'configuration\.(reread|read|applied|reloaded)|agent\.(reread|reloaded)'; }
step "systemctl reload: it reads its configuration again" reload || true
refuses_reload() {
  script "cp -p /etc/buzon/buzon.yaml /root/kept.yaml; echo 'polcy: {}' >> /etc/buzon/buzon.yaml" || return 1
  ! inside systemctl reload buzon || return 1
  script "cp -p /root/kept.yaml /etc/buzon/buzon.yaml; systemctl reload buzon" && is_active
}
step "systemctl reload fails where the configuration has an error, and the agent goes on" refuses_reload || true

explained() {
  inside journalctl --update-catalog || return 1
  [ "$(inside journalctl -q BUZON_REQUEST=2026-0001 BUZON_EVENT=change.settled -o cat | wc -l)" = 1 ] || return 1
  script "sed -i 's/^  level: debug/  level: nonsense/' /etc/buzon/buzon.yaml; kill -HUP \$(systemctl show -P MainPID buzon)" || return 1
  eventually 30 refused_explained || return 1
  script "cp -p /root/kept.yaml /etc/buzon/buzon.yaml; systemctl reload buzon"
}
refused_explained() { inside journalctl -q -x BUZON_EVENT=configuration.refused | grep 'The old configuration stays in use'; }
step "the journal finds the story of a request, and explains an event (journalctl -x)" explained || true

killed() {
  local before after
  before=$(inside systemctl show -P MainPID buzon)
  script "kill -9 $before"
  sleep 1
  eventually 60 is_active || return 1
  eventually 60 status_ok || return 1
  after=$(inside systemctl show -P MainPID buzon)
  echo "pid $before, then $after; restarts: $(inside systemctl show -P NRestarts buzon)"
  [ "$before" != "$after" ] && [ "$(inside systemctl show -P NRestarts buzon)" = 1 ]
}
step "kill -9: systemd starts it again" killed || true
step "a form is carried out after that" carry_out 2026-0003 ana.diaz || true

hung() {
  local before
  script "mkdir -p /run/systemd/system/buzon.service.d
printf '[Service]\nWatchdogSec=4s\nTimeoutStopSec=4s\n' > /run/systemd/system/buzon.service.d/quick.conf
systemctl daemon-reload; systemctl restart buzon" || return 1
  before=$(inside systemctl show -P MainPID buzon)
  sleep 12
  [ "$(inside systemctl show -P MainPID buzon)" = "$before" ] || return 1
  script "kill -STOP $before"
  eventually 60 is_another "$before" || return 1
  inside journalctl -u buzon -q --no-pager | grep -i 'watchdog timeout' || return 1
  script "rm -r /run/systemd/system/buzon.service.d; systemctl daemon-reload; systemctl restart buzon"
  eventually 60 is_active
}
is_another() {
  local now
  now=$(inside systemctl show -P MainPID buzon)
  [ "$now" != 0 ] && [ "$now" != "$1" ]
}
step "a hung agent is started anew by the watchdog; one that works is not" hung || true
status_text() { inside systemctl show -P StatusText buzon | grep -E '^(OK|WARNING|CRITICAL): '; }
step "systemctl status says how it stands" eventually 60 status_text || true

stranger() {
  inside systemctl restart slapd || return 1
  eventually 60 status_ok
}
step "slapd restarts: the agent finds it again" stranger || true
# Last of what needs the directory: it takes the identity rule away.
misidentified() {
  script "ldapmodify -Q -Y EXTERNAL -H ldapi:/// <<'LDIF'
dn: cn=config
changetype: modify
delete: olcAuthzRegexp
LDIF
systemctl restart slapd" || return 1
  form 2026-0004 luz.mora > "$root/home/ana/0004.yaml"
  as_ana buzon submit /home/ana/0004.yaml || return 1
  eventually 60 names_itself && eventually 60 status_names_itself
}
names_itself() {
  inside journalctl -u buzon --no-pager -o cat | grep -E 'why=.*(gidNumber|uidNumber)=.*cn=peercred.* do=.*olcAuthzRegexp'
}
status_names_itself() { { as_buzon buzon status 2>&1 || true; } | grep -E 'uidNumber=[0-9]+,cn=peercred'; }
step "an identity that no rule maps: log and status say whom the directory takes the agent for" misidentified || true

# No rule maps the agent's user any more: what is done now is done with the password, which its user can't read by itself.
credential() {
  script "umask 077
head -c 18 /dev/urandom | base64 | tr +/ -_ | tr -d '\n' > /etc/buzon/ldap.password
ldapmodify -x -y /root/admin.password -D cn=admin,dc=putumayo,dc=gov,dc=co -H ldapi:/// <<LDIF
dn: cn=buzon,ou=services,dc=putumayo,dc=gov,dc=co
changetype: modify
add: objectClass
objectClass: simpleSecurityObject
-
add: userPassword
userPassword: \$(slappasswd -n -T /etc/buzon/ldap.password)
LDIF
if runuser -u buzon -- cat /etc/buzon/ldap.password; then exit 1; fi
sed -i 's|^    method: external .*|    method: simple\n    dn: cn=buzon,ou=services,dc=putumayo,dc=gov,dc=co\n    password_file: credential:ldap.password|' /etc/buzon/buzon.yaml
umask 022
mkdir -p /etc/systemd/system/buzon.service.d
sed -n 's/^#\(LoadCredential=\)/[Service]\n\1/p' /usr/lib/systemd/system/buzon.service > /etc/systemd/system/buzon.service.d/password.conf
grep LoadCredential /etc/systemd/system/buzon.service.d/password.conf
systemctl daemon-reload; systemctl restart buzon" || return 1
  eventually 60 is_applied 2026-0004 && eventually 60 status_ok
}
printf '%s' "$password" > "$root/root/admin.password"
step "LoadCredential: with a password as the unit's credential the form that waited is carried out" credential || true

# A folder that nobody made: the agent starts and says what to do.
missing_folder() {
  script 'systemctl stop buzon; rmdir /var/spool/buzon/incoming; systemctl start buzon' || return 1
  eventually 60 is_active && eventually 30 says_tmpfiles || return 1
  script 'systemctl stop buzon; systemd-tmpfiles --create buzon.conf' && modes
}
says_tmpfiles() { inside journalctl -u buzon --no-pager -o cat | grep 'spool.incomplete.*systemd-tmpfiles --create buzon.conf'; }
step "without incoming/ it starts and names systemd-tmpfiles, which mends it" missing_folder || true

quiet() { ! inside journalctl -u buzon --no-pager -o cat | grep -E 'Failed to set thread priority|Operation not permitted|EPERM'; }
step "no refused system call in its journal" quiet || true
stopped() {
  inside systemctl start buzon && eventually 60 is_active || return 1
  inside systemctl stop buzon && [ "$(inside systemctl show -P Result buzon)" = success ] &&
    [ "$(inside systemctl show -P ActiveState buzon)" = inactive ]
}
step "systemctl stop ends it in order" stopped || true

uninstall() {
  inside systemctl disable --quiet buzon || return 1
  make --no-print-directory uninstall DESTDIR="$root" || return 1
  inside systemctl daemon-reload
  [ ! -e "$root/usr/bin/buzon" ] && [ ! -e "$root/usr/share/buzon" ] && [ -e "$root/etc/buzon/buzon.yaml" ] &&
    [ -e "$root/var/lib/buzon/register.sqlite" ] && [ -e "$root/root/slapd-config-before-buzon.ldif" ]
}
step "make uninstall takes the program away; configuration, state and the way back stay" uninstall || true

step "the machine powers off" power_off && init='' || true
rm -f "$console"
finish
