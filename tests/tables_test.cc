// SPDX-License-Identifier: BSD-3-Clause
// The tables of the golden traces against counts that know nothing of them: over the lines of the span JSON and over the events.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <tuple>

#include "base/output.h"
#include "query/result_writer.h"
#include "query/table_builder.h"
#include "support/chain_run.h"
#include "support/json_lines.h"
#include "support/temp_dir.h"

namespace kutrace::test {
namespace {

// All rows of all tables, cells as text; "-" is NULL.
class Collected : public RowSink {
 public:
  explicit Collected(std::vector<uint8_t> bytes) : file_(std::move(bytes)) {
    MappedInput input(file_, "test");
    result = read_tables(input, pool, *this, diagnostics);
  }
  void row(Table table, std::span<const int64_t> cells) override {
    std::vector<int64_t>& to = cells_[table];
    EXPECT_EQ(cells.size(), table_info(table).columns.size());
    to.insert(to.end(), cells.begin(), cells.end());
  }
  template <typename Row>
  std::vector<Row> of() const {
    std::vector<Row> rows;
    const auto found = cells_.find(Row::kTable);
    if (found == cells_.end()) return rows;
    std::array<int64_t, sizeof(Row) / sizeof(int64_t)> cells;
    for (size_t at = 0; at < found->second.size(); at += cells.size()) {
      std::copy_n(found->second.begin() + static_cast<ptrdiff_t>(at), cells.size(), cells.begin());
      rows.push_back(std::bit_cast<Row>(cells));
    }
    return rows;
  }
  std::string text(int64_t cell) const { return cell == kNull ? "-" : std::string(pool[static_cast<NameId>(cell)]); }

  StringPool pool;
  Diagnostics diagnostics;
  ChainResult result;

