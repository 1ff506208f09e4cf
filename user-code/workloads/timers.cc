// SPDX-License-Identifier: BSD-3-Clause
// Waiting for a time: how late, how punctual, how expensive.
#include <sys/prctl.h>

#include <ctime>

#include "workload.h"

using namespace kutrace::workload;

namespace {

void until(uint64_t ns) {
  const timespec t{static_cast<time_t>(ns / 1000000000), static_cast<long>(ns % 1000000000)};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, nullptr) != 0) {
  }
}

// A phase for each sleep.
void each(const char* phase, long us, long n, long slack_us) {
  must(prctl(PR_SET_TIMERSLACK, slack_us > 0 ? slack_us * 1000 : 1, 0, 0, 0), "PR_SET_TIMERSLACK");
  for (long k = 0; k < n; ++k) {
    const Phase one(phase);
    sleep_us(us);
  }
}

// Threads that all wait for the same times.
void together(int threads, long us, long n) {
  const uint64_t start = now_ns() + 10000000;
  run_threads(threads, [&](int) {
    must(prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0), "PR_SET_TIMERSLACK");
    const Phase phase("abs");
    for (long k = 1; k <= n; ++k) until(start + static_cast<uint64_t>(k * us) * 1000);
  });
}

// Some work each period: told by what is left of it, or by the clock.
void periodic(bool absolute, long us, long n) {
  const Phase phase(absolute ? "abs" : "rel");
  const uint64_t start = now_ns();
  for (long k = 1; k <= n; ++k) {
    work_us(us / 20);
    if (absolute) until(start + static_cast<uint64_t>(k * us) * 1000);
    else sleep_us(us);
  }
}

void spin(long us, long n) {
  const Phase phase("spin");
  for (long k = 0; k < n; ++k) work_us(us);
}

void asleep(long us, long n) {
  const Phase phase("sleep");
  for (long k = 0; k < n; ++k) sleep_us(us);
}

}  // namespace

KUTRACE_WORKLOAD(timers) {
  const Options o(argc, argv, "Waits: each sleep in a phase (tick; exact and slack), threads for the same times (abs), a period kept or not (rel, abs), looping instead (spin, sleep).",
                  {{"how", "sleep", "tick, exact, slack, together, rel, abs, spin, sleep: in this order"}, {"us", "1000", "us of each wait"}, {"n", "50", "how often"}, {"threads", "8", "of together"}, {"slack", "10000", "us by which the kernel may be late"}});
  const long us = o.number("us", 1, 1000000), n = o.number("n", 1, 100000), slack = o.number("slack", 1, 1000000);
  const int threads = static_cast<int>(o.number("threads", 1, 64));
  for (const std::string& how : o.words("how", {"tick", "exact", "slack", "together", "rel", "abs", "spin", "sleep"})) {
    if (how == "tick") each("tick", us, n, 0);
    if (how == "exact") each("exact", us, n, 0);
    if (how == "slack") each("slack", us, n, slack);
    if (how == "together") together(threads, us, n);
    if (how == "rel" || how == "abs") periodic(how == "abs", us, n);
    if (how == "spin") spin(us, n);
    if (how == "sleep") asleep(us, n);
  }
}
