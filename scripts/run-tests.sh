#!/bin/bash
# Runs all tests that are built, and says at the end again which failed: hundreds of lines lie in between.
# Arguments go to `swift test` before the others.
#
# A run that takes longer than BUZON_TEST_LIMIT minutes (60) is ended: it prints which tests had started and not ended, what
# runs and where each thread waits, kills what it started, and ends with 124.
set -uo pipefail
cd "$(dirname "$0")/.."
mkdir -p .build
log=.build/tests.log
events=.build/tests.events
limit=$(( ${BUZON_TEST_LIMIT:-60} * 60 ))
rm -f "$events"

# The run's own folder for all that is temporary, by which its servers are known: a slapd is nobody's child. Short, for
# paths of sockets; open to others as /tmp is, for agents and mail servers run as others.
TMPDIR=$(mktemp -d /tmp/bz-XXXXXX) && chmod 1777 "$TMPDIR" || exit 1
export TMPDIR
# Whoever tests may read Spanish; the tests read English.
export LC_ALL=C.UTF-8

# All processes below this one, by id: tests put what they start into process groups of its own.
below() {
  local child
  for child in $(ps -o pid= --ppid "$1"); do
    below "$child"
    echo "$child"
  done
}

# Ends everything that the run started, and removes its folder.
clean() {
  local process
  # The run first, or it would start more.
  # shellcheck disable=SC2046 # a list of numbers
  [ -z "$run" ] || kill -KILL "$run" $(below "$run") 2>/dev/null
  for process in $(pgrep -f -- "$TMPDIR/"); do kill -KILL "$process" 2>/dev/null; done
  [ -n "${BUZON_TEST_KEEP:-}" ] || rm -rf "$TMPDIR"
}

# What had started and not ended, by the stream of events. A test that waits for its turn has started too: where more is
# listed than four, the processes say which of them run.
unfinished() {
  python3 - "$events" <<'PYTHON'
import json, sys
names, running, suites = {}, {}, set()
for line in open(sys.argv[1], errors="replace"):
    try: record = json.loads(line)
    except ValueError: continue
    payload = record["payload"]
    if record["kind"] == "test":
        names[payload["id"]] = payload.get("displayName") or payload["name"]
        if payload["kind"] == "suite": suites.add(payload["id"])
    elif payload["kind"] == "testStarted":
        running[payload["testID"]] = True
    elif payload["kind"] in ("testEnded", "testSkipped"):
        running.pop(payload["testID"], None)
for test in running:
    if test not in suites: print(f"  {names.get(test, test)} ({test})")
PYTHON
}

# Many start a slapd and an agent of their own: more than a few at a time starve one another.
setsid "${SWIFT:-swift}" test "$@" --skip-build --experimental-maximum-parallelization-width 4 \
  --event-stream-output-path "$events" --event-stream-version 0 >"$log" 2>&1 &
run=$!
tail -n +1 -s 0.2 -f --pid="$run" "$log" &
shown=$!
# What Ctrl-C ends here doesn't reach the run's own session.
trap 'exit 130' INT TERM HUP
trap clean EXIT
start=$SECONDS
while kill -0 "$run" 2>/dev/null; do
  if [ $((SECONDS - start)) -ge "$limit" ]; then
    printf '\nrun-tests: ended after %d minutes (BUZON_TEST_LIMIT). These tests had started and not ended:\n' $((limit / 60))
    unfinished
    processes=$(below "$run")
    printf '\nWhat runs (load %s):\n' "$(cut -d' ' -f1-3 /proc/loadavg)"
    # shellcheck disable=SC2086 # a list of numbers
    ps -o pid,ppid,stat,etimes,wchan:20,args ww -p "$(echo $run $processes | tr ' ' ,)"
    for process in $processes; do
      case $(readlink "/proc/$process/exe") in *.xctest) ;; *) continue ;; esac
      echo "Threads of $process:"
      for task in /proc/"$process"/task/*; do
        printf '  %s %s %s\n' "${task##*/}" "$(cat "$task/comm")" "$(cat "$task/wchan" 2>/dev/null)"
      done
    done
    exit 124
  fi
  sleep 1
done
wait "$run"
status=$?
run=
wait "$shown"
if [ "$status" -ne 0 ]; then
  printf '\nWhat failed (all of it: %s):\n' "$log"
  grep -aE '^(✘|↳|􀢄)|: error: |Fatal error|crashed|unexpected signal' "$log" | head -100
fi
exit "$status"
