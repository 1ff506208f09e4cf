// SPDX-License-Identifier: BSD-3-Clause
#include "coro/seeded.h"

#include <algorithm>
#include <deque>
#include <functional>
#include <memory>
#include <semaphore>
#include <thread>
#include <vector>

// The clock of the recording: each event takes a nanosecond, and the program can let time pass.
static uint64_t seeded_now;
#define KUTRACE_RING_NOW() (++seeded_now)
#include "rings/writer.h"

#include "kutrace_coro.hpp"
#include "rings/area.h"

namespace kutrace::test {
namespace {

namespace kc = kutrace::coro;

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15u + 1) {}
  uint64_t below(uint64_t n) {
    state_ += 0x9e3779b97f4a7c15u;
    uint64_t z = state_;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return (z ^ z >> 31) % n;
  }
  bool one_in(uint64_t n) { return below(n) == 0; }

 private:
  uint64_t state_;
};

// What a worker runs: a coroutine that is suspended, and how the recording knows it.
struct Item {
  std::coroutine_handle<> handle;
  kc::token token;
};

class World;
World* world;

struct Task {
  struct End;
  struct promise_type : kc::promise_base<std::suspend_always, End> {
    Task get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
    Item joiner{};
    bool loses_joiner = false, is_kept = false;
  };
  using Handle = std::coroutine_handle<promise_type>;
  struct End {
    bool await_ready() noexcept { return false; }
    void await_suspend(Handle h) noexcept;
    void await_resume() noexcept {}
  };
  Handle handle;
};

class World {
 public:
  World(uint64_t seed, Faults faults) : random(seed), faults_(faults == Faults::kSeeded) {}

  void ready(const Item& item) {
    kc::ready(item.token);
    queue_.push_back(item);
  }
  uint64_t spawn(Task task) {
    all_.push_back(task.handle);
    const Item item{task.handle, kc::token_of(task.handle)};
    ready(item);
    return item.token.id;
  }
  // Its place is given up: by somebody who ran it to its end, or cancels it.
  void destroy(std::coroutine_handle<> handle) {
    all_.erase(std::find_if(all_.begin(), all_.end(), [&](Task::Handle h) { return h.address() == handle.address(); }));
    handle.destroy();
  }
  bool run_one() {
    if (queue_.empty()) return false;
    const size_t which = random.below(std::min<size_t>(queue_.size(), 3));
    const Item item = queue_[which];
    queue_.erase(queue_.begin() + static_cast<ptrdiff_t>(which));
    item.handle.resume();
    const auto handle = Task::Handle::from_address(item.handle.address());
    if (handle.done() && !handle.promise().is_kept) destroy(item.handle);
    return true;
  }
  bool has_work() const { return !queue_.empty(); }
  void found(const std::string& what) { truth.findings.insert(what); }
  // One of the faults that this program has, if it has any.
  bool fails(unsigned one_in) { return faults_ && random.one_in(one_in); }
  void destroy_all() {
    while (!all_.empty()) destroy(all_.back());
  }

  Random random;
  SeededTruth truth;

 private:
  bool faults_;
  std::deque<Item> queue_;
  std::vector<Task::Handle> all_;
};

void Task::End::await_suspend(Handle h) noexcept {
  promise_type& p = h.promise();
  if (p.joiner.handle && !p.loses_joiner) world->ready(p.joiner);
}

template <typename Promise>
Item item_of(std::coroutine_handle<Promise> h) {
  return {h, kc::token_of(h)};
}

// Wakes all that wait, when it is set. One of them may be forgotten.
struct Event {
  std::vector<Item> waiters;
  bool is_set = false, forever = false;

  bool await_ready() const { return is_set; }
  template <typename P>
  void await_suspend(std::coroutine_handle<P> h) {
    waiters.push_back(item_of(h));
  }
  void await_resume() const {}
  kc::waiting waits_for() const { return {kc::wait::event, kc::resource(this), forever}; }

