// SPDX-License-Identifier: BSD-3-Clause
// The defects of the reference's other programs (T1 to T13), where we have such a program, and S20, S24: run as users run them.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "html/html_packer.h"
#include "support/chain_run.h"
#include "support/temp_dir.h"

namespace kutrace::test {
namespace {

const std::string kTools = std::string(KUTRACE_TOOLS) + "/";
const std::string kData = std::string(KUTRACE_TEST_DATA) + "/";

class Tools : public TempDir {
 protected:
  std::string read(const std::string& name) const {
    std::ifstream in(dir_ + name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void write(const std::string& name, const std::string& text) const { std::ofstream(dir_ + name, std::ios::binary) << text; }
};

std::string document(const std::string& name) {
  return "  {\n \"title\" : \"t\",\n\"events\" : [\n[  1.00000000, 0.50000000, 0, 7, 0, 65543, 0, 0, 0, \"" + name +
         "\"],\n[999.0, 0.0, 0, 0, 0, 0, 0, 0, 0, \"\"]\n]}\n";
}

TEST_F(Tools, T1_NoNameEndsTheScript) {
  write("in.json", document("a';alert(1);//</script><script>alert(1)</script>"));
  write("reference.html", "<html>\n<!-- selfcontained0 -->\n<script src=d3></script>\n<!-- selfcontained1 -->\n</html>\n");
  write("d3.js", "var d3;\n");
  ASSERT_EQ(shell(kTools + "makeself < " + dir_ + "in.json > " + dir_ + "ours.html"), 0);
  ASSERT_EQ(shell(kTools + "makeself --library " + dir_ + "d3.js " + dir_ + "reference.html " + dir_ + "in.json " + dir_ +
                  "theirs.html"), 0);
  for (const char* page : {"ours.html", "theirs.html"}) EXPECT_EQ(read(page).find("alert(1)</script>"), std::string::npos) << page;
  EXPECT_EQ(read("theirs.html").find("a';"), std::string::npos);
}

TEST_F(Tools, T2_T3_LongDocumentsAreWhole) {
  // Far beyond any fixed buffer, with names as long as a name may be (base/limits.def).
  std::string records;
  for (int k = 0; k < 500; ++k) {
    records += "[  1.00000000, 0.00000010, 0, 7, 0, 524, 0, 0, 0, \"" + std::to_string(1000 + k) + std::string(1020, 'x') + "\"],\n";
  }
  std::string text = document("first");
  text.insert(text.find("[999.0"), records);
  write("in.json", text);
  ASSERT_EQ(shell(kTools + "makeself < " + dir_ + "in.json | " + kTools + "unmakeself > " + dir_ + "out.json"), 0);
  const std::string out = read("out.json");
  for (int k = 0; k < 500; ++k) EXPECT_NE(out.find(std::to_string(1000 + k) + std::string(1020, 'x')), std::string::npos) << k;
}

TEST_F(Tools, T4_AnApostropheDoesNotEndTheJson) {
  const std::string page = "<html>\n<!-- selfcontained1 -->\nvar myString = '" + document("a'b") + "';\n</html>\n";
  std::string one_line;
  for (char c : page) one_line += c;
  const size_t json = one_line.find("'  {") + 1;
  for (size_t i = json; one_line.compare(i, 2, "';") != 0; ++i) {
    if (one_line[i] == '\n') one_line[i] = ' ';
  }
  EXPECT_NE(reference_page_json(one_line).find("a'b\"], [999.0"), std::string::npos);
}

TEST_F(Tools, T5_SpansThatCrossACutAreCut) {
  write("in.json", document("app.7"));
  ASSERT_EQ(shell(kTools + "spantotrim 1.2 1.3 < " + dir_ + "in.json > " + dir_ + "out.json"), 0);
  EXPECT_NE(read("out.json").find("[  1.20000000, 0.10000000, 0, 7"), std::string::npos);
}

TEST_F(Tools, T5_RowNamesStayWhenTrimmed) {
  ASSERT_EQ(shell("zcat " + kData + "hello.reference.json.gz | " + kTools + "spantotrim hello > " + dir_ + "out.json"), 0);
  EXPECT_NE(read("out.json").find("init+hello_world_tra.41"), std::string::npos);
  EXPECT_NE(read("out.json").find("mark_a=/hello"), std::string::npos);
}

TEST_F(Tools, T9_ATraceThatMerelyWrappedPasses) {
  EXPECT_EQ(shell(kTools + "checktrace " + kData + "hello.trace.gz"), 0);
  EXPECT_EQ(shell("(" + kTools + "checktrace " + kData + "wrap.trace.gz || true) | grep wrap-around > /dev/null"), 0);
  // A young machine is no Raspberry Pi, and LLC areas are skipped: nothing in the block behind is damage.
  EXPECT_EQ(shell("(" + kTools + "checktrace " + kData + "vectors/e9_llc.trace.gz || true) | grep -iE 'raspberry|impossible'"), 1);
}

TEST_F(Tools, T11_CoarseningTakesAnyGranularity) {
  ASSERT_EQ(shell("zcat " + kData + "hello.reference.json.gz | " + kTools + "spantospan 5000000000 > " + dir_ + "out.json"), 0);
  ASSERT_EQ(shell("zcat " + kData + "hello.reference.json.gz | " + kTools + "spantospan 100 > " + dir_ + "fine.json"), 0);
  EXPECT_LT(std::filesystem::file_size(dir_ + "fine.json"), 300000u);
  EXPECT_GT(std::filesystem::file_size(dir_ + "fine.json"), std::filesystem::file_size(dir_ + "out.json"));
}

TEST_F(Tools, S20_NoSortIsNeeded) {
  ASSERT_EQ(shell(kTools + "rawtoevent " + kData + "rpc.trace.gz 2>/dev/null | " + kTools + "eventtospan t 2>/dev/null > " + dir_ +
                  "a.json"), 0);
  EXPECT_EQ(shell("grep '^\\[' " + dir_ + "a.json | grep -v 999.0 | LC_ALL=C sort -c -s -k1.2,1.13"), 0);
}

TEST_F(Tools, S24_MessagesStayOutOfTheDocument) {
  ASSERT_EQ(shell(kTools + "rawtoevent -v " + kData + "hello.trace.gz 2>/dev/null | " + kTools + "eventtospan -v t 2>/dev/null > " +
                  dir_ + "a.json"), 0);
  EXPECT_EQ(shell("grep -qE '^(info|repair|damage)' " + dir_ + "a.json"), 1);
}

}  // namespace
}  // namespace kutrace::test
