// SPDX-License-Identifier: BSD-3-Clause
// Clocks: the wall clock set while recording, machines up for years, counters of any rate, wall clocks of any year.
#include <gtest/gtest.h>

#include <cstring>

#include "base/error.h"
#include "html/html_packer.h"
#include "html/payload_writer.h"
#include "support/chain_run.h"
#include "support/encoder.h"
#include "trace/clock_fit.h"

namespace kutrace::test {
namespace {

constexpr double kRate = 40;  // counts a microsecond
constexpr int64_t kSecond = 1000000;

uint64_t word_at(const std::vector<uint8_t>& file, size_t offset) {
  uint64_t word;
  std::memcpy(&word, file.data() + offset, 8);
  return word;
}
void set_word(std::vector<uint8_t>& file, size_t offset, uint64_t word) { std::memcpy(file.data() + offset, &word, 8); }

// Two CPUs that each begin a block every `block_ms`, for two seconds: half a millisecond of user code, half of idle.
std::vector<uint8_t> two_seconds(const EncoderOptions& options, uint64_t block_ms = 250) {
  Encoder trace(options);
  trace.thread_name(7, "seven");
  const auto ms = static_cast<uint64_t>(options.counts_per_us * 1000);
  for (uint32_t cpu : {0u, 1u}) trace.running(cpu, 0, "");
  for (uint64_t t = 0; t < 2000; ++t) {
    for (uint32_t cpu : {0u, 1u}) {
      const uint64_t at = options.start_counter + t * ms + 100 + 10 * cpu;
      if (t % block_ms == 0) trace.end_block(cpu);
      trace.entry(cpu, at, KUTRACE_USERPID, cpu == 0 ? 7 : 8);
      trace.entry(cpu, at + ms / 2, KUTRACE_USERPID, 0);
    }
  }
  return trace.finish(options.start_counter + 2000 * ms);
}

// What the file would hold if the wall clock had been set by `us` when the counter was `counter`.
void set_clock(std::vector<uint8_t>& file, uint64_t counter, int64_t us) {
  for (size_t at = 0; at < file.size(); at += KUTRACE_BLOCK_BYTES) {
    const uint64_t clock = word_at(file, at + 8);
    if ((word_at(file, at) & KUTRACE_LOW56) < counter) continue;
    set_word(file, at + 8, (clock & ~KUTRACE_LOW56) | ((clock + static_cast<uint64_t>(us)) & KUTRACE_LOW56));
  }
  set_word(file, 8 * KUTRACE_HDR0_STOP_US, word_at(file, 8 * KUTRACE_HDR0_STOP_US) + static_cast<uint64_t>(us));
}

double user_seconds(const ChainRun& run) {
  Ticks user = 0;
  for (const Span& s : run.spans) {
    if (is_execution(s) && is_user(s) && s.cpu == 0) user += s.dur;
  }
  return static_cast<double>(run.header.time.ns(user)) / 1e9;
}

TEST(Clock, OneThatIsNotSetIsNoFinding) {
  const auto run = run_chain(two_seconds({}));
  EXPECT_NEAR(1.0, user_seconds(*run), 0.001);
  EXPECT_EQ("", run->damage());
  EXPECT_FALSE(run->has(Finding::kClockStep) || run->has(Finding::kClockDoubtful) || run->has(Finding::kClockMismatch));
}

TEST(Clock, SettingItChangesNoLengthAndIsToldWithItsSize) {
  for (const int64_t us : {5 * kSecond, -5 * kSecond, kSecond / 10, -kSecond / 10, 3600 * kSecond, 56 * 365 * 86400 * kSecond}) {
    for (const double when : {0.3, 1.0, 1.7}) {
      SCOPED_TRACE(std::to_string(us) + " us at " + std::to_string(when) + " s");
      EncoderOptions options;
      options.start_us = us > 86400 * kSecond ? 12 * kSecond : options.start_us;  // a machine without a battery
      std::vector<uint8_t> file = two_seconds(options);
      set_clock(file, options.start_counter + static_cast<uint64_t>(when * 1e6 * kRate), us);
      const auto run = run_chain(file);
      EXPECT_NEAR(1.0, user_seconds(*run), 0.001);
      ASSERT_EQ(1u, run->diagnostics.count(Finding::kClockStep)) << run->diagnostics.summary(Severity::kInfo);
      const std::string& place = run->diagnostics.at(Finding::kClockStep).examples.at(0);
      EXPECT_TRUE(place.starts_with("by " + signed_seconds(us) + " s, between ")) << place;
      EXPECT_FALSE(run->has(Finding::kForeignBlock) || run->has(Finding::kBadBlockHeader)) << run->damage();
    }
  }
}

TEST(Clock, SetTwiceIsToldTwice) {
  EncoderOptions options;
  std::vector<uint8_t> file = two_seconds(options);
  set_clock(file, options.start_counter + static_cast<uint64_t>(0.6e6 * kRate), 5 * kSecond);
  set_clock(file, options.start_counter + static_cast<uint64_t>(1.4e6 * kRate), -3 * kSecond);
  const auto run = run_chain(file);
  EXPECT_NEAR(1.0, user_seconds(*run), 0.001);
  EXPECT_EQ(2u, run->diagnostics.count(Finding::kClockStep));
}

TEST(Clock, ADamagedHeaderIsNoSetting) {
  std::vector<uint8_t> file = two_seconds({});
  const size_t at = 5 * KUTRACE_BLOCK_BYTES;
  set_word(file, at + 8, word_at(file, at + 8) ^ (1ULL << 40));
  const auto run = run_chain(file);
  EXPECT_NEAR(1.0, user_seconds(*run), 0.001);
  EXPECT_FALSE(run->has(Finding::kClockStep));
  EXPECT_EQ(1u, run->diagnostics.count(Finding::kClockMismatch));
}

// The rows of a trace in which the wall clock at `offset` is off by `us`, and what was found.
std::unique_ptr<ChainRun> with_clock_off(std::vector<size_t> offsets, int64_t us) {
  std::vector<uint8_t> file = two_seconds({});
  for (const size_t at : offsets) set_word(file, at, word_at(file, at) + static_cast<uint64_t>(us));
  return run_chain(file);
}

// A pair and counters that agree outvote it, wherever it stands: no row moves by more than reading the clocks can.
TEST(Clock, OneThatIsWrongOutvotesNothing) {
  const auto right = run_chain(two_seconds({}));
  constexpr size_t kStart = 8 * KUTRACE_HDR0_START_US, kStop = 8 * KUTRACE_HDR0_STOP_US, kBlock0 = 8, kBlock5 = 5 * KUTRACE_BLOCK_BYTES + 8;
  for (const std::vector<size_t>& offsets : {std::vector{kStart}, {kStop}, {kBlock0}, {kBlock5}, {kBlock0, kBlock5}}) {
    for (const int64_t us : {86400 * kSecond, 3600 * kSecond, 5 * kSecond, -5 * kSecond, -3600 * kSecond}) {
      SCOPED_TRACE(std::to_string(offsets.front()) + " by " + std::to_string(us));
      const auto run = with_clock_off(offsets, us);
      EXPECT_EQ(run->diagnostics.count(Finding::kForeignBlock) + run->diagnostics.count(Finding::kBadBlockHeader), 0u) << run->damage();
      EXPECT_NEAR(run->header.time.ns_per_tick, right->header.time.ns_per_tick, 1e-3);
      EXPECT_NEAR(user_seconds(*run), user_seconds(*right), 0.001);
      EXPECT_EQ(run->execution(0).size(), right->execution(0).size());
    }
  }
}

TEST(Clock, TheCaseOfAnNtpStep) {
  const auto run = run_chain(data_bytes("cases/clock_step_ntp5s.trace.gz"));
  EXPECT_NEAR(0.999, user_seconds(*run), 0.001);
  EXPECT_GT(run->diagnostics.total(Severity::kDamage), 0u);
  EXPECT_TRUE(run->diagnostics.at(Finding::kClockStep).examples.at(0).starts_with("by +5.0000")) << run->damage();
}

// Written by the module: lengths are by a clock that cannot be set, so this is no damage.
TEST(Clock, AnEntryThatItWasSetGoesWithTheTrace) {
  EncoderOptions options;
  Encoder trace(options);
  trace.running(0, 7, "seven");
  const auto us = [&](double t) { return options.start_counter + static_cast<uint64_t>(t * kRate); };
  trace.entry(0, us(10), KUTRACE_MARKA, 1);
  trace.entry(0, us(499990), KUTRACE_MARKA, 3);
  trace.raw(0, us(500000), {entry_word(us(500000), KUTRACE_CLOCK_SET | 0x20, 0), static_cast<uint64_t>(int64_t{-5000000})});
  trace.entry(0, us(500010), KUTRACE_MARKA, 2);
  const std::vector<uint8_t> file = trace.finish(us(600000));
  const auto run = run_chain(file);
  EXPECT_EQ("", run->damage());
  ASSERT_EQ(1u, run->diagnostics.count(Finding::kClockSet));
  const std::string place = run->diagnostics.at(Finding::kClockSet).examples.at(0);
  EXPECT_TRUE(place.starts_with("by -5.000000 s at 49.0195")) << place;  // 500 ms behind the start, in seconds of its minute

  const auto text = run_text(event_text(file));
  EXPECT_EQ(place, text->diagnostics.at(Finding::kClockSet).examples.at(0));
  EXPECT_EQ(1u, text->diagnostics.count(Finding::kClockSet));
  const auto json = run_text(span_json(*run));
  EXPECT_EQ(place, json->diagnostics.at(Finding::kClockSet).examples.at(0));
  EXPECT_EQ(1u, json->diagnostics.count(Finding::kClockSet));

  PayloadWriter payload(run->pool, 1);
  payload.spans(run->spans);
  payload.finish();
  const std::string meta = payload.meta(run->header, run->diagnostics);
  EXPECT_NE(std::string::npos, meta.find("a clock that cannot be set: " + place)) << meta;
}

TEST(Clock, CountersUpToTheirLastBitAndBeyond) {
  for (const uint64_t start : {uint64_t{1} << 33, uint64_t{3196800000000000}, (uint64_t{1} << 56) - 10'000'000'000, (uint64_t{1} << 56) - 40'000'000, (uint64_t{5} << 56) + 77}) {
    SCOPED_TRACE(start);
    EncoderOptions options;
    options.start_counter = start;
    std::vector<uint8_t> file = two_seconds(options);
    for (size_t at = 0; at < file.size(); at += KUTRACE_BLOCK_BYTES) {
      // The encoder puts the CPU above 56 bits of the counter.
      const uint64_t cpu = (at / KUTRACE_BLOCK_BYTES) % 2;
      set_word(file, at, cpu << 56 | (word_at(file, at) & KUTRACE_LOW56));
    }
    const auto run = run_chain(file);
    EXPECT_NEAR(1.0, user_seconds(*run), 0.001);
    EXPECT_EQ("", run->damage());
  }
}

TEST(Clock, AGigahertzCounterAfterFortyDays) {
  const auto run = run_chain(data_bytes("cases/uptime_arm1ghz_37d.trace.gz"));
  EXPECT_EQ("", run->damage());
  EXPECT_GT(run->spans.size(), 0u);
}

// Such a rate is not usual where no word tells of the clock, but all that the file says agrees.
TEST(Clock, AFastCounterOfWhichNothingIsSaidKeepsItsPairs) {
  for (const double rate : {1000.0, 3000.0}) {
    EncoderOptions options;
    options.counts_per_us = rate;
    const auto run = run_chain(two_seconds(options));
    EXPECT_NEAR(1.0, user_seconds(*run), 0.001) << rate;
    EXPECT_EQ(0u, run->diagnostics.count(Finding::kRepairedTimePairs)) << rate;
  }
}

TEST(Clock, WallClocksOfAnyYear) {
  for (const uint64_t us : {uint64_t{12000000}, uint64_t{3155760000000000}, uint64_t{3471292800000000}, uint64_t{1} << 55}) {
    EncoderOptions options;
    options.start_us = us;
    const auto run = run_chain(two_seconds(options));
    EXPECT_NEAR(1.0, user_seconds(*run), 0.001) << us;
    EXPECT_EQ("", run->damage()) << us;
    EXPECT_NE("", run->header.tracebase) << us;
  }
  EXPECT_EQ("1970-01-01_00:00:00", run_chain(data_bytes("cases/first_minute_1970.trace.gz"))->header.tracebase);
}

TEST(Clock, AMinuteIsKnownOrNot) {
  EXPECT_EQ("1970-01-01_00:00:00", format_minute(0));
  EXPECT_EQ(0, parse_minute("1970-01-01_00:00:00"));
  EXPECT_EQ("", format_minute(TimeBase::kUnknownMinute));
  EXPECT_EQ(TimeBase::kUnknownMinute, parse_minute("yesterday"));
  EXPECT_EQ("2100-12-31_23:59:00", format_minute(parse_minute("2100-12-31_23:59:00")));
}

}  // namespace
}  // namespace kutrace::test
