// SPDX-License-Identifier: BSD-3-Clause
// One test a defect of the reference in building spans (S1 to S26, as far as covered): what must happen instead.
#include <gtest/gtest.h>

#include <algorithm>

#include "support/chain_run.h"
#include "support/encoder.h"

namespace kutrace::test {
namespace {

std::unique_ptr<ChainRun> vector(const std::string& name) {
  return run_chain(data_bytes("vectors/" + name + ".trace.gz"));
}

TEST(Defects, S2_AnIdleHintOutOfRangeIsClampedAndCounted) {
  EncoderOptions o;
  Encoder e(o);
  e.running(0, 0, "swapper");
  e.entry(0, o.start_counter + 100, 0x5ec);
  e.leave(0, o.start_counter + 600, 0x5ec);
  e.entry(0, o.start_counter + 700, KUTRACE_MWAIT, 5000000);
  e.entry(0, o.start_counter + 90000, 0x5ec);
  const auto run = run_chain(e.finish(o.start_counter + 1000000));
  EXPECT_EQ(run->diagnostics.count(Finding::kBadArgument), 1u);
  EXPECT_EQ(run->faults(), std::vector<std::string>());
}

// Not of the reference, which knows no such hint: a CPU that polls is idle, but not at low power, and takes no time to wake.
TEST(Defects, APollingCpuIsIdleAtFullPower) {
  auto idle_with = [](uint32_t hint) {
    EncoderOptions o;
    Encoder e(o);
    e.running(0, 0, "swapper");
    e.entry(0, o.start_counter + 700, KUTRACE_MWAIT, hint);
    e.entry(0, o.start_counter + 90000, KUTRACE_MONITOREXIT, 0);
    e.entry(0, o.start_counter + 90100, 0x5ec);
    e.leave(0, o.start_counter + 90600, 0x5ec);
    return run_chain(e.finish(o.start_counter + 1000000));
  };
  auto low = [](const ChainRun& run) {
    return std::any_of(run.spans.begin(), run.spans.end(), [](const Span& s) { return s.event == KUTRACE_IDLE && s.arg == 1; });
  };
  const auto polls = idle_with(KUTRACE_IDLE_POLL), halts = idle_with(KUTRACE_IDLE_HALT);
  EXPECT_TRUE(low(*halts));
  EXPECT_FALSE(low(*polls));
  EXPECT_EQ(polls->of(KUTRACE_CEXIT).size(), 0u);
  EXPECT_EQ(polls->diagnostics.count(Finding::kInferredIdleExit), 0u);
  EXPECT_EQ(polls->faults(), std::vector<std::string>());
}

TEST(Defects, S4_NetworkSpeedZeroIsIgnored) {
  const auto run = vector("e1_mbit0");
  EXPECT_EQ(run->header.mbit_sec, 1000);
  EXPECT_EQ(run->of(KUTRACE_RPCIDRXMSG).size(), 1u);
}

TEST(Defects, S7_NineSecondsOfIdleAreNineSeconds) {
  const auto run = vector("d13");
  EXPECT_EQ(run->header.time.units(run->execution(0).at(2).dur), 900000000);
}

TEST(Defects, S8_NoWaitBeginsBeforeTheTrace) {
  const auto run = vector("d12");
  for (const Span& s : run->spans) EXPECT_GE(run->header.time.units(s.start), 200000000);
}

TEST(Defects, S9_BothSchedulerNumbersGiveTheSameSpans) {
  const auto before = vector("f1_old"), now = vector("f1_new");
  EXPECT_EQ(before->row(0, 0), now->row(0, 0));
}

TEST(Defects, S10_AnInterruptInASoftirqDoesNotEndIt) {
  EncoderOptions o;
  Encoder e(o);
  auto at = [&](uint64_t t) { return o.start_counter + t; };
  e.running(0, 37, "test");
  e.entry(0, at(0), KUTRACE_BOTTOM_HALF, 7);
  e.entry(0, at(300), 0x5fd);
  e.leave(0, at(400), 0x5fd);
  e.leave(0, at(900), KUTRACE_BOTTOM_HALF);
  const auto run = run_chain(e.finish(at(1000000)));
  EXPECT_EQ(run->row(0, o.start_counter), "0+300 37 BH:sched\n300+100 37 irq#253\n400+500 37 BH:sched\n");
}

}  // namespace
}  // namespace kutrace::test
