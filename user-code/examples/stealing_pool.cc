// SPDX-License-Identifier: BSD-3-Clause
// A pool of threads that steal coroutines from each other, in a recording. With the argument `lose` one that was made ready is put into no
// queue: kutrace coro check finds it, since every worker sleeps or is gone.
#include <condition_variable>
#include <cstring>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "kutrace_coro.hpp"

namespace {

namespace kc = kutrace::coro;

// Another worker may run it on while this one returns from resume(): it goes by itself when it ends.
struct Task {
  struct promise_type : kc::promise_base<std::suspend_always, std::suspend_never> {
    Task get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
  using Handle = std::coroutine_handle<promise_type>;
  Handle handle;
};

class Pool {
 public:
  Pool(unsigned workers, unsigned tasks, bool loses) : live_(tasks), loses_(loses) {
    for (unsigned i = 0; i < workers; ++i) queues_.push_back(std::make_unique<Queue>());
  }

  void post(Task::Handle h) {
    kc::ready(h);
    const std::lock_guard lock(mutex_);
    if (loses_) {
      loses_ = false;
      --live_;
      return;
    }
    Queue& q = *queues_[next_++ % queues_.size()];
    const std::lock_guard queue_lock(q.mutex);
    q.handles.push_back(h);
    ++posted_;
    wake_.notify_one();
  }

  // The last that a task does.
  void ended() {
    const std::lock_guard lock(mutex_);
    if (--live_ == 0) wake_.notify_all();
  }

  // Until all tasks have ended.
  void run_all() {
    std::vector<std::jthread> workers;
    for (unsigned i = 0; i < queues_.size(); ++i) workers.emplace_back([this, i] { work(i); });
  }

  auto yield() {
    struct Awaiter {
      Pool& pool;
      kc::waiting waits_for() const { return {kc::wait::yield}; }
      bool await_ready() const { return false; }
      void await_suspend(Task::Handle h) { pool.post(h); }
      void await_resume() const {}
    };
    return Awaiter{*this};
  }

 private:
  struct Queue {
    std::mutex mutex;
    std::deque<Task::Handle> handles;
  };

  // From its own queue the last, from another's the first.
  bool take(unsigned self, Task::Handle& h) {
    for (size_t i = 0; i < queues_.size(); ++i) {
      Queue& q = *queues_[(self + i) % queues_.size()];
      const std::lock_guard lock(q.mutex);
      if (q.handles.empty()) continue;
      h = i == 0 ? q.handles.back() : q.handles.front();
      if (i == 0) {
        q.handles.pop_back();
      } else {
        q.handles.pop_front();
      }
      return true;
    }
    return false;
  }
  void work(unsigned self) {
    for (;;) {
      uint64_t seen;
      {
        const std::lock_guard lock(mutex_);
        if (live_ == 0) return;
        seen = posted_;
      }
      Task::Handle h;
      if (take(self, h)) {
        h.resume();
      } else {
        kc::park();
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [&] { return posted_ != seen || live_ == 0; });
        lock.unlock();
        kc::unpark();
      }
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<std::unique_ptr<Queue>> queues_;
  uint64_t posted_ = 0;
  unsigned next_ = 0, live_;
  bool loses_;
};

Task turns(Pool& pool, int times) {
  for (int i = 0; i < times; ++i) co_await pool.yield();
  pool.ended();
}

}  // namespace

int main(int argc, char** argv) {
  constexpr unsigned kTasks = 16;
  Pool pool(4, kTasks, argc > 1 && std::strcmp(argv[1], "lose") == 0);
  for (unsigned i = 0; i < kTasks; ++i) pool.post(turns(pool, 50).handle);
  pool.run_all();
  return 0;
}
