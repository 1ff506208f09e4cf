// SPDX-License-Identifier: BSD-3-Clause
// The conversation of `kutrace query` at a terminal: a pseudo-terminal, at whose other end the test types what a person would, each time after the
// program has asked for it.
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "support/temp_dir.h"

namespace kutrace::test {
namespace {

// Nothing that is waited for takes so long; only a test that fails does.
constexpr int kMostMilliseconds = 120'000;

class QueryPrompt : public TempDir {
 protected:
  void SetUp() override {
    TempDir::SetUp();
    begin();
  }
  void TearDown() override {
    leave();
    TempDir::TearDown();
  }

  void begin() {
    shown_.clear();
    winsize size{};
    size.ws_row = 50;
    size.ws_col = 160;
    child_ = forkpty(&terminal_, nullptr, nullptr, &size);
    if (child_ != 0) return;
    setenv("TERM", "xterm", 1);
    setenv("XDG_STATE_HOME", dir_.c_str(), 1);
    execl(KUTRACE_TOOLS "/kutrace", "kutrace", "query", KUTRACE_TEST_DATA "/rpc.trace.gz", nullptr);
    _exit(127);
  }

  // Its status, -1: it was not there any more.
  int leave(int signal = SIGKILL) {
    if (child_ <= 0) return -1;
    if (signal != 0) kill(child_, signal);
    int status = 0;
    waitpid(child_, &status, 0);
    close(terminal_);
    child_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

  // More of what it shows; false: there is no more.
  bool see_more() {
    pollfd ready{terminal_, POLLIN, 0};
    if (poll(&ready, 1, kMostMilliseconds) <= 0) return false;
    char bytes[4096];
    const ssize_t n = read(terminal_, bytes, sizeof(bytes));
    if (n <= 0) return false;
    shown_.append(bytes, static_cast<size_t>(n));
    return true;
  }

  // Takes all that is shown up to `words`, and them.
  std::string until(const std::string& words) {
    size_t at;
    while ((at = shown_.find(words)) == std::string::npos) {
      if (!see_more()) {
        ADD_FAILURE() << "no " << words << " in " << shown_;
        return "";
      }
    }
    const std::string taken = shown_.substr(0, at + words.size());
    shown_.erase(0, taken.size());
    return taken;
  }

  // The terminal gives keys one by one (a line is edited), or lines (a statement runs): what is typed before the one would be lost, before the other
  // would be no signal.
  void until_keys_are_read(bool one_by_one) {
    for (int i = 0; i < kMostMilliseconds; ++i) {
      termios modes{};
      ASSERT_EQ(tcgetattr(terminal_, &modes), 0);
      if (((modes.c_lflag & ICANON) == 0) == one_by_one) return;
      pollfd ready{terminal_, POLLIN, 0};
      if (poll(&ready, 1, 1) > 0 && !see_more()) break;
    }
    FAIL() << "the terminal stays as it is";
  }

  void until_asked(const std::string& sign = "query> ") {
    until(sign);
    until_keys_are_read(true);
  }

  void type(const std::string& keys) { ASSERT_EQ(write(terminal_, keys.data(), keys.size()), static_cast<ssize_t>(keys.size())); }

  int terminal_ = -1;
  pid_t child_ = -1;
  std::string shown_;
};

TEST_F(QueryPrompt, AnswersAndGoesOnAfterAnError) {
  until_asked();
  type("SELECT 40+2 AS answer;\r");
  until("answer");
  until("42");
  until_asked();
  type("SELECT nothing;\r");
  until("the query: ");
  until_asked();
  type("SELECT\r");
  until_asked("  ...> ");
  type("'on ' || 'two lines' AS said;\r");
  until("on two lines");
  until_asked();
  type(".quit\r");
  EXPECT_EQ(leave(0), 0);
}

TEST_F(QueryPrompt, CompletesAndRemembers) {
  until_asked();
  type("SELECT 'rows: ' || (count(*) > 0) FROM wakeu\t;\r");
  until("rows: true");
  until_asked();
  type(".quit\r");
  EXPECT_EQ(leave(0), 0);
  struct stat is {};
  ASSERT_EQ(stat((dir_ + "kutrace/query_history").c_str(), &is), 0);
  EXPECT_EQ(is.st_mode & 0777, 0600u);
  // The next day.
  begin();
  until_asked();
  type("\x10\x10\r");  // Ctrl-P: the line before, and the one before that
  until("rows: true");
  until_asked();
  type("\x04");  // Ctrl-D
  EXPECT_EQ(leave(0), 0);
}

TEST_F(QueryPrompt, ControlCEndsTheStatementAndNotTheProgram) {
  until_asked();
  type("SELECT count(*) FROM range(1000000000) a, range(1000000000) b WHERE hash(a.range, b.range) = 7;\r");
  until_keys_are_read(false);
  type("\x03");
  until("was interrupted");
  until_asked();
  type("SELECT 40+2;\r");
  until("42");
  until_asked();
  type(".quit\r");
  EXPECT_EQ(leave(0), 0);
}

}  // namespace
}  // namespace kutrace::test
