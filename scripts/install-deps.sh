#!/bin/bash
# Installs what Buzón is built and run with, and with the argument `test`, `deb` or `field` what its tests, its package or
# `make field` and `make deb-test` use besides, where something of it is missing. `directory` is the part of `test` that
# tests with a directory and mail servers use. Debian 12, 13 and their kin.
#
# As root, or with sudo. Where slapd, Postfix, Dovecot, Prometheus, a KDC or nginx come in for the first time, none of the
# system is left running or set up by it: the packages' own servers are of no use here, and a port 389, 25 or 143 that opens by surprise would be a
# bad guest. One that was there before is left alone.
set -euo pipefail

packages=(
  # the directory, its tools, and the libraries to speak with it
  slapd ldap-utils libldap2-dev libsasl2-dev libsasl2-modules
  # forms, register, entropy of passwords, the list as a spreadsheet
  libyaml-dev libsqlite3-dev libcrypt-dev libxlsxwriter-dev
  # certificates of tests, signatures of approvals
  openssl openssh-client
  # what the Swift toolchain links with
  g++ libc6-dev zlib1g-dev pkg-config tzdata ca-certificates
)
tests_mail=
case "${1:-}" in test | directory)
  tests_mail=yes
  packages+=(
    # independent readers: of JSON, HTML, the register, the schema of the form (PyPI's jsonschema, in a venv of its own)
    python3 python3-venv
    # the judge of the Spanish messages (msgfmt); who asks the page where passwords are changed
    gettext curl
    # logins
    dovecot-core dovecot-imapd dovecot-ldap
    # the agent's bind by Kerberos: a KDC, and both sides' SASL
    krb5-kdc krb5-admin-server krb5-user libsasl2-modules-gssapi-mit
  ) ;;
esac
if [ "${1:-}" = test ]; then
  packages+=(
    # printed pages: printed to PDF and read back; the spreadsheet
    chromium poppler-utils fonts-liberation libreoffice-calc-nogui
    # the unit's exposure, sysusers.d and tmpfiles.d
    systemd
    # a file system that can be copied as it is when the power fails
    btrfs-progs
    # the page where users change their passwords, and who visits it
    nginx-light lemonldap-ng-fastcgi-server liblemonldap-ng-portal-perl libnet-ldap-perl libio-socket-ssl-perl
    libio-socket-timeout-perl libunicode-string-perl libio-string-perl chromium-driver
    # the judge of metrics and alerts (promtool)
    prometheus
  )
fi
if [ "${1:-}" = deb ]; then packages+=(build-essential debhelper lintian); fi
if [ "${1:-}" = field ]; then packages+=(debootstrap systemd-container); fi

installed() { [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# Delivery. Debian has one mail server at a time, and Postfix would drive out another one: there the tests do without.
if [ -n "$tests_mail" ]; then
  if [ ! -e /usr/sbin/sendmail ] || installed postfix; then
    packages+=(postfix postfix-ldap)
  else
    echo "install-deps: another mail server is here; the tests of real mail are left out" >&2
  fi
fi

missing=()
for package in "${packages[@]}"; do
  installed "$package" || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

command -v apt-get >/dev/null || {
  echo "install-deps: no apt-get here; install what Debian calls: ${missing[*]}" >&2
  exit 69
}
if [ "$(id -u)" = 0 ]; then
  as_root=()
elif command -v sudo >/dev/null; then
  as_root=(sudo)
else
  echo "install-deps: missing: ${missing[*]}" >&2
  echo "install-deps: as root: apt-get install --no-install-recommends ${missing[*]}" >&2
  exit 77
fi

echo "install-deps: installing ${missing[*]}" >&2
"${as_root[@]}" bash -s "${missing[@]}" <<'ROOT'
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
policy=/usr/sbin/policy-rc.d
new=()
for package in slapd postfix dovecot-core prometheus krb5-kdc krb5-admin-server nginx-light lemonldap-ng-fastcgi-server; do
  if [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" != installed ]; then
    case " $* " in *" $package "*) new+=("$package") ;; esac
  fi
done
if [ ${#new[@]} -gt 0 ]; then
  # invoke-rc.d asks policy-rc.d whether a service may start (Debian Policy 9.3.3.1): while we are at it, none may.
  if [ -e "$policy" ]; then mv "$policy" "$policy.buzon"; fi
  restore() {
    rm -f "$policy"
    if [ -e "$policy.buzon" ]; then mv "$policy.buzon" "$policy"; fi
  }
  trap restore EXIT
  trap 'exit 130' INT TERM
  printf '#!/bin/sh\nexit 101\n' > "$policy"
  chmod 755 "$policy"
  # And they get no configuration, so that they do not start at the next boot either. "dpkg-reconfigure" makes one.
  if command -v debconf-set-selections >/dev/null; then
    for package in "${new[@]}"; do
      case "$package" in
        slapd) echo 'slapd slapd/no_configuration boolean true' ;;
        postfix) echo 'postfix postfix/main_mailer_type select No configuration' ;;
      esac
    done | debconf-set-selections
  fi
fi
# From standard input apt would read the rest of this script.
apt-get update -qq </dev/null
apt-get install -y -qq --no-install-recommends "$@" </dev/null
# These come with a configuration and would start at the next boot.
disable() { # SERVICE UNIT...
  if command -v systemctl >/dev/null; then systemctl --quiet disable "${@:2}" || true; fi
  if command -v update-rc.d >/dev/null; then update-rc.d "$1" disable || true; fi
}
case " ${new[*]-} " in *" dovecot-core "*) disable dovecot dovecot.service dovecot.socket ;; esac
case " ${new[*]-} " in *" prometheus "*) disable prometheus prometheus.service ;; esac
case " ${new[*]-} " in *" krb5-kdc "*) disable krb5-kdc krb5-kdc.service ;; esac
case " ${new[*]-} " in *" krb5-admin-server "*) disable krb5-admin-server krb5-admin-server.service ;; esac
case " ${new[*]-} " in *" nginx-light "*) disable nginx nginx.service ;; esac
case " ${new[*]-} " in
  *" lemonldap-ng-fastcgi-server "*) disable lemonldap-ng-fastcgi-server lemonldap-ng-fastcgi-server.service ;;
esac
ROOT
