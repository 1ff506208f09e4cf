#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Builds the fuzz preset and gives each target, or those named, work: tests/fuzz/run.sh replay|SECONDS [TARGET...]
#   replay   every committed input once: the same on every machine, whatever its speed. This is what `make test` does.
#   SECONDS  a search of so long for each. KUTRACE_FUZZ_FLAGS adds flags of libFuzzer. New inputs stay in build/fuzz/corpus.
# A crash is kept in build/fuzz/crashes and ends with status 1.
set -euo pipefail
cd "$(dirname "$0")/../.."
mode=${1:-60}
shift || true
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(raw dump read_out event_text span_json page side_document input documents proc)

cmake --preset fuzz > /dev/null
ninja -C build/fuzz "${targets[@]/#/fuzz_}"
# Small quarantines and short stacks: a run is milliseconds long, and what it frees wrongly it uses at once.
export ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=0:quarantine_size_mb=8:malloc_context_size=3 UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
failed=0
for target in "${targets[@]}"; do
  found=build/fuzz/corpus/$target
  crashes=build/fuzz/crashes/$target
  # Raw traces are one corpus, whatever reads them.
  case $target in dump | read_out) seeds=tests/fuzz/corpus/raw ;; *) seeds=tests/fuzz/corpus/$target ;; esac
  mkdir -p "$found" "$crashes"
  # Raw and page inputs are small descriptions of larger files; text needs room for a few lines.
  case $target in raw | dump | read_out) longest=8192 ;; page) longest=6000 ;; *) longest=4096 ;; esac
  if [ "$mode" = replay ]; then
    what=("$seeds"/*)
    echo "fuzz_$target: ${#what[@]} inputs"
  else
    what=(-max_total_time="$mode" -rss_limit_mb=2048 -timeout=10 -max_len=$longest -print_final_stats=1)
    # Weighing each input by how rare its features are takes half of the time here, and finds less in the same number of runs.
    what+=(-entropic=0)
    what+=(${KUTRACE_FUZZ_FLAGS:-} -artifact_prefix="$crashes/" "$found" "$seeds")
    echo "fuzz_$target: $mode s"
  fi
  if ! build/fuzz/tests/fuzz_"$target" "${what[@]}" > build/fuzz/"$target".log 2>&1; then
    failed=1
    tail -n 40 build/fuzz/"$target".log
  fi
  [ "$mode" = replay ] || grep -E 'stat::(number_of_executed_units|peak_rss_mb)|cov: [0-9]+' build/fuzz/"$target".log | tail -n 3
done
exit $failed
