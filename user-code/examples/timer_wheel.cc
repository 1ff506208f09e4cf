// SPDX-License-Identifier: BSD-3-Clause
// Coroutines that sleep on a wheel of timers, in a recording. The wheel's time goes by turns of a loop. With the argument `lose` a timer that is
// due is dropped: kutrace coro check finds it.
#include <array>
#include <cstring>
#include <deque>
#include <vector>

#include "task.hpp"

namespace {

namespace kc = kutrace::coro;

class Wheel {
 public:
  explicit Wheel(bool loses) : loses_(loses) {}

  void start(Task task) {
    ++live_;
    make_ready(task.handle);
  }

  // co_await wheel.sleep(ticks); fewer than there are slots
  auto sleep(unsigned ticks) {
    struct Awaiter {
      Wheel& wheel;
      unsigned slot;
      kc::waiting waits_for() const { return {kc::wait::timer, kc::resource(&wheel.slots_[slot])}; }
      bool await_ready() const { return false; }
      void await_suspend(Task::Handle h) { wheel.slots_[slot].push_back(h); }
      void await_resume() const {}
    };
    return Awaiter{*this, (now_ + ticks) % kSlots};
  }

  void run_all() {
    while (live_ > 0) {
      while (!ready_.empty()) {
        const Task::Handle h = ready_.front();
        ready_.pop_front();
        if (run(h)) --live_;
      }
      tick();
    }
  }

 private:
  static constexpr unsigned kSlots = 64;

  void make_ready(Task::Handle h) {
    kc::ready(h);
    ready_.push_back(h);
  }
  void tick() {
    now_ = (now_ + 1) % kSlots;
    if (slots_[now_].empty()) return;
    kc::signal(kc::resource(&slots_[now_]));
    std::vector<Task::Handle> due;
    due.swap(slots_[now_]);
    if (loses_) {
      due.pop_back();
      --live_;
      loses_ = false;
    }
    for (const Task::Handle h : due) make_ready(h);
  }

  bool loses_;
  unsigned now_ = 0, live_ = 0;
  std::deque<Task::Handle> ready_;
  std::array<std::vector<Task::Handle>, kSlots> slots_;
};

Task ticks(Wheel& wheel, unsigned every, unsigned times) {
  for (unsigned i = 0; i < times; ++i) co_await wheel.sleep(every);
}

}  // namespace

int main(int argc, char** argv) {
  Wheel wheel(argc > 1 && std::strcmp(argv[1], "lose") == 0);
  for (unsigned every = 1; every <= 8; ++every) wheel.start(ticks(wheel, every, 20));
  wheel.run_all();
  return 0;
}
