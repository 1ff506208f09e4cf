// SPDX-License-Identifier: BSD-3-Clause
// One test a defect of the reference in reading raw traces (R1 to R17, L1): what must happen instead.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "base/error.h"
#include "support/chain_run.h"
#include "support/encoder.h"

namespace kutrace::test {
namespace {

constexpr uint32_t kCall = 0x800;

std::unique_ptr<ChainRun> vector(const std::string& name) {
  return run_chain(data_bytes("vectors/" + name + ".trace.gz"), true);
}

// Counter of the first event with this number.
uint64_t when(const ChainRun& run, uint32_t num) {
  for (const Event& e : run.events) {
    if (e.num == num) return run.counter(e.t);
  }
  return 0;
}
Event event_of(const ChainRun& run, uint32_t num) {
  for (const Event& e : run.events) {
    if (e.num == num) return e;
  }
  ADD_FAILURE() << "no event " << num;
  return {};
}

struct Trace {
  explicit Trace(EncoderOptions o = {}) : options(o), encoder(o) {
    encoder.running(0, 37, "test");
    encoder.entry(0, at(100), kCall);
  }
  uint64_t at(uint64_t counts) const { return options.start_counter + counts; }
  std::unique_ptr<ChainRun> run(uint64_t stop = 1000000) { return run_chain(encoder.finish(at(stop)), true); }
  EncoderOptions options;
  Encoder encoder;
};

TEST(Defects, L1_StopCounterDamagedByTheDumpIsPutRight) {
  Trace t(EncoderOptions{.start_counter = 0x60d5c0f});
  t.encoder.leave(0, t.at(5000), kCall);
  auto file = t.encoder.finish(0x872e216);
  file[8 * KUTRACE_HDR0_STOP_COUNTER + 4] = 1;  // the high half that does not belong there
  const auto run = run_chain(file, true);
  EXPECT_TRUE(run->has(Finding::kRepairedTimePairs));
  EXPECT_NEAR(run->header.time.ns_per_tick, 25.0, 0.01);
}

TEST(Defects, R1_BlockOpenedBehindABoundaryIsNotLate) {
  const auto ok = vector("d2ok"), late = vector("d2");
  // The two traces differ by 4096 counts, not by 2^20.
  EXPECT_EQ(when(*ok, 0x803) - when(*ok, 0x800), when(*late, 0x803) - when(*late, 0x800));
  EXPECT_EQ(late->events.back().t - late->events.front().t, ok->events.back().t - ok->events.front().t);
  EXPECT_LT(late->header.time.ns(late->events.front().t), 48640000000) << "26 ms too late";
}

TEST(Defects, R2_TsDeltaFirstInABlockDoesNotMoveIt) {
  const auto run = vector("d5");
  const uint64_t step = when(*run, 0x803) - when(*run, 0x801);
  EXPECT_EQ(run->header.time.units(event_of(*run, 0x801).t), 4860537270);
  EXPECT_EQ(step, 510u);
  EXPECT_EQ(run->damage(), "");
}

TEST(Defects, R3_LateStoreOverABoundaryLandsAtItsTime) {
  Trace t(EncoderOptions{.start_counter = 0x1'0000'0000 - 1000});
  t.encoder.leave(0, t.at(600), kCall);
  t.encoder.entry(0, t.at(1100), 0x5ec);  // behind the boundary at 1000
  t.encoder.leave(0, t.at(1900), 0x5ec);
  t.encoder.unmarked(0, t.at(900), kCall + 1);
  t.encoder.leave(0, t.at(2500), kCall + 1);
  const auto run = t.run();
  EXPECT_EQ(run->row(0, t.options.start_counter),
            "100+500 37 sys#0\n600+300 37 test.37\n900+200 37 sys#1\n1100+800 37 irq#236\n1900+600 37 sys#1\n");
  const auto d3 = vector("d3");
  EXPECT_LT(when(*d3, 0x803) - when(*d3, 0x800), 4096u);
  EXPECT_EQ(d3->faults(), std::vector<std::string>());
}

TEST(Defects, R4_AStepOfExactlyTheThresholdGoesForward) {
  const auto run = vector("d4_e0000");
  EXPECT_EQ(when(*run, 0x801) - when(*run, 0x800), 0xe0000u);
}

TEST(Defects, R5_NothingIsDroppedBehind999Seconds) {
  const auto d6 = vector("d6"), d7 = vector("d7");
  EXPECT_GT(d6->header.time.ns(d6->events.back().t), 999'000'000'000);
  EXPECT_FALSE(d7->execution(0).empty() && d7->execution(1).empty());
  EXPECT_EQ(d7->damage(), "");
}

TEST(Defects, R6_TruncatedFilesGiveTheSameResultEachTimeAndSaySo) {
  const auto whole = data_bytes("hello.trace.gz");
  const std::vector<uint8_t> cut(whole.begin(), whole.begin() + 100001);
  const auto one = run_chain(cut, true), two = run_chain(cut, true);
  EXPECT_TRUE(one->has(Finding::kTruncatedBlock));
  EXPECT_EQ(span_json(*one), span_json(*two));
  EXPECT_GT(one->events.size(), 1000u);
}

TEST(Defects, R7_AnyCpuNumber) {
  EXPECT_FALSE(vector("d8")->execution(80).empty());
  const auto block0 = vector("d8b");
  EXPECT_TRUE(block0->has(Finding::kTwoCpus));  // the vector has one thread on both its CPUs
  EXPECT_FALSE(block0->execution(80).empty() || block0->execution(1).empty());
  Trace t;
  t.encoder.running(300, 38, "far");
  t.encoder.entry(300, t.at(200), kCall + 1);
  EXPECT_EQ(t.run()->execution(300).size(), 1u);
}

TEST(Defects, R8_AFoldedCallOfOneCountLastsOneCount) {
  const auto run = vector("e4_lowres");
  EXPECT_EQ(run->execution(0)[1].dur, 1);
}

TEST(Defects, R9_AnEntryThatCrossesTheBlockEndIsDroppedAndCounted) {
  Trace t;
  uint64_t at = 200;
  for (int i = 0; i < KUTRACE_BLOCK_WORDS - KUTRACE_FIRST_ENTRY_BLOCK0 - 2; ++i) {
    at += 300;
    i % 2 == 0 ? static_cast<void>(t.encoder.leave(0, t.at(at), kCall, 0x7fff)) : t.encoder.entry(0, t.at(at), kCall);
  }
  t.encoder.raw(0, t.at(at), {entry_word(t.at(at + 10), 0x182, 55)});  // a name of eight words in the last one
  const auto run = t.run(at + 100000);
  EXPECT_EQ(run->diagnostics.count(Finding::kEntryPastEnd), 1u);
}

TEST(Defects, R10_WhatCannotBeReadIsAnError) {
  EXPECT_THROW(run_chain({}), Error);
  EXPECT_THROW(run_chain(std::vector<uint8_t>(70000, 0xff)), Error);
  EXPECT_EQ(shell("head -c 3000 /dev/zero | " KUTRACE_TOOLS "/rawtoevent >/dev/null 2>&1"), 2);
}

TEST(Defects, R11_ThreadIdsHave32Bits) {
  const auto run = vector("d9");
  EXPECT_EQ(run->execution(0).front().pid, 65573);
  EXPECT_EQ(run->execution(1).front().pid, 123456) << "not 23456";
  EXPECT_EQ(run->name(run->execution(1).front()), "huge.123456");
  Trace t;
  t.encoder.leave(0, t.at(600), kCall);
  t.encoder.entry(0, t.at(700), KUTRACE_USERPID, 3'000'065);
  t.encoder.entry(0, t.at(900), kCall + 1);
  EXPECT_EQ(t.run()->execution(0).back().pid, 3'000'065);
}

TEST(Defects, R12_MarkDAndNetworkSpeedHave32Bits) {
  const auto run = vector("i1");
  EXPECT_EQ(run->of(KUTRACE_MARKD).at(0).arg, 123456789);
  EXPECT_EQ(run->header.mbit_sec, 100000);
}

TEST(Defects, R13_ASampleMovesToItsOwnTimerInterruptOnly) {
  const auto run = vector("e8_pc");
  const auto samples = run->of(KUTRACE_PC_U);
  ASSERT_EQ(samples.size(), 1u);
  EXPECT_EQ(run->header.time.units(samples[0].start), 4851962225);
  EXPECT_EQ(run->header.time.units(samples[0].dur), 1999975) << "up to where it was taken, 20 ms later";
}

TEST(Defects, R14_ASchedulerExitWithAllOnesAsTimeIsKept) {
  const auto run = vector("h1");
  EXPECT_EQ(event_of(*run, KUTRACE_SCHED_EXIT).pid, 55u);
  EXPECT_FALSE(run->has(Finding::kMissingSchedExit));
}

TEST(Defects, R15_DatesFrom2038OnAreUtc) {
  EXPECT_TRUE(vector("e2_y2038")->header.tracebase.starts_with("20")) << "not 19..";
  EXPECT_GE(vector("e2_y2038")->header.tracebase.substr(0, 4), "2038");
}

TEST(Defects, R16_OptionsAreNotFileNames) {
  EXPECT_EQ(shell("zcat " KUTRACE_TEST_DATA "/vectors/d1.trace.gz | " KUTRACE_TOOLS
                  "/rawtoevent -v >/dev/null 2>&1"), 0);
}

TEST(Defects, R17_UnknownAndSkippedEntriesAreCounted) {
  Trace t;
  t.encoder.raw(0, t.at(300), {entry_word(t.at(300), 0x2a5, 1), entry_word(t.at(310), 0x192, 1)});
  t.encoder.entry(0, t.at(320), KUTRACE_LOST, 17);
  t.encoder.end_block(0);
  t.encoder.entry(0, t.at(5000), kCall + 1);
  const auto run = t.run();
  EXPECT_EQ(run->diagnostics.count(Finding::kUnknownEvent), 1u);
  EXPECT_EQ(run->diagnostics.count(Finding::kBadLength), 1u);
  EXPECT_EQ(run->diagnostics.count(Finding::kEventsLost), 17u);
}

// Tables by position showed the first as deq, the second as userpid, the third as mark_a.
TEST(Defects, NumbersThatNoKindHasAreShownAsSuch) {
  Trace t;
  t.encoder.entry(0, t.at(300), kCall + 1);
  uint64_t at = 400;
  for (const uint32_t unknown : {0x27bu, 0x240u, 0x24au, 0x282u}) t.encoder.raw(0, t.at(at += 10), {entry_word(t.at(at), unknown, 1)});
  t.encoder.raw(0, t.at(at += 10), {entry_word(t.at(at), 0x129, 1), 0x6161616161616161});  // a name of what, nobody knows
  t.encoder.entry(0, t.at(5000), kCall + 1);
  const auto run = t.run();
  EXPECT_EQ(run->diagnostics.count(Finding::kUnknownEvent), 5u);
  std::set<std::string> names;
  for (const Span& s : run->spans) {
    if (s.event >= KUTRACE_USERPID && s.event < KUTRACE_WAITA) names.insert(std::string(run->pool[s.name]));
  }
  EXPECT_EQ(names, (std::set<std::string>{"event 0x240", "event 0x24a", "event 0x27b", "event 0x282"}));
}

}  // namespace
}  // namespace kutrace::test
