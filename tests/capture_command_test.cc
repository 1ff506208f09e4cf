// SPDX-License-Identifier: BSD-3-Clause
// kutrace_control as it is typed: arguments, commands on standard input, exit statuses, messages. In process with a
// model of the module; and the program itself on this machine, whose kernel is not patched.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <thread>

#include "control/command_line.h"
#include "control/interactive.h"
#include "support/chain_run.h"
#include "support/fake_module.h"
#include "support/temp_dir.h"

namespace {

using namespace kutrace::capture;
using kutrace::test::FakeModule;
using kutrace::test::FakeOptions;
using kutrace::test::shell;
namespace fs = std::filesystem;

class Command : public kutrace::test::TempDir {
 protected:
  // What it prints goes to out_ and err_.
  int control(FakeModule& module, std::vector<std::string> words) {
    words.insert(words.begin(), "kutrace_control");
    std::vector<char*> argv;
    for (std::string& w : words) argv.push_back(w.data());
    argv.push_back(nullptr);
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const int status = run_command_line(static_cast<int>(words.size()), argv.data(), module, machine_);
    std::fflush(stdout);
    out_ = testing::internal::GetCapturedStdout();
    err_ = testing::internal::GetCapturedStderr();
    return status;
  }
  // The program, with its output in out_ and err_.
  int program(const std::string& arguments) {
    const int status = shell("cd " + dir_ + " && " + KUTRACE_CONTROL + " " + arguments + " >stdout 2>stderr");
    out_ = text("stdout");
    err_ = text("stderr");
    return status;
  }
  std::string text(const std::string& name) const {
    std::ifstream in(dir_ + name);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  bool says(const std::string& part) const { return err_.find(part) != std::string::npos; }
  Machine machine_;
  std::string out_, err_;
};

TEST_F(Command, GoAsksForSamples) {
  FakeModule module;
  EXPECT_EQ(control(module, {"go"}), 0) << err_;
  EXPECT_FALSE(module.memory);
  EXPECT_EQ(control(module, {"go", "-f", "--tick", "1000000"}), 0) << err_;
  ASSERT_TRUE(module.memory);
  EXPECT_EQ(module.memory->interval_ns, 1000000u);
  EXPECT_EQ(module.memory->flags, 0u);
  EXPECT_NE(module.memory->used & KUTRACE_USED_BIT(KUTRACE_USED_FAULTS), 0u);
  EXPECT_EQ(module.memory->used & KUTRACE_USED_BIT(KUTRACE_USED_CYCLES), 0u);
  EXPECT_EQ(control(module, {"go", "-f", "--tick", "50000", "--staggered", "--used", "cycles,faults"}), 0) << err_;
  EXPECT_EQ(module.memory->flags, static_cast<unsigned>(KUTRACE_MEMORY_STAGGERED));
  EXPECT_EQ(module.memory->used, KUTRACE_USED_BIT(KUTRACE_USED_CYCLES) | KUTRACE_USED_BIT(KUTRACE_USED_FAULTS));
  for (const char* wrong : {"49999", "100000001", "nan", "-1"}) EXPECT_NE(control(module, {"go", "-f", "--tick", wrong}), 0) << wrong;
  EXPECT_NE(control(module, {"go", "-f", "--tick", "50000", "--used", "cycles,luck"}), 0);
}

TEST_F(Command, GoMarkStatStop) {
  FakeModule module;
  EXPECT_EQ(control(module, {"test"}), 0);
  EXPECT_EQ(out_, "tracing: off\n");
  EXPECT_EQ(control(module, {"go", "--ipc", "--wrap"}), 0) << err_;
  EXPECT_EQ(control(module, {"test"}), 0);
  EXPECT_EQ(out_, "tracing: on\n");
  EXPECT_EQ(control(module, {"mark", "hello"}), 0) << err_;
  EXPECT_EQ(control(module, {"mark", "-k", "d", "7"}), 0) << err_;
  EXPECT_EQ(module.marks.size(), 2u);
  module.activity(1000);
  EXPECT_EQ(control(module, {"stat"}), 0);
  EXPECT_NE(out_.find("events lost: 0"), std::string::npos) << out_;
  EXPECT_EQ(control(module, {"stop", "-o", dir_ + "a.trace"}), 0) << err_;
  EXPECT_TRUE(says("wrote " + dir_ + "a.trace: 2 blocks, 0.1 MB")) << err_;
  EXPECT_EQ(fs::file_size(dir_ + "a.trace"), 2u * 73728);
}

TEST_F(Command, LostEventsGiveStatusOne) {
  FakeModule module;
  control(module, {"go"});
  module.activity(10);
  module.lose(3);
  EXPECT_EQ(control(module, {"stat"}), 1);
  EXPECT_NE(out_.find("events lost: 3\n  CPU 0: 3\n"), std::string::npos) << out_;
  EXPECT_EQ(control(module, {"stop", dir_ + "a.trace"}), 1);
  EXPECT_TRUE(says("3 events lost")) << err_;
}

TEST_F(Command, ASecondControllerIsTold) {
  FakeModule module;
  control(module, {"go"});
  EXPECT_EQ(control(module, {"go"}), 2);
  EXPECT_TRUE(says("traces already")) << err_;
  EXPECT_TRUE(says("--force"));
  EXPECT_EQ(control(module, {"go", "--force"}), 0) << err_;
  EXPECT_EQ(control(module, {"-force", "go"}), 0) << err_;
}

TEST_F(Command, TheOldWay) {
  FakeModule module;
  EXPECT_EQ(control(module, {"1"}), 0) << err_;
  EXPECT_TRUE(module.tracing());
  module.activity(10);
  const fs::path before = fs::current_path();
  fs::current_path(dir_);
  EXPECT_EQ(control(module, {"0"}), 0) << err_;
  fs::current_path(before);
  EXPECT_FALSE(module.tracing());
  EXPECT_EQ(std::distance(fs::directory_iterator(dir_), fs::directory_iterator{}), 1);
  EXPECT_EQ(fs::directory_iterator(dir_)->path().filename().string().substr(0, 3), "ku_");
  EXPECT_EQ(control(module, {"goipcwrap"}), 0) << err_;
  EXPECT_EQ(control(module, {"markb", "x"}), 0) << err_;
}

TEST_F(Command, InteractiveCommands) {
  FakeModule module;
  Session session(module, machine_);
  Interactive interactive(session, false);
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  std::istringstream in("init\non\nmark a\nmarkb b\nmarkd 3\ntest\nstat\nwait 0.01\noff\nflush\ndump " + dir_ + "one\n\n  \n"
                        "gollc\r\nstop " + dir_ + "two.trace\nreset\nbogus\nwait x\nquit\nnever\n");
  EXPECT_EQ(interactive.loop(in, false), 2);
  std::fflush(stdout);
  const std::string out = testing::internal::GetCapturedStdout();
  const std::string err = testing::internal::GetCapturedStderr();
  EXPECT_TRUE(fs::exists(dir_ + "one.trace")) << err;
  EXPECT_TRUE(fs::exists(dir_ + "two.trace")) << err;
  EXPECT_EQ(module.marks.size(), 3u);
  EXPECT_NE(out.find("tracing: on"), std::string::npos);
  EXPECT_NE(err.find("no command `bogus`"), std::string::npos) << err;
  EXPECT_NE(err.find("wait takes seconds"), std::string::npos) << err;
  EXPECT_EQ(err.find("never"), std::string::npos);
}

TEST_F(Command, EveryGoOfTheReference) {
  for (const char* word : {"go", "goipc", "gollc", "goipcllc", "gowrap", "goipcwrap", "gollcwrap", "goipcllcwrap", "init", "initipc",
                           "on", "off", "flush", "reset", "stat", "dump", "stop", "wait", "mark", "marka", "markd", "test", "quit",
                           "exit", "0", "1"}) {
    EXPECT_TRUE(Interactive::knows(word)) << word;
  }
  for (const char* word : {"", "gone", "gowrapipc", "marke", "markab", "-h"}) EXPECT_FALSE(Interactive::knows(word)) << word;
}

// Defect L11: 250 characters and an ending.
TEST_F(Command, LongNames) {
  FakeModule module;
  control(module, {"go"});
  module.activity(10);
  EXPECT_EQ(control(module, {"stop", dir_ + std::string(300, 'x')}), 2);
  EXPECT_TRUE(says("File name too long")) << err_;
  EXPECT_EQ(control(module, {"stop", dir_ + std::string(240, 'x')}), 0) << err_;
}

// Defect L10: two traces of one session.
TEST_F(Command, TwoDumpsAreTwoFiles) {
  FakeModule module;
  const fs::path before = fs::current_path();
  fs::current_path(dir_);
  for (int k = 0; k < 2; ++k) {
    control(module, {"go"});
    module.activity(10);
    EXPECT_EQ(control(module, {"stop"}), 0) << err_;
  }
  fs::current_path(before);
  EXPECT_EQ(std::distance(fs::directory_iterator(dir_), fs::directory_iterator{}), 2);
}

// ---- run ----

TEST_F(Command, RunGivesTheCommandsStatusAndSaves) {
  FakeModule module;
  EXPECT_EQ(control(module, {"run", "-o", dir_ + "a.trace", "--", "sh", "-c", "exit 7"}), 7) << err_;
  EXPECT_TRUE(fs::exists(dir_ + "a.trace"));
  EXPECT_EQ(control(module, {"run", "--wrap", "-o", dir_ + "b.trace", "sh", "-c", "kill -9 $$"}), 137) << err_;
  EXPECT_TRUE(fs::exists(dir_ + "b.trace"));
  EXPECT_EQ(control(module, {"run", "-o", dir_ + "c.trace", "--", "true"}), 0) << err_;
}

TEST_F(Command, RunOfNothing) {
  FakeModule module;
  EXPECT_EQ(control(module, {"run", "-o", dir_ + "a.trace", "--", dir_ + "nothing"}), 127);
  EXPECT_TRUE(fs::exists(dir_ + "a.trace"));
  EXPECT_EQ(control(module, {"run"}), 2);
  EXPECT_TRUE(says("needs a command")) << err_;
}

TEST_F(Command, RunDoesNotBeginIfItCannotTrace) {
  FakeOptions fake;
  fake.open_error = ENOENT;
  FakeModule module(fake);
  EXPECT_EQ(control(module, {"run", "--", "touch", dir_ + "ran"}), 2);
  EXPECT_FALSE(fs::exists(dir_ + "ran"));
  FakeModule good;
  std::ofstream(dir_ + "a.trace") << "mine";
  EXPECT_EQ(control(good, {"run", "-o", dir_ + "a.trace", "--", "touch", dir_ + "ran"}), 2);
  EXPECT_TRUE(says("exists")) << err_;
  EXPECT_FALSE(fs::exists(dir_ + "ran"));
}

TEST_F(Command, RunSavesWhenItIsInterrupted) {
  FakeModule module;
  const pid_t us = getpid();
  const pthread_t main_thread = pthread_self();
  (void)us;
  std::thread killer([&] {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
    for (int k = 0; k < 500 && !fs::exists(dir_ + "began"); ++k) usleep(10000);
    pthread_kill(main_thread, SIGTERM);
  });
  const int status = control(module, {"run", "-o", dir_ + "a.trace", "--", "sh", "-c", "touch " + dir_ + "began; exec sleep 60"});
  killer.join();
  EXPECT_EQ(status, 128 + SIGTERM) << err_;
  EXPECT_TRUE(fs::exists(dir_ + "a.trace")) << err_;
}

TEST_F(Command, NamesArePrinted) {
  FakeModule module;
  EXPECT_EQ(control(module, {"names"}), 0);
  EXPECT_NE(out_.find("errno 2 ENOENT\n"), std::string::npos);
  EXPECT_TRUE(module.requests.empty());
}

TEST_F(Command, WrongArguments) {
  FakeModule module;
  EXPECT_EQ(control(module, {"bogus"}), 2);
  EXPECT_EQ(control(module, {"go", "--bogus"}), 2);
  EXPECT_EQ(control(module, {"mark"}), 2);
  EXPECT_EQ(control(module, {"mark", "-k", "e", "x"}), 2);
  EXPECT_EQ(control(module, {"stop", "-o", ""}), 2);
  EXPECT_EQ(control(module, {"stop", ""}), 2);
  EXPECT_EQ(control(module, {"run", "-o", "", "--", "true"}), 2);
  EXPECT_EQ(control(module, {"--help"}), 0);
  EXPECT_NE(out_.find("run"), std::string::npos);
  EXPECT_EQ(control(module, {"--version"}), 0);
  EXPECT_EQ(out_, "0.1.0\n");
  EXPECT_TRUE(module.requests.empty());
}

// ---- the program on a kernel without the patch ----

class Unpatched : public Command {
 protected:
  void SetUp() override {
    Command::SetUp();
    if (fs::exists(KUTRACE_DEVICE)) GTEST_SKIP() << "this kernel can trace";
  }
};

TEST_F(Unpatched, EveryCommandSaysWhy) {
  for (const char* arguments : {"go", "stop", "test", "stat", "reset", "mark x", "run -- true", "1", "0", "goipc", "init"}) {
    EXPECT_EQ(program(arguments), 2) << arguments;
    EXPECT_TRUE(says("kernel")) << arguments << ": " << err_;
    EXPECT_TRUE(says("boot a")) << arguments << ": " << err_;
    EXPECT_EQ(std::count(err_.begin(), err_.end(), '\n'), 1) << err_;
  }
  EXPECT_EQ(std::distance(fs::directory_iterator(dir_), fs::directory_iterator{}), 2);  // the two that program() makes
}

TEST_F(Unpatched, InteractiveThroughAPipe) {
  EXPECT_EQ(shell("printf 'go\\ntest\\nquit\\n' | " + std::string(KUTRACE_CONTROL) + " >/dev/null 2>" + dir_ + "stderr"), 2);
  err_ = text("stderr");
  EXPECT_EQ(std::count(err_.begin(), err_.end(), '\n'), 2) << err_;
  EXPECT_EQ(shell("printf 'help\\nquit\\n' | " + std::string(KUTRACE_CONTROL) + " >/dev/null"), 0);
  EXPECT_EQ(shell(std::string(KUTRACE_CONTROL) + " </dev/null"), 0);
}

TEST_F(Unpatched, WorkloadsRunUntraced) {
  EXPECT_EQ(shell(std::string(KUTRACE_HELLO) + " >/dev/null"), 0);
  EXPECT_EQ(shell(std::string(KUTRACE_GROUND_TRUTH) + " " + dir_ + "truth.txt"), 0);
  const std::string truth = text("truth.txt");
  EXPECT_TRUE(truth.starts_with("kutrace-truth 1\nprocess "));
  EXPECT_TRUE(truth.ends_with("\nend-of-truth\n"));
  EXPECT_NE(truth.find(" openat 65436 -2\n"), std::string::npos) << truth;  // AT_FDCWD, ENOENT
  EXPECT_NE(truth.find(" read "), std::string::npos);
}

}  // namespace
