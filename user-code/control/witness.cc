// SPDX-License-Identifier: BSD-3-Clause
#include "control/witness.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <string>

#include "control/machine.h"

namespace kutrace::capture {

pid_t GroupWitness::start() {
  // Its mask is ours from its first moment: nothing may be lost or end it before it waits.
  sigset_t all, before;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, &before);
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_NAME, "kutrace_witness");
    for (int fd = 0; fd < 1024; ++fd) close(fd);
    while (getppid() == parent) pause();
    _exit(0);
  }
  sigprocmask(SIG_SETMASK, &before, nullptr);
  return child;
}

void GroupWitness::end(pid_t pid) {
  if (pid <= 0) return;
  kill(pid, SIGKILL);
  while (waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
}

// A signal for a group reaches its members one by one, we may be the first. But it is sent under a lock that fork() takes, too:
// behind the fork() of the next witness, the one before it has the signal if it is to get it.
bool GroupWitness::saw(int signal) {
  const pid_t next = start();
  bool pending = false;
  if (const auto text = read_text("/proc/" + std::to_string(pid_) + "/status"); text && pid_ > 0) {
    constexpr char kKey[] = "\nShdPnd:\t";
    const size_t at = text->find(kKey);
    uint64_t mask = 0;
    if (at != std::string::npos) {
      const char* digits = text->data() + at + sizeof(kKey) - 1;
      std::from_chars(digits, text->data() + text->size(), mask, 16);
    }
    pending = (mask >> (signal - 1) & 1) != 0;
  }
  end(pid_);
  pid_ = next;
  return pending;
}

}  // namespace kutrace::capture
