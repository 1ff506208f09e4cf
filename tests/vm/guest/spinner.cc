// SPDX-License-Identifier: BSD-3-Clause
// spinner CPU: takes that CPU for itself, with a real-time priority and in user code, until it is killed; says `spinning` when
// it has it.
#include <sched.h>

#include <cstdio>
#include <cstdlib>

namespace {

// An emulated CPU lets the others on.
void relax() {
#ifdef __x86_64__
  asm volatile("pause");
#else
  asm volatile("yield");
#endif
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) return 2;
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<size_t>(std::atoi(arguments[1])), &set);
  sched_param priority{};
  priority.sched_priority = 50;
  if (sched_setaffinity(0, sizeof(set), &set) != 0 || sched_setscheduler(0, SCHED_FIFO, &priority) != 0) {
    std::perror("spinner");
    return 1;
  }
  std::puts("spinning");
  std::fflush(stdout);
  for (;;) relax();
}
