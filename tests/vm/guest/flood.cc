// SPDX-License-Identifier: BSD-3-Clause
// flood COUNT [LIMIT]: inserts COUNT marks d, numbered from 0, from each CPU at once, or until LIMIT could not be stored.
// Prints, for each CPU: flood CPU ATTEMPTED STORED.
#include <sched.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

#include "kutrace.h"

namespace {

// An emulator that runs CPUs in turns goes on to the next.
void let_others_run() {
#ifdef __x86_64__
  __builtin_ia32_pause();
#else
  __asm__ volatile("yield");
#endif
}

struct Result {
  int cpu;
  uint64_t attempted = 0, stored = 0;
};

void insert(Result& r, uint64_t count, uint64_t limit) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<size_t>(r.cpu), &set);
  sched_setaffinity(0, sizeof(set), &set);
  while (r.attempted < count && r.attempted - r.stored < limit) {
    const uint64_t word = static_cast<uint64_t>(KUTRACE_MARKD) << KUTRACE_EVENT_SHIFT | static_cast<uint32_t>(r.attempted);
    ++r.attempted;
    if (kutrace_control(KUTRACE_CMD_INSERT1, word) == 1) ++r.stored;
    if (r.attempted % 64 == 0) let_others_run();
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  const uint64_t count = std::strtoull(argv[1], nullptr, 0);
  const uint64_t limit = argc > 2 ? std::strtoull(argv[2], nullptr, 0) : UINT64_MAX;
  cpu_set_t allowed;
  sched_getaffinity(0, sizeof(allowed), &allowed);
  std::vector<Result> results;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(static_cast<size_t>(cpu), &allowed)) results.push_back({cpu});
  }
  std::vector<std::thread> threads;
  for (Result& r : results) threads.emplace_back(insert, std::ref(r), count, limit);
  for (std::thread& t : threads) t.join();
  for (const Result& r : results) {
    std::printf("flood %d %llu %llu\n", r.cpu, static_cast<unsigned long long>(r.attempted),
                static_cast<unsigned long long>(r.stored));
  }
  return 0;
}
