// SPDX-License-Identifier: BSD-3-Clause
// neighbour SECONDS BURST_MS: for so many seconds one thread does the same small piece of work again and again, each between marks
// `work` and `/work`, on the first CPU; on the last one a thread named `hog` takes fresh memory for BURST_MS of each 200 ms; 0: never.
// Both have one address space, and the work maps a page of its own: while the hog's memory is handed out, that waits. So the work is slow
// because of its neighbour on every machine, emulated ones too, which have no bus to fill.
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <thread>

#include "kutrace.h"

namespace {

using Clock = std::chrono::steady_clock;
using Ms = std::chrono::milliseconds;

void stay_on(long cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<size_t>(cpu), &set);
  sched_setaffinity(0, sizeof(set), &set);
}

// Fresh pages, all at once: the address space is locked meanwhile.
void take_memory(size_t bytes) {
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  if (memory != MAP_FAILED) munmap(memory, bytes);
}

void hog(Clock::time_point end, Ms burst) {
  prctl(PR_SET_NAME, "hog");
  stay_on(sysconf(_SC_NPROCESSORS_ONLN) - 1);
  for (auto next = Clock::now(); next < end; next += Ms(200)) {
    std::this_thread::sleep_until(next);
    for (const auto stop = Clock::now() + burst; Clock::now() < stop;) take_memory(size_t{8} << 20);
  }
}

void work(Clock::time_point end) {
  prctl(PR_SET_NAME, "victim");
  stay_on(0);
  volatile unsigned sum = 0;
  while (Clock::now() < end) {
    kutrace_mark_a("work");
    for (unsigned i = 0; i < 200000; ++i) sum = sum + i;
    take_memory(4096);
    kutrace_mark_a("/work");
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const auto end = Clock::now() + std::chrono::seconds(std::atoi(argv[1]));
  const Ms burst(std::atoi(argv[2]));
  std::thread neighbour(hog, end, burst);
  std::thread(work, end).join();
  neighbour.join();
  return 0;
}
