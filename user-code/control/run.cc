// SPDX-License-Identifier: BSD-3-Clause
#include "control/run.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <utility>

#include "control/failure.h"

namespace kutrace::capture {
namespace {

constexpr int kSignals[] = {SIGINT, SIGTERM, SIGHUP};
constexpr time_t kGraceSeconds = 1;

sigset_t watched() {
  sigset_t set;
  sigemptyset(&set);
  for (int s : kSignals) sigaddset(&set, s);
  sigaddset(&set, SIGCHLD);
  return set;
}

[[noreturn]] void become(const std::vector<std::string>& command, int gate, const sigset_t& mask) {
  char go = 0;
  while (read(gate, &go, 1) < 0 && errno == EINTR) {
  }
  if (go == 0) _exit(0);
  std::vector<char*> arguments;
  for (const std::string& a : command) arguments.push_back(const_cast<char*>(a.c_str()));
  arguments.push_back(nullptr);
  sigprocmask(SIG_SETMASK, &mask, nullptr);
  execvp(arguments[0], arguments.data());
  const int error = errno;
  std::fprintf(stderr, "kutrace_control: cannot run %s: %s\n", arguments[0], std::strerror(error));
  _exit(error == ENOENT ? 127 : 126);
}

int as_a_shell_says(int status) { return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status); }

// The end of `child`, or the first signal.
RunResult wait_for(pid_t child) {
  RunResult result;
  int interrupted = 0;
  const sigset_t set = watched();
  for (;;) {
    int status = 0;
    if (waitpid(child, &status, WNOHANG) == child) {
      result.status = as_a_shell_says(status);
      return result;
    }
    const timespec grace{kGraceSeconds, 0};
    const int s = interrupted == 0 ? sigwaitinfo(&set, nullptr) : sigtimedwait(&set, nullptr, &grace);
    if (s < 0 && errno == EAGAIN) break;
    if (s <= 0 || s == SIGCHLD) continue;
    interrupted = s;
    kill(child, s);
  }
  result.status = 128 + interrupted;
  result.still_running = true;
  return result;
}

}  // namespace

Run::Run() {
  const sigset_t set = watched();
  sigprocmask(SIG_BLOCK, &set, &saved_);
}

Run::~Run() {
  // What came while the trace was being saved has been served by saving it.
  const sigset_t set = watched();
  const timespec now{};
  while (sigtimedwait(&set, nullptr, &now) > 0) {
  }
  sigprocmask(SIG_SETMASK, &saved_, nullptr);
}

RunResult Run::operator()(const std::vector<std::string>& command, const std::function<void()>& go) {
  int gate[2];
  if (pipe2(gate, O_CLOEXEC) != 0) throw Failure(std::string("no pipe: ") + std::strerror(errno), "close some files");
  const pid_t child = fork();
  if (child < 0) throw Failure(std::string("cannot fork: ") + std::strerror(errno), "end some processes");
  if (child == 0) {
    close(gate[1]);
    become(command, gate[0], saved_);
  }
  close(gate[0]);
  try {
    go();
  } catch (...) {
    close(gate[1]);
    waitpid(child, nullptr, 0);
    throw;
  }
  const ssize_t sent = write(gate[1], "g", 1);
  close(gate[1]);
  if (sent != 1) kill(child, SIGKILL);
  return wait_for(child);
}

}  // namespace kutrace::capture
