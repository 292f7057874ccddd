#!/bin/bash
# Installs the package in a Debian of its own, by the commands of README.md, and goes its whole
# life with it: first account, upgrades with a full queue, removal, installation again, purge. Nothing may be lost.
#
# usage: deb-test.sh [SUITE [PACKAGE]]: bookworm and the newest of .build/deb by default. As root. The machine has no
# network: its root (made once, with FIELD as in field.sh) holds what apt needs. One line a step; ends with 1 where one failed.
set -euo pipefail
cd "$(dirname "$0")/.."
suite=${1:-bookworm}
field=$(realpath -m "${FIELD:-.build/field}")
name=deb-test
. scripts/machine.sh
package=${2:-$(ls -t .build/deb/buzon_*_"$(dpkg --print-architecture)".deb 2>/dev/null | grep -v '+upgrade' | head -n 1)}
[ -n "$package" ] || give_up "there is no package in .build/deb; run make deb"
version=$(dpkg-deb -f "$package" Version)

readme=$(commands README.md '## Into a real directory')
install=$(grep '^apt install ./buzon_' <<<"$readme")
begin_agent=$(sed -n '/^systemctl start buzon$/,/buzon status$/p' <<<"$readme")
for part in "$install" "$begin_agent"; do
  [ -n "$part" ] || give_up "a README has no such commands any more; look at the top of scripts/deb-test.sh"
done

# --- The upgrade: the same files under a higher version; no compiler is asked.

mkdir -p "$field"
upgrade=$field/buzon-upgrade.deb
higher() {
  local tree=$field/upgrade
  rm -rf "$tree"
  dpkg-deb -R "$package" "$tree"
  sed -i "s/^Version: .*/Version: $version+upgrade/" "$tree/DEBIAN/control"
  dpkg-deb --root-owner-group -Znone -b "$tree" "$upgrade"
  rm -rf "$tree"
}

# --- The root, once: a server's Debian, and the packages that this one asks for, not installed yet.

base=$field/$suite
make_root "$base" "$suite" systemd-sysv,dbus
wanted=$(dpkg-deb -f "$package" Depends Recommends)
fetched() { [ "$(cat "$base.fetched" 2>/dev/null)" = "$wanted" ]; }
fetch() {
  cp "$package" "$base/root/"
  cp /etc/resolv.conf "$base/etc/resolv.conf"
  chroot "$base" apt-get update -qq &&
    chroot "$base" apt-get install -y -qq --download-only "/root/$(basename "$package")" slapd || return 1
  rm "$base/root/$(basename "$package")"
  echo "$wanted" > "$base.fetched"
}
begin_machine "$base"
fetched || {
  must "apt fetches what the package depends on" fetch
  rm -rf "$root" && cp -a "$base" "$root"
}
must "the same package under a higher version" higher
cp "$package" "$upgrade" "$root/root/"
slapd_answers > "$root/root/slapd.answers"
boot
must "a Debian ($suite) boots" eventually 120 is_up

# --- From nothing to the first account.

begun=$SECONDS
# debconf's answers stand for what the person types.
installs() {
  script "cd /root; debconf-set-selections /root/slapd.answers
export DEBIAN_FRONTEND=noninteractive
${install/apt install/apt-get install -y}"
}
must "README: $install" installs
ready() {
  inside systemctl is-enabled buzon | grep -x enabled &&
    [ "$(inside systemctl show -P ActiveState buzon)" = inactive ] && [ ! -e "$root/etc/buzon/buzon.yaml" ] &&
    ! inside systemctl --failed --no-legend | grep buzon
}
step "the unit is enabled, does not run without a configuration, and has not failed" ready || true
folders() {
  [ "$(inside stat -c '%a %U:%G' /var/spool/buzon/incoming)" = "3730 buzon:buzon-submit" ] &&
    [ "$(inside stat -c '%a %U:%G' /var/lib/buzon)" = "700 buzon:buzon" ] &&
    [ "$(inside stat -c '%a %U:%G' /var/lib/buzon-records)" = "750 buzon:buzon" ]
}
step "users and folders are made, with their modes" folders || true
says_versions() { inside buzon --version | tee /dev/stderr | grep -E '^with libldap 2\.[56]'; }
step "buzon --version names the libraries" says_versions || true
pages() {
  local page
  for page in man1/buzon.1 man1/buzon-submit.1 man5/buzon.yaml.5 man5/buzon-form.5 man7/buzon.7; do
    [ -s "$root/usr/share/man/$page.gz" ] || { echo "no $page"; return 1; }
  done
  for page in man1/buzon.1 man5/buzon.yaml.5 man5/buzon-form.5 man7/buzon.7; do
    [ -s "$root/usr/share/man/es/$page.gz" ] || { echo "no $page in Spanish"; return 1; }
  done
}
step "the manual is there, in English and Spanish" pages || true

prepares() {
  inside buzon init --base dc=putumayo,dc=gov,dc=co --domain putumayo.gov.co \
    --organization 'Gobernación del Putumayo' --yes && inside buzon doctor
}
must "README: buzon init prepares directory and host, and buzon doctor finds nothing wrong" prepares
status_ok() { as_buzon buzon status; }
starts() { script "${begin_agent%$'\n'*}" && eventually 60 status_ok; }
must "README: the start, buzon status" starts
inside useradd --create-home --groups buzon-submit ana
is_applied() { as_buzon buzon show "$1" --json | grep -q '"outcome":"applied"'; }
first() {
  form 2026-0001 maria.lopez > "$root/home/ana/form.yaml"
  as_ana buzon submit /home/ana/form.yaml && eventually 60 is_applied 2026-0001
}
must "the first account" first
say "        from nothing to the first account: $((SECONDS - begun)) s of the machine"
# The release build by itself: only debug builds run the tests.
signs() {
  as_ana sh -c 'cd && buzon sandbox start --home sb --approval signed > /dev/null && export BUZON_CONFIG=$PWD/sb/buzon.yaml &&
    sed s/putumayo.gov.co/example.org/ form.yaml > signed.yaml && buzon submit --sign sb/approver signed.yaml &&
    buzon run --once && buzon show 2026-0001 --json | grep -q verified'
}
step "a signed form is carried out in a sandbox" signs || true
inside runuser -u ana -- sh -c 'cd && buzon sandbox stop --home sb' || true
completes() {
  inside runuser -u buzon -- bash -c 'buzon ---completion show -- positional@0 2 0 "buzon" "show" ""' | tee /dev/stderr | grep -x 2026-0001
}
step "a shell completes the number of the request" completes || true

