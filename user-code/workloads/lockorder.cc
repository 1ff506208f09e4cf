// SPDX-License-Identifier: BSD-3-Clause
// Two threads and two locks, taken in opposite orders: a cycle that a rescue ends; both giving way for ever; and the cure.
#include <pthread.h>

#include <cerrno>
#include <ctime>

#include "workload.h"

using namespace kutrace::workload;

namespace {

pthread_mutex_t locks[2] = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER};

void take(int which) {
  if (pthread_mutex_trylock(&locks[which]) != 0) {
    kutrace_lock_failed(kutrace_lock_number(&locks[which]));
    pthread_mutex_lock(&locks[which]);
  }
  kutrace_lock_acquired(kutrace_lock_number(&locks[which]));
}

void give(int which) {
  kutrace_lock_released(kutrace_lock_number(&locks[which]));
  pthread_mutex_unlock(&locks[which]);
}

// A try that a clock ends; whether it got the lock.
bool take_within(int which, long ms) {
  kutrace_lock_failed(kutrace_lock_number(&locks[which]));
  timespec until{};
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_nsec += ms % 1000 * 1000000;
  until.tv_sec += ms / 1000 + until.tv_nsec / 1000000000;
  until.tv_nsec %= 1000000000;
  if (pthread_mutex_timedlock(&locks[which], &until) != 0) return false;
  kutrace_lock_acquired(kutrace_lock_number(&locks[which]));
  return true;
}

void cycle(long rescue_ms) {
  Barrier both(2);
  run_threads(2, [&](int k) {
    const Phase phase("lock");
    take(k);
    both.wait();  // each has one
    if (take_within(1 - k, rescue_ms)) give(1 - k);
    give(k);
  });
}

void ordered(long n) {
  run_threads(2, [&](int) {
    const Phase phase("order");
    for (long i = 0; i < n; ++i) {
      take(0);
      take(1);
      sleep_us(100);
      give(1);
      give(0);
    }
  });
}

// Both give way, wait for the same time, and meet again. After n rounds each takes them in order.
void livelock(long n) {
  Barrier both(2);
  run_threads(2, [&](int k) {
    const Phase phase("live");
    for (long i = 0; i < n; ++i) {
      both.wait();
      take(k);
      both.wait();
      const bool got = pthread_mutex_trylock(&locks[1 - k]) == 0;
      if (got) pthread_mutex_unlock(&locks[1 - k]);
      else kutrace_lock_failed(kutrace_lock_number(&locks[1 - k]));
      both.wait();
      give(k);
      if (!got) kutrace_mark_a("again");
    }
  });
}

}  // namespace

KUTRACE_WORKLOAD(lockorder) {
  const Options o(argc, argv, "Two threads, two locks: taken crosswise until a rescue (cycle: phase lock), given back for ever (livelock: live, then order), in order.",
                  {{"mode", "cycle", "cycle, ordered, livelock"}, {"rescue", "300", "ms after which a try is given up"}, {"n", "100", "rounds"}});
  const long n = o.number("n", 1, 100000), rescue = o.number("rescue", 10, 5000);
  kutrace_name_lock(kutrace_lock_number(&locks[0]), "first");
  kutrace_name_lock(kutrace_lock_number(&locks[1]), "second");
  const std::string mode = o.words("mode", {"cycle", "ordered", "livelock"}).front();
  if (mode == "cycle") cycle(rescue);
  if (mode == "livelock") livelock(n);
  if (mode != "cycle") ordered(n);
}
