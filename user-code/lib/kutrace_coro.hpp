// SPDX-License-Identifier: BSD-3-Clause
// Coroutines of C++20 in a recording: header only, nothing to link.
//
//   struct promise_type : kutrace::coro::promise_base<> { ... no initial_suspend, final_suspend, await_transform ... };
//
// tells of each coroutine's whole life, and of each co_await with its line. Who writes a scheduler adds one call, ready(h), before
// a handle is put where a worker finds it. While nothing records (`kutrace coro record`), a suspension and its resumption cost a
// load and a branch; compiled with -DKUTRACE_CORO=0, nothing at all. What is written: docs/coroutine-format.md.
#pragma once

#include <coroutine>
#include <cstdint>
#include <type_traits>
#include <utility>

#ifndef KUTRACE_CORO
#define KUTRACE_CORO 1
#endif

#if KUTRACE_CORO
#include "kutrace_ring.h"
#endif

// Where a call is written, as default arguments: the line is that of the co_await, which needs no edit.
#define KUTRACE_CORO_HERE \
  const char *file = __builtin_FILE(), const char *function = __builtin_FUNCTION(), uint32_t line = __builtin_LINE()

namespace kutrace::coro {

// Numbers of enum kutrace_wait_kind.
enum class wait : uint8_t { other = 0, event = 1, lock = 2, queue = 3, timer = 4, io = 5, join = 6, yield = 7 };

// What an awaiter waits for. An awaiter that has `waiting waits_for() const` is asked just before it suspends.
struct waiting {
  wait kind = wait::other;
  uint64_t on = 0;       // a number of the program's for the resource, an address for instance; 0: not known
  bool forever = false;  // it may wait for ever: a listener
};

inline uint64_t resource(const void* at) { return reinterpret_cast<uintptr_t>(at); }

#if KUTRACE_CORO

// These use variables of the thread, and a coroutine goes on on another one: inlined into it, a compiler may keep their address.
#define KUTRACE_CORO_EVENT [[gnu::noinline]]

// What is known of a coroutine: its number in the recording. Part of its promise.
class traced_promise {
 public:
  traced_promise() = default;
  traced_promise(const traced_promise&) = delete;
  traced_promise& operator=(const traced_promise&) = delete;
  ~traced_promise() {
    if (id_ != 0 && kutrace_ring_test()) event(KUTRACE_CORO_DESTROY);
  }

  KUTRACE_CORO_EVENT void created(const char* file, const char* function, uint32_t line) noexcept {
    id_ = kutrace_ring_new_id();
    kutrace_ring_put(KUTRACE_CORO_CREATE, 0, id_, kutrace_ring_site_number(file, function, line, 0));
  }
  KUTRACE_CORO_EVENT void event(unsigned kind) noexcept { kutrace_ring_put(kind, 0, id(), 0); }
  KUTRACE_CORO_EVENT void suspended(const waiting& w, const char* file, const char* function, uint32_t line) noexcept {
    const uint32_t site = kutrace_ring_site_number(file, function, line, w.forever ? KUTRACE_SITE_FOREVER : 0);
    const uint64_t of = id();
    if (w.on != 0) {
      kutrace_ring_put_value(KUTRACE_CORO_SUSPEND, static_cast<unsigned>(w.kind), of, site, w.on);
    } else {
      kutrace_ring_put(KUTRACE_CORO_SUSPEND, static_cast<unsigned>(w.kind), of, site);
    }
  }
  // One that is older than the recording gets its number with its first event.
  uint64_t id() noexcept {
    if (id_ == 0) {
      id_ = kutrace_ring_new_id();
      kutrace_ring_put(KUTRACE_CORO_CREATE, KUTRACE_CREATE_EXISTED, id_, 0);
    }
    return id_;
  }

