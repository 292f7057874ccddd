#!/bin/bash
# Builds the tests in a Debian 13 of its own, and runs there those that speak with a directory or with mail servers: OpenLDAP
# 2.6 (slapd and libldap), Dovecot 2.4 and Postfix 3.10 in place of Debian 12's 2.5, 2.3 and 3.7.
#
# usage: test-2.6.sh [REGEX]: another choice of tests. As root, with debootstrap; where such a Debian can't be made, it says
# so and ends with 0. The root and the build lie in FIELD (.build/field by default; 3 GB), the log is .build/tests-2.6.log.
set -euo pipefail
cd "$(dirname "$0")/.."
field=$(realpath -m "${FIELD:-.build/field}")
name=test-2.6
skip() { echo "$name: skipped: $*" >&2; exit 0; }
[ "$(id -u)" = 0 ] || skip "a Debian 13 is made by root: sudo make $name"
command -v debootstrap >/dev/null || skip "there is no debootstrap; apt-get install debootstrap"
command -v systemd-nspawn >/dev/null || skip "there is no systemd-nspawn; apt-get install systemd-container"
unshare --mount true 2>/dev/null || skip "no mount namespace can be made here"
. scripts/root-13.sh
mkdir -p "$field"
(make_root "$root" trixie ca-certificates) || skip "a Debian 13 can't be made of $mirror (MIRROR= names another)"

suites=${1:-'^(SandboxTests|LDAPTests|PlaceTests|ProvidersTests|DirectoryFaultTests|ReplicationTests)\.'}
[ $# -gt 0 ] || suites+='|^EndToEndTests\.(.*/)?(MailTests|Create|Modify|Delete|Mirror|Drift|Atomic|Adopt|Plan|Bind|RefusedBind|Handover|Life|WholeForm|Clock)'
prepare_root
say "building in $root"
in_root '
  scripts/install-deps.sh directory
  dpkg-query -W -f="\${Package} \${Version}\n" slapd libldap2 dovecot-core postfix
  swift build $FLAGS --build-tests
  exec scripts/run-tests.sh $FLAGS --filter "$SUITES"' \
  FLAGS='-Xswiftc -warnings-as-errors' SUITES="$suites" BUZON_TEST_LIMIT="${BUZON_TEST_LIMIT:-60}" 2>&1 | tee .build/tests-2.6.log
