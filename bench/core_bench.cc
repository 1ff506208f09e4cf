// SPDX-License-Identifier: BSD-3-Clause
// The module's hot path in user space: ns for an entry, for a call with its folded return, and for the counter alone,
// on one thread and on several. In the kernel the state is reached through a segment register; here through a register.
#include <benchmark/benchmark.h>

#include <vector>

#include "support/kernel_types.h"

#if defined(__x86_64__)
#include <x86intrin.h>
#define SHIFT 6
static inline uint64_t counter() { return __rdtsc(); }
static inline bool claim(u64** next, u64* before, u64* after) {
  bool done;
  asm volatile("cmpxchgq %3, %1" : "=@ccz"(done), "+m"(*next), "+a"(before) : "r"(after) : "memory");
  return done;
}
#else
#define SHIFT 0
static inline uint64_t counter() {
  uint64_t value;
  asm volatile("mrs %0, cntvct_el0" : "=r"(value));
  return value;
}
static inline bool claim(u64** next, u64* before, u64* after) {
  return __atomic_compare_exchange_n(next, &before, after, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}
#endif

#define KUTRACE_CPU_HERE() (&cpu)
#define KUTRACE_CPU_NEXT(here) ((here)->next)
#define KUTRACE_CPU_FULL(here, slot) ((slot) >= (here)->limit)
#define KUTRACE_CPU_SINCE(here, raw) ((raw) - (here)->base)
#define KUTRACE_CPU_BEYOND(here, since) ((since) >= (here)->window)
#define KUTRACE_CPU_CLAIM(here, before, after) claim(&(here)->next, before, after)
#define KUTRACE_CPU_PUT(here, field, value) ((here)->field = (value))
#define KUTRACE_COUNTER(kind) ((void)(kind), counter())
#define KUTRACE_SAMPLE(here, sample, raw) static_cast<void>(0)

#include "kutrace_cpu.h"

static thread_local kutrace_cpu cpu;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#include "kutrace_core.h"
#pragma GCC diagnostic pop

namespace {

constexpr uint64_t kCall = static_cast<uint64_t>(KUTRACE_SYSCALL64 + 39) << KUTRACE_EVENT_SHIFT;

// The slow path of the benchmark: the same block again, as warm as a recorded one is cold.
void start_block(std::vector<uint64_t>& block) {
  cpu.next = block.data() + 1;
  cpu.limit = block.data() + block.size();
  kutrace_core_anchor(&cpu, counter(), SHIFT);
}

void counter_alone(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(counter());
  state.SetItemsProcessed(state.iterations());
}

void entry(benchmark::State& state) {
  std::vector<uint64_t> block(KUTRACE_BLOCK_WORDS);
  start_block(block);
  u64* at;
  for (auto _ : state) {
    while (!kutrace_core_entry(kCall | 7, SHIFT, 0, nullptr, &at)) start_block(block);
  }
  state.SetItemsProcessed(state.iterations());
}

void call_and_folded_return(benchmark::State& state) {
  std::vector<uint64_t> block(KUTRACE_BLOCK_WORDS);
  start_block(block);
  u64* at;
  int64_t unfolded = 0;
  for (auto _ : state) {
    while (!kutrace_core_entry(kCall | 7, SHIFT, 0, nullptr, &at)) start_block(block);
    bool folded = false;
    kutrace_core_leave(kCall, 3, SHIFT, 0, nullptr, &at, &folded);
    unfolded += !folded;
  }
  state.SetItemsProcessed(2 * state.iterations());
  state.counters["unfolded"] = static_cast<double>(unfolded);
}

// What a read-out costs: the module copies blocks as they are.
void copy_block(benchmark::State& state) {
  std::vector<uint64_t> from(KUTRACE_BLOCK_WORDS * 64, 1), to(KUTRACE_BLOCK_WORDS * 64);
  for (auto _ : state) {
    __builtin_memcpy(to.data(), from.data(), to.size() * 8);
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(to.size()) * 8);
}

BENCHMARK(counter_alone);
BENCHMARK(entry);
BENCHMARK(entry)->Threads(2)->UseRealTime();
BENCHMARK(call_and_folded_return);
BENCHMARK(copy_block);

}  // namespace

BENCHMARK_MAIN();