 private:
  uint64_t id_ = 0;
};

template <typename Promise>
constexpr bool is_traced = std::is_base_of_v<traced_promise, Promise>;

// A coroutine for those who keep handles without their type: to be had while the handle has it, ready(token) later.
struct token {
  uint64_t id = 0;
};
template <typename Promise>
token token_of(std::coroutine_handle<Promise> h) noexcept {
  if constexpr (is_traced<Promise>) {
    if (kutrace_ring_test()) return {static_cast<traced_promise&>(h.promise()).id()};
  }
  return {};
}

KUTRACE_CORO_EVENT inline void put_event(unsigned kind, unsigned argument, uint64_t id) noexcept { kutrace_ring_put(kind, argument, id, 0); }
KUTRACE_CORO_EVENT inline void put_value_event(unsigned kind, unsigned argument, uint64_t id, uint64_t value) noexcept {
  kutrace_ring_put_value(kind, argument, id, 0, value);
}

// A worker will find it: to be called before it can.
inline void ready(token t) noexcept {
  if (t.id != 0 && kutrace_ring_test()) put_event(KUTRACE_CORO_READY, 0, t.id);
}
template <typename Promise>
void ready(std::coroutine_handle<Promise> h) noexcept {
  ready(token_of(h));
}

// Whoever waits for the resource is about to be woken: `most` of them, 0: all. To be called before they are looked for.
inline void signal(uint64_t resource, uint8_t most = 0) noexcept {
  if (kutrace_ring_test()) put_value_event(KUTRACE_RES_SIGNAL, most, 0, resource);
}
inline void close(uint64_t resource) noexcept {
  if (kutrace_ring_test()) put_value_event(KUTRACE_RES_CLOSE, 0, 0, resource);
}
// What runs on this thread, or this coroutine, holds the resource; and no more.
inline void take(uint64_t resource, token by = {}) noexcept {
  if (kutrace_ring_test()) put_value_event(KUTRACE_RES_TAKE, 0, by.id, resource);
}
inline void give(uint64_t resource, token by = {}) noexcept {
  if (kutrace_ring_test()) put_value_event(KUTRACE_RES_GIVE, 0, by.id, resource);
}
// This thread has nothing to run and is about to block; it looks again.
inline void park() noexcept {
  if (kutrace_ring_test()) put_event(KUTRACE_WORKER_PARK, 0, 0);
}
inline void unpark() noexcept {
  if (kutrace_ring_test()) put_event(KUTRACE_WORKER_UNPARK, 0, 0);
}
// Up to eight bytes.
inline void name(token t, const char* text) noexcept {
  if (t.id != 0 && kutrace_ring_test()) put_value_event(KUTRACE_CORO_NAME, 0, t.id, kutrace_ring_short_name(text));
}

// An awaiter with a record before it suspends and one when it goes on. Awaiter: a type or a reference. Whatever the awaiter's
// functions return, these do: references, what can only be moved, bool, a handle; and they throw when those may.
template <typename Awaiter>
class traced_awaiter {
 public:
  // `make` gives the awaiter, in place.
  template <typename Make>
  traced_awaiter(Make&& make, const waiting& w, const char* file, const char* function, uint32_t line)
      : awaiter_(make()), waiting_(w), file_(file), function_(function), line_(line) {}

  decltype(auto) await_ready() noexcept(noexcept(std::declval<Awaiter&>().await_ready())) { return awaiter_.await_ready(); }

  template <typename Promise>
  decltype(auto) await_suspend(std::coroutine_handle<Promise> h) noexcept(noexcept(std::declval<Awaiter&>().await_suspend(h))) {
    if constexpr (is_traced<Promise>) {
      if (kutrace_ring_test()) suspends(h.promise());
    }
    if constexpr (noexcept(std::declval<Awaiter&>().await_suspend(h))) {
      return awaiter_.await_suspend(h);
    } else {
      // Who throws has not suspended.
      try {
        return awaiter_.await_suspend(h);
      } catch (...) {
        goes_on();
        throw;
      }
    }
  }

  decltype(auto) await_resume() noexcept(noexcept(std::declval<Awaiter&>().await_resume())) {
    goes_on();
    return awaiter_.await_resume();
  }

 private:
  void suspends(traced_promise& promise) noexcept {
    if constexpr (std::is_same_v<decltype(asked(0)), waiting>) waiting_ = asked(0);
    promise.suspended(waiting_, file_, function_, line_);
    promise_ = &promise;
  }
  void goes_on() noexcept {
    if (promise_ != nullptr && kutrace_ring_test()) promise_->event(KUTRACE_CORO_RESUME);
    promise_ = nullptr;
  }
  template <typename A = std::remove_reference_t<Awaiter>>
  auto asked(int) -> decltype(std::declval<A&>().waits_for()) {
    return awaiter_.waits_for();
  }
  void asked(...) {}

