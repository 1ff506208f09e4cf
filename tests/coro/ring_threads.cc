// SPDX-License-Identifier: BSD-3-Clause
// Threads that come and go write into small rings while a collector takes from them, under ThreadSanitizer: no race, and every event is
// recorded or counted as lost. Status 0 if so.
#include <cstdio>
#include <thread>
#include <vector>

#include "rings/collector.h"
#include "rings/writer.h"  // before the SDK, so that it does not begin by itself

#include "kutrace_coro.hpp"

namespace {

using kutrace::rings::Area;
using kutrace::rings::Collector;

constexpr uint64_t kThreads = 4, kEach = 20, kPairs = 500;
constexpr uint64_t kEvents = kThreads * kEach * (2 * kPairs + 4);  // and create, start, final, destroy

struct Task {
  struct promise_type : kutrace::coro::promise_base<> {
    Task get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    void return_void() {}
    void unhandled_exception() {}
  };
  std::coroutine_handle<promise_type> handle;
};

Task suspends() {
  for (uint64_t i = 0; i < kPairs; ++i) co_await std::suspend_always{};
}

void run_one() {
  const Task task = suspends();
  while (!task.handle.done()) task.handle.resume();
  task.handle.destroy();
}

// Counts only: what reads the file is no part of this.
struct Counts final : kutrace::rings::SectionSink {
  void section(const kutrace_coro_section& h, std::span<const uint64_t> payload) override {
    if (h.kind == KUTRACE_SECTION_THREAD) {
      attempted += h.value[2];
      lost += h.value[3];
    }
    for (size_t i = 0; h.kind == KUTRACE_SECTION_RECORDS && i < payload.size(); i += 2) {
      const auto kind = static_cast<uint8_t>(payload[i] >> KUTRACE_RING_TIME_BITS);
      recorded += kind != KUTRACE_RING_LOST && kind != KUTRACE_RING_MORE ? 1 : 0;
    }
    if (h.kind == KUTRACE_SECTION_END) {
      attempted += h.value[3];
      lost += h.value[3];
    }
  }
  uint64_t attempted = 0, recorded = 0, lost = 0;
};

}  // namespace

int main() {
  Area area({64, 2 * kThreads, 64}, kutrace::rings::counter_of_this_machine(), geteuid(), getegid());
  area.remove();
  Counts counts;
  Collector collector(area, counts);
  collector.begin({});
  kutrace_ring_use(area.shared());
  std::thread collecting([&] { collector.run(); });
  {
    std::vector<std::jthread> all;
    for (uint64_t i = 0; i < kThreads; ++i) {
      all.emplace_back([] {
        for (uint64_t k = 0; k < kEach; ++k) std::thread(run_one).join();
      });
    }
  }
  collector.stop();
  collecting.join();
  collector.end({});
  std::printf("%llu attempted, %llu recorded, %llu lost\n", static_cast<unsigned long long>(counts.attempted), static_cast<unsigned long long>(counts.recorded),
              static_cast<unsigned long long>(counts.lost));
  return counts.attempted == kEvents && counts.attempted == counts.recorded + counts.lost ? 0 : 1;
}
