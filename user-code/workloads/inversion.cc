// SPDX-License-Identifier: BSD-3-Clause
// Three priorities and one lock on one CPU: the most urgent thread waits for the least urgent, which the middle one keeps from running,
// unless the mutex lends it the priority of who waits. Needs the right to real-time priorities.
#include <pthread.h>

#include "workload.h"

using namespace kutrace::workload;

namespace {

void take(pthread_mutex_t& mutex) {
  const uint32_t number = kutrace_lock_number(&mutex);
  if (pthread_mutex_trylock(&mutex) != 0) {
    kutrace_lock_failed(number);
    pthread_mutex_lock(&mutex);
  }
  kutrace_lock_acquired(number);
}

void give(pthread_mutex_t& mutex) {
  kutrace_lock_released(kutrace_lock_number(&mutex));
  pthread_mutex_unlock(&mutex);
}

void scene(const char* phase, int protocol, long mid_ms) {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  if ((errno = pthread_mutexattr_setprotocol(&attributes, protocol)) != 0) fail("a mutex that inherits");
  pthread_mutex_t mutex;
  if ((errno = pthread_mutex_init(&mutex, &attributes)) != 0) fail("a mutex that inherits");
  Barrier held(3);
  run_threads(
      3,
      [&](int k) {
        static const int priority[] = {10, 20, 30};
        if (!set_policy("fifo", priority[k])) fail("a real-time priority");
        if (k == 0) {
          const Phase low("low");
          take(mutex);
          held.wait();  // the others come only now
          work_us(15000);
          give(mutex);
        } else if (k == 1) {
          held.wait();
          sleep_us(4000);
          const Phase mid("mid");
          work_us(mid_ms * 1000);
        } else {
          held.wait();
          sleep_us(2000);
          const Phase high(phase);
          take(mutex);
          give(mutex);
        }
      },
      [](int) { return 0; });
  pthread_mutex_destroy(&mutex);
  pthread_mutexattr_destroy(&attributes);
}

}  // namespace

KUTRACE_WORKLOAD(inversion) {
  const Options o(argc, argv, "Priority inversion with a plain mutex and with one that inherits (phases plain and inh of the most urgent thread; mid, low).",
                  {{"mutex", "plain,inherit", "plain, inherit: in this order"}, {"mid", "200", "ms of computing of the middle thread"}});
  const long mid = o.number("mid", 1, 900);
  for (const std::string& kind : o.words("mutex", {"plain", "inherit"})) {
    if (kind == "plain") scene("plain", PTHREAD_PRIO_NONE, mid);
    else scene("inh", PTHREAD_PRIO_INHERIT, mid);
  }
}
