// SPDX-License-Identifier: BSD-3-Clause
// Tasks in queues, and workers that take them: good shapes and bad ones. A task is an RPC whose id rises.
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <vector>

#include "workload.h"

using namespace kutrace::workload;

namespace {

struct Task {
  uint32_t id;
  long service_us;
};

// Without `tells`, whoever takes from it looks for itself every 20 ms.
class Queue {
 public:
  Queue(const char* name, bool tells) : tells_(tells) { kutrace_name_queue(number(), name); }
  void put(Task task) {
    const std::lock_guard hold(mutex_);
    kutrace_rpc_request(task.id, 64);
    kutrace_enqueue(number());
    kutrace_rpc_resume(0);
    tasks_.push_back(task);
    if (tells_) there_.notify_one();
  }
  void close() {
    const std::lock_guard hold(mutex_);
    closed_ = true;
    there_.notify_all();
  }
  // false: closed, and nothing is left.
  bool take(Task& task) {
    std::unique_lock hold(mutex_);
    while (tasks_.empty() && !closed_) {
      if (tells_) there_.wait(hold);
      else there_.wait_for(hold, std::chrono::milliseconds(20));
    }
    if (tasks_.empty()) return false;
    task = tasks_.front();
    tasks_.pop_front();
    kutrace_rpc_resume(task.id);
    kutrace_dequeue(number());
    return true;
  }

 private:
  uint32_t number() const { return kutrace_lock_number(this); }
  const bool tells_;
  std::mutex mutex_;
  std::condition_variable there_;
  std::deque<Task> tasks_;
  bool closed_ = false;
};

uint32_t next_id = 1;

// One who gives and so many who work; queue(k) is the one for task k, worker w takes from queue w of them.
struct Shape {
  std::vector<const char*> names;  // of the queues
  int workers;
  bool tells;
  long n, gap_us;
  std::function<size_t(long)> queue;
  std::function<long(long)> service_us;
};

void run(const Shape& s) {
  std::deque<Queue> queues;
  for (const char* name : s.names) queues.emplace_back(name, s.tells);
  run_threads(s.workers + 1, [&](int w) {
    if (w == 0) {
      const Phase phase("give");
      for (long k = 0; k < s.n; ++k) {
        queues[s.queue(k)].put({next_id++, s.service_us(k)});
        if (s.gap_us > 0) sleep_us(s.gap_us);
      }
      for (Queue& q : queues) q.close();
      return;
    }
    Task task{};
    while (queues[static_cast<size_t>(w - 1) % queues.size()].take(task)) {
      sleep_us(task.service_us);
      kutrace_rpc_response(task.id, 64);
      kutrace_rpc_resume(0);
    }
  });
}

}  // namespace

KUTRACE_WORKLOAD(queues) {
  const Options o(argc, argv, "Tasks in queues (phase give: putting them there): a burst; one worker or four (one, four); a queue for each of four workers, chosen badly or well (bad1 to bad4, good); long among short ones (mixed; short, long); nobody told (forgot, told).",
                  {{"shape", "burst", "burst, workers, skew, hol, forgot"}, {"n", "20", "tasks"}, {"service", "2000", "us of each"}, {"gap", "3000", "us between tasks that do not come at once"}});
  const long n = o.number("n", 1, 5000), service = o.number("service", 1, 100000), gap = o.number("gap", 0, 100000);
  const auto usual = [=](long) { return service; };
  const auto first = [](long) { return size_t{0}; };
  const std::string shape = o.words("shape", {"burst", "workers", "skew", "hol", "forgot"}).front();
  if (shape == "burst") run({{"burst"}, 1, true, n, 0, first, usual});
  if (shape == "workers") {
    run({{"one"}, 1, true, n, 0, first, usual});
    run({{"four"}, 4, true, n, 0, first, usual});
  }
  if (shape == "skew") {
    Random random(o.seed());
    run({{"bad1", "bad2", "bad3", "bad4"}, 4, true, n, gap, [&](long) { return random.below(10) < 8 ? size_t{0} : 1 + random.below(3); }, [=](long) { return 3 * service; }});
    run({{"good"}, 4, true, n, gap, first, [=](long) { return 3 * service; }});
  }
  if (shape == "hol") {
    const auto long_one = [](long k) { return k % 10 == 0; };
    const auto mixed = [=](long k) { return long_one(k) ? 10 * service : service / 4; };
    run({{"mixed"}, 1, true, n, gap, first, mixed});
    run({{"long", "short"}, 2, true, n, gap, [=](long k) { return long_one(k) ? size_t{0} : size_t{1}; }, mixed});
  }
  if (shape == "forgot") {
    run({{"forgot"}, 2, false, n, 4 * gap, first, usual});
    run({{"told"}, 2, true, n, 4 * gap, first, usual});
  }
}
