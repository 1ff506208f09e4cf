// SPDX-License-Identifier: BSD-3-Clause
// kutrace view, with a program in place of the browser.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "support/chain_run.h"
#include "support/temp_dir.h"

namespace kutrace::test {
namespace {

namespace fs = std::filesystem;

class View : public TempDir {
 protected:
  void SetUp() override {
    TempDir::SetUp();
    std::ofstream(dir_ + "browser") << "#!/bin/sh\necho \"$1\" >>" << dir_ << "shown\n";
    fs::permissions(dir_ + "browser", fs::perms::owner_all);
    fs::copy_file(std::string(KUTRACE_TEST_DATA) + "/hello.trace.gz", dir_ + "hello.trace.gz");
  }
  int view(const std::string& file, const std::string& browser) const {
    const std::string command = "BROWSER=" + browser + " PATH=/nowhere " + KUTRACE_TOOLS + "/kutrace view " + file + " 2>" + dir_ + "said";
    const int status = std::system(command.c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  std::string read(const std::string& name) const {
    std::ifstream in(dir_ + name);
    return {std::istreambuf_iterator<char>(in), {}};
  }
};

TEST_F(View, MakesThePageOnceAndShowsIt) {
  const std::string page = dir_ + "hello.html";
  EXPECT_EQ(view(dir_ + "hello.trace.gz", dir_ + "browser"), 0);
  EXPECT_EQ(read("shown"), page + "\n");
  ASSERT_TRUE(fs::exists(page));
  // Not older than the trace: it is not made again.
  std::ofstream(page) << "as it was";
  EXPECT_EQ(view(dir_ + "hello.trace.gz", dir_ + "browser"), 0);
  EXPECT_EQ(read("hello.html"), "as it was");
  fs::last_write_time(page, fs::last_write_time(dir_ + "hello.trace.gz") - std::chrono::hours(1));
  EXPECT_EQ(view(dir_ + "hello.trace.gz", dir_ + "browser"), 0);
  EXPECT_NE(read("hello.html"), "as it was");
}

TEST_F(View, ShowsAPageAsItIs) {
  std::ofstream(dir_ + "a.html") << "page";
  EXPECT_EQ(view(dir_ + "a.html", dir_ + "browser"), 0);
  EXPECT_EQ(read("shown"), dir_ + "a.html\n");
}

TEST_F(View, SaysWhereThePageIsWhenNoBrowserStarts) {
  EXPECT_EQ(view(dir_ + "hello.trace.gz", dir_ + "none"), 2);
  EXPECT_NE(read("said").find("open " + dir_ + "hello.html"), std::string::npos);
}

TEST_F(View, RefusesWhatIsNotThere) {
  for (const char* name : {"none.trace", "none.html"}) EXPECT_EQ(view(dir_ + name, dir_ + "browser"), 2) << name;
  EXPECT_FALSE(fs::exists(dir_ + "shown"));
}

}  // namespace
// Thread 53 makes the last mark `read` of the trace at 44.845390681 s; the last who woke it before that is thread 60.
TEST_F(View, AReportOpensAtAMarkAndOnWhoAskedForIt) {
  const auto report = [this](const std::string& arguments) {
    return kutrace::test::shell(std::string(KUTRACE_TOOLS) + "/kutrace report " + arguments + " -o " + dir_ + "page.html 2>" + dir_ + "said </dev/null");
  };
  const std::string trace = std::string(KUTRACE_TEST_DATA) + "/rpc.trace.gz";
  EXPECT_EQ(report(trace + " --mark read"), 0) << read("said");
  EXPECT_NE(read("page.html").find(R"("view":"t=43845390681~44895390681&open=cpu+pid&cursors=44845390681~&row.pid=p60,53+l60,53")"), std::string::npos);
  // The first mark of the thread, which nobody woke.
  EXPECT_EQ(report(std::string(KUTRACE_TEST_DATA) + "/hello.trace.gz --mark hello"), 0);
  EXPECT_NE(read("page.html").find("&row.pid=p41+l41\""), std::string::npos);
  EXPECT_EQ(report(trace + " --mark nowhere"), 0);
  EXPECT_NE(read("said").find("no mark nowhere is there"), std::string::npos);
  EXPECT_EQ(read("page.html").find("\"view\":\"t="), std::string::npos);
  EXPECT_EQ(report("- --mark read"), 2);
  EXPECT_NE(read("said").find("give a file"), std::string::npos) << read("said");
}

}  // namespace kutrace::test
