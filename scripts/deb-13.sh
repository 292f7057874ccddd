#!/bin/bash
# Builds the package in a Debian 13 of its own, and tests it there (deb-test.sh trixie). Debian 13 has another libldap than
# Debian 12 (libldap2 for libldap-2.5-0), so each needs its own build.
#
# As root. The toolchain of this machine, and the packages that SwiftPM has fetched, are lent to that Debian (bind mounts in
# a mount namespace of its own); the sources are those of the last commit and of changed files. The roots and the build lie
# in FIELD (.build/field by default). ONLY=build leaves the test out.
set -euo pipefail
cd "$(dirname "$0")/.."
field=$(realpath -m "${FIELD:-.build/field}")
name=deb-13
. scripts/machine.sh
trap - EXIT
swift=$(readlink -f "$(command -v "${SWIFT:-swift}")") || give_up "no Swift toolchain in the PATH"
toolchain=${swift%/usr/bin/*}
[ "$toolchain" != "$swift" ] || give_up "the toolchain lies in no folder of its own, which could be lent: $swift"

root=$field/trixie-build
make_root "$root" trixie ca-certificates
mkdir -p "$root/buzon" "$root$toolchain" "$root/root/.cache/org.swift.swiftpm"
# The build folder stays, for the next time.
find "$root/buzon" -mindepth 1 -maxdepth 1 ! -name .build -exec rm -rf {} +
git ls-files -z | xargs -0 cp --parents -a -t "$root/buzon"
commit=$(git rev-parse --short=12 HEAD)$(git diff --quiet HEAD || echo +changes)
epoch=$(git log -1 --format=%ct)
cp /etc/resolv.conf "$root/etc/resolv.conf"
mkdir -p "$HOME/.cache/org.swift.swiftpm" "$root/buzon/.build"
# What this copy has checked out need not be fetched again.
for part in checkouts repositories workspace-state.json; do
  [ ! -e ".build/$part" ] || [ -e "$root/buzon/.build/$part" ] || cp -a ".build/$part" "$root/buzon/.build/"
done
[ ! -e Package.resolved ] || cp Package.resolved "$root/buzon/"
say "building in $root"
unshare --mount --propagation private bash -euc '
  root=$0 toolchain=$1 commit=$2 epoch=$3
  mount --bind /proc "$root/proc"
  mount --bind /dev "$root/dev"
  mount --bind -o ro "$toolchain" "$root$toolchain"
  mount --bind "$HOME/.cache/org.swift.swiftpm" "$root/root/.cache/org.swift.swiftpm"
  exec chroot "$root" /usr/bin/env -i HOME=/root PATH="$toolchain/usr/bin:/usr/sbin:/usr/bin:/sbin:/bin" LC_ALL=C.UTF-8 \
    DEBIAN_FRONTEND=noninteractive SOURCE_DATE_EPOCH="$epoch" bash -euc "
      apt-get update -qq
      apt-get install -y -qq --no-install-recommends make git libxml2 libcurl4t64 libncurses6 python3-minimal >/dev/null
      cd /buzon
      make --no-print-directory deb COMMIT=$commit"
' "$root" "$toolchain" "$commit" "$epoch" > "$field/deb-13.log" 2>&1 || { tail -n 30 "$field/deb-13.log" >&2; give_up "see $field/deb-13.log"; }
mkdir -p .build/deb-13
cp "$root"/buzon/.build/deb/buzon_*.deb .build/deb-13/
package=$(ls -t .build/deb-13/buzon_*.deb | head -n 1)
say "$package: $(stat -c %s "$package" | numfmt --to=iec-i --suffix=B)"
[ "${ONLY:-}" = build ] || exec scripts/deb-test.sh trixie "$package"
