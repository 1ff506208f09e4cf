#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Builds the fuzz preset and runs each target, or those named, for some seconds: tests/fuzz/run.sh [SECONDS] [TARGET...]
# KUTRACE_FUZZ_FLAGS adds flags of libFuzzer. New inputs stay in build/fuzz/corpus; a crash is kept in build/fuzz/crashes and ends with status 1.
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:-60}
shift || true
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(raw event_text span_json page side_document)

cmake --preset fuzz > /dev/null
ninja -C build/fuzz "${targets[@]/#/fuzz_}"
export ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=0 UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
failed=0
for target in "${targets[@]}"; do
  found=build/fuzz/corpus/$target
  crashes=build/fuzz/crashes/$target
  mkdir -p "$found" "$crashes"
  # Raw and page inputs are small descriptions of larger files; text needs room for a few lines.
  case $target in raw) longest=8192 ;; page) longest=6000 ;; *) longest=4096 ;; esac
  echo "fuzz_$target: $seconds s"
  if ! build/fuzz/tests/fuzz_"$target" -max_total_time="$seconds" -rss_limit_mb=2048 -timeout=10 -max_len=$longest \
      ${KUTRACE_FUZZ_FLAGS:-} -print_final_stats=1 -artifact_prefix="$crashes/" "$found" tests/fuzz/corpus/"$target" \
      > build/fuzz/"$target".log 2>&1; then
    failed=1
    tail -n 40 build/fuzz/"$target".log
  fi
  grep -E 'stat::(number_of_executed_units|peak_rss_mb)|cov: [0-9]+' build/fuzz/"$target".log | tail -n 3
done
exit $failed
