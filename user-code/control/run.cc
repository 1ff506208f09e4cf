// SPDX-License-Identifier: BSD-3-Clause
#include "control/run.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>

#include "control/failure.h"
#include "control/witness.h"
#include "kutrace.h"

namespace kutrace::capture {
namespace {

// What ends a process by default, and can be waited for; real-time signals, too (is_deadly). A fault of our own cannot be waited
// for: it ends us whatever is blocked.
constexpr int kDeadly[] = {SIGHUP,  SIGINT,  SIGQUIT, SIGILL,  SIGTRAP,   SIGABRT, SIGBUS, SIGFPE, SIGUSR1, SIGSEGV,
                           SIGUSR2, SIGALRM, SIGTERM, SIGXCPU, SIGVTALRM, SIGPROF, SIGIO,  SIGPWR, SIGSYS,  SIGSTKFLT};
// What writing can bring upon us: it is to fail instead.
constexpr int kOfWriting[] = {SIGPIPE, SIGXFSZ};

bool is_deadly(int s) {
  for (int d : kDeadly) {
    if (s == d) return true;
  }
  return s >= SIGRTMIN && s <= SIGRTMAX;
}

void do_nothing(int) {}

// Prints without the heap: for a child of a program with threads.
void complain(const char* what, const char* which, int error) {
  const char* why = strerrordesc_np(error);
  for (const char* part : {"kutrace_control: ", what, which, ": ", why != nullptr ? why : "unknown error", "\n"}) {
    if (write(STDERR_FILENO, part, std::strlen(part)) < 0) return;
  }
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (const std::string& t : texts) list.push_back(const_cast<char*>(t.c_str()));
  list.push_back(nullptr);
  return list;
}

int as_a_shell_says(int status) { return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status); }

pid_t wait_until_gone(pid_t child, int* status) {
  pid_t result;
  do {
    result = waitpid(child, status, 0);
  } while (result < 0 && errno == EINTR);
  return result;
}

struct Deadline {
  bool set = false;
  timespec at{};
  void begin() {
    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += kGraceSeconds;
    set = true;
  }
  timespec left() const {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    const int64_t ns = (at.tv_sec - now.tv_sec) * int64_t{1000000000} + (at.tv_nsec - now.tv_nsec);
    return ns <= 0 ? timespec{} : timespec{static_cast<time_t>(ns / 1000000000), static_cast<long>(ns % 1000000000)};
  }
};

// A signal while `child` runs: whether the child has it, or is to get it, and what we do then.
class Forwarder {
 public:
  explicit Forwarder(pid_t child) : child_(child) {}
  // True if the command alone decides: it was asked at the terminal.
  bool take(const siginfo_t& info) {
    const int s = info.si_signo;
    const bool kernel = info.si_code > 0;  // the terminal, or a limit of ours
    const bool terminal = kernel && (s == SIGINT || s == SIGQUIT || s == SIGHUP);
    const bool to_group = terminal || (!kernel && witness_.saw(s));
    const bool in_group = getpgid(child_) == getpgrp();
    const bool own = kernel && !terminal;                     // meant for this process by the kernel
    const bool answer = !kernel && info.si_pid == child_;     // the command's own
    if (!own && !answer && !(to_group && in_group)) kill(child_, s);
    return terminal && s != SIGHUP;
  }

 private:
  pid_t child_;
  GroupWitness witness_;
};

RunResult wait_for(pid_t child, const sigset_t& watched, Forwarder& forwarder) {
  RunResult result;
  Deadline deadline;
  for (;;) {
    int status = 0;
    if (waitpid(child, &status, WNOHANG) == child) {
      result.status = as_a_shell_says(status);
      return result;
    }
    siginfo_t info{};
    const timespec left = deadline.set ? deadline.left() : timespec{};
    const int s = deadline.set ? sigtimedwait(&watched, &info, &left) : sigwaitinfo(&watched, &info);
    if (s < 0 && errno == EAGAIN) break;
    if (s <= 0 || s == SIGCHLD) continue;
    const bool asked_before = deadline.set;
    const bool commands_choice = forwarder.take(info);
    result.status = 128 + s;
    if (asked_before && !commands_choice) break;
    if (!commands_choice) deadline.begin();
  }
  result.still_running = true;
  return result;
}

}  // namespace

