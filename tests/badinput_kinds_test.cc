// SPDX-License-Identifier: BSD-3-Clause
// What people give to the programs instead of a trace: each kind by its name, with what to do; and that nothing, or less, is never shown as
// everything.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/file_kind.h"
#include "base/terminal.h"
#include "support/mutate.h"
#include "trace/event.h"

namespace kutrace::robust {
namespace {

namespace fs = std::filesystem;

const std::string kData = KUTRACE_TEST_DATA;
const std::string kTools = KUTRACE_TOOLS;

class OtherInput : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "kutrace-kind.XXXXXX").string();
    ASSERT_NE(nullptr, ::mkdtemp(pattern.data()));
    folder_ = pattern;
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string path(const std::string& name) const { return folder_ + "/" + name; }
  std::string write(const std::string& name, const std::string& bytes) const {
    std::ofstream(path(name), std::ios::binary) << bytes;
    return path(name);
  }
  static std::string contents(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }
  // Runs a program; its status. What it prints is in out_, what it says on stderr in said_.
  int run(const std::string& command) {
    const int status = std::system((kTools + "/" + command + " > " + path("stdout") + " 2> " + path("stderr")).c_str());
    said_ = contents(path("stderr"));
    out_ = contents(path("stdout"));
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  bool says(const std::string& what) const { return (out_ + said_).find(what) != std::string::npos; }

  std::string folder_, said_, out_;
};

std::string hello() {
  const Bytes bytes = load(kData + "/hello.trace.gz");
  return {bytes.begin(), bytes.end()};
}

std::string gzip(const std::string& raw) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, raw.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(raw.data()));
  stream.avail_in = static_cast<uInt>(raw.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

constexpr char kEvents[] = "# ## VERSION: 3\n1 1 512 0 9 0 9 0 0 x\n100 1 2087 0 9 0 0 0 0 getpid\n200 1 2599 0 9 0 0 0 0 /getpid\n";
constexpr char kRecords[] =
    "{\"title\":\"x\",\"tracebase\":\"2026-01-01_00:00:00\",\"events\":[\n[0.1, 0.1, 0, 0, 0, 65536, 0, 0, 0, \"-idle-\"],\n"
    "[999.0, 0.0, 0, 0, 0, 0, 0, 0, 0, \"\"]]}\n";

TEST_F(OtherInput, EveryKindOfTheTableIsNamedWithItsRemedy) {
  for (const FileKind& kind : file_kinds()) {
    if (kind.how != FileHow::refused) continue;
    std::string bytes(kind.offset, 'x');
    for (size_t i = 0; i < kind.magic.size(); i += 2) {
      const std::string digits(kind.magic.substr(i, 2));
      bytes += static_cast<char>(std::stoi((digits[0] == '?' ? "4" : digits.substr(0, 1)) + (digits[1] == '?' ? "4" : digits.substr(1)), nullptr, 16));
    }
    bytes.resize(70000);
    const std::string file = write("file", bytes);
    for (const char* tool : {"kutrace check", "kutrace report", "kutrace dump", "rawtoevent", "eventtospan -i", "spantojson", "unmakeself", "checktrace",
                             "spantotrim 0 -i", "spantospan 0 -i", "spantoprof -i", "kuod"}) {
      EXPECT_EQ(2, run(std::string(tool) + " " + file)) << tool << " " << kind.words;
      EXPECT_TRUE(says(kind.words) && says(kind.remedy)) << tool << ": " << said_;
    }
    EXPECT_EQ(2, run("kutrace check " + write("packed.gz", gzip(bytes)))) << kind.words;
    EXPECT_TRUE(says(std::string(kind.words) + " inside gzip data")) << said_;
  }
}

TEST_F(OtherInput, GzipInsideGzipIsNamed) {
  EXPECT_EQ(2, run("kutrace check " + write("twice.gz", gzip(gzip(hello())))));
  EXPECT_TRUE(says("is gzip data inside gzip data")) << said_;
}

// Compressed by the system's own programs, where they are there.
TEST_F(OtherInput, ZstdAndXzAreReadOrNamed) {
  const std::string file = write("t.trace", hello());
  for (const std::string program : {"zstd", "xz"}) {
    if (std::system((program + " -qc " + file + " > " + path("packed") + " 2>/dev/null").c_str()) != 0) continue;
    const int status = run("kutrace check " + path("packed"));
    EXPECT_TRUE(status == 0 || (status == 2 && says("which this build cannot read; decompress it first: " + program + " -d"))) << program << ": " << said_;
    if (status != 0) continue;
    std::string cut = contents(path("packed"));
    write("cut", cut.substr(0, cut.size() - 20));
    EXPECT_NE(0, run("kutrace check " + path("cut"))) << program;
    EXPECT_TRUE(says("end early") || says("corrupt")) << out_ << said_;
    write("more", cut + "12345678");
    EXPECT_EQ(1, run("kutrace check " + path("more"))) << program;
    EXPECT_TRUE(says("bytes behind the " + program + " data")) << out_;
  }
}

// pzstd and files with an index have frames without content, before and behind those that have some.
TEST_F(OtherInput, FramesOfZstdWithoutContentArePassedOver) {
  const std::string file = write("t.trace", hello());
  if (std::system(("zstd -qc " + file + " > " + path("packed") + " 2>/dev/null").c_str()) != 0) GTEST_SKIP() << "no zstd";
  const std::string frame = contents(path("packed")), empty("\x5e\x2a\x4d\x18\x04\x00\x00\x00note", 12);
  const int status = run("kutrace check " + write("plain", frame));
  for (const std::string& bytes : {empty + frame, frame + empty, empty + frame + empty}) EXPECT_EQ(status, run("kutrace check " + write("framed", bytes))) << out_ << said_;
}

TEST_F(OtherInput, WhatNeedsTooMuchMemoryIsNotCalledCorrupt) {
  const std::string file = write("t.trace", hello() + std::string(8 << 20, '\0'));
  for (const std::string packer : {"zstd -qc --long=30 --no-check", "xz -qc --lzma2=preset=0,dict=512MiB"}) {
    const std::string program = packer.substr(0, packer.find(' '));
    // From standard input, of which zstd does not know that a smaller window would do.
    if (std::system((packer + " < " + file + " > " + path("packed") + " 2>/dev/null").c_str()) != 0) continue;
    EXPECT_EQ(2, run("kutrace check " + path("packed"))) << out_;
    EXPECT_TRUE(says("need more memory than") || says("which this build cannot read")) << said_;
    EXPECT_TRUE(says("decompress it first: " + program + " -d")) << said_;
  }
}

TEST_F(OtherInput, BytesBehindAGzipMemberAreAFinding) {
  const std::string packed = gzip(hello());
  EXPECT_EQ(1, run("kutrace check " + write("more.gz", packed + "12345678")));
  EXPECT_TRUE(says("bytes behind the gzip data were not read")) << out_;
  EXPECT_EQ(1, run("kutrace check " + write("half.gz", packed + "\x1f")));
  EXPECT_EQ(0, run("kutrace check " + write("zeros.gz", packed + std::string(512, '\0')))) << out_;
  EXPECT_EQ(0, run("kutrace check " + write("two.gz", gzip(hello().substr(0, 73728)) + gzip(hello().substr(73728))))) << out_;
}

TEST_F(OtherInput, AByteOrderMarkIsPassedOver) {
  const std::string mark = "\xef\xbb\xbf";
  EXPECT_EQ(0, run("spantojson " + write("bom.json", mark + kRecords))) << said_;
  EXPECT_TRUE(says("-idle-"));
  EXPECT_EQ(0, run("spantojson " + write("bom.json.gz", gzip(mark + kRecords)))) << said_;
  EXPECT_EQ(0, run("eventtospan -i " + write("bom.ev", mark + kEvents))) << said_;
}

TEST_F(OtherInput, TextOfOtherKindsIsNamed) {
  std::string cr = kEvents;
  for (char& c : cr) c = c == '\n' ? '\r' : c;
  EXPECT_EQ(2, run("kutrace check " + write("cr.ev", cr)));
  EXPECT_TRUE(says("is text whose lines end with CR alone")) << said_;
  EXPECT_EQ(2, run("kutrace check " + write("hello", "hello world\n")));
  EXPECT_TRUE(says("is text of no known kind")) << said_;
  EXPECT_EQ(2, run("kutrace check " + write("page.html", "<html><p>hello</html>\n")));
  EXPECT_TRUE(says("is an HTML page that holds no kutrace payload")) << said_;
  EXPECT_EQ(2, run("rawtoevent " + write("events.ev", kEvents)));
  EXPECT_TRUE(says("is no raw trace: it looks like event text")) << said_;
  EXPECT_EQ(2, run("kutrace dump " + write("records.json", kRecords)));
  EXPECT_TRUE(says("is no raw trace: it looks like span JSON")) << said_;
}

TEST_F(OtherInput, FilesWithoutRecordsAreNotSound) {
  const std::string none = "{\"title\":\"x\",\"events\":[\n[999.0, 0.0, 0, 0, 0, 0, 0, 0, 0, \"\"]]}\n";
  for (const std::string& file : {write("none.json", none), write("none.ev", "# ## VERSION: 3\n# ## FLAGS: 128\n"), write("names.ev", "1 1 34 5 abc\n")}) {
    EXPECT_EQ(1, run("kutrace check " + file)) << file;
    EXPECT_TRUE(says("inputs that hold no record")) << out_;
    EXPECT_EQ(1, run("kutrace report " + file + " -o " + path("p.html"))) << file;
  }
  EXPECT_EQ(1, run("eventtospan -i " + path("none.ev")));
}

TEST_F(OtherInput, RangesThatHoldNothingAreRefused) {
  const std::string trace = kData + "/hello.trace.gz";
  for (const char* range : {"--from 1000 --to 2000", "--from 5 --to 3", "--from nan", "--to nan", "--to -5", "--from 5 --to 5"}) {
    EXPECT_EQ(2, run("kutrace report " + trace + " " + range + " -o " + path("p.html"))) << range;
    EXPECT_TRUE(says("no record in the range: its records go from") || says("holds no time") || says("is not from a number")) << range << said_;
    EXPECT_FALSE(fs::exists(path("p.html"))) << range;
  }
  EXPECT_EQ(0, run("spantojson " + trace + " -o " + path("t.json")));
  for (const char* range : {"1000", "5 3", "0 nan", "0 0.001"}) {
    EXPECT_EQ(2, run(std::string("spantotrim ") + range + " -i " + path("t.json"))) << range;
  }
}

TEST_F(OtherInput, LimitsCutTheWorkAndAreTold) {
  const std::string trace = kData + "/getpid.trace.gz";
  EXPECT_EQ(1, run("spantojson --max-output 100000 " + trace));
  EXPECT_TRUE(says("bytes of output; raise --max-output")) << said_;
  EXPECT_LT(out_.size(), 200000u);
  EXPECT_EQ(1, run("rawtoevent --max-output 100000 " + trace));
  EXPECT_LT(out_.size(), 2000000u);
  EXPECT_EQ(1, run("kutrace check --max-memory 300000 " + trace));
  EXPECT_TRUE(says("limits of what reading may cost")) << out_;
  EXPECT_EQ(0, run("kutrace check --max-memory 4G --max-output 4G " + trace)) << out_;
}

TEST(TerminalText, StaysTextWhateverItHolds) {
  EXPECT_EQ("caf\xc3\xa9 \xe6\x97\xa5", terminal_text("caf\xc3\xa9 \xe6\x97\xa5"));
  EXPECT_EQ("\\x1b[31m", terminal_text("\x1b[31m"));
  EXPECT_EQ("\\u{9b}31m", terminal_text("\xc2\x9b" "31m"));
  EXPECT_EQ("a\\u{202e}b", terminal_text("a\xe2\x80\xae" "b"));
  EXPECT_EQ("\\xff\\xc3", terminal_text("\xff\xc3"));
  EXPECT_EQ("a\\x0ab", terminal_text("a\nb"));
  EXPECT_EQ("a\nb", terminal_text("a\nb", true));
}

TEST(CleanName, KeepsUtf8AndNothingThatMeansMore) {
  EXPECT_EQ("caf\xc3\xa9", clean_name("caf\xc3\xa9"));
  EXPECT_EQ("caf_", clean_name("caf\xc3"));
  EXPECT_EQ("a_b", clean_name("a\xe2\x80\xae" "b"));
  EXPECT_EQ("_[31m", clean_name("\x1b[31m"));
  EXPECT_EQ("a_b", clean_name("a\xc2\x9b" "b"));
  EXPECT_EQ("ab1_2", clean_name("a b1 2"));
}

TEST_F(OtherInput, FileNamesDoNotDriveTheTerminal) {
  EXPECT_EQ(2, run("kutrace check '" + path("\x1b[31mred") + "'"));
  EXPECT_EQ(std::string::npos, said_.find('\x1b')) << said_;
  EXPECT_TRUE(says("\\x1b[31mred")) << said_;
}

}  // namespace
}  // namespace kutrace::robust
