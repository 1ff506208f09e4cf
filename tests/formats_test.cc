// SPDX-License-Identifier: BSD-3-Clause
// Files of every format version that was ever given out stay readable: tests/data/formats has one of each, and facts.txt what is in it. The page's unit
// tests read those that it opens against the same facts.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "chain.h"
#include "support/chain_run.h"

namespace kutrace::test {
namespace {

struct Facts {
  uint64_t spans = 0, others = 0;
  int64_t span_ns = 0;
  bool operator==(const Facts&) const = default;
};

void PrintTo(const Facts& f, std::ostream* out) { *out << f.spans << " spans of " << f.span_ns << " ns, " << f.others << " others"; }

class Count : public SpanSink {
 public:
  void spans(const std::vector<Span>& batch) override {
    for (const Span& s : batch) {
      ++(is_execution(s) ? spans_ : others_);
      if (is_execution(s)) time_ += s.dur;
    }
  }
  Facts facts(const TimeBase& time) const { return {spans_, others_, time.ns(time_)}; }

 private:
  uint64_t spans_ = 0, others_ = 0;
  Ticks time_ = 0;
};

const std::string kFolder = std::string(KUTRACE_TEST_DATA) + "/formats/";

TEST(Formats, FilesOfEveryVersionAreRead) {
  std::ifstream list(kFolder + "facts.txt");
  ASSERT_TRUE(list);
  std::set<std::string> known{"facts.txt", "README.md"};
  for (std::string line; std::getline(list, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::string name;
    Facts want;
    std::istringstream(line) >> name >> want.spans >> want.others >> want.span_ns;
    SCOPED_TRACE(name);
    known.insert(name);
    Diagnostics diagnostics;
    MappedInput input(kFolder + name);
    StringPool pool;
    Count count;
    const SpanHeader header = read_spans(input, pool, count, diagnostics).header;
    EXPECT_EQ(count.facts(header.time), want);
  }
  EXPECT_GT(known.size(), 8u);
  for (const auto& file : std::filesystem::directory_iterator(kFolder)) {
    EXPECT_TRUE(known.contains(file.path().filename())) << file.path() << " has no line in facts.txt";
  }
}

}  // namespace
}  // namespace kutrace::test
