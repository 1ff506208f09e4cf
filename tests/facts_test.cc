// SPDX-License-Identifier: BSD-3-Clause
// Facts that several languages hold in code: C and C++ agree with the list that the viewer's unit tests run, too.
#include <gtest/gtest.h>
#include <simdjson.h>

#include <set>
#include <string>

#include "base/budget.h"
#include "base/input.h"
#include "chain.h"
#include "check/checker.h"
#include "json/span_json_writer.h"
#include "kutrace.h"
#include "query/span_kind.h"
#include "trace/event.h"
#include "trace/name_table.h"

namespace kutrace::test {
namespace {

using simdjson::dom::element;

const element& facts() {
  static simdjson::dom::parser parser;
  static const element all = parser.load(KUTRACE_TEST_DATA "/facts.vectors.json");
  return all;
}
int64_t number(const element& of, const char* key) { return of[key].get_int64().value(); }
std::string text(const element& of, const char* key) { return std::string(of[key].get_string().value()); }

const char* name_of(TimeClass c) { return c == TimeClass::kUser ? "user" : c == TimeClass::kIdle ? "idle" : "kernel"; }

TEST(Facts, TimesAreOfTheClassesThatAllAgreeOn) {
  for (const element& row : facts()["classes"].get_array()) {
    Span span;
    span.cpu = 0;
    span.event = static_cast<int32_t>(number(row, "event"));
    span.pid = static_cast<int32_t>(number(row, "tid"));
    EXPECT_EQ(name_of(time_class(span)), text(row, "time")) << span.event;
    EXPECT_EQ(span_kind_name(span_kind(span)), text(row, "kind")) << span.event;
    EXPECT_TRUE(is_execution(span)) << span.event;
  }
}

TEST(Facts, AnEntireTraceHasTheSameKernelTimeHereAndInThePage) {
  const element row = facts()["kernel_time"];
  MappedInput input(KUTRACE_TEST_DATA "/" + text(row, "file"));
  StringPool pool;
  Diagnostics diagnostics;
  Checker checker(pool);
  const SpanHeader header = read_spans(input, pool, checker, diagnostics).header;
  int64_t ns = 0;
  for (const auto& [id, cpu] : checker.cpus()) ns += header.time.ns(cpu.kernel);
  EXPECT_EQ(ns, number(row, "ns"));
}

TEST(Facts, PointsArePointsAndUnknownSpecialsToo) {
  const element row = facts()["points"];
  for (const int64_t n : row["yes"].get_array()) {
    EXPECT_TRUE(is_point_event(static_cast<int32_t>(n))) << n;
    EXPECT_NE(find_kind(static_cast<int32_t>(n)), nullptr) << n;
  }
  for (const int64_t n : row["unknown"].get_array()) {
    EXPECT_TRUE(is_point_event(static_cast<int32_t>(n))) << n;
    EXPECT_EQ(find_kind(static_cast<int32_t>(n)), nullptr) << n;
  }
  for (const int64_t n : row["no"].get_array()) EXPECT_FALSE(is_point_event(static_cast<int32_t>(n))) << n;
}

TEST(Facts, NumbersAreShownUnderTheirNames) {
  for (const element& row : facts()["unknown"].get_array()) {
    const auto n = static_cast<int32_t>(number(row, "event"));
    EXPECT_EQ(find_kind(n), nullptr) << n;
    EXPECT_EQ(unknown_label(n), text(row, "label"));
  }
  for (const element& row : facts()["labels"].get_array()) EXPECT_EQ(special_label(static_cast<uint32_t>(number(row, "event"))), text(row, "label"));
}

TEST(Facts, Base40IsReadAndWrittenAlike) {
  for (const element& row : facts()["base40"].get_array()) EXPECT_EQ(base40_text(static_cast<uint32_t>(number(row, "value"))), text(row, "text"));
  for (const element& row : facts()["base40_made"].get_array()) {
    const auto value = static_cast<uint64_t>(number(row, "value"));
    EXPECT_EQ(base40_value(text(row, "text")), value) << text(row, "text");
    EXPECT_EQ(kutrace_base40(text(row, "text").c_str()), value) << text(row, "text");
  }
}

TEST(Facts, WaitsAndSoftirqsHaveOneWord) {
  for (const element& row : facts()["waits"].get_array()) {
    Span wait;
    wait.event = static_cast<int32_t>(number(row, "event"));
    EXPECT_TRUE(is_wait(wait)) << wait.event;
    EXPECT_EQ(wait_label(static_cast<char>('a' + wait.event - KUTRACE_WAITA)), text(row, "label"));
    EXPECT_EQ(wait.event - KUTRACE_WAITA, text(row, "letter")[0] - 'a');
  }
  for (const int64_t n : facts()["no_waits"].get_array()) {
    Span other;
    other.event = static_cast<int32_t>(n);
    EXPECT_FALSE(is_wait(other)) << n;
  }
  uint32_t number = 0;
  for (const std::string_view label : facts()["softirqs"].get_array()) EXPECT_EQ(softirq_label(number++), label);
}

TEST(Facts, MessagesHaveOneHash) {
  for (const element& row : facts()["message_hash"].get_array()) {
    std::string bytes;
    const std::string hex = text(row, "bytes");
    for (size_t i = 0; i < hex.size(); i += 2) bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
    EXPECT_EQ(kutrace_message_hash(bytes.data(), bytes.size()), static_cast<uint32_t>(number(row, "hash"))) << hex;
  }
}

class Texts : public SpanSink {
 public:
  explicit Texts(const StringPool& pool) : pool_(pool) {}
  void spans(const std::vector<Span>& batch) override {
    for (const Span& s : batch) {
      std::string line = "[";
      for (const int64_t field : {s.start, s.dur, int64_t{s.cpu}, int64_t{s.pid}, int64_t{s.rpc}, int64_t{s.event}, int64_t{s.arg}, int64_t{s.ret}, int64_t{s.ipc}}) {
        line += std::to_string(field) + ",";
      }
      all.insert(line + json_string(pool_[s.name]) + "]");
    }
  }
  std::multiset<std::string> all;

 private:
  const StringPool& pool_;
};

TEST(Facts, APageHoldsTheRecordsThatTheViewerFindsInIt) {
  MappedInput input(KUTRACE_TEST_DATA "/payload.page.html");
  StringPool pool;
  Diagnostics diagnostics;
  Texts texts(pool);
  read_spans(input, pool, texts, diagnostics);
  simdjson::dom::parser parser;
  std::multiset<std::string> want;
  for (const element& record : parser.load(KUTRACE_TEST_DATA "/payload.records.json").value().get_array()) want.insert(simdjson::minify(record));
  EXPECT_EQ(texts.all, want);
}

TEST(Facts, LimitsAreTheSame) {
  const element row = facts()["limits"];
  EXPECT_EQ(size_limit::chunk, static_cast<size_t>(number(row, "chunk")));
  EXPECT_EQ(size_limit::name, static_cast<size_t>(number(row, "name")));
  EXPECT_EQ(limit_info(Limit::records).base, static_cast<uint64_t>(number(row, "records_base")));
  EXPECT_EQ(limit_info(Limit::records).per_byte, static_cast<uint64_t>(number(row, "records_per_byte")));
}

}  // namespace
}  // namespace kutrace::test
