#!/bin/bash
# Installs what Buzón is built and run with, and with the argument `test` what its tests use besides, where something of
# it is missing. Debian 12 and its kin.
#
# As root, or with sudo. Where slapd comes in for the first time, no slapd of the system is left running or set up by it:
# the package's own server is of no use here, and a port 389 that opens by surprise would be a bad guest. One that was
# there before is left alone.
set -euo pipefail

packages=(
  # the directory, its tools, and the libraries to speak with it
  slapd ldap-utils libldap2-dev libsasl2-dev libsasl2-modules
  # forms, register, entropy of passwords
  libyaml-dev libsqlite3-dev libcrypt-dev
  # certificates of tests, signatures of approvals
  openssl openssh-client
  # what the Swift toolchain links with
  g++ libc6-dev zlib1g-dev pkg-config tzdata ca-certificates
)
if [ "${1:-}" = test ]; then
  packages+=(
    # printed pages: printed to PDF and read back
    chromium poppler-utils fonts-liberation
    # independent readers: of JSON, HTML, the register, the schema of the form (PyPI's jsonschema, in a venv of its own)
    python3 python3-venv
    # the unit's exposure, sysusers.d and tmpfiles.d
    systemd
  )
fi

installed() { [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

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
if [ "$(dpkg-query -W -f='${db:Status-Status}' slapd 2>/dev/null)" != installed ]; then
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
  # And it gets no configuration, so that it does not start at the next boot either. "dpkg-reconfigure slapd" makes one.
  if command -v debconf-set-selections >/dev/null; then
    echo 'slapd slapd/no_configuration boolean true' | debconf-set-selections
  fi
fi
# From standard input apt would read the rest of this script.
apt-get update -qq </dev/null
apt-get install -y -qq --no-install-recommends "$@" </dev/null
ROOT
