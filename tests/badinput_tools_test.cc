// SPDX-License-Identifier: BSD-3-Clause
// The programs on bad input and bad output: their status (0 sound, 1 findings, 2 cannot read or write), a message, and
// no half-written file.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "support/mutate.h"

namespace kutrace::robust {
namespace {

namespace fs = std::filesystem;

const std::string kData = KUTRACE_TEST_DATA;
const std::string kTools = KUTRACE_TOOLS;

class BadToolInput : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "kutrace-bad.XXXXXX").string();
    ASSERT_NE(nullptr, ::mkdtemp(pattern.data()));
    folder_ = pattern;
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string path(const std::string& name) const { return folder_ + "/" + name; }
  void write(const std::string& name, const std::string& bytes) const { std::ofstream(path(name), std::ios::binary) << bytes; }
  static std::string contents(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }
  // Runs a program; its status. What it says on stderr is in said_.
  int run(const std::string& command) {
    const std::string line = kTools + "/" + command + " 2> " + path("stderr");
    const int status = std::system(line.c_str());
    said_ = contents(path("stderr"));
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  size_t files() const { return static_cast<size_t>(std::distance(fs::directory_iterator(folder_), fs::directory_iterator())); }

  std::string folder_, said_;
};

TEST_F(BadToolInput, GoodInputGivesStatusZero) {
  EXPECT_EQ(0, run("kutrace report " + kData + "/hello.trace.gz -o " + path("p.html"))) << said_;
  EXPECT_EQ(0, run("spantojson " + path("p.html") + " -o " + path("p.json"))) << said_;
  EXPECT_EQ(0, run("rawtoevent " + kData + "/hello.trace.gz -o " + path("p.ev"))) << said_;
  EXPECT_EQ(0, run("eventtospan -i " + path("p.ev") + " -o " + path("q.json"))) << said_;
}

TEST_F(BadToolInput, WhatSelectsNothingIsSaid) {
  const std::string trace = kData + "/hello.trace.gz ";
  for (const char* part : {"kutrace stat --from 1e6 ", "kutrace stat --to -1e6 ", "kutrace report --from 1e6 -o /dev/null ", "kutrace dump --cpu 77 ", "kutrace dump --block 9999 ",
                           "kutrace stat --thread nobody ", "kutrace stat --rpc 77 ", "kutrace stat --mark nothing ", "kutrace why --rpc 77 ", "kutrace memory "}) {
    EXPECT_EQ(2, run(part + trace + " > /dev/null")) << part;
    EXPECT_NE(std::string::npos, said_.find("has no ")) << part << said_;
  }
  for (const char* part : {"kutrace stat --from nan ", "kutrace why --to nan ", "kutrace report --to nan -o /dev/null ", "kutrace dump --cpu -5 ", "kutrace record --seconds nan "}) {
    EXPECT_EQ(2, run(part + trace + " > /dev/null")) << part;
  }
  EXPECT_EQ(2, run("spantospan nan -i " + trace + " > /dev/null")) << said_;
  ASSERT_EQ(0, run("kutrace check " + trace + " > " + path("said"))) << said_;
  EXPECT_TRUE(contents(path("said")).starts_with("inflated from gzip data\n"));
}

TEST_F(BadToolInput, NoCommandWritesMoreThanItMay) {
  const std::string trace = kData + "/hello.trace.gz", page = path("p.html"), json = path("p.json"), out = path("out");
  ASSERT_EQ(0, run("kutrace report " + trace + " -o " + page)) << said_;
  ASSERT_EQ(0, run("spantojson " + page + " -o " + json)) << said_;
  const size_t before = files();
  for (const std::string& command :
       {"kutrace report " + trace + " -o " + out, "kutrace query " + trace + " --table spans -o " + out}) {
    EXPECT_EQ(2, run(command + " --max-output 300")) << command << said_;
    EXPECT_NE(std::string::npos, said_.find("raise --max-output")) << command << said_;
    EXPECT_EQ(before, files()) << command;
  }
  for (const std::string& command : {"kutrace check " + trace, "kutrace stat " + trace, "kutrace why " + trace, "kutrace dump " + trace, "rawtoevent " + trace, "spantojson " + page, "unmakeself " + page,
                                     "spantospan 0 -i " + json, "spantotrim 0 -i " + json, "spantoprof -i " + json, "kuod " + trace, "makeself < " + json}) {
    EXPECT_NE(0, run(command + " --max-output 300 > " + path("stdout"))) << command;
    EXPECT_NE(std::string::npos, said_.find("raise --max-output")) << command << said_;
    EXPECT_GT(500000u, fs::file_size(path("stdout"))) << command;  // a block or a batch more
  }
}

// The records of each CPU up to the same moment, as they are in the whole page; and the page says so.
TEST_F(BadToolInput, APageThatMayNotBeWholeEndsEarlier) {
  const std::string trace = kData + "/getpid.trace.gz", whole = path("whole.html"), cut = path("cut.html");
  ASSERT_EQ(0, run("kutrace report " + trace + " -o " + whole)) << said_;
  const auto most = std::to_string(fs::file_size(whole) - 10000);
  for (const std::string& command : {"kutrace report " + trace + " -o " + cut, "makeself < " + whole + " > " + cut}) {
    EXPECT_EQ(1, run(command + " --max-output " + most)) << said_;
    EXPECT_NE(std::string::npos, said_.find("raise --max-output")) << command << said_;
    EXPECT_GE(std::stoull(most), fs::file_size(cut)) << command;
    EXPECT_EQ(1, run("kutrace check " + cut + " > " + path("said")));
    EXPECT_NE(std::string::npos, contents(path("said")).find("bytes of output; raise --max-output"));
    const auto records = [&](const std::string& page) {
      EXPECT_NE(2, run("spantojson " + page + " -o " + path("json"))) << said_;
      std::istringstream lines(contents(path("json")));
      std::vector<std::string> out;
      for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("[")) out.push_back(line);
      }
      std::sort(out.begin(), out.end());
      return out;
    };
    const std::vector<std::string> all = records(whole), some = records(cut);
    EXPECT_LT(some.size(), all.size()) << command;
    EXPECT_GT(some.size(), all.size() / 4) << command;
    EXPECT_TRUE(std::includes(all.begin(), all.end(), some.begin(), some.end())) << command;
  }
}

