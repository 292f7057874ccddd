#!/bin/bash
# Runs all tests that are built, and says at the end again which failed: hundreds of lines lie in between.
# Arguments go to `swift test` before the others.
set -uo pipefail
cd "$(dirname "$0")/.."
mkdir -p .build
log=.build/tests.log
# Many start a slapd and an agent of their own: more than a few at a time starve one another.
"${SWIFT:-swift}" test "$@" --skip-build --experimental-maximum-parallelization-width 4 2>&1 | tee "$log"
status=${PIPESTATUS[0]}
if [ "$status" -ne 0 ]; then
  printf '\nWhat failed (all of it: %s):\n' "$log"
  grep -aE '^(✘|↳|􀢄)|: error: |Fatal error|crashed|unexpected signal' "$log" | head -100
fi
exit "$status"