  void set(bool forgets_one, bool closes = false) {
    is_set = true;
    if (closes) {
      kc::close(kc::resource(this));
    } else {
      kc::signal(kc::resource(this));
    }
    if (forgets_one && !waiters.empty()) {
      const size_t which = world->random.below(waiters.size());
      world->found("lost wakeup A " + std::to_string(waiters[which].token.id));
      waiters.erase(waiters.begin() + static_cast<ptrdiff_t>(which));
    }
    for (const Item& w : waiters) world->ready(w);
    waiters.clear();
  }
};

// A queue of numbers that hands what is pushed to who waits longest.
struct Queue {
  std::deque<int> items;
  std::deque<Item> waiters;

  bool await_ready() const { return !items.empty(); }
  template <typename P>
  void await_suspend(std::coroutine_handle<P> h) {
    waiters.push_back(item_of(h));
  }
  int await_resume() {
    const int n = items.front();
    items.pop_front();
    return n;
  }
  kc::waiting waits_for() const { return {kc::wait::queue, kc::resource(this)}; }
  void push(int n) {
    items.push_back(n);
    if (waiters.empty()) return;
    kc::signal(kc::resource(this), 1);
    const Item first = waiters.front();
    waiters.pop_front();
    world->ready(first);
  }
};

// A lock that is handed over.
struct Lock {
  std::deque<Item> waiters;
  bool held = false;

  bool await_ready() const { return !held; }
  template <typename P>
  void await_suspend(std::coroutine_handle<P> h) {
    waiters.push_back(item_of(h));
  }
  void await_resume() {
    held = true;
    kc::take(kc::resource(this));
  }
  kc::waiting waits_for() const { return {kc::wait::lock, kc::resource(this)}; }
  void unlock() {
    kc::give(kc::resource(this));
    held = false;
    if (waiters.empty()) return;
    const Item next = waiters.front();
    waiters.pop_front();
    held = true;  // nobody comes between
    kc::take(kc::resource(this), next.token);
    kc::signal(kc::resource(this), 1);
    world->ready(next);
  }
};

struct Join {
  Task::Handle child;
  bool await_ready() const { return child.done(); }
  template <typename P>
  void await_suspend(std::coroutine_handle<P> h) {
    child.promise().joiner = item_of(h);
  }
  void await_resume() const {}
  kc::waiting waits_for() const { return {kc::wait::join, kc::token_of(child).id}; }
};

struct Yield {
  bool await_ready() const { return false; }
  template <typename P>
  void await_suspend(std::coroutine_handle<P> h) {
    world->ready(item_of(h));
  }
  void await_resume() const {}
  kc::waiting waits_for() const { return {kc::wait::yield}; }
};

// Says that it suspends, and then does not.
struct Almost {
  bool await_ready() const { return false; }
  bool await_suspend(std::coroutine_handle<>) { return false; }
  void await_resume() const {}
};

// Gives the coroutine its own number.
struct Self : Almost {
  uint64_t id = 0;
  template <typename P>
  bool await_suspend(std::coroutine_handle<P> h) {
    id = kc::token_of(h).id;
    return false;
  }
  uint64_t await_resume() const { return id; }
};

// What programs share. It lives as long as its coroutines.
struct Things {
  std::deque<Event> events;
  std::deque<Queue> queues;
  std::deque<Lock> locks;
  std::deque<uint64_t> counts;
};

Task waits_once(Event& e) { co_await e; }

Task yields(uint64_t times) {
  for (uint64_t i = 0; i < times; ++i) {
    co_await Yield{};
    co_await Almost{};
  }
}

Task produces(Queue& q, uint64_t n) {
  for (uint64_t i = 0; i < n; ++i) {
    q.push(static_cast<int>(i));
    if (world->random.one_in(2)) co_await Yield{};
  }
}

Task consumes(Queue& q, uint64_t n) {
  for (uint64_t i = 0; i < n; ++i) co_await q;
}