TEST_F(BadToolInput, NamesOfFilesAreTextToTheTerminal) {
  const std::string name = path("a\x1b[2J\xe2\x80\xae.html");
  EXPECT_EQ(0, run("kutrace report " + kData + "/hello.trace.gz -o '" + name + "'"));
  EXPECT_NE(std::string::npos, said_.find("\\x1b[2J\\u{202e}.html")) << said_;
  EXPECT_EQ(std::string::npos, said_.find('\x1b')) << said_;
}

TEST_F(BadToolInput, FoldersAndMissingFilesGiveStatusTwo) {
  for (const char* tool : {"rawtoevent", "eventtospan -i", "spantojson", "unmakeself", "kutrace report", "kutrace check",
                           "kutrace dump", "checktrace", "spantotrim 0 -i", "spantospan 0 -i", "spantoprof -i", "kuod"}) {
    EXPECT_EQ(2, run(std::string(tool) + " " + folder_ + " > /dev/null")) << tool;
    EXPECT_NE(std::string::npos, said_.find(folder_ + ": is a directory; give a file")) << tool << ": " << said_;
    EXPECT_EQ(2, run(std::string(tool) + " " + path("none") + " > /dev/null")) << tool;
    EXPECT_NE(std::string::npos, said_.find(path("none") + ": cannot open: No such file")) << tool << ": " << said_;
  }
}

TEST_F(BadToolInput, AFullDiskOrLockedFolderGivesStatusTwoAndNoFile) {
  const std::string trace = kData + "/hello.trace.gz";
  EXPECT_EQ(2, run("rawtoevent " + trace + " > /dev/full"));
  EXPECT_NE(std::string::npos, said_.find("standard output: cannot write: No space left")) << said_;
  EXPECT_EQ(2, run("spantojson " + trace + " -o /dev/full"));
  EXPECT_NE(std::string::npos, said_.find("/dev/full: cannot write: No space left")) << said_;
  EXPECT_EQ(2, run("kutrace report " + trace + " -o " + path("no/such/p.html")));
  EXPECT_NE(std::string::npos, said_.find("cannot create: No such file")) << said_;
  EXPECT_EQ(2, run("kutrace report " + trace + " -o " + folder_));
  EXPECT_EQ(1u, files()) << "only what the program said";
}

TEST_F(BadToolInput, EvenHelpThatCannotBeWrittenIsNoSuccess) {
  for (const char* command : {"kutrace --help", "kutrace --version", "kutrace report --help", "rawtoevent --help", "kuod --version"}) {
    EXPECT_EQ(2, run(std::string(command) + " > /dev/full")) << command;
  }
}

// What a script gives when its variable is not set is not the same as nothing.
TEST_F(BadToolInput, AnEmptyNameIsNoOutput) {
  const std::string trace = kData + "/hello.trace.gz";
  for (const char* command : {"kutrace report", "kutrace query --table spans", "kutrace profile", "rawtoevent", "spantojson"}) {
    EXPECT_EQ(2, run(std::string(command) + " " + trace + " -o ''")) << command;
    EXPECT_NE(std::string::npos, said_.find("the name is empty")) << said_;
  }
}

// What never ends fills no disk.
TEST_F(BadToolInput, AnEndlessInputLeavesTheDiskToOthers) {
  const std::string mount = "unshare -m sh -c 'mount -t tmpfs -o size=128m none " + folder_ + " && ";
  if (std::system((mount + "true' 2> /dev/null").c_str()) != 0) GTEST_SKIP() << "no mounts here";
  const std::string said = mount + "TMPDIR=" + folder_ + " " + kTools + "/kutrace check /dev/zero 2>&1 | grep -q \"it would fill the disk\"'";
  EXPECT_EQ(0, std::system(said.c_str()));
}

