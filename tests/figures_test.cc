// SPDX-License-Identifier: BSD-3-Clause
// kutrace figure: every figure of book-figures is true on its trace, and one that is not is told from it; what is no figure is refused.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "support/chain_run.h"
#include "support/temp_dir.h"

namespace kutrace::test {
namespace {

namespace fs = std::filesystem;

const std::string kFigures = KUTRACE_SOURCE "/book-figures/";

class Figures : public TempDir {
 protected:
  std::string read(const std::string& name) {
    std::ifstream in(name);
    EXPECT_TRUE(in) << name;
    return {std::istreambuf_iterator<char>(in), {}};
  }
  int figure(const std::string& arguments) { return shell("cd " + dir_ + " && " KUTRACE_TOOLS "/kutrace figure " + arguments + " > out 2> err"); }
  std::string out() { return read(dir_ + "out"); }
  std::string err() { return read(dir_ + "err"); }
  // A copy of a figure with something of its figure.json replaced.
  std::string changed(const std::string& name, const std::string& from, const std::string& to) {
    const std::string folder = dir_ + name;
    fs::remove_all(folder);
    fs::copy(kFigures + name, folder, fs::copy_options::recursive);
    std::string text = read(folder + "/figure.json");
    const size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
    std::ofstream(folder + "/figure.json") << text;
    return folder;
  }
};

TEST_F(Figures, AreRefusedWhenTheyAreNone) {
  EXPECT_EQ(figure("check " + dir_ + "nowhere"), 2);
  EXPECT_NE(err().find("nowhere/figure.json: cannot open"), std::string::npos) << err();
  EXPECT_EQ(figure("page " + changed("see-fault", "{", "[")), 2);
  EXPECT_NE(err().find("is no JSON object"), std::string::npos) << err();
  EXPECT_EQ(figure("page " + changed("see-fault", "\"id\"", "\"ID\"")), 2);
  EXPECT_NE(err().find("has no text \"id\""), std::string::npos) << err();
  EXPECT_EQ(figure("page " + changed("see-fault", "\"id\": \"see-fault\"", "\"id\": \"../../see-fault\"")), 2);
  EXPECT_NE(err().find("is no name of a figure"), std::string::npos) << err();
  EXPECT_EQ(figure("page " + changed("see-fault", "\"control\": [\"touch\",", "\"control\": [")), 2);
  EXPECT_NE(err().find("not the names of two phases"), std::string::npos) << err();
  EXPECT_EQ(figure("page " + changed("see-fault", "\"phases\"", "\"other\"")), 2);
  EXPECT_EQ(figure("page " + kFigures + "see-fault " + kFigures + "see-hello"), 2);
}

TEST_F(Figures, APageOpensOnItsPhasesAndTheirThreads) {
  ASSERT_EQ(figure("page " + kFigures + "see-fault -o page.html"), 0) << err();
  const std::string page = read(dir_ + "page.html");
  const size_t view = page.find("\"view\":\"t=");
  ASSERT_NE(view, std::string::npos);
  const std::string text = page.substr(view, page.find('\n', view) - view);
  EXPECT_NE(text.find("&open=cpu+pid&row.pid=l"), std::string::npos) << text;
  EXPECT_NE(text.find("+x\""), std::string::npos) << text;
}

TEST_F(Figures, EachHasAText) {
  size_t count = 0;
  for (const auto& entry : fs::directory_iterator(kFigures)) {
    if (!entry.is_directory()) continue;
    ++count;
    const std::string name = entry.path().filename();
    EXPECT_NE(read(entry.path() / "figure.json").find("\"id\": \"" + name + "\""), std::string::npos) << name;
    EXPECT_GT(read(entry.path() / "text.md").size(), 150u) << name;
    EXPECT_LT(fs::file_size(entry.path() / (name + ".trace.gz")), 100u << 10) << name;
  }
  EXPECT_GE(count, 50u);
}

#ifdef KUTRACE_TEST_DUCKDB
TEST_F(Figures, AllAreTrue) { EXPECT_EQ(figure("check " + kFigures + "*/"), 0) << out() << err(); }

// Each way of being wrong is found, and said.
TEST_F(Figures, WhatIsNotTrueIsSaid) {
  const struct {
    const char *from, *to, *said;
  } cases[] = {
      {"=512 AND", "=511 AND", "FAILED see-fault: the claim is not true: "},
      {"\"touch\": 1", "\"touch\": 2", "FAILED see-fault: phase touch is not there 2 times (false)"},
      {"ncall('touch','page_fault')=512 AND ncall('again','page_fault')=0", "cnt('touch')=1", "FAILED see-fault: the claim is true with touch and again exchanged, too"},
      {"ncall('touch','page_fault')=512 AND ncall('again','page_fault')=0", "gaps()=0", "FAILED see-fault: the claim is true of no trace, too"},
      {"ncall('touch','page_fault')=512", "ncall('nobody','page_fault')=0", "FAILED see-fault: the claim is not true"},
  };
  for (const auto& c : cases) {

    EXPECT_EQ(figure("check " + changed("see-fault", c.from, c.to)), 1) << c.to << "\n" << out();
    EXPECT_NE(out().find(c.said), std::string::npos) << c.to << "\n" << out();
  }
  // SQL that is none is an error, not a claim that does not hold; and a claim reaches no file.
  EXPECT_EQ(figure("check " + changed("see-fault", "=512 AND", "=512 AND AND")), 2);
  EXPECT_EQ(figure("check " + changed("see-fault", "ncall('touch','page_fault')=512 AND", "(SELECT count(*) FROM read_text('/etc/hostname'))=1 AND")), 2);
}
#endif

}  // namespace
}  // namespace kutrace::test