Task locks(Lock& l, uint64_t n) {
  for (uint64_t i = 0; i < n; ++i) {
    co_await l;
    co_await Yield{};
    l.unlock();
  }
}

Task sets(Event& e, bool forgets_one, bool closes) {
  co_await Yield{};
  co_await Yield{};
  e.set(forgets_one, closes);
  co_await Yield{};
}

Task listens(Event& never) {
  never.forever = true;
  co_await never;
}

Task cancels(Task::Handle victim, const Event& e) {
  while (e.waiters.empty()) co_await Yield{};
  world->destroy(victim);
}

Task joins(uint64_t steps, bool is_lost) {
  Task child = yields(steps);
  child.handle.promise().loses_joiner = is_lost;
  world->spawn(child);
  if (!child.handle.done()) co_await Join{child.handle};
}

// Waits often and for a short time at one place, and then for what does not come.
Task waits_often(Things& things, bool forever_at_last) {
  for (int i = 0; i < 25; ++i) {
    Event& e = things.events.emplace_back();
    if (i < 24 || !forever_at_last) world->spawn(sets(e, false, false));
    co_await e;
  }
}

Task locks_two(Lock& first, Lock& second, uint64_t& holders, uint64_t all) {
  co_await first;
  ++holders;
  while (holders < all) co_await Yield{};
  co_await second;
  second.unlock();
  first.unlock();
}

// Ready, and no worker is told.
struct Forgotten {
  bool await_ready() const { return false; }
  template <typename P>
  void await_suspend(std::coroutine_handle<P> h) {
    const Item item = item_of(h);
    kc::ready(item.token);
    world->found("lost wakeup B " + std::to_string(item.token.id));
  }
  void await_resume() const {}
};
Task is_forgotten() { co_await Forgotten{}; }

// A scheduler that says what it should not do. It does not do it.
Task is_misused(unsigned how) {
  co_await Yield{};
  const uint64_t me = co_await Self{};
  world->found("illegal step " + std::to_string(me));
  kutrace_ring_put(how == 0 ? KUTRACE_CORO_RESUME : KUTRACE_CORO_START, 0, me, 0);
}

void healthy(World& w, Things& t) {
  for (uint64_t i = 0, n = 1 + w.random.below(3); i < n; ++i) {
    switch (w.random.below(7)) {
      case 0: w.spawn(yields(1 + w.random.below(6))); break;
      case 1: {
        Queue& q = t.queues.emplace_back();
        const uint64_t items = 2 + w.random.below(8);
        w.spawn(consumes(q, items));
        w.spawn(produces(q, items));
        break;
      }
      case 2: {
        Lock& l = t.locks.emplace_back();
        for (int k = 0; k < 3; ++k) w.spawn(locks(l, 1 + w.random.below(4)));
        break;
      }
      case 3: {
        Event& e = t.events.emplace_back();
        for (int k = 0; k < 3; ++k) w.spawn(waits_once(e));
        w.spawn(sets(e, false, w.random.one_in(2)));
        break;
      }
      case 4: w.spawn(listens(t.events.emplace_back())); break;
      case 5: {
        // Legally destroyed while it waits.
        Event& e = t.events.emplace_back();
        Task victim = waits_once(e);
        w.spawn(victim);
        w.spawn(cancels(victim.handle, e));
        break;
      }
      default: w.spawn(waits_often(t, false)); break;
    }
  }
}