TEST_F(BadToolInput, AFailedRunKeepsTheOldFile) {
  write("p.html", "old");
  write("bad", "not a trace");
  EXPECT_EQ(2, run("kutrace report " + path("bad") + " -o " + path("p.html")));
  EXPECT_EQ("old", contents(path("p.html")));
  EXPECT_EQ(3u, files());
}

TEST_F(BadToolInput, APageOfAnotherVersionIsRefusedWithWhatToDo) {
  ASSERT_EQ(0, run("kutrace report " + kData + "/hello.trace.gz -o " + path("p.html"))) << said_;
  std::string page = contents(path("p.html"));
  const std::string version = "{\"format\":\"kutrace-payload\",\"version\":";
  const size_t at = page.find(version);
  ASSERT_NE(std::string::npos, at);
  page[at + version.size()] = '1';
  write("old.html", page);
  for (const char* tool : {"unmakeself", "kutrace check", "spantojson"}) {
    EXPECT_EQ(2, run(std::string(tool) + " " + path("old.html") + " > /dev/null")) << tool;
    EXPECT_NE(std::string::npos, said_.find("old.html: holds payload version 1, not ")) << tool << ": " << said_;
    EXPECT_NE(std::string::npos, said_.find("use the kutrace that made this page")) << tool << ": " << said_;
  }
}

TEST_F(BadToolInput, DamagedGzipIsUsedAsFarAsItGoesAndReported) {
  const std::string whole = contents(kData + "/rpc.trace.gz");
  write("cut.gz", whole.substr(0, whole.size() / 2));
  EXPECT_EQ(1, run("spantojson " + path("cut.gz") + " -o " + path("cut.json"))) << said_;
  EXPECT_NE(std::string::npos, said_.find("the gzip data end early")) << said_;
  std::string corrupt = whole;
  for (size_t i = whole.size() / 2; i < whole.size() / 2 + 64; ++i) corrupt[i] = static_cast<char>(~corrupt[i]);
  write("bad.gz", corrupt);
  EXPECT_EQ(1, run("spantojson " + path("bad.gz") + " -o " + path("bad.json"))) << said_;
  EXPECT_NE(std::string::npos, said_.find("the gzip data are corrupt")) << said_;
  write("head.gz", whole.substr(0, 12));
  EXPECT_EQ(2, run("spantojson " + path("head.gz") + " -o " + path("head.json"))) << said_;
}

TEST_F(BadToolInput, DamagedGzipOfTextIsReportedToo) {
  const std::string whole = contents(kData + "/hello.reference.events.gz");
  write("cut.gz", whole.substr(0, whole.size() / 2));
  EXPECT_EQ(1, run("eventtospan -i " + path("cut.gz") + " -o " + path("cut.json"))) << said_;
  EXPECT_NE(std::string::npos, said_.find("the gzip data end early")) << said_;
}

TEST_F(BadToolInput, DamagedTracesGiveStatusOneOrTwoFromEveryProgram) {
  const Bytes hello = load(kData + "/hello.trace.gz"), rpc = load(kData + "/rpc.trace.gz");
  for (size_t i = 0; i < static_cast<size_t>(Damage::kCount); ++i) {
    Rng rng(77 + i);
    const Bytes bytes = damaged(static_cast<Damage>(i), hello, rpc, rng);
    write("t", std::string(bytes.begin(), bytes.end()));
    for (const char* tool : {"rawtoevent", "kutrace check", "kutrace dump --hex", "checktrace -v"}) {
      const int status = run(std::string(tool) + " " + path("t") + " > " + path("out"));
      EXPECT_TRUE(status >= 0 && status <= 2) << tool << " " << damage_name(static_cast<Damage>(i)) << ": " << status << said_;
    }
  }
}

TEST_F(BadToolInput, NonsenseArgumentsGiveStatusTwo) {
  const std::string json = kData + "/hello.reference.json.gz";
  EXPECT_EQ(2, run("kutrace"));
  EXPECT_EQ(2, run("kutrace report --no-such"));
  EXPECT_EQ(2, run("spantotrim 1e999 -i " + json + " > /dev/null"));
  EXPECT_EQ(2, run("spantotrim nosuch -i " + json + " > /dev/null"));
  EXPECT_EQ(2, run("spantospan -5 -i " + json + " > /dev/null"));
  EXPECT_EQ(2, run("kutrace report --from nan --to 1e300 " + json + " -o " + path("p.html"))) << said_;
  EXPECT_EQ(2, run("kutrace report --from 1e300 " + json + " -o " + path("p.html"))) << said_;
}

}  // namespace
}  // namespace kutrace::robust
