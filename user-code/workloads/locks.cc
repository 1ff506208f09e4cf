// SPDX-License-Identifier: BSD-3-Clause
// Threads that want one lock, of several kinds.
#include <sched.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "kutrace.hpp"
#include "workload.h"

using namespace kutrace::workload;

namespace {

// To the processor, and to an emulator, that this CPU only waits.
void pause_cpu() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

class SpinLock {
 public:
  bool try_lock() { return !taken_.exchange(true, std::memory_order_acquire); }
  void lock() {
    while (!try_lock()) {
      while (taken_.load(std::memory_order_relaxed)) pause_cpu();
    }
  }
  void unlock() { taken_.store(false, std::memory_order_release); }

 private:
  std::atomic<bool> taken_{false};
};

// Spins for a while, then sleeps.
class AdaptiveLock {
 public:
  bool try_lock() { return mutex_.try_lock(); }
  void lock() {
    for (int k = 0; k < 20000; ++k) {
      if (mutex_.try_lock()) return;
      pause_cpu();
    }
    mutex_.lock();
  }
  void unlock() { mutex_.unlock(); }

 private:
  std::mutex mutex_;
};

// Whoever came first has it first.
class TurnLock {
 public:
  bool try_lock() {
    const std::lock_guard hold(mutex_);
    if (next_ != serving_) return false;
    ++next_;
    return true;
  }
  void lock() {
    std::unique_lock hold(mutex_);
    const uint64_t mine = next_++;
    turn_.wait(hold, [&] { return serving_ == mine; });
  }
  void unlock() {
    {
      const std::lock_guard hold(mutex_);
      ++serving_;
    }
    turn_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable turn_;
  uint64_t next_ = 0, serving_ = 0;
};

struct Scene {
  int threads, cpus;
  long n, out_us, crit_us;
  bool asleep;  // the holder sleeps instead of computing
};

// Each thread takes one of `locks` n times; which one: by its number.
template <typename Mutex>
void run(const char* phase, const char* lock_name, size_t locks, const Scene& s) {
  std::vector<std::unique_ptr<kutrace::traced_mutex<Mutex>>> list;
  for (size_t k = 0; k < locks; ++k) list.push_back(std::make_unique<kutrace::traced_mutex<Mutex>>(lock_name));
  run_threads(
      s.threads,
      [&](int k) {
        auto& mutex = *list[static_cast<size_t>(k) % locks];
        const Phase whole(phase);
        for (long i = 0; i < s.n; ++i) {
          {
            const std::lock_guard hold(mutex);
            if (s.asleep) sleep_us(s.crit_us);
            else work_us(s.crit_us);
          }
          if (s.out_us > 0) work_us(s.out_us);
        }
      },
      [&](int k) { return k % s.cpus; });
}

void run_kind(const std::string& kind, Scene s, const std::vector<long>& crits) {
  if (kind == "plain") run<std::mutex>("plain", "plain", 1, s);
  if (kind == "sleep") {
    s.asleep = true;
    run<std::mutex>("sleep", "asleep", 1, s);
  }
  if (kind == "spin") run<SpinLock>("spin", "spin", 1, s);
  if (kind == "ticket") run<TurnLock>("turn", "turn", 1, s);
  if (kind == "shard") {
    run<std::mutex>("one", "one", 1, s);
    run<std::mutex>("eight", "eight", 8, s);
  }
  if (kind == "adaptive") {
    run<AdaptiveLock>("short", "short", 1, s);
    s.crit_us = crits.back();
    run<AdaptiveLock>("long", "long", 1, s);
  }
}

}  // namespace

KUTRACE_WORKLOAD(locks) {
  const Options o(argc, argv, "Threads take a lock again and again (phases plain, spin, turn, sleep; one and eight locks; adaptive: short and long holds).",
                  {{"kind", "plain", "plain, spin, ticket, adaptive, shard, sleep: in this order"}, {"threads", "4", "threads"}, {"cpus", "2", "CPUs that they share"}, {"n", "20", "how often each takes it"}, {"crit", "500", "us for which it is held"}, {"crit2", "5000", "the long holds of adaptive"}, {"out", "0", "us of computing between"}, {"hold", "work", "what the holder does: work or sleep"}});
  const bool asleep = o.words("hold", {"work", "sleep"}).front() == "sleep";
  const int cpus = static_cast<int>(o.number("cpus", 1, 64));
  if (cpus > cpus_here()) o.refuse("there are not so many CPUs here");
  const Scene scene{static_cast<int>(o.number("threads", 2, 64)), cpus, o.number("n", 1, 100000), o.number("out", 0, 1000000), o.number("crit", 0, 1000000), asleep};
  const std::vector<long> crits = {scene.crit_us, o.number("crit2", 0, 1000000)};
  for (const std::string& kind : o.words("kind", {"plain", "spin", "ticket", "adaptive", "shard", "sleep"})) run_kind(kind, scene, crits);
}
