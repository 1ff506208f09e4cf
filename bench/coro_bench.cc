// SPDX-License-Identifier: BSD-3-Clause
// What recording costs a coroutine: suspending and resuming one, without the SDK, with it and not recorded, and recorded, in turns on one
// machine; medians of the turns. Rings are large enough that nothing is lost and nobody collects meanwhile.
#include <sys/mman.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <thread>
#include <vector>

#define KUTRACE_RING_NO_START
#include "kutrace_coro.hpp"
#include "rings/area.h"

namespace {

namespace kc = kutrace::coro;

constexpr uint64_t kPairs = 1'000'000;
constexpr int kTurns = 15;

struct Plain {
  std::suspend_always initial_suspend() noexcept { return {}; }
  std::suspend_always final_suspend() noexcept { return {}; }
};

template <typename Base>
struct Task {
  struct promise_type : Base {
    Task get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    void return_void() {}
    void unhandled_exception() {}
  };
  std::coroutine_handle<promise_type> handle;
};

template <typename Base>
Task<Base> suspends() {
  for (;;) co_await std::suspend_always{};
}

// Nanoseconds of a suspension and the resumption behind it.
template <typename Base>
double pair_ns() {
  auto task = suspends<Base>();
  task.handle.resume();
  const auto begin = std::chrono::steady_clock::now();
  for (uint64_t i = 0; i < kPairs; ++i) task.handle.resume();
  const std::chrono::duration<double, std::nano> taken = std::chrono::steady_clock::now() - begin;
  task.handle.destroy();
  return taken.count() / static_cast<double>(kPairs);
}

double recorded_ns(unsigned threads) {
  kutrace::rings::Area area({1u << 22, threads, 64}, kutrace::rings::counter_of_this_machine(), geteuid(), getegid());
  area.remove();
  // What is paid for memory that is used for the first time is not the ring's.
  madvise(area.shared(), area.layout().area_bytes, MADV_POPULATE_WRITE);
  kutrace_ring_use(area.shared());
  std::vector<double> ns(threads);
  {
    std::vector<std::jthread> all;
    for (unsigned i = 0; i < threads; ++i) all.emplace_back([&ns, i] { ns[i] = pair_ns<kc::promise_base<>>(); });
  }
  kutrace_ring_on_ = 0;
  return *std::max_element(ns.begin(), ns.end());
}

double median(std::vector<double> all) {
  std::nth_element(all.begin(), all.begin() + static_cast<ptrdiff_t>(all.size() / 2), all.end());
  return all[all.size() / 2];
}

}  // namespace

int main() {
  struct Way {
    const char* name;
    std::function<double()> run;
    std::vector<double> ns{};
  } ways[] = {{"without the SDK", pair_ns<Plain>},
              {"with it, not recorded", pair_ns<kc::promise_base<>>},
              {"recorded, one thread", [] { return recorded_ns(1); }},
              {"recorded, two threads", [] { return recorded_ns(2); }}};
  for (int turn = 0; turn < kTurns; ++turn) {
    for (Way& way : ways) way.ns.push_back(way.run());
  }
  const double plain = median(ways[0].ns), off = median(ways[1].ns), one = median(ways[2].ns), two = median(ways[3].ns);
  for (const Way& way : ways) std::printf("%-24s %7.2f ns a suspension and resumption\n", way.name, median(way.ns));
  std::printf("not recorded: %.2f ns a pair more; recorded: %.2f ns an event; two threads take %.2f times what one takes\n", off - plain, (one - plain) / 2, two / one);
  std::printf("(coroTracer, measured elsewhere on its version 1: 141 ns an event)\n");
  return 0;
}
