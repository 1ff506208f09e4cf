// SPDX-License-Identifier: BSD-3-Clause
// Statistics: agreement with `kutrace check` and with plain addition over the records, to the tick and to the ns; windows; percentiles; and what
// `kutrace stat` prints, as files that a person reads.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <numeric>

#include "analysis/quantile.h"
#include "analysis/statistics_report.h"
#include "analysis/text_table.h"
#include "support/chain_run.h"
#include "support/temp_dir.h"

namespace kutrace::test {
namespace {

struct Counted {
  explicit Counted(ChainRun& of, Selection part = {}) : run(of), selection(std::move(part)), statistics(run.pool, selection, run.diagnostics) {
    statistics.header(run.header);
    statistics.spans(run.spans);
    statistics.finish();
  }
  std::string json() const {
    return statistics_json({statistics, selection, run.header, run.diagnostics, run.pool, "FILE", "", 0});
  }
  ChainRun& run;
  Selection selection;
  Statistics statistics;
};

Ticks time_of(const CpuStatistics& cpu, std::initializer_list<SpanKind> kinds) {
  Ticks sum = 0;
  for (const SpanKind kind : kinds) sum += cpu.time[static_cast<size_t>(kind)];
  return sum;
}

class StatTrace : public testing::TestWithParam<const char*> {
 protected:
  std::unique_ptr<ChainRun> run_ = run_chain(data_bytes(std::string(GetParam()) + ".trace.gz"));
};

TEST_P(StatTrace, AgreesWithCheckToTheTick) {
  const Counted got(*run_);
  ASSERT_EQ(got.statistics.cpus().size(), run_->checker->cpus().size());
  for (const auto& [number, row] : run_->checker->cpus()) {
    const CpuStatistics& cpu = got.statistics.cpus().at(number);
    EXPECT_EQ(cpu.spans, row.spans);
    EXPECT_EQ(time_of(cpu, {SpanKind::kUser}), row.user);
    EXPECT_EQ(time_of(cpu, {SpanKind::kIdle, SpanKind::kCexit}), row.idle);
    EXPECT_EQ(time_of(cpu, {SpanKind::kSyscall, SpanKind::kTrap, SpanKind::kIrq, SpanKind::kSoftirq, SpanKind::kSched, SpanKind::kOther}), row.kernel);
    EXPECT_EQ(std::accumulate(cpu.time.begin(), cpu.time.end(), Ticks{0}), row.last - row.first);
  }
  ASSERT_EQ(got.statistics.threads().size(), run_->checker->threads().size());
  for (const auto& [tid, row] : run_->checker->threads()) {
    const ThreadStatistics& thread = got.statistics.threads().at(tid);
    EXPECT_EQ(thread.running, row.running) << tid;
    EXPECT_EQ(thread.ready, row.ready) << tid;
    EXPECT_EQ(thread.all_waiting(), row.waiting) << tid;
  }
  // What check prints of a thread, stat prints.
  const std::string json = got.json();
  for (const auto& [tid, row] : run_->checker->threads()) {
    const std::string want = "\"running_ns\": " + std::to_string(run_->header.time.ns(row.running)) +
                             ", \"ready_ns\": " + std::to_string(run_->header.time.ns(row.ready)) +
                             ", \"waiting_ns\": " + std::to_string(run_->header.time.ns(row.waiting));
    EXPECT_NE(json.find(want), std::string::npos) << tid << " " << want;
  }
}

// Every way of cutting a trace in two gives parts that add up to the whole, and each part is what plain addition gives.
TEST_P(StatTrace, WindowsAddUp) {
  Ticks first = INT64_MAX, last = INT64_MIN;
  for (const Span& s : run_->spans) {
    if (!is_execution(s)) continue;
    first = std::min(first, s.start);
    last = std::max(last, s.end());
  }
  for (const int share : {1, 37, 50, 99}) {
    const Ticks middle = first + (last - first) / 100 * share;
    Selection before, after;
    before.set({{first, middle}}, INT64_MIN, INT64_MAX);
    after.set({{middle, last + 1}}, INT64_MIN, INT64_MAX);
    const Counted a(*run_, before), b(*run_, after), all(*run_);
    std::map<int32_t, std::array<Ticks, kSpanKinds>> plain;
    for (const Span& s : run_->spans) {
      if (is_execution(s) && s.start < middle) plain[s.cpu][static_cast<size_t>(span_kind(s))] += std::min(s.end(), middle) - s.start;
    }
    for (const auto& [number, cpu] : all.statistics.cpus()) {
      const auto left = a.statistics.cpus().find(number), right = b.statistics.cpus().find(number);
      for (size_t k = 0; k < kSpanKinds; ++k) {
        const Ticks l = left == a.statistics.cpus().end() ? 0 : left->second.time[k];
        const Ticks r = right == b.statistics.cpus().end() ? 0 : right->second.time[k];
        EXPECT_EQ(l, plain[number][k]) << share << "% CPU " << number << " " << kSpanKindNames[k];
        EXPECT_EQ(l + r, cpu.time[k]) << share << "% CPU " << number << " " << kSpanKindNames[k];
      }
    }
    uint64_t calls = 0, halves = 0;
    for (const auto& [key, call] : all.statistics.calls()) calls += call.calls;
    for (const Counted* half : {&a, &b}) {
      for (const auto& [key, call] : half->statistics.calls()) halves += call.calls;
    }
    EXPECT_EQ(halves, calls) << "a call is counted where it begins";
  }
}

// A document has times in 10 ns: all that is printed of it is whole, and adds up to the ns.
TEST_P(StatTrace, OfTheSpanJsonAddsUpToTheNanosecond) {
  const auto document = run_text(span_json(*run_));
  std::stable_sort(document->spans.begin(), document->spans.end(), [](const Span& a, const Span& b) { return a.start < b.start; });
  const Counted got(*document);
  const TimeBase& time = document->header.time;
  for (const auto& [number, row] : document->checker->cpus()) {
    int64_t sum = 0;
    for (const Ticks t : got.statistics.cpus().at(number).time) sum += time.ns(t);
    int64_t plain = 0;
    for (const Span& s : document->spans) {
      if (is_execution(s) && s.cpu == number) plain += time.ns(s.end()) - time.ns(s.start);
    }
    EXPECT_EQ(sum, plain);
    EXPECT_EQ(sum, time.ns(row.user) + time.ns(row.kernel) + time.ns(row.idle));
  }
}

INSTANTIATE_TEST_SUITE_P(All, StatTrace, testing::Values("hello", "rpc", "getpid", "locks"));

TEST(Selection, JoinsAndCutsWindows) {
  Selection s;
  s.set({{50, 60}, {10, 20}, {15, 30}, {30, 35}, {90, 95}, {40, 40}}, 12, 92);
  EXPECT_EQ(s.windows, (std::vector<std::pair<Ticks, Ticks>>{{12, 35}, {50, 60}, {90, 92}}));
  EXPECT_EQ(s.length(), 35);
  EXPECT_EQ(s.inside(0, 100), 35);
  EXPECT_EQ(s.inside(34, 51), 2);
  EXPECT_EQ(s.inside(35, 50), 0);
  EXPECT_TRUE(s.holds(12));
  EXPECT_FALSE(s.holds(35));
  EXPECT_FALSE(s.holds(92));
  Selection none;
  none.set({}, 0, 10);
  EXPECT_EQ(none.inside(0, 100), 0);
}

TEST(Percentile, IsARecordedValueOrNone) {
  std::vector<Ticks> one_to_99(99);
  std::iota(one_to_99.begin(), one_to_99.end(), 1);
  EXPECT_EQ(percentile(one_to_99, 50), 50);
  EXPECT_EQ(percentile(one_to_99, 95), 95);
  EXPECT_EQ(percentile(one_to_99, 99), std::nullopt);  // 100 values are needed
  one_to_99.push_back(100);
  EXPECT_EQ(percentile(one_to_99, 99), 99);
  EXPECT_EQ(percentile(std::vector<Ticks>(19, 7), 95), std::nullopt);
  EXPECT_EQ(percentile(std::vector<Ticks>(20, 7), 95), 7);
  EXPECT_EQ(percentile(std::vector<Ticks>{5}, 50), std::nullopt);
  EXPECT_EQ(percentile(std::vector<Ticks>{5, 9}, 50), 5);
}

TEST(TextTable, FitsItsWidth) {
  TextTable table({"name", "n"});
  table.add({std::string(200, 'x') + "\x1b[2J", "12"});
  table.add({"\xc3\xa4\xc3\xb6", "123456"});
  const std::string text = table.text(40);
  EXPECT_EQ(text, "name" + std::string(28, ' ') + "       n\n" + std::string(31, 'x') + "~      12\n\xc3\xa4\xc3\xb6" + std::string(32, ' ') + "123456\n");
}

class StatCommand : public TempDir {
 protected:
  std::string read(const std::string& path) {
    std::ifstream in(path);
    EXPECT_TRUE(in) << path;
    return {std::istreambuf_iterator<char>(in), {}};
  }
  int stat(const std::string& arguments) { return shell("cd " KUTRACE_TEST_DATA " && " KUTRACE_TOOLS "/kutrace stat " + arguments + " > " + dir_ + "out 2> " + dir_ + "err"); }
};

class StatGolden : public StatCommand, public testing::WithParamInterface<std::pair<const char*, const char*>> {};

// Of the documents of the reference, so that they change only with the statistics. To renew one: cd tests/data && kutrace stat ARGUMENTS > stat/NAME.txt
TEST_P(StatGolden, PrintsWhatTheFileSays) {
  const auto& [name, arguments] = GetParam();
  ASSERT_EQ(stat(arguments), 0) << read(dir_ + "err");
  const std::string got = read(dir_ + "out");
  EXPECT_EQ(got, read(std::string(KUTRACE_TEST_DATA "/stat/") + name + ".txt"));
  for (size_t at = 0; at < got.size(); at = got.find('\n', at) + 1) EXPECT_LE(got.find('\n', at) - at, 100u) << got.substr(at, 120);
}

INSTANTIATE_TEST_SUITE_P(All, StatGolden,
                         testing::Values(std::pair{"hello", "hello.reference.json.gz"}, std::pair{"rpc", "rpc.reference.json.gz"}, std::pair{"locks", "locks.reference.json.gz"},
                                         std::pair{"getpid", "getpid.reference.json.gz --rows 5"}, std::pair{"rpc_58512", "rpc.reference.json.gz --rpc 58512 --rows 5"},
                                         std::pair{"hello_world", "hello.reference.json.gz --thread hello_world_tra --rows 0"}));

TEST_F(StatCommand, TakesPartsOfATrace) {
  // An RPC lasts from its request to its response.
  EXPECT_EQ(stat("rpc.trace.gz --rpc 58512 --json"), 0);
  EXPECT_NE(read(dir_ + "out").find("\"of\": \"2 x RPC 58512\""), std::string::npos);
  EXPECT_EQ(stat("rpc.trace.gz --from 44.7 --to 44.8"), 0);
  EXPECT_NE(read(dir_ + "out").find(": 100.000 ms, "), std::string::npos) << read(dir_ + "out");
  EXPECT_EQ(stat("rpc.trace.gz --thread nobody"), 2);
  EXPECT_NE(read(dir_ + "err").find("has no thread nobody; give its number"), std::string::npos) << read(dir_ + "err");
  EXPECT_EQ(stat("rpc.trace.gz --thread client4"), 2);
  EXPECT_NE(read(dir_ + "err").find("has several threads client4; give the number of one: 60, 61, 62"), std::string::npos) << read(dir_ + "err");
  EXPECT_EQ(stat("rpc.trace.gz --mark nope"), 2);
  EXPECT_NE(read(dir_ + "err").find("has no marks nope to /nope"), std::string::npos) << read(dir_ + "err");
  EXPECT_EQ(stat("rpc.trace.gz --from 2 --to 1"), 2);
}

TEST_F(StatCommand, ReadsWhateverReportReads) {
  ASSERT_EQ(shell("cd " + dir_ + " && t=" KUTRACE_TEST_DATA "/hello.trace.gz && " KUTRACE_TOOLS "/kutrace report $t -o page.html 2>/dev/null && " KUTRACE_TOOLS
                  "/rawtoevent $t > events 2>/dev/null && " KUTRACE_TOOLS "/spantojson $t > spans.json"), 0);
  EXPECT_EQ(stat("hello.trace.gz"), 0);
  const std::string trace = read(dir_ + "out");
  EXPECT_EQ(stat(dir_ + "page.html"), 0);
  // All but the file's name.
  EXPECT_EQ(read(dir_ + "out").substr((dir_ + "page.html").size()), trace.substr(std::string("hello.trace.gz").size()));
  for (const char* name : {"events", "spans.json"}) {
    EXPECT_EQ(stat(dir_ + name + " --json"), 0) << read(dir_ + "err");
    EXPECT_NE(read(dir_ + "out").find("\"name\": \"getppid\", \"calls\": "), std::string::npos);
  }
}

}  // namespace
}  // namespace kutrace::test