void faulty(World& w, Things& t, bool exits) {
  if (w.fails(3)) {  // A
    Event& e = t.events.emplace_back();
    for (int k = 0; k < 3; ++k) w.spawn(waits_once(e));
    w.spawn(sets(e, true, w.random.one_in(2)));
  }
  if (w.fails(4)) {  // A, of a join
    const uint64_t id = w.spawn(joins(3, true));
    w.found("lost wakeup A " + std::to_string(id));
  }
  if (w.fails(3)) w.spawn(is_forgotten());  // B
  if (w.fails(3)) {  // C
    const uint64_t id = w.spawn(waits_often(t, true));
    w.found("lost wakeup C " + std::to_string(id));
  }
  if (w.fails(3)) {  // a cycle of locks
    const uint64_t n = 2 + w.random.below(3);
    const size_t first = t.locks.size();
    for (uint64_t k = 0; k < n; ++k) t.locks.emplace_back();
    uint64_t& holders = t.counts.emplace_back();
    std::string who = "wait cycle";
    for (uint64_t k = 0; k < n; ++k) who += " " + std::to_string(w.spawn(locks_two(t.locks[first + k], t.locks[first + (k + 1) % n], holders, n)));
    w.found(who);
  }
  if (w.fails(3)) w.spawn(is_misused(static_cast<unsigned>(w.random.below(2))));
  if (w.fails(4)) {  // it says that it goes on, and has ended
    Task ended = yields(1);
    ended.handle.promise().is_kept = true;
    const uint64_t id = w.spawn(ended);
    w.found("illegal step " + std::to_string(id));
    w.spawn([](uint64_t who) -> Task {
      for (int i = 0; i < 40; ++i) co_await Yield{};
      kutrace_ring_put(KUTRACE_CORO_RESUME, 0, who, 0);
    }(id));
  }
  if (w.fails(3)) {  // ended and kept
    std::string who = "leak";
    for (int k = 0; k < 2; ++k) {
      Task task = [](uint64_t times) -> Task {
        for (uint64_t i = 0; i < times; ++i) co_await Yield{};
      }(2);
      task.handle.promise().is_kept = true;
      who += " " + std::to_string(w.spawn(task));
    }
    if (exits) w.found(who);
  }
  if (w.fails(3)) {  // waits for what nobody ever meant to do
    const uint64_t id = w.spawn([](Event& e) -> Task { co_await e; }(t.events.emplace_back()));
    if (exits) w.found("leak " + std::to_string(id));
  }
}

// Threads that take turns: whose turn it is decides the seed.
class Workers {
 public:
  explicit Workers(unsigned n) {
    for (unsigned i = 0; i < n; ++i) all_.push_back(std::make_unique<Worker>());
    for (auto& w : all_) w->thread = std::thread([&w = *w] { w.run(); });
  }
  ~Workers() {
    for (auto& w : all_) {
      w->job = nullptr;
      w->go.release();
      w->thread.join();
    }
  }
  void turn(size_t which, const std::function<void()>& job) {
    all_[which]->job = &job;
    all_[which]->go.release();
    all_[which]->done.acquire();
  }
  size_t size() const { return all_.size(); }

 private:
  struct Worker {
    std::thread thread;
    std::binary_semaphore go{0}, done{0};
    const std::function<void()>* job = nullptr;
    void run() {
      for (;;) {
        go.acquire();
        if (job == nullptr) return;
        (*job)();
        done.release();
      }
    }
  };
  std::vector<std::unique_ptr<Worker>> all_;
};

}  // namespace

SeededTruth run_seeded(uint64_t seed, Faults faults, rings::Area& area) {
  seeded_now = 0;
  World w(seed, faults);
  world = &w;
  Things things;
  kutrace_ring_use(area.shared());
  // Every second program hangs where it ends, and is killed.
  const bool exits = w.random.one_in(2);
  {
    Workers workers(1 + static_cast<unsigned>(w.random.below(8)));
    w.truth.workers = static_cast<unsigned>(workers.size());
    workers.turn(0, [&] {
      healthy(w, things);
      faulty(w, things, exits);
    });
    while (w.has_work()) workers.turn(w.random.below(workers.size()), [&] { w.run_one(); });
    seeded_now += 1'000'000;
    for (size_t i = 0; i < workers.size(); ++i) workers.turn(i, [] { kc::park(); });
    if (exits) {
      workers.turn(0, [] { kutrace_ring_exit(); });
    }
    kutrace_ring_on_ = 0;
    workers.turn(0, [&] { w.destroy_all(); });
  }
  return w.truth;
}

}  // namespace kutrace::test
