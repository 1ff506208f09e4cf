// SPDX-License-Identifier: BSD-3-Clause
// Damaged span JSON: the reader keeps and counts what the list says, which the viewer's unit tests run too.
#include <gtest/gtest.h>
#include <simdjson.h>

#include <algorithm>

#include "base/error.h"
#include "json/span_json_reader.h"
#include "json/span_json_writer.h"
#include "support/chain_run.h"

namespace kutrace::test {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;

std::string text_of(const object& o, const char* key, const std::string& fallback) {
  std::string_view text;
  return o[key].get_string().get(text) == simdjson::SUCCESS ? std::string(text) : fallback;
}

uint64_t number_of(const object& o, const char* key) {
  uint64_t n;
  return o[key].get_uint64().get(n) == simdjson::SUCCESS ? n : 0;
}

void replace_all(std::string& text, const std::string& what, const std::string& by) {
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) text.replace(at, what.size(), by);
}

class Collect : public SpanSink {
 public:
  explicit Collect(const StringPool& pool) : pool_(pool) {}
  void spans(const std::vector<Span>& batch) override {
    for (const Span& s : batch) {
      std::string text = "[";
      for (const int64_t field : {s.start, s.dur, int64_t{s.cpu}, int64_t{s.pid}, int64_t{s.rpc}, int64_t{s.event}, int64_t{s.arg}, int64_t{s.ret}, int64_t{s.ipc}}) {
        text += std::to_string(field) + ",";
      }
      found.push_back(text + json_string(pool_[s.name]) + "]");
    }
  }
  std::vector<std::string> found;

 private:
  const StringPool& pool_;
};

TEST(SpanJson, DamagedTextsGiveWhatTheVectorsSay) {
  simdjson::dom::parser parser;
  const simdjson::padded_string file(data_text("span_json.vectors.json"));
  const object all = parser.parse(file).get_object();
  size_t vectors = 0;
  for (const element item : all["vectors"].get_array()) {
    const object v = item.get_object();
    SCOPED_TRACE(text_of(v, "name", ""));
    ++vectors;
    std::string text = text_of(v, "before", text_of(all, "before", "")) + text_of(v, "list", "") + text_of(v, "after", text_of(all, "after", ""));
    for (const char* key : {"A", "B", "END"}) replace_all(text, std::string("$") + key, text_of(all, key, ""));
    StringPool pool;
    Diagnostics diagnostics;
    Collect collect(pool);
    SpanHeader header;
    bool refused = false;
    try {
      header = SpanJsonReader(text, "text", pool, diagnostics).read(collect);
    } catch (const Error&) {
      refused = true;
    }
    bool want_refused = false;
    EXPECT_EQ(refused, v["refused"].get_bool().get(want_refused) == simdjson::SUCCESS && want_refused);
    if (refused) continue;
    std::vector<std::string> want;
    for (const element record : v["records"].get_array()) {
      std::string_view name;
      want.push_back(simdjson::minify(record.get_string().get(name) == simdjson::SUCCESS ? all["records"][name].value() : record));
    }
    std::sort(want.begin(), want.end());
    std::sort(collect.found.begin(), collect.found.end());
    EXPECT_EQ(collect.found, want);
    EXPECT_EQ(diagnostics.total(Severity::kDamage), number_of(v, "damage")) << diagnostics.summary(Severity::kInfo);
    EXPECT_EQ(diagnostics.total(Severity::kRepair), number_of(v, "repairs")) << diagnostics.summary(Severity::kInfo);
    EXPECT_EQ(header.title, text_of(v, "title", "t"));
  }
  EXPECT_GT(vectors, 40u);
}

}  // namespace
}  // namespace kutrace::test
