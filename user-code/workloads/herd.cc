// SPDX-License-Identifier: BSD-3-Clause
// Waiters for single items: all woken for each, or one.
#include <condition_variable>
#include <mutex>

#include "workload.h"

using namespace kutrace::workload;

namespace {

void scene(bool all, int waiters, long n) {
  std::mutex mutex;
  std::condition_variable there;
  long items = 0, taken = 0;
  run_threads(waiters + 1, [&](int k) {
    if (k == 0) {
      const Phase phase(all ? "all" : "one");
      for (long i = 0; i < n; ++i) {
        sleep_us(5000);  // all wait again
        {
          const std::lock_guard hold(mutex);
          ++items;
        }
        if (all) there.notify_all();
        else there.notify_one();
      }
      return;
    }
    const Phase phase("herd");
    std::unique_lock hold(mutex);
    for (;;) {
      there.wait(hold, [&] { return items > 0 || taken == n; });
      if (taken == n) break;
      --items;
      ++taken;
    }
    there.notify_all();
  });
}

}  // namespace

KUTRACE_WORKLOAD(herd) {
  const Options o(argc, argv, "Items come one by one to many waiters (phase herd); the giver wakes all of them (all) or one (one).",
                  {{"waiters", "8", "threads that wait"}, {"wake", "all,one", "all, one: in this order"}, {"n", "20", "items"}});
  const int waiters = static_cast<int>(o.number("waiters", 1, 64));
  const long n = o.number("n", 1, 10000);
  for (const std::string& wake : o.words("wake", {"all", "one"})) scene(wake == "all", waiters, n);
}