# --- An upgrade with a full queue.

# Accounts in the directory, by the number of forms that made them.
accounts() { as_buzon ldapsearch -Q -LLL -Y EXTERNAL -H ldapi:/// -b ou=people,dc=putumayo,dc=gov,dc=co '(buzonRequest=*)' buzonRequest | grep -c '^buzonRequest: '; }
# submit_many FIRST COUNT
submit_many() {
  local number
  rm -rf "$root/home/ana/forms" && mkdir "$root/home/ana/forms"
  for number in $(seq "$1" $(($1 + $2 - 1))); do form "2027-$number" "user.$number" > "$root/home/ana/forms/$number.yaml"; done
  as_ana sh -c 'buzon submit /home/ana/forms/*.yaml' > /dev/null
}
waiting() { as_buzon buzon queue --json | grep -o '"number":"2027-' | wc -l; }
has_waiting() { [ "$(waiting)" = "$1" ]; }
fill_queue() {
  inside systemctl stop slapd && submit_many 1000 200 && eventually 60 has_waiting 200
}
must "the directory stops; 200 requests wait" fill_queue
pid() { inside systemctl show -P MainPID buzon; }
upgrades() {
  local before
  before=$(pid)
  script 'DEBIAN_FRONTEND=noninteractive apt-get install -y /root/buzon-upgrade.deb' || return 1
  [ "$(inside dpkg-query -W -f '${Version}' buzon)" = "$version+upgrade" ] && [ "$(pid)" != "$before" ] && [ "$(pid)" != 0 ]
}
must "an upgrade, with the queue full, restarts the agent" upgrades
step "all 200 still wait" eventually 60 has_waiting 200 || true
all_done() { [ "$(accounts)" = "$1" ] && has_waiting 0; }
drains() { inside systemctl start slapd && eventually 120 all_done 201; }
step "the directory is back: each is applied, once" drains || true
in_flight() {
  submit_many 2000 400 &
  local submitting=$!
  sleep 1
  script "DEBIAN_FRONTEND=noninteractive apt-get install -y --allow-downgrades /root/$(basename "$package")" || return 1
  wait "$submitting" || return 1
  eventually 180 all_done 601
}
step "back to the first version while 400 requests come in: each is applied, once" in_flight || true
verifies() { as_buzon buzon verify; }
step "buzon verify: ledger, records, list and directory fit" eventually 60 verifies || true
step "buzon status says that all is well" eventually 60 status_ok || true

# --- Removal, and again; purge.

# What is kept: every file of the places, with its bytes.
kept() { inside sh -c 'find /etc/buzon /var/spool/buzon /var/lib/buzon /var/lib/buzon-records -type f ! -name "*.lock" ! -name "*-wal" ! -name "*-shm" -exec sha256sum {} + | sort -k 2'; }
removes() {
  inside systemctl stop buzon && kept > "$work/kept" || return 1
  wc -l "$work/kept"
  inside systemctl start buzon && eventually 60 status_ok && inside systemctl stop buzon && kept > "$work/kept" || return 1
  script 'DEBIAN_FRONTEND=noninteractive apt-get remove -y buzon' || return 1
  [ ! -e "$root/usr/bin/buzon" ] && kept | diff "$work/kept" - && ! inside systemctl --failed --no-legend | grep buzon
}
step "remove: configuration, spool, state and records stay, byte for byte" removes || true
again() {
  script "DEBIAN_FRONTEND=noninteractive apt-get install -y /root/$(basename "$package")" &&
    eventually 60 status_ok && is_applied 2026-0001 && is_applied 2027-2399
}
step "installed again, it works on with all it had" again || true
purges() {
  inside systemctl stop buzon && kept > "$work/kept" || return 1
  script 'DEBIAN_FRONTEND=noninteractive apt-get purge -y buzon' > "$work/purge" 2>&1 || { cat "$work/purge"; return 1; }
  kept | diff "$work/kept" - && grep 'these stay' "$work/purge" && inside id buzon
}
step "purge: the same, and it says what stays" purges || true
leaves_nothing() {
  script "rm -rf /etc/buzon /var/spool/buzon /var/lib/buzon /var/lib/buzon-records
export DEBIAN_FRONTEND=noninteractive
apt-get install -y /root/$(basename "$package")
test -d /var/spool/buzon/incoming
apt-get purge -y buzon" > "$work/purge" 2>&1 || { cat "$work/purge"; return 1; }
  ! grep 'these stay' "$work/purge" || return 1
  for folder in /etc/buzon /var/spool/buzon /var/lib/buzon /var/lib/buzon-records /usr/share/buzon /usr/share/doc/buzon; do
    [ ! -e "$root$folder" ] || { ls -ld "$root$folder"; return 1; }
  done
}
step "never used, a purge leaves no folder" leaves_nothing || true

step "the machine powers off" power_off && init='' || true
rm -f "$console"
finish
