// SPDX-License-Identifier: BSD-3-Clause
// A traced command that tells what it gets: writes "ready IGNORED..." (the signals that are ignored) to the first FIFO, then the
// number of each signal that comes, a line each. A byte from the second FIFO ends it: that is its exit status, from '0' on.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cstdio>
#include <string>

namespace {

void tell(int to, const std::string& line) {
  const std::string text = line + "\n";
  if (write(to, text.data(), text.size()) < 0) _exit(9);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 9;
  std::string ignored = "ready";
  sigset_t all;
  sigfillset(&all);
  for (int s = 1; s < 32; ++s) {
    struct sigaction now {};
    if (sigaction(s, nullptr, &now) == 0 && now.sa_handler == SIG_IGN) {
      ignored += " " + std::to_string(s);
      sigdelset(&all, s);
    }
  }
  sigprocmask(SIG_SETMASK, &all, nullptr);
  const int signals = signalfd(-1, &all, SFD_CLOEXEC), to = open(argv[1], O_WRONLY), from = open(argv[2], O_RDONLY);
  tell(to, ignored);
  for (;;) {
    pollfd ends[2] = {{signals, POLLIN, 0}, {from, POLLIN, 0}};
    if (poll(ends, 2, -1) < 0) continue;
    signalfd_siginfo info{};
    if ((ends[0].revents & POLLIN) != 0 && read(signals, &info, sizeof(info)) == sizeof(info)) {
      tell(to, std::to_string(info.ssi_signo));
      continue;
    }
    char status = '8';
    if (ends[1].revents != 0) return read(from, &status, 1) == 1 ? status - '0' : 8;
  }
}
