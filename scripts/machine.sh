# A Debian of its own, booted with systemd-nspawn, and steps in it: what scripts/field.sh and scripts/deb-test.sh share. They
# set `name` (what their lines begin with), `field` (the folder of roots), and after that source this file.
#
# The machine has no network but its own loopback. KEEP=1 keeps its root.

mirror=${MIRROR:-http://deb.debian.org/debian}
say() { printf '%s: %s\n' "$name" "$*"; }
give_up() { say "$*" >&2; exit 1; }

[ "$(id -u)" = 0 ] || give_up "needs root: sudo make $name"
for tool in debootstrap systemd-nspawn nsenter; do
  command -v $tool >/dev/null || give_up "there is no $tool; apt-get install debootstrap systemd-container util-linux"
done

# commands FILE HEADING: the code blocks of a section of a README (of all of it, where no heading is given).
commands() {
  awk -v heading="${2:-}" '
    !block && /^#+ / { inside = (heading == "" || $0 == heading) }
    /^ *```/ { if (!block && inside && /```sh$/) { block = 1; match($0, /^ */); indent = RLENGTH; next } block = 0; next }
    block { print substr($0, indent + 1) }' "$1"
}
# make_root ROOT SUITE PACKAGES: a Debian with these packages (with commas between them), made once.
make_root() {
  [ "$(cat "$1.packages" 2>/dev/null)" != "$3" ] || [ ! -d "$1" ] || return 0
  say "making a Debian ($2) in $1 (once)"
  mkdir -p "$field/debs-$2"
  rm -rf "$1" "$1.packages"
  debootstrap --variant=minbase --cache-dir="$field/debs-$2" --include="$3" "$2" "$1" "$mirror" > "$1.log" 2>&1 ||
    give_up "debootstrap failed; see $1.log"
  echo "$3" > "$1.packages"
}

# --- The machine: a copy that goes again. begin_machine ROOT copies it to $root.

nspawn='' init='' work=''
end() {
  local status=$?
  trap - EXIT
  if [ -n "$nspawn" ] && kill -0 "$nspawn" 2>/dev/null; then
    # SIGTERM powers the machine off in order (systemd-nspawn(1)); what does not stop is killed.
    kill "$nspawn" 2>/dev/null || true
    for _ in $(seq 600); do kill -0 "$nspawn" 2>/dev/null || break; sleep 0.1; done
    kill -9 "$nspawn" 2>/dev/null || true
    wait "$nspawn" 2>/dev/null || true
  fi
  if [ -n "${KEEP:-}" ]; then say "kept: $work"; else rm -rf "$work"; fi
  exit $status
}
trap end EXIT
trap 'exit 130' INT TERM
begin_machine() {
  work=$(mktemp -d "$field/run.XXXXXX")
  root=$work/root console=$work/console
  cp -a "$1" "$root"
}

failures=0
# step WHAT COMMAND...: runs it; one line, and what it printed where it failed.
step() {
  local what=$1 start=$SECONDS
  shift
  if "$@" > "$work/step" 2>&1; then
    printf '%s: ok      %s (%s s)\n' "$name" "$what" $((SECONDS - start))
  else
    printf '%s: FAILED  %s (%s s)\n' "$name" "$what" $((SECONDS - start))
    sed 's/^/        /' "$work/step" | tail -n 40
    failures=$((failures + 1))
    return 1
  fi
}
# A step that those after it need.
must() { step "$@" || finish; }
finish() {
  if [ $failures = 0 ]; then say "all steps passed"; exit 0; fi
  if [ -n "$init" ]; then
    say "the agent's journal:"
    inside journalctl -u buzon --no-pager -n 30 2>/dev/null | sed 's/^/        /' || true
  elif [ -s "$console" ]; then
    say "the machine's console:"
    tail -n 20 "$console" | sed 's/^/        /'
  fi
  say "$failures failed"
  exit 1
}

# inside COMMAND...: in the machine, as its root, with no terminal.
inside() {
  setsid --wait nsenter --target "$init" --mount --uts --ipc --net --pid --cgroup --root --wdns=/ \
    env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 "$@"
}
# script TEXT: in the machine, by bash, from a file.
script() {
  printf '%s\n' "$1" > "$root/root/commands"
  inside bash -e /root/commands
}
as_buzon() { inside runuser -u buzon -- "$@"; }
as_ana() { inside runuser -u ana -- "$@"; }
# eventually SECONDS COMMAND...
eventually() {
  local until=$((SECONDS + $1))
  shift
  until "$@"; do
    [ $SECONDS -lt $until ] || return 1
    sleep 0.2
  done
}

# --- Booting it, and ending it.

boot() {
  rm -f "$root/etc/machine-id" && touch "$root/etc/machine-id"
  echo field > "$root/etc/hostname"
  # Not registered: there may be no systemd on this host. Its name goes into no file.
  systemd-nspawn --quiet --directory="$root" --machine="buzon-field-$$" --hostname=field --register=no --keep-unit \
    --private-network --link-journal=no --boot --kill-signal=SIGRTMIN+4 < /dev/null > "$console" 2>&1 &
  nspawn=$!
}
is_up() {
  init=$(pgrep -P "$nspawn" | head -n 1)
  [ -n "$init" ] && { inside systemctl is-system-running 2>/dev/null || true; } | grep -E 'running|degraded'
}
power_off() {
  kill -RTMIN+4 "$init"
  eventually 60 is_gone
}
is_gone() { ! kill -0 "$nspawn" 2>/dev/null; }

# --- A directory and forms.

# The administrator's password of the directory.
password=$(head -c 12 /dev/urandom | base64 | tr +/ -_)
# What Debian's installer of slapd asks, answered for dc=putumayo,dc=gov,dc=co.
slapd_answers() {
  cat <<ANSWERS
slapd slapd/domain string putumayo.gov.co
slapd shared/organization string Example
slapd slapd/password1 password $password
slapd slapd/password2 password $password
slapd slapd/purge_database boolean true
slapd slapd/move_old_database boolean true
ANSWERS
}
form() {
  cat <<FORM
number: $1
department: Secretaría de Salud
requester: {name: Ana Lucía Rosero}
approval: {by: jefe.sistemas, date: $(date -u -d yesterday +%F)}
changes:
  - create: {address: $2@putumayo.gov.co, name: {given: María, family: López}}
FORM
}
