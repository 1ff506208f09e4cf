// SPDX-License-Identifier: BSD-3-Clause
// Coroutines on an epoll loop, in a recording: two send bytes to and fro through pipes. With the argument `lose` the loop forgets who waited for
// a descriptor: kutrace coro check finds it.
#include <sys/epoll.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <deque>
#include <map>

#include "task.hpp"

namespace {

namespace kc = kutrace::coro;

class Loop {
 public:
  explicit Loop(bool loses) : epoll_(epoll_create1(EPOLL_CLOEXEC)), loses_(loses) {}
  ~Loop() { close(epoll_); }

  void start(Task task) { make_ready(task.handle); }

  // co_await loop.readable(fd)
  auto readable(int fd) {
    struct Awaiter {
      Loop& loop;
      int fd;
      kc::waiting waits_for() const { return {kc::wait::io, static_cast<uint64_t>(fd)}; }
      bool await_ready() const { return false; }
      void await_suspend(Task::Handle h) { loop.wait(fd, h); }
      void await_resume() const {}
    };
    return Awaiter{*this, fd};
  }

  // Until nobody waits any more, or nobody that could be told.
  void run_all() {
    while (!ready_.empty() || !waiting_.empty()) {
      while (!ready_.empty()) {
        const Task::Handle h = ready_.front();
        ready_.pop_front();
        run(h);
      }
      epoll_event events[8];
      const int n = epoll_wait(epoll_, events, 8, waiting_.empty() || lost_ ? 0 : -1);
      if (n == 0 && lost_) return;
      for (int i = 0; i < n; ++i) wake(events[i].data.fd);
    }
  }

 private:
  void make_ready(Task::Handle h) {
    kc::ready(h);
    ready_.push_back(h);
  }
  void wait(int fd, Task::Handle h) {
    waiting_[fd] = h;
    epoll_event e{};
    e.events = EPOLLIN | EPOLLONESHOT;
    e.data.fd = fd;
    if (epoll_ctl(epoll_, EPOLL_CTL_MOD, fd, &e) != 0) epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &e);
  }
  void wake(int fd) {
    kc::signal(static_cast<uint64_t>(fd), 1);
    const auto it = waiting_.find(fd);
    if (it == waiting_.end()) return;
    const Task::Handle h = it->second;
    waiting_.erase(it);
    lost_ = loses_ && ++woken_ == 10;
    if (!lost_) make_ready(h);
  }

  int epoll_;
  bool loses_, lost_ = false;
  int woken_ = 0;
  std::deque<Task::Handle> ready_;
  std::map<int, Task::Handle> waiting_;
};

Task answers(Loop& loop, int in, int out, int rounds, bool begins) {
  char byte = 'x';
  if (begins && write(out, &byte, 1) != 1) co_return;
  for (int i = 0; i < rounds; ++i) {
    co_await loop.readable(in);
    if (read(in, &byte, 1) != 1 || write(out, &byte, 1) != 1) co_return;
  }
}

}  // namespace

int main(int argc, char** argv) {
  int there[2], back[2];
  if (pipe(there) != 0 || pipe(back) != 0) return 1;
  Loop loop(argc > 1 && std::strcmp(argv[1], "lose") == 0);
  loop.start(answers(loop, there[0], back[1], 50, false));
  loop.start(answers(loop, back[0], there[1], 50, true));
  loop.run_all();
  for (int fd : {there[0], there[1], back[0], back[1]}) close(fd);
  return 0;
}
