#!/bin/bash
# Builds the package in a Debian 13 of its own, and tests it there (deb-test.sh trixie). Debian 13 has another libldap than
# Debian 12 (libldap2 for libldap-2.5-0), so each needs its own build.
#
# As root. The roots and the build lie in FIELD (.build/field by default). ONLY=build leaves the test out.
set -euo pipefail
cd "$(dirname "$0")/.."
field=$(realpath -m "${FIELD:-.build/field}")
name=deb-13
. scripts/root-13.sh

commit=$(git rev-parse --short=12 HEAD)$(git diff --quiet HEAD || echo +changes)
epoch=$(git log -1 --format=%ct)
prepare_root
say "building in $root"
in_root "make --no-print-directory deb COMMIT=$commit" SOURCE_DATE_EPOCH="$epoch" > "$field/deb-13.log" 2>&1 ||
  { tail -n 30 "$field/deb-13.log" >&2; give_up "see $field/deb-13.log"; }
mkdir -p .build/deb-13
cp "$root"/buzon/.build/deb/buzon_*.deb .build/deb-13/
package=$(ls -t .build/deb-13/buzon_*.deb | head -n 1)
say "$package: $(stat -c %s "$package" | numfmt --to=iec-i --suffix=B)"
exec 9>&-
[ "${ONLY:-}" = build ] || exec scripts/deb-test.sh trixie "$package"
