// SPDX-License-Identifier: BSD-3-Clause
// kutrace coro record with programs as processes: every event that was attempted is recorded or counted as lost, whatever ends.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>

#include "base/input.h"
#include "coro/coro_check.h"
#include "kutrace/coro_file.h"
#include "support/chain_run.h"
#include "support/temp_dir.h"

namespace kutrace::test {
namespace {

constexpr char kKutrace[] = KUTRACE_TOOLS "/kutrace";

CoroFile read(const std::string& path) {
  const MappedInput input(path);
  Diagnostics diagnostics;
  return read_coro_file(input.bytes(), diagnostics);
}

struct Sum {
  uint64_t attempted = 0, recorded = 0, lost = 0;
  bool exact = true;
};

Sum sum_of(const CoroFile& file) {
  Sum s{file.unplaced, 0, file.unplaced, true};
  for (const CoroThread& t : file.threads) {
    s.attempted += t.attempted;
    s.recorded += t.recorded;
    s.lost += t.lost;
    s.exact = s.exact && t.adds_up();
  }
  return s;
}

class CoroRecord : public TempDir {
 protected:
  // Records a way of coro_program; what it says that it attempted.
  uint64_t record(const std::string& arguments, const std::string& options = "") {
    const std::string command = std::string(kKutrace) + " coro record --overwrite " + options + " -o " + dir_ + "f.coro -- " + KUTRACE_CORO_PROGRAM + " " + arguments + " >" + dir_ + "said 2>" + dir_ + "err";
    EXPECT_EQ(shell(command), 0) << command;
    uint64_t attempted = 0;
    std::ifstream(dir_ + "said") >> attempted;
    return attempted;
  }
  void expect_exact(const std::string& arguments, const std::string& options = "") {
    const uint64_t attempted = record(arguments, options);
    const CoroFile file = read(dir_ + "f.coro");
    const Sum s = sum_of(file);
    EXPECT_GT(attempted, 0u);
    EXPECT_EQ(s.attempted, attempted) << arguments;
    EXPECT_EQ(s.attempted, s.recorded + s.lost) << arguments;
    EXPECT_TRUE(s.exact);
    EXPECT_TRUE(file.damage.empty()) << file.damage[0];
  }
};

TEST_F(CoroRecord, HotLoops) {
  for (const char* arguments : {"loop 300000 1", "loop 300000 64", "loop 300000 256"}) {
    for (const char* options : {"", "--ring 64"}) expect_exact(arguments, options);
  }
}

TEST_F(CoroRecord, ShortThreads) { expect_exact("threads 10000"); }

TEST_F(CoroRecord, MoreThreadsThanRings) { expect_exact("threads 300", "--rings 1 --ring 64"); }

TEST_F(CoroRecord, Fork) { expect_exact("fork"); }

TEST_F(CoroRecord, Exec) {
  const uint64_t attempted = record("exec " KUTRACE_CORO_PROGRAM " loop 100 1");
  const Sum s = sum_of(read(dir_ + "f.coro"));
  EXPECT_EQ(s.attempted, attempted + 24);  // of the coroutine before it
  EXPECT_EQ(s.attempted, s.recorded + s.lost);
}

// Each example is sound, and loses a wakeup when it is told to.
TEST_F(CoroRecord, Examples) {
  for (const auto& [name, grade] : std::map<std::string, char>{{"epoll_loop", 'A'}, {"fibers", 'A'}, {"stealing_pool", 'B'}, {"timer_wheel", 'A'}}) {
    const auto check = [&](const std::string& argument) {
      // What is lost is lost memory, too: LeakSanitizer would say so.
      EXPECT_EQ(shell("ASAN_OPTIONS=detect_leaks=" + std::string(argument.empty() ? "1 " : "0 ") + kKutrace + " coro record --overwrite -o " + dir_ + "f.coro -- " KUTRACE_EXAMPLES "/" + name + argument + " >" + dir_ + "said 2>" + dir_ + "err"), 0) << name;
      return shell(std::string(kKutrace) + " coro check " + dir_ + "f.coro >" + dir_ + "found");
    };
    EXPECT_EQ(check(""), 0) << name;
    EXPECT_EQ(check(" lose"), 1) << name;
    EXPECT_EQ(shell(std::string("test \"$(grep -c '^lost wakeup, grade ") + grade + "' " + dir_ + "found)\" = 1"), 0) << name;
  }
}

// What was written from the description alone reads the same. Losses, values and many threads are in it.
TEST_F(CoroRecord, ASecondReaderAgrees) {
  if (shell("node --version >/dev/null 2>&1") != 0) GTEST_SKIP() << "no node";
  for (const char* arguments : {"loop 3000 64", "fork", "threads 20"}) {
    record(arguments, "--ring 64");
    ASSERT_EQ(shell(std::string(kKutrace) + " coro dump " + dir_ + "f.coro >" + dir_ + "ours"), 0);
    ASSERT_EQ(shell("node " KUTRACE_CORO_READER " " + dir_ + "f.coro >" + dir_ + "theirs"), 0);
    EXPECT_EQ(shell("cmp " + dir_ + "ours " + dir_ + "theirs"), 0) << arguments;
  }
}

// `kutrace coro record` of a program that spins, in a process group of its own, when the program has said that it does.
class Spinning {
 public:
  explicit Spinning(const std::string& file) {
    int out[2];
    if (pipe(out) != 0) return;
    recorder_ = fork();
    if (recorder_ == 0) {
      setpgid(0, 0);
      dup2(out[1], STDOUT_FILENO);
      for (int fd : out) close(fd);
      if (std::freopen((file + ".err").c_str(), "w", stderr) == nullptr) _exit(1);
      execl(kKutrace, kKutrace, "coro", "record", "--ring", "256", "-o", file.c_str(), "--", "/bin/sh", "-c", "echo $$; exec " KUTRACE_CORO_PROGRAM " spin", nullptr);
      _exit(1);
    }
    close(out[1]);
    FILE* said = fdopen(out[0], "r");
    char line[32] = "";
    if (std::fgets(line, sizeof(line), said) != nullptr) program_ = std::atoi(line);
    ready_ = std::fgets(line, sizeof(line), said) != nullptr && std::string(line) == "spins\n";
    std::fclose(said);
  }
  ~Spinning() {
    if (recorder_ > 0) kill(-recorder_, SIGKILL);
    if (!waited_) wait();
  }
  bool ready() const { return ready_ && program_ > 0; }
  pid_t recorder() const { return recorder_; }
  pid_t program() const { return program_; }
  int wait() {
    int status = 0;
    waitpid(recorder_, &status, 0);
    waited_ = true;
    return status;
  }