  Awaiter awaiter_;
  waiting waiting_;
  const char* file_;
  const char* function_;
  uint32_t line_;
  traced_promise* promise_ = nullptr;  // while it is suspended, and that was recorded
};

template <typename T>
concept has_member_co_await = requires(T&& t) { static_cast<T&&>(t).operator co_await(); };
template <typename T>
concept has_free_co_await = requires(T&& t) { operator co_await(static_cast<T&&>(t)); };

// The awaiter of what stands behind co_await, as the compiler finds it.
template <typename T>
decltype(auto) awaiter_of(T&& t) {
  if constexpr (has_member_co_await<T>) {
    return static_cast<T&&>(t).operator co_await();
  } else if constexpr (has_free_co_await<T>) {
    return operator co_await(static_cast<T&&>(t));
  } else {
    return static_cast<T&&>(t);
  }
}

// In a promise with an await_transform of its own: `return kutrace::coro::trace(x)`, x being what it got, or a reference to what lives as long.
template <typename T>
auto trace(T&& awaitable, waiting w = {}, KUTRACE_CORO_HERE) {
  using Awaiter = decltype(awaiter_of(static_cast<T&&>(awaitable)));
  const auto make = [&]() -> Awaiter { return awaiter_of(static_cast<T&&>(awaitable)); };
  return traced_awaiter<Awaiter>(make, w, file, function, line);
}

// For yield_value, whose awaiter outlives it: `return kutrace::coro::yields()`, with the line of the co_yield if that is handed on.
template <typename Awaiter = std::suspend_always>
traced_awaiter<Awaiter> yields(KUTRACE_CORO_HERE) {
  return {[] { return Awaiter{}; }, waiting{wait::yield}, file, function, line};
}

// The first and the last suspension.
template <typename Awaiter>
struct starting_awaiter {
  traced_promise* promise;
  [[no_unique_address]] Awaiter awaiter{};
  bool await_ready() noexcept(noexcept(awaiter.await_ready())) { return awaiter.await_ready(); }
  template <typename Promise>
  decltype(auto) await_suspend(std::coroutine_handle<Promise> h) noexcept(noexcept(awaiter.await_suspend(h))) {
    return awaiter.await_suspend(h);
  }
  void await_resume() noexcept(noexcept(awaiter.await_resume())) {
    if (kutrace_ring_test()) promise->event(KUTRACE_CORO_START);
    awaiter.await_resume();
  }
};
template <typename Awaiter>
struct ending_awaiter {
  traced_promise* promise;
  [[no_unique_address]] Awaiter awaiter{};
  bool await_ready() noexcept {
    if (kutrace_ring_test()) promise->event(KUTRACE_CORO_FINAL);
    return awaiter.await_ready();
  }
  template <typename Promise>
  decltype(auto) await_suspend(std::coroutine_handle<Promise> h) noexcept {
    return awaiter.await_suspend(h);
  }
  void await_resume() noexcept { awaiter.await_resume(); }
};

// Base of a promise. `Initial` and `Final`: the awaiters of its first and last suspension, made without arguments; the final one
// finds the promise by the handle that it gets. A coroutine's own site is its function; as its line, some compilers give the last.
template <typename Initial = std::suspend_always, typename Final = std::suspend_always>
class promise_base : public traced_promise {
 public:
  starting_awaiter<Initial> initial_suspend(KUTRACE_CORO_HERE) noexcept {
    if (kutrace_ring_test()) created(file, function, line);
    return {this};
  }
  ending_awaiter<Final> final_suspend() noexcept { return {this}; }
  template <typename T>
  auto await_transform(T&& awaitable, KUTRACE_CORO_HERE) {
    return trace(static_cast<T&&>(awaitable), {}, file, function, line);
  }
};

#else

struct token {};
template <typename Promise>
token token_of(std::coroutine_handle<Promise>) noexcept {
  return {};
}
inline void ready(token) noexcept {}
template <typename Promise>
void ready(std::coroutine_handle<Promise>) noexcept {}
inline void signal(uint64_t, uint8_t = 0) noexcept {}
inline void close(uint64_t) noexcept {}
inline void take(uint64_t, token = {}) noexcept {}
inline void give(uint64_t, token = {}) noexcept {}
inline void park() noexcept {}
inline void unpark() noexcept {}
inline void name(token, const char*) noexcept {}
template <typename T>
T&& trace(T&& awaitable, waiting = {}) noexcept {
  return static_cast<T&&>(awaitable);
}
template <typename Awaiter = std::suspend_always>
Awaiter yields(KUTRACE_CORO_HERE) {
  (void)file, (void)function, (void)line;
  return {};
}

template <typename Initial = std::suspend_always, typename Final = std::suspend_always>
struct promise_base {
  Initial initial_suspend() noexcept { return {}; }
  Final final_suspend() noexcept { return {}; }
};
static_assert(std::is_empty_v<promise_base<>>);

#endif

}  // namespace kutrace::coro
