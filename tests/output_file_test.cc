// SPDX-License-Identifier: BSD-3-Clause
// Where output goes: what a name may be, what becomes of what has it, and that nothing is left behind, whatever signal comes.
// On real files; what needs root (owners, mounts) is skipped without it.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <thread>

#include "base/error.h"
#include "base/output.h"
#include "support/chain_run.h"
#include "support/child.h"
#include "support/temp_dir.h"

namespace kutrace::test {
namespace {

namespace fs = std::filesystem;
constexpr uid_t kNobody = 65534;

class OutputTest : public TempDir {
 protected:
  void SetUp() override {
    TempDir::SetUp();
    fs::permissions(dir_, fs::perms(0755));  // for other users
  }
  std::string at(const std::string& name) const { return dir_ + name; }
  std::string read(const std::string& name) const {
    std::ifstream in(at(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void put(const std::string& name, const std::string& text) const { std::ofstream(at(name), std::ios::binary) << text; }
  struct stat is(const std::string& name) const {
    struct stat s {};
    EXPECT_EQ(lstat(at(name).c_str(), &s), 0) << name;
    return s;
  }
  size_t entries() const { return static_cast<size_t>(std::distance(fs::directory_iterator(dir_), fs::directory_iterator{})); }
  void make(const std::string& name, const std::string& text, const OutputRules& rules = {}) const {
    OutputFile file(at(name), rules);
    file.write(text);
    file.finish();
  }
  // The message with which `name` is refused; nothing may have changed then.
  std::string refusal(const std::string& name, const OutputRules& rules = {}) const {
    const size_t before = entries();
    try {
      OutputFile file(at(name), rules);
    } catch (const Error& error) {
      EXPECT_EQ(entries(), before);
      return error.what();
    }
    return "not refused";
  }
};

#define NEEDS_ROOT() \
  if (geteuid() != 0) GTEST_SKIP() << "needs root"

const OutputRules kCapture{OutputKind::kCapture, false, {}};
const OutputRules kCaptureOver{OutputKind::kCapture, true, {}};

TEST_F(OutputTest, ANewFileIsWholeOrNotThere) {
  {
    OutputFile file(at("new"));
    file.write(std::string("half"));
    EXPECT_FALSE(fs::exists(at("new")));
  }
  EXPECT_EQ(entries(), 0u);
  make("new", "all");
  EXPECT_EQ(read("new"), "all");
  EXPECT_EQ(entries(), 1u);
}

TEST_F(OutputTest, AReplacedFileKeepsModeAndOwner) {
  put("page", "old");
  chmod(at("page").c_str(), 0640);
  if (geteuid() == 0) {
    EXPECT_EQ(chown(at("page").c_str(), kNobody, kNobody), 0);
  }
  const struct stat before = is("page");
  make("page", "new");
  const struct stat after = is("page");
  EXPECT_EQ(read("page"), "new");
  EXPECT_EQ(after.st_mode, before.st_mode);
  EXPECT_EQ(after.st_uid, before.st_uid);
  EXPECT_EQ(after.st_gid, before.st_gid);
  EXPECT_EQ(entries(), 1u);
}

TEST_F(OutputTest, AFailedRunLeavesTheOldFile) {
  put("one", "old");
  fs::create_hard_link(at("one"), at("two"));
  put("alone", "old");
  for (const char* name : {"one", "alone"}) {
    OutputFile file(at(name));
    file.write(std::string("half"));
  }
  EXPECT_EQ(read("one") + read("alone"), "oldold");
}

TEST_F(OutputTest, SymbolicLinksAreFollowed) {
  put("real", "");
  fs::create_symlink("real", at("link"));
  fs::create_symlink(at("link"), at("link2"));
  fs::create_symlink("fresh", at("dangling"));
  make("link2", "text");
  EXPECT_TRUE(fs::is_symlink(at("link")) && fs::is_symlink(at("link2")));
  EXPECT_EQ(read("real"), "text");
  make("dangling", "more");
  EXPECT_TRUE(fs::is_symlink(at("dangling")));
  EXPECT_EQ(read("fresh"), "more");
  fs::create_symlink("round", at("round"));
  EXPECT_NE(refusal("round").find("symbolic links"), std::string::npos);
}

TEST_F(OutputTest, HardLinksStayOneFile) {
  put("one", "old and longer");
  fs::create_hard_link(at("one"), at("two"));
  make("two", "new");
  EXPECT_EQ(read("one"), "new");
  EXPECT_EQ(is("one").st_ino, is("two").st_ino);
  EXPECT_EQ(entries(), 2u);
}

TEST_F(OutputTest, AFileInAFolderThatIsNotOursToWrite) {
  NEEDS_ROOT();
  fs::create_directory(at("shut"));
  put("shut/file", "old");
  EXPECT_EQ(chown(at("shut/file").c_str(), kNobody, kNobody), 0);
  const ino_t before = is("shut/file").st_ino;
  EXPECT_EQ(in_child([&] { return setuid(kNobody) != 0 ? 9 : (make("shut/file", "new"), 0); }), 0);
  EXPECT_EQ(read("shut/file"), "new");
  EXPECT_EQ(is("shut/file").st_ino, before);
}

TEST_F(OutputTest, AFileThatIsMountedByItself) {
  NEEDS_ROOT();
  put("inner", "old");
  put("outer", "");
  const int status = in_child([&] {
    if (unshare(CLONE_NEWNS) != 0 || mount("", "/", "", MS_REC | MS_PRIVATE, nullptr) != 0 ||
        mount(at("inner").c_str(), at("outer").c_str(), "", MS_BIND, nullptr) != 0) {
      return 77;
    }
    make("outer", "new");
    return read("outer") == "new" ? 0 : 1;
  });
  if (status == 77) GTEST_SKIP() << "mounting is not allowed here";
  EXPECT_EQ(status, 0);
  EXPECT_EQ(read("inner"), "new");
  EXPECT_EQ(read("outer"), "");
}

TEST_F(OutputTest, NamesOfAnyLength) {
  const std::string longest(255, 'x');
  make(longest, "one");
  make(longest, "two");
  EXPECT_EQ(read(longest), "two");
  EXPECT_NE(refusal(longest + "x").find("too long"), std::string::npos);
}

TEST_F(OutputTest, AFileThatWeMayNotWriteIsNotReplaced) {
  NEEDS_ROOT();
  put("file", "old");
  EXPECT_EQ(in_child([&] {
    if (chown(dir_.c_str(), kNobody, kNobody) != 0 || setuid(kNobody) != 0) return 9;
    return refusal("file").find("Permission denied") != std::string::npos ? 0 : 1;
  }), 0);
}

TEST_F(OutputTest, ADescriptorOfOursIsWrittenAsItIs) {
  // As /dev/stdout is: a link into /proc. The link must stay, root could replace it.
  fs::create_symlink("/proc/self/fd/1", at("stdout"));
  const std::string tool = std::string(KUTRACE_TOOLS) + "/kutrace";
  put("in.json", "{\n \"title\" : \"t\",\n\"events\" : [\n[  1.0, 0.5, 0, 7, 0, 65543, 0, 0, 0, \"x\"],\n[999.0, 0.0, 0, 0, 0, 0, 0, 0, 0, \"\"]\n]}\n");
  ASSERT_EQ(shell(tool + " report " + at("in.json") + " -o " + at("page") + " 2>/dev/null"), 0);
  ASSERT_EQ(shell(tool + " report " + at("in.json") + " -o " + at("stdout") + " >" + at("page2") + " 2>/dev/null"), 0);
  ASSERT_EQ(shell(tool + " report " + at("in.json") + " -o " + at("stdout") + " 2>/dev/null | cat >" + at("page3")), 0);
  EXPECT_TRUE(fs::is_symlink(at("stdout")));
  EXPECT_EQ(read("page2"), read("page"));
  EXPECT_EQ(read("page3"), read("page"));
  // A trace may go there, too; what another program has open, no.
  EXPECT_EQ(in_child([&] { OutputFile file(at("stdout"), kCapture); return 0; }), 0);
  fs::create_symlink("/proc/" + std::to_string(getppid()) + "/fd/0", at("other"));
  EXPECT_NE(refusal("other").find("another program"), std::string::npos);
}

TEST_F(OutputTest, NeverOntoItsInput) {
  put("in", "input");
  fs::create_hard_link(at("in"), at("same"));
  fs::create_symlink("in", at("link"));
  for (const char* name : {"in", "same", "link"}) {
    EXPECT_NE(refusal(name, {OutputKind::kDocument, true, {at("in")}}).find("the input, too"), std::string::npos) << name;
  }
  EXPECT_EQ(read("in"), "input");
}

// Every program knows what it reads.
TEST_F(OutputTest, NoToolWritesOntoItsInput) {
  const std::string tools = "PATH=" + std::string(KUTRACE_TOOLS) + ":$PATH; cd " + dir_ + "; ";
  ASSERT_EQ(shell(tools + "cp " + KUTRACE_TEST_DATA + "/hello.trace.gz T && rawtoevent T >E && eventtospan t <E >J && makeself <J >P"), 0);
  for (const char* command : {"rawtoevent T -o T", "rawtoevent - <T >>T", "rawtoevent <T -o T", "eventtospan t -i E -o E", "spantojson J -o J",
                              "spantotrim -i J -o J 48 50", "spantospan -i J -o J 10", "spantojson <J >>J", "unmakeself P -o P", "makeself P J J",
                              "kutrace report J -o J", "kutrace check T >>T", "kutrace dump T >>T"}) {
    ASSERT_EQ(shell(tools + "cat T E J P >before"), 0);
    EXPECT_EQ(shell(tools + command + " 2>said"), 2) << command;
    EXPECT_NE(read("said").find("is the input, too"), std::string::npos) << command << ": " << read("said");
    EXPECT_EQ(shell(tools + "cat T E J P | cmp - before"), 0) << command;
  }
}

TEST_F(OutputTest, SpecialFilesOnlyByTheirOwnName) {
  mkfifo(at("pipe").c_str(), 0600);
  fs::create_symlink("pipe", at("to_pipe"));
  fs::create_symlink("/dev/null", at("to_null"));
  EXPECT_NE(refusal("to_pipe").find("link to a device"), std::string::npos);
  EXPECT_NE(refusal("to_null").find("link to a device"), std::string::npos);
  OutputFile null("/dev/null");
  null.write(std::string("x"));
  null.finish();
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
}

TEST_F(OutputTest, ABlockDeviceIsNoPlaceForATrace) {
  NEEDS_ROOT();
  if (mknod(at("disk").c_str(), S_IFBLK | 0600, makedev(7, 250)) != 0) GTEST_SKIP() << "no devices can be made here";
  EXPECT_NE(refusal("disk", kCapture).find("file system"), std::string::npos);
  fs::create_symlink("disk", at("to_disk"));
  for (const OutputRules& rules : {OutputRules{}, kCapture, kCaptureOver}) {
    EXPECT_NE(refusal("to_disk", rules).find("symbolic link"), std::string::npos);
  }
}

TEST_F(OutputTest, ADocumentWaitsForTheReaderOfAPipe) {
  mkfifo(at("pipe").c_str(), 0600);
  std::string got;
  std::thread reader([&] { got = read("pipe"); });
  make("pipe", "through");
  reader.join();
  EXPECT_EQ(got, "through");
  EXPECT_TRUE(fs::is_fifo(at("pipe")));
}

TEST_F(OutputTest, ATraceDoesNotWaitForOne) {
  mkfifo(at("pipe").c_str(), 0600);
  EXPECT_NE(refusal("pipe", kCapture).find("no program reads"), std::string::npos);
  const int reader = open(at("pipe").c_str(), O_RDONLY | O_NONBLOCK);
  make("pipe", "trace", kCapture);
  char text[8] = {};
  EXPECT_EQ(::read(reader, text, 8), 5);
  close(reader);
}

TEST_F(OutputTest, TracesAreTheirMakersAlone) {
  const mode_t mask = umask(0);
  make("trace", "one", kCapture);
  EXPECT_EQ(is("trace").st_mode & 07777, 0600u);
  EXPECT_NE(refusal("trace", kCapture).find("exists"), std::string::npos);
  chmod(at("trace").c_str(), 0644);
  make("trace", "two", kCaptureOver);
  EXPECT_EQ(read("trace"), "two");
  EXPECT_EQ(is("trace").st_mode & 07777, 0600u);
  fs::create_hard_link(at("trace"), at("second"));
  chmod(at("trace").c_str(), 0644);
  make("trace", "three", kCaptureOver);
  EXPECT_EQ(read("second"), "three");
  EXPECT_EQ(is("second").st_mode & 07777, 0600u);
  umask(mask);
}

TEST_F(OutputTest, TracesAreNotWrittenThroughLinks) {
  put("file", "mine");
  fs::create_symlink("file", at("link"));
  fs::create_symlink("nothing", at("dangling"));
  for (const char* name : {"link", "dangling"}) {
    EXPECT_NE(refusal(name, kCapture).find("symbolic link"), std::string::npos);
    EXPECT_NE(refusal(name, kCaptureOver).find("symbolic link"), std::string::npos);
  }
  EXPECT_EQ(read("file"), "mine");
}

TEST_F(OutputTest, ATraceThatAppearsMeanwhileIsNotReplaced) {
  OutputFile file(at("trace"), kCapture);
  file.write(std::string("ours"));
  put("trace", "theirs");
  EXPECT_THROW(file.finish(), Error);
  EXPECT_EQ(read("trace"), "theirs");
  EXPECT_EQ(entries(), 1u);
}

// Root, or anyone, in a folder of somebody else.
// Whatever part of a name the link is.
TEST_F(OutputTest, NorByTheFolderOfAName) {
  NEEDS_ROOT();
  fs::create_directory(at("ours"));
  fs::create_directories(at("theirs/real/below"));
  fs::create_directory(at("open"));
  fs::permissions(at("open"), fs::perms(01777));
  for (const auto& [name, target] : {std::pair{"open/link", at("ours")}, {"open/relative", std::string("../ours")}, {"open/up", at("")}, {"open/own", at("theirs/real")}}) {
    fs::create_symlink(target, at(name));
    ASSERT_EQ(lchown(at(name).c_str(), kNobody, kNobody), 0);
  }
  fs::create_symlink(at("open/link"), at("again"));
  for (const char* name : {"theirs", "theirs/real", "theirs/real/below"}) ASSERT_EQ(chown(at(name).c_str(), kNobody, kNobody), 0);
  for (const char* name : {"open/link/new", "open/relative/new", "open/up/ours/new", "again/new", "open/link/../ours/new"}) {
    for (const OutputRules& rules : {OutputRules{}, kCapture}) EXPECT_NE(refusal(name, rules).find("another user made"), std::string::npos) << name;
  }
  make("open/own/new", "to what is theirs");
  make("open/own/below/new", "to what is theirs");
  EXPECT_EQ(read("theirs/real/below/new"), "to what is theirs");
  fs::create_symlink(at("ours"), at("mine"));
  make("mine/new", "by our own link");
  EXPECT_EQ(read("ours/new"), "by our own link");
  make("/../" + fs::path(dir_).parent_path().filename().string() + "/ours/cwd", "up and down");
  fs::create_symlink(at("loop"), at("loop"));
  EXPECT_NE(refusal("loop/new").find("levels"), std::string::npos);
  EXPECT_NE(refusal("ours/new/new").find("Not a directory"), std::string::npos);
}

TEST_F(OutputTest, OthersDoNotLeadUsElsewhere) {
  NEEDS_ROOT();
  put("roots", "precious");
  fs::create_directory(at("theirs"));
  ASSERT_EQ(chown(at("theirs").c_str(), kNobody, kNobody), 0);
  fs::create_symlink(at("roots"), at("theirs/link"));
  ASSERT_EQ(lchown(at("theirs/link").c_str(), kNobody, kNobody), 0);
  EXPECT_NE(refusal("theirs/link").find("another user made"), std::string::npos);
  fs::create_hard_link(at("roots"), at("theirs/hard"));
  EXPECT_NE(refusal("theirs/hard").find("hard link"), std::string::npos);
  EXPECT_NE(refusal("theirs/hard", kCaptureOver).find("hard link"), std::string::npos);
  mkfifo(at("theirs/pipe").c_str(), 0666);
  ASSERT_EQ(chown(at("theirs/pipe").c_str(), kNobody, kNobody), 0);
  EXPECT_NE(refusal("theirs/pipe").find("belongs to another user"), std::string::npos);
  EXPECT_EQ(read("roots"), "precious");
  // To what is theirs anyway.
  put("theirs/own", "");
  ASSERT_EQ(chown(at("theirs/own").c_str(), kNobody, kNobody), 0);
  fs::create_symlink("own", at("theirs/good"));
  ASSERT_EQ(lchown(at("theirs/good").c_str(), kNobody, kNobody), 0);
  make("theirs/good", "text");
  EXPECT_EQ(read("theirs/own"), "text");
  EXPECT_EQ(is("theirs/own").st_uid, kNobody);
}

// ---- signals ----

enum class System { kNameless, kNamed };

class Signals : public OutputTest, public testing::WithParamInterface<System> {
 protected:
  // Where a file system has no files without names.
  bool prepare() const { return GetParam() == System::kNameless || without_nameless_files(); }
};
INSTANTIATE_TEST_SUITE_P(, Signals, testing::Values(System::kNameless, System::kNamed),
                         [](const auto& info) { return info.param == System::kNamed ? "Named" : "Nameless"; });

TEST_P(Signals, LeaveNothingBehind) {
  for (int s : {SIGHUP, SIGINT, SIGQUIT, SIGABRT, SIGUSR1, SIGSEGV, SIGUSR2, SIGPIPE, SIGALRM, SIGTERM, SIGXCPU, SIGXFSZ, SIGPROF, SIGIO, SIGSYS, SIGRTMIN, SIGRTMAX}) {
    put("old", "old");
    Child child([&] {
      usual_actions();
      if (!prepare()) return 77;
      OutputFile fresh(at("new")), over(at("old")), trace(at("trace"), kCapture);
      for (OutputFile* f : {&fresh, &over, &trace}) f->write(std::string(100000, 'x'));
      Child::say_ready();
      for (;;) pause();
    });
    child.wait_until_ready();
    EXPECT_EQ(entries(), GetParam() == System::kNamed ? 4u : 1u);
    kill(child.pid(), s);
    EXPECT_EQ(child.end_signal(), s);
    EXPECT_EQ(entries(), 1u) << "signal " << s;
    EXPECT_EQ(read("old"), "old");
  }
}

TEST_P(Signals, AFileSizeLimitLeavesNothingBehind) {
  Child child([&] {
    usual_actions();
    if (!prepare()) return 77;
    const rlimit limit{1000, 1000};
    setrlimit(RLIMIT_FSIZE, &limit);
    OutputFile file(at("new"));
    file.write(std::string(1000, 'x'));
    file.write(std::string(1000, 'x'));
    return 0;
  });
  EXPECT_EQ(child.end_signal(), SIGXFSZ);
  EXPECT_EQ(entries(), 0u);
}

TEST_P(Signals, FilesAreTheSameEitherWay) {
  put("over", "old");
  chmod(at("over").c_str(), 0604);
  EXPECT_EQ(in_child([&] {
    if (!prepare()) return 77;
    umask(022);
    make("new", "1");
    make("over", "2");
    make("trace", "3", kCapture);
    OutputFile late(at("late"), kCapture);
    put("late", "theirs");
    try {
      late.finish();
    } catch (const Error&) {
      return 0;
    }
    return 1;
  }), 0);
  EXPECT_EQ(read("new") + read("over") + read("trace") + read("late"), "123theirs");
  EXPECT_EQ(is("new").st_mode & 0777, 0644u);
  EXPECT_EQ(is("over").st_mode & 0777, 0604u);
  EXPECT_EQ(is("trace").st_mode & 0777, 0600u);
  EXPECT_EQ(entries(), 4u);
}

TEST_P(Signals, ToAProgramThatReadsAPipe) {
  mkfifo(at("in").c_str(), 0600);
  const std::string tool = std::string(KUTRACE_TOOLS) + "/rawtoevent", in = at("in"), out = at("out");
  Child child([&] {
    usual_actions();
    if (!prepare()) return 77;
    execl(tool.c_str(), tool.c_str(), in.c_str(), "-o", out.c_str(), nullptr);
    return 78;
  });
  const int feed = open(in.c_str(), O_WRONLY);  // returns when it reads
  EXPECT_EQ(write(feed, "x", 1), 1);
  kill(child.pid(), SIGTERM);
  EXPECT_EQ(child.end_signal(), SIGTERM);
  close(feed);
  EXPECT_EQ(entries(), 1u);
}

}  // namespace
}  // namespace kutrace::test