Run::Run() {
  sigemptyset(&watched_);
  sigprocmask(SIG_SETMASK, nullptr, &saved_);
  waiting_ = saved_;
  for (int s = 1; s < NSIG; ++s) {
    auto& old = before_[static_cast<size_t>(s)];
    old = {};
    if (sigaction(s, nullptr, &old) != 0 || !is_deadly(s) || old.sa_handler == SIG_IGN) continue;
    sigaddset(&watched_, s);
    sigdelset(&waiting_, s);
  }
  sigaddset(&watched_, SIGCHLD);
  sigprocmask(SIG_BLOCK, &watched_, nullptr);
  struct sigaction nothing {};
  nothing.sa_handler = do_nothing;  // without SA_RESTART: it ends the wait that let it in
  for (int s = 1; s < NSIG; ++s) {
    if (s != SIGCHLD && sigismember(&watched_, s) == 1) sigaction(s, &nothing, nullptr);
  }
  // The end of a child must be told, whatever our parent thought of its own.
  struct sigaction usual {};
  usual.sa_handler = SIG_DFL;
  sigaction(SIGCHLD, &usual, nullptr);
  struct sigaction ignored {};
  ignored.sa_handler = SIG_IGN;
  for (int s : kOfWriting) sigaction(s, &ignored, nullptr);
}

Run::~Run() {
  // What came while the trace was being saved has been served by saving it.
  const timespec now{};
  while (sigtimedwait(&watched_, nullptr, &now) > 0) {
  }
  for (int s = 1; s < NSIG; ++s) {
    if (sigismember(&watched_, s) == 1) sigaction(s, &before_[static_cast<size_t>(s)], nullptr);
  }
  for (int s : kOfWriting) sigaction(s, &before_[static_cast<size_t>(s)], nullptr);
  sigprocmask(SIG_SETMASK, &saved_, nullptr);
}

// As they were, but for handlers of ours, which exec would take away a moment too late.
void Run::actions_for_command() const {
  for (int s = 1; s < NSIG; ++s) {
    struct sigaction old = before_[static_cast<size_t>(s)];
    const bool changed = sigismember(&watched_, s) == 1 || s == SIGPIPE || s == SIGXFSZ;
    if (old.sa_handler != SIG_IGN) old.sa_handler = SIG_DFL;
    if (changed) sigaction(s, &old, nullptr);
  }
}

RunResult Run::operator()(const std::vector<std::string>& command, const Identity& who, int marks, const std::function<void()>& go) {
  // All that the child needs is made here: it makes system calls only.
  std::vector<std::string> variables = who.environment;
  if (marks >= 0) variables.push_back(KUTRACE_DESCRIPTOR_VARIABLE "=" + std::to_string(marks));
  const std::vector<char*> arguments = pointers(command), environment = pointers(variables);
  int gate[2];  // the child says that it is who it is to be, then waits for a byte
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, gate) != 0) {
    throw Failure(std::string("no sockets: ") + std::strerror(errno), "close some files");
  }
  const pid_t child = fork();
  if (child < 0) {
    const int error = errno;
    for (int fd : gate) close(fd);
    throw Failure(std::string("cannot fork: ") + std::strerror(error), "end some processes");
  }
  if (child == 0) {
    close(gate[0]);  // or it would not see the end of what it waits for
    const int error = take_identity(who, gate[1], marks);
    char byte = 0;
    if (write(gate[1], &error, sizeof(error)) != sizeof(error) || error != 0 || recv(gate[1], &byte, 1, MSG_WAITALL) != 1) _exit(126);
    actions_for_command();
    sigprocmask(SIG_SETMASK, &saved_, nullptr);
    if (marks >= 0) fcntl(marks, F_SETFD, 0);
    execvpe(arguments[0], arguments.data(), environment.data());
    const int why = errno;
    complain("cannot run ", arguments[0], why);
    _exit(why == ENOENT ? 127 : 126);
  }
  close(gate[1]);
  Forwarder forwarder(child);
  const auto give_up = [&] {
    close(gate[0]);
    wait_until_gone(child, nullptr);
  };
  int error = EPERM;
  if (recv(gate[0], &error, sizeof(error), MSG_WAITALL) != sizeof(error) || error != 0) {
    give_up();
    throw Failure("cannot run the command as " + who.description + ": " + std::strerror(error), "--as-root runs it as root");
  }
  try {
    go();
  } catch (...) {
    give_up();
    throw;
  }
  const ssize_t sent = send(gate[0], "g", 1, MSG_NOSIGNAL);
  close(gate[0]);
  if (sent != 1) kill(child, SIGKILL);
  return wait_for(child, watched_, forwarder);
}

}  // namespace kutrace::capture
