// SPDX-License-Identifier: BSD-3-Clause
// Signals: sent by hand, and in the middle of a call that is then begun again or not.
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <thread>

#include "workload.h"

using namespace kutrace::workload;

namespace {

volatile sig_atomic_t came;
void handler(int) { came = came + 1; }

void handle(int number, int flags) {
  struct sigaction action = {};
  action.sa_handler = handler;
  action.sa_flags = flags;
  must(sigaction(number, &action, nullptr), "sigaction");
}

void by_hand(long n) {
  handle(SIGUSR1, 0);
  const Phase phase("sig");
  for (long k = 0; k < n; ++k) {
    must(kill(getpid(), SIGUSR1), "kill");
    work_us(50);
  }
}

// A read of a pipe into which nothing comes until n signals have.
void in_a_call(long n, bool restart) {
  handle(SIGUSR2, restart ? SA_RESTART : 0);
  int ends[2];
  must(pipe(ends), "pipe");
  const pthread_t reader = pthread_self();
  std::jthread sender([&, n] {
    for (long k = 0; k < n; ++k) {
      sleep_us(2000);  // the reader waits again
      pthread_kill(reader, SIGUSR2);
    }
    sleep_us(2000);
    must(write(ends[1], "x", 1), "write");
  });
  const Phase phase("sig");
  char c;
  while (read(ends[0], &c, 1) != 1) {
    if (errno != EINTR) fail("read");
  }
}

}  // namespace

KUTRACE_WORKLOAD(signals) {
  const Options o(argc, argv, "Signals (phase sig).", {{"how", "kill", "kill, restart, eintr"}, {"n", "50", "signals"}});
  const long n = o.number("n", 1, 10000);
  const std::string how = o.words("how", {"kill", "restart", "eintr"}).front();
  if (how == "kill") by_hand(n);
  else in_a_call(n, how == "restart");
}
