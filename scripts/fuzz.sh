#!/bin/bash
# fuzz.sh [SECONDS [TARGET...]]: libFuzzer over each target of Tests/Fuzz for so long (60), one after the other, with
# AddressSanitizer. What it learns stays in .build-fuzz/corpus; what broke is in .build-fuzz/artifacts, to be mended and
# kept as a seed in Tests/Fuzz/Corpora.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-60}
[[ $seconds =~ ^[1-9][0-9]*$ ]] || { echo "usage: fuzz.sh [SECONDS [TARGET...]]" >&2; exit 64; }
shift || true
build=.build-fuzz
export BUZON_FUZZ=1
# SwiftPM hands both on one by one, and the Swift compiler takes the last alone: without the third it sees no coverage.
flags=(-c release --product fuzz --scratch-path "$build" --sanitize fuzzer --sanitize address
  -Xswiftc -sanitize=fuzzer,address -Xswiftc -enable-testing)
"${SWIFT:-swift}" build "${flags[@]}"
fuzz=$("${SWIFT:-swift}" build "${flags[@]}" --show-bin-path)/fuzz
# libFuzzer itself looks for leaks after each input; what a library keeps for good is none.
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1:allocator_may_return_null=1}
# Swift's own report of a crash reads where AddressSanitizer forbids it.
export SWIFT_BACKTRACE=enable=no
unset BUZON_CONFIG

if [ $# -gt 0 ]; then targets=("$@"); else mapfile -t targets < <(ls Tests/Fuzz/Corpora); fi
failed=0
for target in "${targets[@]}"; do
  corpus=$build/corpus/$target artifacts=$build/artifacts/$target
  mkdir -p "$corpus" "$artifacts"
  options=(-max_total_time="$seconds" -max_len=4096 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1
    -artifact_prefix="$artifacts/")
  dictionary=Tests/Fuzz/Dictionaries/$target.dict
  [ -e "$dictionary" ] && options+=(-dict="$dictionary")
  log=$build/$target.log status=0
  BUZON_FUZZ_TARGET=$target "$fuzz" "${options[@]}" "$corpus" "Tests/Fuzz/Corpora/$target" >"$log" 2>&1 || status=$?
  ran=$(awk '/^stat::number_of_executed_units/ {print $2}' "$log")
  seen=$(grep -aoE 'cov: [0-9]+' "$log" | tail -n 1 | tr -dc 0-9) || true
  failures=0
  if [ "$status" -ne 0 ]; then
    failures=1 failed=1
    grep -aE '^broken:|Fatal error|ERROR: |SUMMARY:|Test unit written' "$log" | cut -c1-500 >&2 || tail -n 20 "$log" >&2
  fi
  echo "torture: fuzz $target: ${ran:-0} executions, $seconds seconds, ${seen:-0} edges, failures $failures"
done
exit $failed
