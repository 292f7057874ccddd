#!/bin/bash
# Builds .build/deb/buzon_VERSION_ARCH.deb of a program that is built already ("make release"), and checks it with lintian.
# The packaging lies in config/debian/; it is laid out with the rest in a folder of its own.
#
# BUILD=debug takes the debug build, BIN=FILE another program, DEB_VERSION another version than the program's (for the test
# of an upgrade).
set -euo pipefail
cd "$(dirname "$0")/.."
build=${BUILD:-release}
program=${BIN:-.build/$build/buzon}
version=${DEB_VERSION:-$(sed -n 's/^public let buzonVersion = "\(.*\)"$/\1/p' Sources/Installation/Version.swift)}
out=$PWD/.build/deb
tree=$out/buzon-$version

rm -rf "$tree"
mkdir -p "$tree/built"
cp -a Makefile README.md CHANGELOG.md CONTRIBUTING.md SECURITY.md LICENSE config docs schema scripts "$tree"
mkdir -p "$tree/Sources/Records" && cp -a Sources/Records/Resources "$tree/Sources/Records"
cp -a "$program" "$tree/built/buzon"
cp -a config/debian "$tree/debian"
cp config/systemd/buzon.service "$tree/debian/buzon.service"
cp config/sysusers.d/buzon.conf "$tree/debian/buzon.sysusers"
cp config/tmpfiles.d/buzon.conf "$tree/debian/buzon.tmpfiles"
# The day of the commit, so that the same sources make the same package.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
export SOURCE_DATE_EPOCH
cat > "$tree/debian/changelog" <<CHANGELOG
buzon ($version) unstable; urgency=medium

  * See /usr/share/doc/buzon/CHANGELOG.md.

 -- $(sed -n 's/^Maintainer: //p' config/debian/control)  $(LC_ALL=C date -u -R -d "@$SOURCE_DATE_EPOCH")
CHANGELOG

log=$out/buzon-$version.log
(cd "$tree" && dpkg-buildpackage --build=binary --no-sign) > "$log" 2>&1 || { tail -n 40 "$log" >&2; exit 1; }
package=$(ls -t "$out/buzon_${version}_"*.deb | head -n 1)
# SKIP_LINTIAN=1: a package that only a test installs.
[ -n "${SKIP_LINTIAN:-}" ] || lintian --allow-root --tag-display-limit 0 --show-overrides --fail-on error,warning "$package"
rm -rf "$tree"
printf '%s: %s, installed %s\n' "${package#"$PWD/"}" "$(stat -c %s "$package" | numfmt --to=iec-i --suffix=B)" \
  "$(dpkg-deb -f "$package" Installed-Size | numfmt --from-unit=1024 --to=iec-i --suffix=B)"