 private:
  pid_t recorder_ = -1, program_ = -1;
  bool ready_ = false, waited_ = false;
};

#ifdef __SANITIZE_ADDRESS__
constexpr int kKills = 10;
#else
constexpr int kKills = 100;
#endif

TEST_F(CoroRecord, OfAKilledProgramEveryRecordIsThere) {
  for (int i = 0; i < kKills; ++i) {
    const std::string name = dir_ + std::to_string(i) + ".coro";
    Spinning spinning(name);
    ASSERT_TRUE(spinning.ready());
    kill(spinning.program(), SIGKILL);
    const int status = spinning.wait();
    ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 128 + SIGKILL);
    const CoroFile file = read(name);
    const Sum s = sum_of(file);
    ASSERT_TRUE(s.exact) << file.damage[0];
    ASSERT_GE(s.attempted, 200000u);
    ASSERT_LE(s.attempted - s.recorded - s.lost, 1u);  // the event under way
  }
}

TEST_F(CoroRecord, OfAKilledCollectorNothingIsMissedAndTheProgramGoesOn) {
  ASSERT_EQ(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);  // the program is ours to bury then
  for (int i = 0; i < kKills; ++i) {
    const std::string name = dir_ + std::to_string(i) + ".coro";
    Spinning spinning(name);
    ASSERT_TRUE(spinning.ready());
    kill(spinning.recorder(), SIGKILL);
    spinning.wait();
    ASSERT_EQ(kill(spinning.program(), 0), 0);  // it lives
    kill(spinning.program(), SIGKILL);
    int status = 0;
    ASSERT_EQ(waitpid(spinning.program(), &status, 0), spinning.program());
    ASSERT_EQ(WTERMSIG(status), SIGKILL);
    ASSERT_LE(shell(std::string(kKutrace) + " coro harvest " + name + ".part 2>" + dir_ + "err"), 1);
    const CoroFile file = read(name);
    const Sum s = sum_of(file);
    ASSERT_TRUE(s.exact) << file.damage[0];
    ASSERT_TRUE(file.complete);
    ASSERT_GE(s.attempted, 200000u);
    ASSERT_LE(s.attempted - s.recorded - s.lost, 1u);
  }
}

// What a recording says of its area is a text that anybody can have written: no other file is opened and taken away for it.
TEST_F(CoroRecord, ARecordingThatNamesAnotherFileTakesNothingAway) {
  ASSERT_EQ(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
  const std::string name = dir_ + "f.coro", other = dir_ + "kutrace-ring-AbCdEf";
  {
    Spinning spinning(name);
    ASSERT_TRUE(spinning.ready());
    kill(spinning.recorder(), SIGKILL);
    spinning.wait();
    kill(spinning.program(), SIGKILL);
    ASSERT_EQ(waitpid(spinning.program(), nullptr, 0), spinning.program());
  }
  std::ifstream in(name + ".part", std::ios::binary);
  const std::string part(std::istreambuf_iterator<char>(in), {});
  kutrace_coro_section begin{};
  ASSERT_GE(part.size(), sizeof(begin));
  std::memcpy(&begin, part.data(), sizeof(begin));
  const std::string area = part.substr(sizeof(begin), begin.bytes).c_str();
  ASSERT_TRUE(std::filesystem::copy_file(area, other));
  std::string payload = other;
  payload.resize((payload.size() + 8) / 8 * 8);
  begin.bytes = payload.size();
  std::ofstream(dir_ + "evil.part", std::ios::binary) << std::string(reinterpret_cast<const char*>(&begin), sizeof(begin)) + payload;
  EXPECT_NE(shell(std::string(kKutrace) + " coro harvest " + dir_ + "evil.part 2>" + dir_ + "err"), 0);
  EXPECT_TRUE(std::filesystem::exists(other));
  EXPECT_LE(shell(std::string(kKutrace) + " coro harvest " + name + ".part 2>" + dir_ + "err"), 1);
  EXPECT_FALSE(std::filesystem::exists(area));
}

}  // namespace
}  // namespace kutrace::test
