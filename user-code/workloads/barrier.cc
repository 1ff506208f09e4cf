// SPDX-License-Identifier: BSD-3-Clause
// Threads that wait for each other after each round, and one that is always last.
#include <condition_variable>
#include <mutex>

#include "workload.h"

using namespace kutrace::workload;

namespace {

// The last one wakes the others, each by a wakeup of its own.
class Rounds {
 public:
  explicit Rounds(int threads) : threads_(threads) {}
  void wait() {
    std::unique_lock hold(mutex_);
    const long round = round_;
    if (++there_ == threads_) {
      there_ = 0;
      ++round_;
      all_.notify_all();
    } else {
      all_.wait(hold, [&] { return round_ != round; });
    }
  }

 private:
  std::mutex mutex_;
  std::condition_variable all_;
  const int threads_;
  int there_ = 0;
  long round_ = 0;
};

}  // namespace

KUTRACE_WORKLOAD(barrier) {
  const Options o(argc, argv, "Threads meet after each round (phase round); one of them comes late (late).",
                  {{"threads", "4", "threads"}, {"rounds", "20", "rounds"}, {"late", "5000", "us by which the last one is late"}});
  const int threads = static_cast<int>(o.number("threads", 2, 64));
  const long rounds = o.number("rounds", 1, 10000), late = o.number("late", 0, 1000000);
  Rounds meeting(threads);
  run_threads(threads, [&](int k) {
    const bool last = k == threads - 1;
    const Phase phase(last ? "late" : "round");
    for (long i = 0; i < rounds; ++i) {
      if (last) sleep_us(late);
      work_us(50);
      meeting.wait();
    }
  });
}
