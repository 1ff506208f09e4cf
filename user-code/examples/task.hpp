// SPDX-License-Identifier: BSD-3-Clause
// What the examples' coroutines are: tasks that begin suspended, that their scheduler runs to their end, and then destroys.
#pragma once

#include <exception>

#include "kutrace_coro.hpp"

struct Task {
  struct promise_type : kutrace::coro::promise_base<> {
    Task get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
  using Handle = std::coroutine_handle<promise_type>;
  Handle handle;
};

// Runs one that is ready, until it suspends or ends. True: it has ended, and is gone.
inline bool run(Task::Handle h) {
  h.resume();
  if (!h.done()) return false;
  h.destroy();
  return true;
}
