#!/bin/bash
# sanitize.sh thread|address [FILTER]: the tests, and the `buzon` they start, under a sanitizer of the toolchain; all of them,
# or those whose names match. A build of its own each (.build-thread, .build-address), so the first time takes long.
#
# What the sanitizer finds is printed and makes this fail, and so does a test that fails for another reason than time: under
# a sanitizer everything takes ten times as long, so tests that bound a time may fail and are told apart.
set -uo pipefail
cd "$(dirname "$0")/.."
kind=${1:-} filter=${2:-}
case $kind in thread | address) ;; *) echo "usage: sanitize.sh thread|address [FILTER]" >&2; exit 64 ;; esac
build=.build-$kind
reports=$PWD/$build/reports
mkdir -p "$reports"
rm -f "$reports"/*
flags=(--sanitize "$kind" --scratch-path "$build")
"${SWIFT:-swift}" build "${flags[@]}" --build-tests || exit 1

# Each process writes what it finds to a file of its own, and goes on. What only lives to the end of a process is no leak:
# Swift keeps its metadata for ever.
common="halt_on_error=0:exitcode=0:log_path=$reports/report"
export TSAN_OPTIONS="$common:history_size=4:second_deadlock_stack=1"
export ASAN_OPTIONS="$common:detect_leaks=0:detect_stack_use_after_return=0"
[ "$kind" = address ] && unset TSAN_OPTIONS || unset ASAN_OPTIONS
preload=()
if [ "$kind" = thread ]; then
  clang=$(command -v clang || echo "$(dirname "$(readlink -f "$(command -v "${SWIFT:-swift}")")")/clang")
  "$clang" -shared -fPIC -O1 -o "$build/mutex.so" Tests/Fuzz/ThreadSanitizer/mutex.c -ldl || exit 1
  preload=(env LD_PRELOAD="$PWD/$build/mutex.so")
fi
unset BUZON_CONFIG
"${preload[@]}" "${SWIFT:-swift}" test --skip-build "${flags[@]}" --disable-xctest --experimental-maximum-parallelization-width 2 \
  ${filter:+--filter "$filter"} >"$build/tests.log" 2>&1
status=$?

tests=$(grep -aoE 'Test run with [0-9]+ test' "$build/tests.log" | tail -n 1 | tr -dc 0-9)
found=$(cat "$reports"/* 2>/dev/null | grep -ac '^SUMMARY:')
cat "$reports"/* 2>/dev/null | grep -a '^SUMMARY:' | sort | uniq -c | sort -rn
if [ "$status" -ne 0 ]; then
  echo "Tests that failed, by a bound of time or not (all of it: $build/tests.log):"
  grep -aE '^✘ .*recorded an issue|crashed|unexpected signal' "$build/tests.log" | cut -c1-300
fi
echo "torture: $kind sanitizer: ${tests:-0} tests, $found reports, failures $found"
[ "$found" -eq 0 ] && [ -n "$tests" ]
