// SPDX-License-Identifier: BSD-3-Clause
// kutrace coro check against programs that know what is wrong with themselves: nothing is missed, nothing else is found.
#include <gtest/gtest.h>

#include <algorithm>

#include "check/checker.h"
#include "coro/coro_spans.h"
#include "coro/ring_file.h"
#include "coro/seeded.h"
#include "span/span_sorter.h"

namespace kutrace::test {
namespace {

// As a truth says it.
std::set<std::string> findings(const CoroCheck& check) {
  std::set<std::string> all;
  for (const CoroFinding& f : check.findings()) {
    std::string text = coro_finding_name(f.kind);
    if (f.grade != 0) text += std::string(" ") + f.grade;
    std::vector<uint64_t> ids;
    for (const uint32_t c : f.coros) ids.push_back(check.lives().coros()[c].id);
    std::sort(ids.begin(), ids.end());
    for (const uint64_t id : ids) text += " " + std::to_string(id);
    all.insert(text);
  }
  return all;
}

struct Ran {
  SeededTruth truth;
  CoroFile file;
  std::vector<uint8_t> bytes;
};

Ran run(uint64_t seed, Faults faults) {
  rings::Area area({16384, 16, 256}, KUTRACE_RING_CLOCK_GIVEN, geteuid(), getegid());
  area.remove();
  MemorySink sink;
  rings::Collector collector(area, sink);
  collector.begin({});
  Ran ran{run_seeded(seed, faults, area), {}, {}};
  collector.end({});
  ran.file = file_of(sink);
  ran.bytes = std::move(sink.bytes);
  return ran;
}

constexpr uint64_t kSeeds = 1000;

TEST(CoroCheck, FindsWhatIsWrongAndNothingElse) {
  std::set<unsigned> workers;
  std::map<std::string, uint64_t> kinds;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const Ran ran = run(seed, Faults::kSeeded);
    const CoroCheck check(ran.file);
    EXPECT_TRUE(check.judged()) << "seed " << seed;
    ASSERT_EQ(findings(check), ran.truth.findings) << "seed " << seed << "\n" << check.text();
    workers.insert(ran.truth.workers);
    for (const std::string& f : ran.truth.findings) ++kinds[f.substr(0, f.find_first_of("0123456789"))];
  }
  // The seeds have all of it, many times.
  EXPECT_EQ(workers.size(), 8u);
  EXPECT_EQ(kinds.size(), 6u);
  for (const auto& [kind, count] : kinds) EXPECT_GE(count, kSeeds / 20) << kind;
}

TEST(CoroCheck, FindsNothingInHealthyPrograms) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const Ran ran = run(seed, Faults::kNone);
    const CoroCheck check(ran.file);
    ASSERT_TRUE(ran.truth.findings.empty());
    ASSERT_TRUE(check.is_clean()) << "seed " << seed << "\n" << check.text();
  }
}

TEST(CoroCheck, ASeedIsOneRecording) {
  const Ran one = run(7, Faults::kSeeded), other = run(7, Faults::kSeeded);
  const auto same = [](const CoroEvent& a, const CoroEvent& b) {
    return a.time == b.time && a.kind == b.kind && a.argument == b.argument && a.id == b.id && a.site == b.site && a.thread == b.thread;
  };
  EXPECT_GT(one.file.events.size(), 100u);
  EXPECT_TRUE(std::ranges::equal(one.file.events, other.file.events, same));
}

TEST(CoroCheck, EveryEventIsAccountedFor) {
  const Ran ran = run(3, Faults::kSeeded);
  ASSERT_FALSE(ran.file.threads.empty());
  for (const CoroThread& t : ran.file.threads) {
    EXPECT_TRUE(t.left);
    EXPECT_EQ(t.attempted, t.recorded + t.lost);
    EXPECT_EQ(t.lost, 0u);
  }
}

// The records of a recording, in order of their start.
struct Collected final : SpanSink {
  void spans(const std::vector<Span>& batch) override { all.insert(all.end(), batch.begin(), batch.end()); }
  uint64_t count(int32_t event) const {
    return static_cast<uint64_t>(std::ranges::count_if(all, [&](const Span& s) { return s.event == event; }));
  }
  std::vector<Span> all;
};

// What `kutrace check` tests of any trace holds of the timeline of coroutines; each wakeup is an arc, each finding a mark.
TEST(CoroSpans, TheTimelineIsSound) {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    const Ran ran = run(seed, Faults::kSeeded);
    StringPool pool;
    Diagnostics diagnostics;
    Collected collected;
    SpanSorter sorter(nullptr);
    const SpanHeader header = coro_spans(ran.file, pool, collected);
    sorter.spans(collected.all);
    Checker checker(pool, &diagnostics);
    sorter.drain_to(checker);
    EXPECT_TRUE(checker.faults(header.time).empty()) << "seed " << seed << ": " << checker.faults(header.time)[0];
    EXPECT_EQ(collected.count(KUTRACE_MARKA), CoroCheck(ran.file).findings().size());
    // Of wakeups, those after which it ran.
    uint64_t ready = 0;
    for (const CoroEvent& e : ran.file.events) ready += e.kind == KUTRACE_CORO_READY ? 1 : 0;
    EXPECT_LE(collected.count(KUTRACE_ARC_WAKEUP), ready);
    EXPECT_GE(collected.count(KUTRACE_ARC_WAKEUP) + 2, ready);
  }
}

// Whatever a file holds, reading it ends, and all that is made of it is within bounds.
TEST(CoroFile, DamagedBytesAreNoTrouble) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const std::vector<uint8_t> whole = run(seed, Faults::kSeeded).bytes;
    uint64_t random = seed;
    const auto below = [&](uint64_t n) { return (random = random * 6364136223846793005u + 1442695040888963407u) % n; };
    for (int round = 0; round < 50; ++round) {
      std::vector<uint8_t> bytes = whole;
      for (uint64_t i = 0, n = 1 + below(8); i < n; ++i) bytes[below(bytes.size())] = static_cast<uint8_t>(below(3) == 0 ? 0xff : below(256));
      if (below(4) == 0) bytes.resize(below(bytes.size()));
      Diagnostics diagnostics;
      const CoroFile file = read_coro_file(bytes, diagnostics);
      const CoroCheck check(file);
      EXPECT_FALSE(check.text().empty() || check.json("x").empty() || check.markdown().empty());
      StringPool pool;
      Collected collected;
      coro_spans(file, pool, collected);
      for (const Span& s : collected.all) ASSERT_GE(s.dur, 0);
    }
  }
}

}  // namespace
}  // namespace kutrace::test
