// SPDX-License-Identifier: BSD-3-Clause
// Answers of why: that their parts add up on recorded, simulated and damaged traces, that they agree with statistics and tables to the tick, and
// what `kutrace why` prints, as files that a person reads.
#include <gtest/gtest.h>
#include <simdjson.h>

#include <fstream>
#include <iterator>
#include <random>

#include "analysis/statistics.h"
#include "analysis/why_report.h"
#include "support/chain_run.h"
#include "support/mutate.h"
#include "support/simulator.h"
#include "support/temp_dir.h"

namespace kutrace::test {
namespace {

struct Asked {
  explicit Asked(ChainRun& run) : records(run.pool, diagnostics) {
    records.header(run.header);
    records.spans(run.spans);
    records.finish();
  }
  Diagnostics diagnostics;
  WhyRecords records;
};

// Every RPC, every pair of marks, and of every thread its whole life and parts that begin and end anywhere.
std::vector<Window> windows_of(const WhyRecords& records, uint64_t seed) {
  std::vector<Window> windows;
  for (const Window& w : records.windows()) {
    // Of the many alike, one in eight.
    if (w.to > w.from && (records.windows().size() < 1000 || windows.size() % 8 == 0 || w.rpc != 0)) windows.push_back(w);
  }
  std::mt19937_64 random(seed);
  for (const auto& [tid, thread] : records.threads()) {
    if (thread.states.empty()) continue;
    const Ticks first = records[thread.states.front()].start, last = records[thread.states.back()].end();
    windows.push_back({first, last, tid, 0, ""});
    windows.push_back({first - 100, last + 100, tid, 0, ""});
    for (int i = 0; i < 4; ++i) {
      const auto a = first + static_cast<Ticks>(random() % static_cast<uint64_t>(last - first)), b = first + static_cast<Ticks>(random() % static_cast<uint64_t>(last - first));
      if (a != b) windows.push_back({std::min(a, b), std::max(a, b), tid, 0, ""});
    }
  }
  return windows;
}

void expect_sums(const WhyRecords& records, const Window& w) {
  Diagnostics diagnostics;
  const WhyPath path = why_path(records, w.tid, w.from, w.to, diagnostics);
  Ticks at = w.from;
  for (const WhyPart& part : path.parts) {
    ASSERT_EQ(part.from, at);
    ASSERT_GT(part.to, part.from);
    at = part.to;
  }
  ASSERT_EQ(at, w.to);
  const int64_t elapsed = records.time().ns(w.to) - records.time().ns(w.from);
  int64_t sum = 0, details = 0;
  for (const auto& [key, cause] : why_sums(records, path)) {
    sum += cause.ns;
    for (const auto& [detail, ns] : cause.details) details += ns;
  }
  ASSERT_EQ(sum, elapsed);
  ASSERT_EQ(details, elapsed);
  at = w.from;
  size_t part = 0;
  for (const WhyStep& step : WhySentences(records, path).steps()) {
    ASSERT_EQ(step.from, at);
    ASSERT_EQ(step.first, part);
    ASSERT_FALSE(step.text.empty());
    at = step.to;
    part += step.count;
  }
  ASSERT_EQ(part, path.parts.size());
  ASSERT_EQ(at, w.to);
}

void expect_all_sums(ChainRun& run, uint64_t seed) {
  Asked asked(run);
  for (const Window& w : windows_of(asked.records, seed)) {
    expect_sums(asked.records, w);
    if (testing::Test::HasFatalFailure()) {
      ADD_FAILURE() << "thread " << w.tid << " from " << w.from << " to " << w.to;
      return;
    }
  }
}

class WhyTrace : public testing::TestWithParam<const char*> {
 protected:
  std::unique_ptr<ChainRun> run_ = run_chain(data_bytes(std::string(GetParam()) + ".trace.gz"));
};

TEST_P(WhyTrace, PartsAddUpToTheTick) { expect_all_sums(*run_, 1); }

TEST_P(WhyTrace, PartsOfItsDocumentAddUp) {
  const auto document = run_text(span_json(*run_));
  expect_all_sums(*document, 2);
}

// What the thread itself did in a window is what the statistics count of it there, kind by kind.
TEST_P(WhyTrace, AgreesWithStatisticsToTheTick) {
  Asked asked(*run_);
  size_t compared = 0;
  for (const Window& w : windows_of(asked.records, 3)) {
    if (compared++ % (run_->spans.size() / 20000 + 1) != 0) continue;  // each costs a pass over the trace
    Selection selection;
    selection.set({{w.from, w.to}}, INT64_MIN, INT64_MAX);
    selection.tid = w.tid;
    Statistics statistics(run_->pool, selection, run_->diagnostics);
    statistics.header(run_->header);
    statistics.spans(run_->spans);
    statistics.finish();
    std::array<Ticks, kSpanKinds> want{}, got{};
    for (const auto& [number, cpu] : statistics.cpus()) {
      for (size_t k = 0; k < kSpanKinds; ++k) want[k] += cpu.time[k];
    }
    Ticks ready = 0, waiting = 0;
    const WhyPath path = why_path(asked.records, w.tid, w.from, w.to, asked.diagnostics);
    for (const WhyPart& part : path.parts) {
      const WhyState state = why_words(part.kind).state;
      if (part.link == 0 && state == WhyState::running) got[static_cast<size_t>(span_kind(asked.records[part.record]))] += part.to - part.from;
      if (part.link == 0 && (state == WhyState::ready || (state == WhyState::unseen && part.record != kNoRecord))) ready += part.to - part.from;
      if (part.link != 0 || state == WhyState::waiting) waiting += part.to - part.from;
    }
    EXPECT_EQ(got, want) << w.tid;
    const auto row = statistics.threads().find(w.tid);
    EXPECT_EQ(ready, row == statistics.threads().end() ? 0 : row->second.ready) << w.tid;
    EXPECT_EQ(waiting, row == statistics.threads().end() ? 0 : row->second.all_waiting()) << w.tid;
    if (HasFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(All, WhyTrace, testing::Values("hello", "rpc", "getpid", "locks"));

TEST(WhyProperty, PartsOfSimulatedLivesAddUp) {
  for (const uint64_t seed : {11, 12, 13}) {
    SimOptions options;
    options.seed = seed;
    options.events = 20000;
    options.cpus = static_cast<uint32_t>(1 + seed % 4);
    Simulator simulator(options);
    const auto run = run_chain(simulator.run());
    expect_all_sums(*run, seed);
  }
}

TEST(WhyProperty, PartsOfDamagedTracesAddUp) {
  std::vector<uint8_t> hello = data_bytes("hello.trace.gz"), rpc = data_bytes("rpc.trace.gz");
  robust::Rng rng(5);
  for (size_t i = 0; i < static_cast<size_t>(robust::Damage::kCount); ++i) {
    std::unique_ptr<ChainRun> run;
    try {
      run = run_chain(robust::damaged(static_cast<robust::Damage>(i), rpc, hello, rng));
    } catch (const std::exception&) {
      continue;  // not to be read at all
    }
    expect_all_sums(*run, i);
  }
}

class WhyCommand : public TempDir {
 protected:
  std::string read(const std::string& path) {
    std::ifstream in(path);
    EXPECT_TRUE(in) << path;
    return {std::istreambuf_iterator<char>(in), {}};
  }
  int why(const std::string& arguments) { return shell("cd " KUTRACE_TEST_DATA " && " KUTRACE_TOOLS "/kutrace why " + arguments + " > " + dir_ + "out 2> " + dir_ + "err"); }
};

class WhyGolden : public WhyCommand, public testing::WithParamInterface<std::pair<const char*, const char*>> {};

// To renew one: cd tests/data && kutrace why ARGUMENTS > why/NAME.txt
TEST_P(WhyGolden, PrintsWhatTheFileSays) {
  const auto& [name, arguments] = GetParam();
  ASSERT_EQ(why(arguments), 0) << read(dir_ + "err");
  const std::string got = read(dir_ + "out");
  EXPECT_EQ(got, read(std::string(KUTRACE_TEST_DATA "/why/") + name + ".txt"));
  for (size_t at = 0; at < got.size(); at = got.find('\n', at) + 1) EXPECT_LE(got.find('\n', at) - at, 100u) << got.substr(at, 120);
}

INSTANTIATE_TEST_SUITE_P(All, WhyGolden,
                         testing::Values(std::pair{"hello", "hello.trace.gz"}, std::pair{"rpc_slowest", "rpc.trace.gz --slowest 3 --rows 8"},
                                         std::pair{"rpc_58512", "rpc.trace.gz --rpc 58512 --rows 0"}, std::pair{"locks_bal", "locks.trace.gz --mark bal --rows 10"},
                                         std::pair{"hello_thread", "hello.trace.gz --thread hello_world_tra --from 48.8 --to 48.9"}));

// An RPC takes as long as the tables say, and all its parts together, to the ns.
TEST_F(WhyCommand, AgreesWithTheTablesToTheNanosecond) {
  ASSERT_EQ(shell("cd " KUTRACE_TEST_DATA " && " KUTRACE_TOOLS "/kutrace query rpc.trace.gz --table rpcs > " + dir_ + "rpcs.csv"), 0);
  std::istringstream rows(read(dir_ + "rpcs.csv"));
  std::multiset<std::string> want, got;
  std::string row;
  std::getline(rows, row);
  ASSERT_EQ(row, "id,method,tid,t0,t1,dur,bytes");
  while (std::getline(rows, row)) {
    std::istringstream cells(row);
    std::string id, method, tid, t0, t1, dur;
    for (std::string* cell : {&id, &method, &tid, &t0, &t1, &dur}) std::getline(cells, *cell, ',');
    if (!dur.empty()) want.insert(id + " " + tid + " " + t0 + " " + dur);
  }
  ASSERT_EQ(why("rpc.trace.gz --slowest 1000 --json"), 0) << read(dir_ + "err");
  simdjson::dom::parser parser;
  const simdjson::padded_string text(read(dir_ + "out"));
  const simdjson::dom::element document = parser.parse(text);
  for (const auto& answer : document["answers"].get_array()) {
    const int64_t dur = answer["dur"];
    got.insert(std::to_string(int64_t(answer["rpc"])) + " " + std::to_string(int64_t(answer["tid"])) + " " + std::to_string(int64_t(answer["ts"])) + " " + std::to_string(dur));
    for (const char* list : {"parts", "steps", "sums"}) {
      int64_t sum = 0;
      for (const auto& one : answer[list].get_array()) sum += int64_t(one[std::string_view(list) == "sums" ? "ns" : "dur"]);
      EXPECT_EQ(sum, dur) << list;
    }
    for (const auto& step : answer["steps"].get_array()) EXPECT_GT(step["records"].get_array().value().size(), 0u) << std::string_view(step["text"]);
  }
  EXPECT_EQ(got, want);
  EXPECT_GE(want.size(), 40u);
}

TEST_F(WhyCommand, SaysTheSameOfEveryForm) {
  ASSERT_EQ(shell("cd " + dir_ + " && t=" KUTRACE_TEST_DATA "/rpc.trace.gz && " KUTRACE_TOOLS "/kutrace report $t -o page.html 2>/dev/null && " KUTRACE_TOOLS
                  "/rawtoevent $t > events 2>/dev/null && " KUTRACE_TOOLS "/spantojson $t > spans.json"), 0);
  ASSERT_EQ(why("rpc.trace.gz --rpc 58512"), 0);
  const std::string trace = read(dir_ + "out");
  ASSERT_EQ(why(dir_ + "page.html --rpc 58512"), 0) << read(dir_ + "err");
  EXPECT_EQ(read(dir_ + "out"), trace);
  // Their times are in 10 ns.
  for (const char* name : {"events", "spans.json"}) {
    ASSERT_EQ(why(dir_ + name + " --rpc 58512"), 0) << read(dir_ + "err");
    EXPECT_EQ(read(dir_ + "out").substr(0, 60), trace.substr(0, 60)) << name;
    EXPECT_NE(read(dir_ + "out").find("client4.61 waited in read until server4.53 sent to it from write:"), std::string::npos) << read(dir_ + "out");
  }
}

TEST_F(WhyCommand, RefusesWhatIsNotThere) {
  const std::pair<const char*, const char*> cases[] = {
      {"rpc.trace.gz --rpc 77", "has no RPC 77 with both ends in the time asked for; `kutrace stat` lists what there is"},
      {"rpc.trace.gz --mark nope", "has no marks nope to /nope of one thread"},
      {"rpc.trace.gz --method nope", "has no RPC nope"},
      {"rpc.trace.gz --thread nobody", "has no thread nobody"},
      {"rpc.trace.gz --thread client4", "has several threads client4; give the number of one: 60, 61, 62"},
      {"rpc.trace.gz --thread 99999", "has no time of such a thread"},
      {"rpc.trace.gz --from 2 --to 1", "holds no time"},
      {"rpc.trace.gz --from 1e6", "has no record in the range"},
      {"rpc.trace.gz --slowest 0", "--slowest"},
      {"rpc_log.json", "rpc_log.json"},
      {"nothing.here", "nothing.here"},
  };
  for (const auto& [arguments, words] : cases) {
    EXPECT_EQ(why(arguments), 2) << arguments;
    EXPECT_NE(read(dir_ + "err").find(words), std::string::npos) << arguments << ": " << read(dir_ + "err");
    EXPECT_EQ(read(dir_ + "out"), "") << arguments;
  }
}

TEST_F(WhyCommand, KeepsItsBudget) {
  EXPECT_EQ(why("locks.trace.gz --max-memory 2M"), 1);
  EXPECT_NE(read(dir_ + "err").find("--max-memory"), std::string::npos) << read(dir_ + "err");
  EXPECT_EQ(why("locks.trace.gz --slowest 50 --json --max-output 1K"), 2);
  EXPECT_NE(read(dir_ + "err").find("--max-output"), std::string::npos) << read(dir_ + "err");
}

}  // namespace
}  // namespace kutrace::test