 private:
  std::vector<uint8_t> file_;
  std::map<Table, std::vector<int64_t>> cells_;
};

std::vector<uint8_t> bytes_of(const std::string& text) { return {text.begin(), text.end()}; }

class Tables : public TempDir, public testing::WithParamInterface<const char*> {
 protected:
  std::string trace_ = std::string(GetParam()) + ".trace.gz";
};

TEST_P(Tables, AreWhatTheLinesOfTheSpanJsonSay) {
  const auto run = run_chain(data_bytes(trace_));
  const std::string json = span_json(*run);
  const Collected got(bytes_of(json));
  std::map<std::tuple<int64_t, std::string>, std::pair<int64_t, int64_t>> time;  // by CPU and name: count, ns
  std::map<std::string, int64_t> waiting;
  std::map<int64_t, int64_t> running, points;
  int64_t arcs = 0, ipis = 0, samples = 0, locks = 0;
  const std::set<int64_t> point_kinds = {0x201, 0x202, 0x203, 0x204, 0x205, 0x206, 0x207, 0x208, 0x209, 0x20a, 0x20b, 0x20c, 0x20d,
                                         0x210, 0x211, 0x212, 0x213, 0x214, 0x215, 0x216, 0x217, 0x219, 0x21a, 0x21b, 0x21c, 0x21e, 0x21f};
  for (const JsonLine& l : lines_of(json)) {
    const int64_t event = l.event;
    if (event >= 0x400) {
      auto& [count, sum] = time[{l.cpu, l.name}];
      ++count;
      sum += l.dur;
      if (l.pid > 0) running[l.pid] += l.dur;
    } else if (event >= 0x300 && event <= 0x319) {
      waiting[l.name] += l.dur;
    } else if (point_kinds.contains(event) && !(event == 0x21a && l.cpu < 0)) {
      ++points[event];
    }
    arcs += event == -3;
    ipis += event == -7;
    samples += event == 0x280 || event == 0x281;
    locks += event == 0x282 || event == 0x283;
  }
  ASSERT_FALSE(time.empty());
  for (const SpanRow& row : got.of<SpanRow>()) {
    auto& [count, sum] = time[{row.cpu, got.text(row.name)}];
    --count;
    sum -= row.dur;
  }
  for (const auto& [key, rest] : time) EXPECT_EQ(rest, std::make_pair(int64_t{0}, int64_t{0})) << std::get<1>(key);
  for (const WaitRow& row : got.of<WaitRow>()) {
    if (got.text(row.reason) != "queue") waiting["wait_" + got.text(row.reason)] -= row.dur;
  }
  for (const auto& [name, rest] : waiting) EXPECT_EQ(rest, 0) << name;
  for (const ThreadRow& row : got.of<ThreadRow>()) {
    if (row.tid > 0) {
      EXPECT_EQ(row.running, running[row.tid]) << row.tid;
    }
  }
  int64_t all_points = 0;
  for (const auto& [event, count] : points) all_points += count;
  EXPECT_EQ(static_cast<int64_t>(got.of<PointRow>().size()), all_points);
  EXPECT_EQ(static_cast<int64_t>(got.of<WakeupRow>().size()), arcs + ipis);
  EXPECT_EQ(static_cast<int64_t>(got.of<SampleRow>().size()), samples);
  EXPECT_EQ(static_cast<int64_t>(got.of<LockRow>().size()), locks);
}

TEST_P(Tables, SpansTileCpusAndWithWaitsThreads) {
  const Collected got(data_bytes(trace_));
  std::map<int64_t, int64_t> cpu_time, life;
  for (const SpanRow& row : got.of<SpanRow>()) {
    cpu_time[row.cpu] += row.dur;
    if (row.tid > 0) life[row.tid] += row.dur;
  }
  for (const WaitRow& row : got.of<WaitRow>()) {
    if (row.tid != kNull) life[row.tid] += row.dur;
  }
  ASSERT_GT(cpu_time.size(), 1u);
  for (const CpuRow& row : got.of<CpuRow>()) EXPECT_EQ(cpu_time[row.cpu], row.t1 - row.t0) << row.cpu;
  for (const ThreadRow& row : got.of<ThreadRow>()) {
    if (row.tid > 0) {
      EXPECT_EQ(life[row.tid], row.t1 - row.t0) << row.tid;
    }
  }
}

// The pieces that begin a call are as many as the calls that the trace records, but for calls that began before it; each call has one.
TEST_P(Tables, FirstPiecesAreTheCallsOfTheTrace) {
  const auto run = run_chain(data_bytes(trace_), true);
  std::map<int64_t, int64_t> calls;
  for (const Event& e : run->events) {
    if (e.num >= KUTRACE_TRAP && kutrace_is_call(e.num)) ++calls[e.num];
  }
  const Collected got(data_bytes(trace_));
  std::map<int64_t, int64_t> first;
  std::set<int64_t> ids, begun;
  for (const SpanRow& row : got.of<SpanRow>()) {
    if (row.first == kNull) continue;
    first[row.event] += row.first;
    ids.insert(row.call_id);
    if (row.first == 1 && !begun.insert(row.call_id).second) ADD_FAILURE() << "call " << row.call_id << " begins twice";
  }
  EXPECT_LE(ids.size() - begun.size(), got.diagnostics.count(Finding::kMissingCall) + got.of<ThreadRow>().size());
  int64_t more = 0;
  for (const auto& [event, count] : calls) {
    EXPECT_GE(first[event], count) << event;
    more += first[event] - count;
  }
  EXPECT_LE(more, static_cast<int64_t>(got.diagnostics.count(Finding::kMissingCall)));
}

// Whatever the input, the rows are the same but for times, which documents have in units of 10 ns.
TEST_P(Tables, AreTheSameFromTraceEventTextJsonAndPage) {
  const std::vector<uint8_t> trace = data_bytes(trace_);
  auto digest = [](const Collected& got) {
    std::map<std::string, int64_t> counts;
    for (const SpanRow& r : got.of<SpanRow>()) {
      ++counts["span " + got.text(r.kind) + " " + got.text(r.name) + " " + std::to_string(r.tid) + " " + std::to_string(r.rpc)];
      counts["first " + got.text(r.name)] += std::max<int64_t>(0, r.first);
    }
    for (const WaitRow& r : got.of<WaitRow>()) {
      ++counts["wait " + std::to_string(r.tid) + " " + got.text(r.reason) + " " + got.text(r.doing) + " " + std::to_string(r.waker_tid) + " " + got.text(r.via)];
    }
    for (const PointRow& r : got.of<PointRow>()) ++counts["point " + got.text(r.kind) + " " + got.text(r.label) + " " + std::to_string(r.value)];
    for (const WakeupRow& r : got.of<WakeupRow>()) ++counts["wakeup " + std::to_string(r.waker) + " " + std::to_string(r.tid) + " " + std::to_string(r.to_cpu)];
    for (const RpcRow& r : got.of<RpcRow>()) ++counts["rpc " + std::to_string(r.id) + " " + got.text(r.method) + " " + std::to_string(r.tid) + " " + std::to_string(r.bytes)];
    for (const ThreadRow& r : got.of<ThreadRow>()) ++counts["thread " + got.text(r.name) + " " + got.text(r.prog) + " " + std::to_string(r.spans)];
    return counts;
  };
  const auto run = run_chain(trace);
  const auto want = digest(Collected(trace));
  EXPECT_EQ(digest(Collected(bytes_of(event_text(trace)))), want) << "event text";
  EXPECT_EQ(digest(Collected(bytes_of(span_json(*run)))), want) << "span JSON";
  const std::string page = dir_ + "page.html";
  ASSERT_EQ(shell(KUTRACE_TOOLS "/kutrace report -o " + page + " " KUTRACE_TEST_DATA "/" + trace_ + " 2>/dev/null"), 0);
  MappedInput made(page);
  EXPECT_EQ(digest(Collected(std::vector<uint8_t>(made.bytes().begin(), made.bytes().end()))), want) << "page";
}

// A line of CSV with one cell.
std::string csv_cell(const std::string& text, ResultCell::Kind kind) {
  std::string csv;
  Output out(&csv);
  const auto writer = make_writer(ResultFormat::kCsv, out);
  writer->row({{kind, text}});
  writer->end();
  out.flush();
  return csv.substr(0, csv.size() - 1);
}

TEST(Csv, NoCellBecomesAFormula) {
  const auto text = [](const char* t) { return csv_cell(t, ResultCell::Kind::Text); };
  for (const auto& [given, want] : {std::pair{"=1+1", "'=1+1"}, {"+x", "'+x"}, {"-x", "'-x"}, {"@SUM(1)", "'@SUM(1)"}, {"\xef\xbc\x9d""1", "'\xef\xbc\x9d""1"},
                                    {"\xef\xbc\x8b""x", "'\xef\xbc\x8b""x"}, {" =1", "\" '=1\""}, {"\xc2\xa0=1", "\xc2\xa0'=1"}, {"a;=1", "\"a;'=1\""}, {"a\t=1", "\"a\t'=1\""},
                                    {"a\r=1", "\"a\r'=1\""}, {"a,-x", "\"a,'-x\""}, {"a|=1", "\"a|'=1\""}, {"\"=1", "\"\"\"'=1\""}, {"-5", "-5"}, {"+5.25", "+5.25"},
                                    {"-5.", "'-5."}, {"a=1", "a=1"}, {"", ""}, {"caf\xc3\xa9", "caf\xc3\xa9"}, {"\xff=1", "\xff=1"}}) {
    EXPECT_EQ(text(given), want) << given;
  }
  EXPECT_EQ(csv_cell("-5e3", ResultCell::Kind::Number), "-5e3");
}

INSTANTIATE_TEST_SUITE_P(All, Tables, testing::Values("hello", "rpc", "getpid", "locks"));

}  // namespace
}  // namespace kutrace::test
