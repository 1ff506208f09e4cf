// SPDX-License-Identifier: BSD-3-Clause
// Samples of what CPUs use: ticks and amounts as the library reads them, and who is called a neighbour.
#include "analysis/memory_use.h"

#include <gtest/gtest.h>

#include <random>

#include "analysis/neighbours.h"
#include "support/chain_run.h"

namespace kutrace::test {
namespace {

constexpr uint32_t kMs = 1'000'000;

// Event text of CPUs with a thread each, 7 on CPU 0 and 8 on CPU 1; times in us.
class Text {
 public:
  Text() {
    text_ = "# ## VERSION: 3\n# ## TRACEBASE: 2026-11-21_02:50:00\n1000 1 34 7 hog\n1000 1 34 8 quiet\n";
    event(10, KUTRACE_USERPID, 0, 7).event(10, KUTRACE_USERPID, 1, 8);
  }
  Text& event(int64_t us, int event, int cpu, uint32_t arg) {
    text_ += std::to_string(us * 100) + " 0 " + std::to_string(event) + " " + std::to_string(cpu) + "  " + std::to_string(7 + cpu) + " 0  " + std::to_string(arg) + " 0 0 x (0)\n";
    return *this;
  }
  Text& on(int64_t us, int cpu, uint32_t more = 0) { return event(us, KUTRACE_TICK_ON, cpu, kMs | more).event(us, KUTRACE_SAMPLED, cpu, KUTRACE_USED_BIT(KUTRACE_USED_FAULTS)); }
  std::unique_ptr<ChainRun> run() const { return run_text(text_); }

 private:
  std::string text_;
};

MemoryUse use_of(const ChainRun& run, Diagnostics& diagnostics) {
  MemoryUse use(run.pool, diagnostics);
  use.header(run.header);
  use.spans(run.spans);
  return use;
}

TEST(MemoryUse, DueIsTakenAndSkipped) {
  Text text;
  text.on(20, 0).on(20, 1);
  text.event(1005, KUTRACE_TICK, 0, 5000).event(1030, KUTRACE_TICK, 1, 30'000);
  for (int i = 2; i < 39; ++i) text.event(i * 1000 + 10, KUTRACE_TICK, 1, 10'000);
  text.event(38'100, KUTRACE_TICK_SKIPPED, 0, 36).event(38'100, KUTRACE_TICK, 0, 36'100'000);
  text.event(39'002, KUTRACE_TICK, 0, 2000).event(39'004, KUTRACE_TICK, 1, 4000);
  text.event(39'500, KUTRACE_TICK_OFF, 1, 0).event(41'500, KUTRACE_TICK_OFF, 0, 2);
  const auto run = text.run();
  Diagnostics diagnostics;
  const MemoryUse use = use_of(*run, diagnostics);
  ASSERT_EQ(use.cpus().size(), 2u);
  const CpuTicks &first = use.cpus().at(0), &second = use.cpus().at(1);
  EXPECT_EQ(first.taken, 3u);
  EXPECT_EQ(first.skipped, 38u);
  EXPECT_EQ(first.due(), 41u);
  EXPECT_EQ(first.late, (std::vector<int64_t>{5000, 36'100'000, 2000}));
  EXPECT_EQ(second.due(), 39u);
  EXPECT_EQ(second.skipped, 0u);
  // At boundaries 1, 2 and 39, which both have taken.
  EXPECT_EQ(use.skews(), (std::vector<int64_t>{2000, 25'000, 36'090'000}));
}

TEST(MemoryUse, EachAmountIsOfTheThreadThatStandsThere) {
  Text text;
  text.on(20, 0, KUTRACE_TICK_STAGGERED).on(20, 1, KUTRACE_TICK_STAGGERED);
  text.event(500, KUTRACE_USED_FAULTS, 0, 3).event(1000, KUTRACE_USED_FAULTS, 0, 4).event(1001, KUTRACE_TICK, 0, 0);
  text.event(1500, KUTRACE_USED_MODEL_BYTES, 1, 0xffffffff).event(1500, KUTRACE_USED_MODEL_BYTES, 1, 2).event(1502, KUTRACE_TICK, 1, 0);
  const auto run = text.run();
  Diagnostics diagnostics;
  const MemoryUse use = use_of(*run, diagnostics);
  EXPECT_TRUE(use.staggered());
  std::map<std::pair<int32_t, uint16_t>, uint64_t> sums;
  for (const Use& u : use.uses()) sums[{u.tid, u.kind}] += u.amount;
  EXPECT_EQ((sums[{7, KUTRACE_USED_FAULTS}]), 7u);
  EXPECT_EQ((sums[{8, KUTRACE_USED_MODEL_BYTES}]), 0x1'0000'0001u);
  EXPECT_EQ(use.uses()[0].from, run->header.time.from_ns(20e3));
  EXPECT_EQ(use.uses()[1].from, use.uses()[0].to);
}

// A part each 2 ms; a hog that bursts 20 ms each 200 ms slows what it meets.
std::vector<Neighbour> rates(std::mt19937_64& random, std::vector<bool>& slow, bool hog) {
  std::vector<Neighbour> out{{"hog", {}}, {"other", {}}, {"steady", {}}};
  std::vector<double> lengths;
  double other = 1;
  for (int i = 0; i < 1000; ++i) {
    const bool burst = i % 100 < 10;
    other = 0.8 * other + static_cast<double>(random() % 1000) / 5000;
    lengths.push_back(hog && burst && random() % 8 != 0 ? 5000 : 1000 + static_cast<double>(random() % 300) + (!hog && i % 97 < 8 ? 2000 : 0));
    out[0].rates.push_back(hog && burst ? 1e9 : 1e3);
    out[1].rates.push_back(other);
    out[2].rates.push_back(7);
  }
  slow = slow_parts(lengths);
  return out;
}

TEST(Neighbours, TheHogIsNamedFirstAndAlone) {
  std::mt19937_64 random(1);
  std::vector<bool> slow;
  const auto neighbours = rates(random, slow, true);
  const auto found = coincidences(slow, neighbours);
  EXPECT_EQ(found[0].name, "hog");
  EXPECT_TRUE(found[0].named());
  EXPECT_EQ(found[0].much, found[0].slow);
  EXPECT_GT(found[0].slow_rate, 100 * found[0].other_rate / 2);
  EXPECT_FALSE(found[1].named());
  EXPECT_FALSE(found[2].named());
  // The same answer every time.
  EXPECT_EQ(coincidences(slow, neighbours)[1].p, found[1].p);
}

TEST(Neighbours, NobodyIsNamedWithoutAHog) {
  // 200 times, each with neighbours whose use hangs together from part to part: chance names one in at most 5 of 100.
  std::mt19937_64 random(2);
  int named = 0;
  for (int round = 0; round < 200; ++round) {
    std::vector<bool> slow;
    const auto neighbours = rates(random, slow, false);
    bool any = false;
    for (const Coincidence& c : coincidences(slow, neighbours)) any |= c.named();
    named += any;
  }
  EXPECT_LE(named, 20);
}

TEST(Neighbours, WithoutSlowPartsNothingIsSaid) {
  const auto found = coincidences(slow_parts({1, 1, 1, 1}), {{"a", {5, 6, 7, 8}}});
  EXPECT_EQ(found[0].slow, 0u);
  EXPECT_FALSE(found[0].named());
  EXPECT_TRUE(coincidences({}, {}).empty());
}

}  // namespace
}  // namespace kutrace::test
