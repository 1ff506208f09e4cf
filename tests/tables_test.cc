// SPDX-License-Identifier: BSD-3-Clause
// The tables of the golden traces against counts that know nothing of them: over the lines of the span JSON and over the events.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <tuple>

#include "base/output.h"
#include "query/parquet_encoding.h"
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
  int64_t arcs = 0, ipis = 0, runnable = 0, samples = 0, locks = 0;
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
    runnable += event == 0x206 && l.arg > 0;
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
  std::map<std::string, int64_t> kinds;
  for (const WakeupRow& row : got.of<WakeupRow>()) ++kinds[got.text(row.kind)];
  EXPECT_EQ(kinds["wakeup"], arcs);
  EXPECT_EQ(kinds["ipi"], ipis);
  EXPECT_EQ(kinds["no_run"], runnable - arcs);
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

// What a wakeup did is what the rows of waits say of its moment.
TEST_P(Tables, EffectsOfWakeupsAgreeWithWaits) {
  const Collected got(data_bytes(trace_));
  std::map<int64_t, std::map<int64_t, WaitRow>> waits;  // by thread and end
  for (const WaitRow& row : got.of<WaitRow>()) {
    if (row.tid != kNull) waits[row.tid][row.ts + row.dur] = row;
  }
  // A wait may have no length.
  std::set<std::pair<int64_t, int64_t>> left;
  for (const SpanRow& row : got.of<SpanRow>()) left.insert({row.tid, row.ts + row.dur});
  std::map<std::string, int64_t> effects;
  for (const WakeupRow& row : got.of<WakeupRow>()) {
    const std::string effect = got.text(row.effect), kind = got.text(row.kind);
    ++effects[effect];
    if (kind == "ipi") {
      EXPECT_EQ(effect + got.text(row.context), "--");
      continue;
    }
    EXPECT_EQ(kind == "no_run", row.dur == kNull);
    EXPECT_EQ(kind == "no_run", row.to_cpu == kNull);
    EXPECT_NE(got.text(row.context), "-");
    const auto& of = waits[row.tid];
    const auto covering = of.upper_bound(row.ts);
    const bool ready = covering != of.end() && covering->second.ts <= row.ts && got.text(covering->second.reason) == "cpu";
    if (effect == "effective") {
      EXPECT_TRUE(row.dur == 0 || (ready && covering->second.ts == row.ts)) << row.ts;
      EXPECT_TRUE(of.contains(row.ts) || of.begin()->second.ts >= row.ts || left.contains({row.tid, row.ts})) << row.ts;
    } else if (effect == "double") {
      EXPECT_TRUE(ready) << row.ts;
    } else if (effect == "early") {
      ASSERT_TRUE(of.contains(row.ts + row.dur)) << row.ts;
      EXPECT_GT(of.at(row.ts + row.dur).ts, row.ts);
    } else if (effect == "while_running") {
      EXPECT_FALSE(ready) << row.ts;
    } else {
      EXPECT_EQ(effect, "birth") << row.ts;
    }
  }
  EXPECT_GT(effects["effective"], 0);
}

