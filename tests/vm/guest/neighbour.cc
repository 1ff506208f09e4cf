// SPDX-License-Identifier: BSD-3-Clause
// neighbour SECONDS BURST_MS: for so many seconds one thread does the same small piece of work again and again, each between marks
// `work` and `/work`, on the first CPU; on the last one a thread named `hog` takes fresh memory for BURST_MS of each 200 ms; 0: never.
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <ctime>
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

// Touches pages that were never touched.
void take_memory() {
  constexpr size_t kBytes = 64 * 4096;
  auto* memory = static_cast<volatile char*>(mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  if (memory == MAP_FAILED) return;
  for (size_t at = 0; at < kBytes; at += 4096) memory[at] = 1;
  munmap(const_cast<char*>(memory), kBytes);
}

void hog(Clock::time_point end, Ms burst) {
  prctl(PR_SET_NAME, "hog");
  stay_on(sysconf(_SC_NPROCESSORS_ONLN) - 1);
  for (auto next = Clock::now(); next < end; next += Ms(200)) {
    std::this_thread::sleep_until(next);
    for (const auto stop = Clock::now() + burst; Clock::now() < stop;) take_memory();
  }
}

void work(Clock::time_point end) {
  prctl(PR_SET_NAME, "victim");
  stay_on(0);
  volatile unsigned sum = 0;
  while (Clock::now() < end) {
    kutrace_mark_a("work");
    for (unsigned i = 0; i < 200000; ++i) sum = sum + i;
    kutrace_mark_a("/work");
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const auto end = Clock::now() + std::chrono::seconds(std::atoi(argv[1]));
  const Ms burst(std::atoi(argv[2]));
  std::thread neighbour;
  if (burst.count() > 0) neighbour = std::thread(hog, end, burst);
  std::thread(work, end).join();
  if (neighbour.joinable()) neighbour.join();
  return 0;
}
