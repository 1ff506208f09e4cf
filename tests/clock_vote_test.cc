// SPDX-License-Identifier: BSD-3-Clause
// One wrong wall clock never outvotes clocks and counters that agree, wherever in the headers it stands.
#include <gtest/gtest.h>

#include <cstring>

#include "support/chain_run.h"
#include "support/encoder.h"
#include "trace/clock_vote.h"

namespace kutrace::test {
namespace {

constexpr int64_t kSecond = 1000000;

// Some blocks of one CPU, one second.
std::vector<uint8_t> good_trace() {
  EncoderOptions o;
  Encoder e(o);
  e.running(0, 7, "app");
  for (uint64_t i = 0; i < 400; ++i) {
    e.entry(0, o.start_counter + 1000 + i * 100000, 0x800);
    e.entry(0, o.start_counter + 1400 + i * 100000, 0xa00, 0x4000);
    if (i % 50 == 49) e.end_block(0);
  }
  return e.finish(o.start_counter + 40000000);
}

std::vector<uint8_t> with_clock_off(std::vector<uint8_t> file, int word, int64_t us) {
  uint64_t value;
  uint8_t* at = file.data() + 8 * word;
  std::memcpy(&value, at, 8);
  value += static_cast<uint64_t>(us);
  std::memcpy(at, &value, 8);
  return file;
}

TEST(ClockVote, AStartOrStopClockThatIsWrongIsPutRightWithANote) {
  const auto right = run_chain(good_trace());
  for (const int word : {KUTRACE_HDR0_START_US, KUTRACE_HDR0_STOP_US}) {
    for (const int64_t off : {3600 * kSecond, -3600 * kSecond, 5 * kSecond * (word == KUTRACE_HDR0_START_US ? 1 : -1)}) {
      const auto run = run_chain(with_clock_off(good_trace(), word, off));
      EXPECT_EQ(run->damage(), "") << word << " " << off;
      EXPECT_TRUE(run->has(Finding::kRepairedTimePairs)) << word << " " << off;
      EXPECT_NEAR(run->header.time.ns_per_tick, right->header.time.ns_per_tick, 1e-4) << word << " " << off;
      EXPECT_EQ(run->header.tracebase, right->header.tracebase) << word << " " << off;
      EXPECT_EQ(run->execution(0).size(), right->execution(0).size()) << word << " " << off;
    }
  }
}

TEST(ClockVote, ABlocksWallClockThatIsWrongIsNotedAndNotUsed) {
  const auto right = run_chain(good_trace());
  for (const int64_t off : {86400 * kSecond, -86400 * kSecond, kSecond}) {
    const auto run = run_chain(with_clock_off(good_trace(), 1, off));
    EXPECT_EQ(run->damage(), "");
    EXPECT_EQ(run->diagnostics.count(Finding::kClockMismatch), 1u);
    EXPECT_EQ(run->row(0, 0), right->row(0, 0));
  }
}

// Where the pair has to be rebuilt, the wrong clock of a block is not what it is rebuilt from.
TEST(ClockVote, TwoWrongClocksAreOutvotedToo) {
  const auto right = run_chain(good_trace());
  const auto run = run_chain(with_clock_off(with_clock_off(good_trace(), KUTRACE_HDR0_STOP_US, -3600 * kSecond), 1, 86400 * kSecond));
  EXPECT_EQ(run->damage(), "");
  EXPECT_NEAR(run->header.time.ns_per_tick, right->header.time.ns_per_tick, 1e-3);
}

TEST(ClockVote, TheLineWithTheMostPointsWinsAndThenTheLongest) {
  auto any = [](const ClockPoint& a, const ClockPoint& b) { return b.us > a.us; };
  const ClockLine line = vote_for_clock({{0, 5000000}, {100, 1000}, {200, 2000}, {300, 3000}, {400, 999999}}, 10, any);
  EXPECT_EQ(line.votes, 3u);
  EXPECT_EQ(line.from.counter, 100u);
  EXPECT_EQ(line.to.counter, 300u);
  EXPECT_EQ(vote_for_clock({{0, 5}, {1, 4}}, 10, any).votes, 0u);
}

}  // namespace
}  // namespace kutrace::test
