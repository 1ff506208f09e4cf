// SPDX-License-Identifier: BSD-3-Clause
// `kutrace_control run` as a process, with signals as people and programs send them, and who its command is. Behind it is the model of
// the module. Each test waits for what happens, never for a time.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "support/chain_run.h"
#include "support/child.h"
#include "support/temp_dir.h"

namespace kutrace::test {
namespace {

namespace fs = std::filesystem;

class RunTest : public TempDir {
 protected:
  void SetUp() override {
    TempDir::SetUp();
    fs::permissions(dir_, fs::perms(0755));
    for (const char* name : {"said", "end"}) ASSERT_EQ(mkfifo((dir_ + name).c_str(), 0666), 0);
    said_ = open((dir_ + "said").c_str(), O_RDWR | O_CLOEXEC);
    end_ = open((dir_ + "end").c_str(), O_RDWR | O_CLOEXEC);
  }
  void TearDown() override {
    close(said_);
    close(end_);
    TempDir::TearDown();
  }
  // In a child: becomes kutrace_control run with the command that tells.
  int run_teller() const {
    const std::string errors = dir_ + "errors";
    const int fd = open(errors.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    dup2(fd, 2);
    const std::string trace = dir_ + "t.trace", said = dir_ + "said", end = dir_ + "end";
    execl(KUTRACE_FAKE_CONTROL, "kutrace_control", "run", "-o", trace.c_str(), "--", KUTRACE_TELLER, said.c_str(), end.c_str(), nullptr);
    return 90;
  }
  // The next line of the command.
  std::string next() const {
    std::string line;
    char c;
    while (::read(said_, &c, 1) == 1 && c != '\n') line += c;
    return line;
  }
  void end_command(char status) const { ASSERT_EQ(write(end_, &status, 1), 1); }
  bool silent() const {
    int bytes = 0;
    return ioctl(said_, FIONREAD, &bytes) == 0 && bytes == 0;
  }
  bool saved() const { return fs::exists(dir_ + "t.trace") && fs::file_size(dir_ + "t.trace") > 0; }
  std::string read(const std::string& name) const {
    std::ifstream in(dir_ + name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  int said_ = -1, end_ = -1;
};

std::string line(int s) { return std::to_string(s); }

TEST_F(RunTest, ASignalToUsAloneIsPassedOnOnceAndTheTraceSaved) {
  for (int s : {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGALRM, SIGABRT, SIGSEGV, SIGXCPU, SIGVTALRM, SIGPROF, SIGIO, SIGPWR}) {
    fs::remove(dir_ + "t.trace");
    Child child([&] { usual_actions(); setsid(); return run_teller(); });
    ASSERT_EQ(next(), "ready");
    kill(child.pid(), s);
    EXPECT_EQ(next(), line(s));
    end_command('7');
    EXPECT_EQ(child.status(), 7) << "signal " << s;
    EXPECT_TRUE(saved()) << "signal " << s;
    EXPECT_TRUE(silent()) << "signal " << s;
  }
}

TEST_F(RunTest, ASignalToTheGroupIsOne) {
  Child child([&] { usual_actions(); setsid(); return run_teller(); });
  ASSERT_EQ(next(), "ready");
  kill(-child.pid(), SIGUSR1);
  EXPECT_EQ(next(), line(SIGUSR1));
  // What came first is done first: had it been passed on, it would be here before this one is.
  kill(child.pid(), SIGUSR2);
  EXPECT_EQ(next(), line(SIGUSR2));
  EXPECT_EQ(child.status(), 128 + SIGUSR2);  // the second one: it waits no longer
  EXPECT_TRUE(silent());
  EXPECT_TRUE(saved());
  end_command('0');
}

TEST_F(RunTest, ACommandThatGoesOnDoesNotKeepTheTrace) {
  Child child([&] { usual_actions(); setsid(); return run_teller(); });
  ASSERT_EQ(next(), "ready");
  for (int k = 0; k < 2; ++k) {
    kill(child.pid(), SIGTERM);
    EXPECT_EQ(next(), line(SIGTERM));
  }
  EXPECT_EQ(child.status(), 128 + SIGTERM);
  EXPECT_TRUE(saved());
  EXPECT_NE(read("errors").find("the command goes on"), std::string::npos) << read("errors");
  end_command('0');
}

// A terminal: Ctrl-C reaches the whole group. The command takes its time, and its status counts.
TEST_F(RunTest, OneCtrlCIsOneSigintAndWeWait) {
  int terminal = -1;
  const pid_t pid = forkpty(&terminal, nullptr, nullptr, nullptr);
  if (pid == 0) {
    usual_actions();
    _exit(run_teller());
  }
  ASSERT_EQ(next(), "ready");
  for (int k = 0; k < 3; ++k) {
    ASSERT_EQ(write(terminal, "\x03", 1), 1);
    EXPECT_EQ(next(), line(SIGINT));
    EXPECT_FALSE(saved());
  }
  kill(pid, SIGUSR1);  // behind what was passed on before
  EXPECT_EQ(next(), line(SIGUSR1));
  EXPECT_TRUE(silent());
  end_command('3');
  int status = 0;
  ASSERT_EQ(waitpid(pid, &status, 0), pid);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 3) << status;
  EXPECT_TRUE(saved());
  EXPECT_TRUE(silent());
  close(terminal);
}

TEST_F(RunTest, WhatIsIgnoredAtTheStartStaysIgnored) {
  Child child([&] {
    usual_actions();
    setsid();
    for (int s : {SIGHUP, SIGINT, SIGQUIT, SIGCHLD, SIGPIPE}) signal(s, SIG_IGN);
    return run_teller();
  });
  ASSERT_EQ(next(), "ready 1 2 3 13 17");
  for (int s : {SIGHUP, SIGINT, SIGQUIT}) kill(child.pid(), s);
  kill(child.pid(), SIGUSR1);
  EXPECT_EQ(next(), line(SIGUSR1));
  end_command('5');
  EXPECT_EQ(child.status(), 5);  // and the end of the command is seen, though SIGCHLD was ignored
  EXPECT_TRUE(silent());
  EXPECT_TRUE(saved());
}

TEST_F(RunTest, TheCommandFindsSignalsAsWeDid) {
  Child child([&] { usual_actions(); setsid(); return run_teller(); });
  EXPECT_EQ(next(), "ready");
  end_command('0');
  EXPECT_EQ(child.status(), 0);
}

TEST_F(RunTest, AnImpossibleOutputIsFoundBeforeTheCommandStarts) {
  fs::create_symlink("nothing", dir_ + "link");
  mkfifo((dir_ + "pipe").c_str(), 0600);  // nobody reads it
  for (const char* output : {"no/such/folder/t", ".", "link", "pipe", "said/x"}) {
    EXPECT_EQ(shell("cd " + dir_ + " && " + KUTRACE_FAKE_CONTROL + " run --overwrite -o " + output + " -- touch ran 2>/dev/null"), 2) << output;
    EXPECT_FALSE(fs::exists(dir_ + "ran")) << output;
  }
}

// Nobody empties the pipe that the trace goes to: a signal still gets through, and the trace is not lost.
TEST_F(RunTest, APipeThatNobodyReadsDoesNotHoldUs) {
  const std::string path = dir_ + "pipe";
  mkfifo(path.c_str(), 0600);
  const int reader = open(path.c_str(), O_RDONLY | O_NONBLOCK);
  const int room = fcntl(reader, F_SETPIPE_SZ, 4096);
  Child child([&] {
    usual_actions();
    const int fd = open((dir_ + "errors").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    dup2(fd, 2);
    execl(KUTRACE_FAKE_CONTROL, "kutrace_control", "run", "-o", path.c_str(), "--", "true", nullptr);
    return 90;
  });
  for (int bytes = 0; bytes < room && ioctl(reader, FIONREAD, &bytes) == 0;) sched_yield();
  kill(child.pid(), SIGTERM);
  EXPECT_EQ(child.status(), 2);
  for (const char* part : {"writing was interrupted", "the trace still in the kernel"}) {
    EXPECT_NE(read("errors").find(part), std::string::npos) << read("errors");
  }
  close(reader);
}

// ---- who the command is ----

class RunAs : public RunTest {
 protected:
  void SetUp() override {
    RunTest::SetUp();
    if (geteuid() != 0) GTEST_SKIP() << "needs root";
  }
  // What a command run with these variables and options finds out about itself. Descriptor 7 is one of root's.
  std::string run_as(const std::string& variables, const std::string& options) {
    const std::string command = "cd /; env -u SUDO_UID -u PKEXEC_UID -u DOAS_USER " + variables + " " + KUTRACE_FAKE_CONTROL + " run " + options +
                                " -o " + dir_ + "t.trace --overwrite -- sh -c "
                                "'grep -E \"^(Uid|Gid|Groups|CapInh|CapPrm|CapEff|CapAmb)\" /proc/self/status; "
                                "ls /proc/$$/fd; echo home=$HOME user=$USER sudo=$SUDO_UID' >" + dir_ + "out 2>" + dir_ + "errors 7</etc/shadow";
    status_ = shell(command);
    return read("out");
  }
  bool has(const std::string& text, const std::string& part) const { return text.find(part) != std::string::npos; }
  int status_ = 0;
};

constexpr char kNoCapability[] = "0000000000000000";

TEST_F(RunAs, UnderSudoItIsTheCaller) {
  for (const char* variables : {"SUDO_UID=65534 SUDO_GID=65534 HOME=/root", "PKEXEC_UID=65534 HOME=/root", "DOAS_USER=nobody HOME=/root"}) {
    const std::string out = run_as(variables, "");
    EXPECT_EQ(status_, 0) << read("errors");
    EXPECT_TRUE(has(out, "Uid:\t65534\t65534\t65534\t65534\n")) << out;
    EXPECT_TRUE(has(out, "Gid:\t65534\t65534\t65534\t65534\n")) << out;
    EXPECT_TRUE(has(out, "Groups:\t65534 \n")) << out;
    for (const char* set : {"CapInh:\t", "CapPrm:\t", "CapEff:\t", "CapAmb:\t"}) EXPECT_TRUE(has(out, set + std::string(kNoCapability))) << out;
    EXPECT_TRUE(has(out, "\n0\n1\n2\n")) << out;
    EXPECT_FALSE(has(out, "\n7\n")) << out;
    EXPECT_TRUE(has(out, "home=/nonexistent user=nobody sudo=\n")) << out;
    EXPECT_TRUE(has(read("errors"), "sh runs as nobody (uid 65534), who called ")) << read("errors");
  }
}

TEST_F(RunAs, AUserThatIsNamed) {
  for (const char* name : {"nobody", "65534"}) {
    const std::string out = run_as("SUDO_UID=1 SUDO_GID=1", std::string("--as ") + name);
    EXPECT_TRUE(has(out, "Uid:\t65534\t65534\t65534\t65534\n")) << out << read("errors");
    EXPECT_TRUE(has(read("errors"), "nobody (uid 65534), as --as says")) << read("errors");
  }
  run_as("", "--as no_such_user");
  EXPECT_EQ(status_, 2);
  EXPECT_TRUE(has(read("errors"), "no user `no_such_user`"));
}

TEST_F(RunAs, RootOnlyWhenNothingElseIsSaid) {
  for (const char* variables : {"SUDO_UID=65534 SUDO_GID=65534", "X=1"}) {
    const bool sudo = std::string(variables)[0] == 'S';
    const std::string out = run_as(variables, sudo ? "--as-root" : "");
    EXPECT_TRUE(has(out, "Uid:\t0\t0\t0\t0\n")) << out;
    EXPECT_TRUE(has(read("errors"), "sh runs as root (uid 0)")) << read("errors");
  }
}

TEST_F(RunAs, ACallerThatCannotBeToldIsNotGuessed) {
  for (const char* variables : {"SUDO_UID=", "SUDO_UID=12x", "SUDO_UID=-1", "SUDO_UID=4294967295", "PKEXEC_UID=x", "DOAS_USER=no_such_user"}) {
    run_as(variables, "");
    EXPECT_EQ(status_, 2) << variables;
    EXPECT_EQ(read("out"), "") << variables;
    EXPECT_TRUE(has(read("errors"), "--as-root")) << read("errors");
  }
  // A user that nobody knows has no groups but the one that was given.
  EXPECT_TRUE(has(run_as("SUDO_UID=54321 SUDO_GID=54322", ""), "Groups:\t54322 \n")) << read("out") << read("errors");
}

TEST_F(RunAs, OnlyRootChooses) {
  const int status = in_child([&] {
    if (setuid(65534) != 0) return 9;
    const std::string command = "cd /; (" + std::string(KUTRACE_FAKE_CONTROL) + " run --as-root -- true 2>&1; true) | grep -q 'only root'";
    return shell(command);
  });
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace kutrace::test
