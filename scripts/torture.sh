#!/bin/bash
# Breaks everything, whole: what `make test` takes a share of. Prints a table of what was done and what came of it, and
# ends with 1 where anything was lost, done twice, or failed otherwise. An hour or two on two cores; as root, or the power
# cuts are left out.
#
# Arguments: names of suites; default all of these. BUZON_TEST_SEED=N repeats the moments of a run.
set -uo pipefail
cd "$(dirname "$0")/.."
suites=(
  ExplorationTests FailpointSweepTests RandomKillsTests AtomicTests FaultTests DirectoryFaultTests HostileTests PrivilegeTests
  ReplicationTests FuzzTests VolumeTests AdoptTests BackupTests FilesTests FormsTests RandomPlanTests RandomUndoTests
)
if [ $# -gt 0 ]; then suites=("$@"); fi
export BUZON_TORTURE=full
: "${BUZON_TEST_SEED:=$((RANDOM * 32768 + RANDOM + 1))}"
export BUZON_TEST_SEED
mkdir -p .build
log=.build/torture.log
: > "$log"
status=0
echo "seed $BUZON_TEST_SEED; everything that is said: $log"
for suite in "${suites[@]}"; do
  "${SWIFT:-swift}" test ${SWIFT_FLAGS:-} --skip-build --experimental-maximum-parallelization-width 2 --filter "$suite" \
    2>&1 | tee -a "$log" | grep --line-buffered -aE '^torture: |^✘|: error: |Fatal error|unexpected signal'
  [ "${PIPESTATUS[0]}" = 0 ] || { status=1; echo "torture: $suite FAILED"; }
done
printf '\n%s\n' "What was done, and what came of it (seed $BUZON_TEST_SEED):"
grep -a '^torture: ' "$log" | sed 's/^torture: //; s/ (seed [0-9]*)$//' | awk -F': ' '{ printf "  %-42s %s\n", $1, $2 }'
for what in lost twice failures; do
  count=$(grep -a '^torture: ' "$log" | grep -oE "[0-9]+ $what" | awk '{ sum += $1 } END { print sum + 0 }')
  echo "$count $what"
  [ "$count" = 0 ] || status=1
done
exit "$status"
