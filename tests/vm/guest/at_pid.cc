// SPDX-License-Identifier: BSD-3-Clause
// at_pid PID COMMAND...: runs a command as the process PID, which nothing else may have; its status is the command's.
#include <linux/sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  pid_t wanted = std::atoi(argv[1]);
  clone_args arguments{};
  arguments.exit_signal = SIGCHLD;
  arguments.set_tid = reinterpret_cast<uintptr_t>(&wanted);
  arguments.set_tid_size = 1;
  const long child = syscall(SYS_clone3, &arguments, sizeof(arguments));
  if (child < 0) {
    std::perror("at_pid: clone3");
    return 2;
  }
  if (child == 0) {
    execvp(argv[2], argv + 2);
    std::perror(argv[2]);
    _exit(127);
  }
  int status = 0;
  waitpid(static_cast<pid_t>(child), &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
