// SPDX-License-Identifier: BSD-3-Clause
// Thousands of damaged traces through the whole chain: whatever the damage, every promise of support/robust_run.h holds,
// the output is bounded, and a second run gives the same bytes. KUTRACE_MUTATIONS sets how many, KUTRACE_SEED where to
// begin; a failure prints both and the damage, which reproduce it.
#include <gtest/gtest.h>

#include <cstdlib>

#include "base/error.h"
#include "support/robust_run.h"
#include "support/mutate.h"
#include "trace/trace_reader.h"

namespace kutrace::robust {
namespace {

const std::string kData = KUTRACE_TEST_DATA;

struct Base {
  std::string name;
  Bytes bytes;
};

uint64_t number_from(const char* variable, uint64_t fallback) {
  const char* text = std::getenv(variable);
  return text != nullptr ? std::strtoull(text, nullptr, 0) : fallback;
}

// Traces with few entries in each block, so that damage hits something and a run takes a millisecond.
std::vector<Base> small_traces() {
  std::vector<Base> out;
  out.push_back({"hello", thinned(load(kData + "/hello.trace.gz"), 300)});
  out.push_back({"rpc", thinned(load(kData + "/rpc.trace.gz"), 200)});
  for (const char* name : {"g1_rpc", "g2_preempt", "d8", "e9_both", "f1_new", "h1"}) {
    out.push_back({name, load(kData + "/vectors/" + name + ".trace.gz")});
  }
  return out;
}

// Where events of this trace may lie: its start to its stop, two seconds of doubt at each side (headers that far off are
// believed), two periods of the 20-bit counter, and what folded calls can push.
struct Range {
  Ticks from = INT64_MIN, to = INT64_MAX;
};
Range plausible_range(const Bytes& trace) {
  Diagnostics ignored;
  MappedInput input(trace, "trace");
  TraceReader reader(input, ignored);
  const auto slack = static_cast<Ticks>(2e6 / reader.pairs().us_per_count()) + (2 << KUTRACE_TS_BITS) +
                     static_cast<Ticks>(trace.size() / 8 * KUTRACE_MAX_FOLD_COUNTS);
  return {reader.ticks(reader.pairs().start_counter) - slack, reader.ticks(reader.pairs().stop_counter) + slack};
}

std::string unbounded(const Outcome& run, const Bytes& trace) {
  if (!run.refused.empty() || run.kind != InputKind::kRawTrace) return "";
  if (run.records > 4 * (trace.size() / 8) + 100000) return std::to_string(run.records) + " records";
  if (run.first > run.last) return "";
  const Range range = plausible_range(trace);
  if (run.first < range.from || run.last > range.to) {
    return "spans from tick " + std::to_string(run.first) + " to " + std::to_string(run.last) + ", the trace goes from " +
           std::to_string(range.from) + " to " + std::to_string(range.to);
  }
  return "";
}

TEST(Robustness, UndamagedTracesKeepEveryPromise) {
  for (const Base& base : small_traces()) {
    const Outcome run = run_chain(base.bytes, base.name);
    EXPECT_EQ("", run.refused) << base.name;
    EXPECT_EQ("", broken_promise(run)) << base.name;
    EXPECT_EQ("", unbounded(run, base.bytes)) << base.name;
    EXPECT_GT(run.records, 0u) << base.name;
  }
}

TEST(Robustness, MutatedTracesNeverBreakAPromise) {
  const uint64_t count = number_from("KUTRACE_MUTATIONS", 10000);
  const uint64_t seed = number_from("KUTRACE_SEED", 20240601);
  const std::vector<Base> bases = small_traces();
  std::vector<uint64_t> refused(static_cast<size_t>(Damage::kCount)), silent(refused), tried(refused);
  for (uint64_t i = 0; i < count; ++i) {
    Rng rng(seed + i);
    const auto damage = static_cast<Damage>(rng.below(static_cast<uint64_t>(Damage::kCount)));
    const Base& base = bases[rng.below(bases.size())];
    const Base& other = bases[rng.below(bases.size())];
    SCOPED_TRACE("KUTRACE_MUTATIONS=1 KUTRACE_SEED=" + std::to_string(seed + i) + ": " + damage_name(damage) + " of " +
                 base.name + " (with " + other.name + ")");
    const Bytes trace = damaged(damage, base.bytes, other.bytes, rng);
    const Outcome run = run_chain(trace, "mutant");
    ASSERT_EQ("", broken_promise(run));
    ++tried[static_cast<size_t>(damage)];
    if (!run.refused.empty()) {
      ASSERT_TRUE(run.refused.starts_with("mutant")) << run.refused;
      ++refused[static_cast<size_t>(damage)];
      continue;
    }
    if (run.damage() + run.repairs() == 0) ++silent[static_cast<size_t>(damage)];
    ASSERT_EQ("", unbounded(run, trace));
    const Outcome again = run_chain(trace, "mutant");
    ASSERT_TRUE(run.json == again.json && run.page == again.page) << "two runs differ";
  }
  for (size_t i = 0; i < tried.size(); ++i) {
    std::printf("%-20s %5llu tried, %5llu refused, %5llu read with nothing found\n", damage_name(static_cast<Damage>(i)),
                static_cast<unsigned long long>(tried[i]), static_cast<unsigned long long>(refused[i]),
                static_cast<unsigned long long>(silent[i]));
  }
}

// The full traces, fewer times: each damage to each.
TEST(Robustness, MutatedFullTracesNeverBreakAPromise) {
  const uint64_t seed = number_from("KUTRACE_SEED", 20240601);
  const Bytes hello = load(kData + "/hello.trace.gz"), rpc = load(kData + "/rpc.trace.gz");
  for (size_t i = 0; i < 2 * static_cast<size_t>(Damage::kCount); ++i) {
    Rng rng(seed + i);
    const auto damage = static_cast<Damage>(i / 2);
    SCOPED_TRACE(std::string(damage_name(damage)) + (i % 2 == 0 ? " of hello" : " of rpc"));
    const Bytes trace = i % 2 == 0 ? damaged(damage, hello, rpc, rng) : damaged(damage, rpc, hello, rng);
    const Outcome run = run_chain(trace, "mutant");
    EXPECT_EQ("", broken_promise(run));
    EXPECT_EQ("", unbounded(run, trace));
  }
}

}  // namespace
}  // namespace kutrace::robust
