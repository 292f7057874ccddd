# A Debian 13 to build in, without being booted: what scripts/deb-13.sh and scripts/test-2.6.sh share. They set `name` (what
# their lines begin with) and `field` (the folder of roots), and after that source this file.
#
# The toolchain of this machine, and the packages that SwiftPM has fetched, are lent to that Debian (bind mounts in a mount
# namespace of its own). The sources are those of the last commit and of changed files.
. scripts/machine.sh
trap - EXIT
swift=$(readlink -f "$(command -v "${SWIFT:-swift}")") || give_up "no Swift toolchain in the PATH"
toolchain=${swift%/usr/bin/*}
[ "$toolchain" != "$swift" ] || give_up "the toolchain lies in no folder of its own, which could be lent: $swift"
root=$field/trixie-build

# Makes the root where there is none, and copies the sources to its /buzon. The build folder there stays, for the next time.
prepare_root() {
  mkdir -p "$field"
  exec 9> "$root.lock"
  flock --nonblock 9 || give_up "another make deb-13 or test-2.6 works in $root"
  make_root "$root" trixie ca-certificates
  mkdir -p "$root/buzon/.build" "$root$toolchain" "$root/root/.cache/org.swift.swiftpm" "$HOME/.cache/org.swift.swiftpm"
  find "$root/buzon" -mindepth 1 -maxdepth 1 ! -name .build -exec rm -rf {} +
  git ls-files -z | xargs -0 cp --parents -a -t "$root/buzon"
  [ ! -e Package.resolved ] || cp Package.resolved "$root/buzon/"
  cp /etc/resolv.conf "$root/etc/resolv.conf"
  # What this copy has checked out need not be fetched again.
  local part
  for part in checkouts repositories workspace-state.json; do
    [ ! -e ".build/$part" ] || [ -e "$root/buzon/.build/$part" ] || cp -a ".build/$part" "$root/buzon/.build/"
  done
}

# in_root COMMANDS [NAME=VALUE...]: has bash run them in the root's /buzon, as its root, with apt's lists up to date and what
# the toolchain needs installed.
in_root() {
  # Bound to itself, the root is a mount: a test may unshare there and make its own mounts private.
  unshare --mount --propagation private bash -euc '
    root=$0 toolchain=$1 commands=$2
    shift 2
    mount --bind "$root" "$root"
    mount --bind /proc "$root/proc"
    mount --bind /sys "$root/sys"
    mount --rbind /dev "$root/dev"
    mount --bind -o ro "$toolchain" "$root$toolchain"
    mount --bind "$HOME/.cache/org.swift.swiftpm" "$root/root/.cache/org.swift.swiftpm"
    exec chroot "$root" /usr/bin/env -i HOME=/root PATH="$toolchain/usr/bin:/usr/sbin:/usr/bin:/sbin:/bin" \
      LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@" bash -euc "
        apt-get update -qq
        apt-get install -y -qq --no-install-recommends make git procps libxml2 libcurl4t64 libncurses6 \
          python3-minimal >/dev/null
        cd /buzon
        $commands"
  ' "$root" "$toolchain" "$@" 9>&-
}
