// SPDX-License-Identifier: BSD-3-Clause
#include "support/child.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <exception>

namespace kutrace::test {
namespace {

int ready_end = -1;  // in a child: where say_ready() writes

}  // namespace

Child::Child(const std::function<int()>& body) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return;
  std::fflush(nullptr);
  pid_ = fork();
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    close(ends[0]);
    ready_end = ends[1];
    int status = 99;
    try {
      status = body();
    } catch (const std::exception& error) {
      std::fprintf(stderr, "child: %s\n", error.what());
    }
    _exit(status);
  }
  close(ends[1]);
  ready_ = ends[0];
}

Child::~Child() {
  if (pid_ > 0) kill(pid_, SIGKILL);
  wait();
  if (ready_ >= 0) close(ready_);
}

void Child::say_ready() {
  if (write(ready_end, "r", 1) != 1) _exit(98);
}

void Child::wait_until_ready() {
  char byte;
  while (read(ready_, &byte, 1) < 0 && errno == EINTR) {
  }
}

int Child::wait() {
  if (pid_ > 0) {
    while (waitpid(pid_, &result_, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
  }
  return result_;
}

int Child::status() {
  const int result = wait();
  return WIFEXITED(result) ? WEXITSTATUS(result) : 128 + WTERMSIG(result);
}

int Child::end_signal() {
  const int result = wait();
  return WIFSIGNALED(result) ? WTERMSIG(result) : 0;
}

int in_child(const std::function<int()>& body) { return Child(body).status(); }

void usual_actions() {
  for (int s = 1; s < NSIG; ++s) signal(s, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
}

bool without_nameless_files() {
  constexpr unsigned kFlag = O_TMPFILE & ~static_cast<unsigned>(O_DIRECTORY);
  sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args) + 2 * sizeof(__u64)),
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, kFlag, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EOPNOTSUPP),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program{sizeof(filter) / sizeof(filter[0]), filter};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

}  // namespace kutrace::test