TEST_P(Tables, TellWhatEndedAWaitAndHowSureThatIs) {
  const Collected got(data_bytes(trace_));
  for (const WaitRow& row : got.of<WaitRow>()) {
    const std::string certainty = got.text(row.certainty), reason = got.text(row.reason), via = got.text(row.via);
    if (reason == "queue") {
      EXPECT_EQ(certainty, "-");
    } else if (row.inferred == 1) {
      EXPECT_EQ(certainty, "inferred");
    } else if (reason == "cpu") {
      EXPECT_EQ(certainty, "recorded");
    } else if (row.waker_tid == kNull || via == "-" || via == "idle") {
      EXPECT_EQ(certainty, "unknown") << row.ts;
    } else if (via == "syscall") {
      EXPECT_EQ(certainty, "recorded") << row.ts;
    } else {
      EXPECT_TRUE(certainty == "recorded" || certainty == "derived" || certainty == "unknown") << certainty;
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
  // Span JSON does not say what was concluded.
  auto digest = [](const Collected& got, bool says_inferred) {
    std::map<std::string, int64_t> counts;
    for (const SpanRow& r : got.of<SpanRow>()) {
      ++counts["span " + got.text(r.kind) + " " + got.text(r.name) + " " + std::to_string(r.tid) + " " + std::to_string(r.rpc)];
      counts["first " + got.text(r.name)] += std::max<int64_t>(0, r.first);
    }
    for (const WaitRow& r : got.of<WaitRow>()) {
      ++counts["wait " + std::to_string(r.tid) + " " + got.text(r.reason) + " " + got.text(r.doing) + " " + std::to_string(r.waker_tid) + " " + got.text(r.via) + " " + (says_inferred ? got.text(r.certainty) : "")];
    }
    for (const PointRow& r : got.of<PointRow>()) ++counts["point " + got.text(r.kind) + " " + got.text(r.label) + " " + std::to_string(r.value)];
    for (const WakeupRow& r : got.of<WakeupRow>()) {
      const bool birth = got.text(r.effect) == "birth";
      ++counts["wakeup " + std::to_string(r.waker) + " " + std::to_string(r.tid) + " " + std::to_string(r.to_cpu) + " " + got.text(r.kind) + " " + (birth && !says_inferred ? "effective" : got.text(r.effect)) + " " + (birth && !says_inferred ? "thread" : got.text(r.context))];
    }
    for (const RpcRow& r : got.of<RpcRow>()) ++counts["rpc " + std::to_string(r.id) + " " + got.text(r.method) + " " + std::to_string(r.tid) + " " + std::to_string(r.bytes)];
    for (const ThreadRow& r : got.of<ThreadRow>()) ++counts["thread " + got.text(r.name) + " " + got.text(r.prog) + " " + std::to_string(r.spans)];
    return counts;
  };
  const auto run = run_chain(trace);
  const auto want = digest(Collected(trace), true), want_of_json = digest(Collected(trace), false);
  EXPECT_EQ(digest(Collected(bytes_of(event_text(trace))), true), want) << "event text";
  EXPECT_EQ(digest(Collected(bytes_of(span_json(*run))), false), want_of_json) << "span JSON";
  const std::string page = dir_ + "page.html";
  ASSERT_EQ(shell(KUTRACE_TOOLS "/kutrace report -o " + page + " " KUTRACE_TEST_DATA "/" + trace_ + " 2>/dev/null"), 0);
  MappedInput made(page);
  EXPECT_EQ(digest(Collected(std::vector<uint8_t>(made.bytes().begin(), made.bytes().end())), true), want) << "page";
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

// ---- Parquet's encodings, read back by the words of their definition --------------------------------------------------

struct Bits {
  std::string_view from;
  uint64_t varint() {
    uint64_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
      const auto byte = static_cast<unsigned char>(from.at(0));
      from.remove_prefix(1);
      value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  }
  int64_t zigzag() {
    const uint64_t value = varint();
    return static_cast<int64_t>(value >> 1 ^ (0 - (value & 1)));
  }
  // `count` values of `width` bits each, from the lowest up.
  std::vector<uint64_t> packed(size_t count, unsigned width) {
    std::vector<uint64_t> values(count);
    for (size_t bit = 0; bit < count * width; ++bit) {
      if ((static_cast<unsigned char>(from.at(bit / 8)) >> (bit % 8) & 1) != 0) values[bit / width] |= uint64_t{1} << (bit % width);
    }
    from.remove_prefix((count * width + 7) / 8);
    return values;
  }
};

std::vector<int64_t> read_differences(std::string_view text) {
  Bits in{text};
  const uint64_t block = in.varint(), parts = in.varint(), total = in.varint();
  std::vector<int64_t> values = {in.zigzag()};
  while (values.size() < total) {
    const auto least = static_cast<uint64_t>(in.zigzag());
    std::vector<unsigned> widths;
    for (uint64_t i = 0; i < parts; ++i) widths.push_back(static_cast<unsigned char>(in.from.at(i)));
    in.from.remove_prefix(parts);
    for (const unsigned width : widths) {
      if (values.size() == total) break;
      for (const uint64_t rest : in.packed(block / parts, width)) {
        if (values.size() < total) values.push_back(static_cast<int64_t>(static_cast<uint64_t>(values.back()) + least + rest));
      }
    }
  }
  EXPECT_TRUE(in.from.empty());
  values.resize(total);
  return values;
}

std::vector<uint32_t> read_runs(std::string_view text, unsigned bits, size_t count) {
  Bits in{text};
  std::vector<uint32_t> values;
  while (!in.from.empty()) {
    const uint64_t head = in.varint();
    if ((head & 1) != 0) {
      for (const uint64_t value : in.packed((head >> 1) * 8, bits)) values.push_back(static_cast<uint32_t>(value));
    } else {
      const std::vector<uint64_t> one = in.packed(1, (bits + 7) / 8 * 8);
      values.insert(values.end(), head >> 1, bits == 0 ? 0 : static_cast<uint32_t>(one[0]));
    }
  }
  EXPECT_LT(values.size(), count + 8);
  values.resize(count);
  return values;
}

TEST(ParquetEncoding, GivesBackAllValues) {
  std::mt19937_64 random(7);
  for (const size_t count : {1, 2, 31, 32, 33, 128, 129, 130, 1000, 5000}) {
    for (const unsigned width : {0, 1, 5, 12, 31, 33, 63, 64}) {
      std::vector<int64_t> values;
      for (size_t i = 0; i < count; ++i) {
        const uint64_t bits = width == 0 ? 0 : random() >> (64 - width);
        values.push_back(static_cast<int64_t>(random() % 3 == 0 && !values.empty() ? static_cast<uint64_t>(values.back()) : bits));
      }
      std::string packed;
      pack_differences(values, packed);
      EXPECT_EQ(read_differences(packed), values) << count << " " << width;
      if (width > 31) continue;
      for (const unsigned repeat : {1, 3, 8, 9, 200}) {
        std::vector<uint32_t> numbers;
        while (numbers.size() < count) numbers.insert(numbers.end(), 1 + random() % repeat, static_cast<uint32_t>(width == 0 ? 0 : random() >> (64 - width)));
        packed.clear();
        pack_runs(numbers, width, packed);
        EXPECT_EQ(read_runs(packed, width, numbers.size()), numbers) << count << " " << width << " " << repeat;
      }
    }
  }
  const std::vector<int64_t> ends = {INT64_MAX, INT64_MIN, 0, INT64_MIN, INT64_MAX, -1};
  std::string packed;
  pack_differences(ends, packed);
  EXPECT_EQ(read_differences(packed), ends);
}

TEST(ParquetEncoding, NumbersDifferentValues) {
  Dictionary dictionary;
  for (int round = 0; round < 3; ++round) {
    dictionary.clear();
    for (int64_t i = 0; i < 5000; ++i) EXPECT_EQ(dictionary.number(i * 1'000'003 - round), i);
    for (int64_t i = 0; i < 5000; i += 7) EXPECT_EQ(dictionary.number(i * 1'000'003 - round), i);
    EXPECT_EQ(dictionary.values().size(), 5000u);
  }
  // The latest value of before is not one of now.
  dictionary.clear();
  EXPECT_EQ(dictionary.number(4999 * int64_t{1'000'003} - 2), 0u);
  EXPECT_EQ(dictionary.values().size(), 1u);
}

INSTANTIATE_TEST_SUITE_P(All, Tables, testing::Values("hello", "rpc", "getpid", "locks"));

}  // namespace
}  // namespace kutrace::test
