// SPDX-License-Identifier: BSD-3-Clause
// A program that writes into rings, for tests from outside: each of its ways says on its standard output what it attempted.
//   loop N COROUTINES   N suspensions and resumptions, of so many coroutines in turn
//   threads N           N threads, one after the other, of a coroutine each
//   fork                a parent and a child, of a coroutine each
//   spin                suspends and resumes until it is killed; says so when it has begun
//   exec PROGRAM ...    a coroutine, and then another program in its place
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

#include "kutrace_coro.hpp"

namespace {

namespace kc = kutrace::coro;

struct Task {
  struct promise_type : kc::promise_base<> {
    Task get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
  std::coroutine_handle<promise_type> handle;
};

Task suspends(uint64_t times) {
  for (uint64_t i = 0; i < times; ++i) co_await std::suspend_always{};
}

void run_to_end(Task task) {
  while (!task.handle.done()) task.handle.resume();
  task.handle.destroy();
}

// Events of one coroutine: create, start, a pair for each suspension, final, destroy.
constexpr uint64_t kFixedEvents = 4;

uint64_t loop(uint64_t pairs, uint64_t coroutines) {
  std::vector<Task> all;
  for (uint64_t i = 0; i < coroutines; ++i) all.push_back(suspends(pairs / coroutines));
  for (uint64_t round = 0; round <= pairs / coroutines; ++round) {
    for (const Task& t : all) t.handle.resume();
  }
  for (const Task& t : all) t.handle.destroy();
  return coroutines * (kFixedEvents + 2 * (pairs / coroutines));
}

}  // namespace

int main(int argc, char** argv) {
  const char* way = argc > 1 ? argv[1] : "";
  const uint64_t n = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 0;
  uint64_t attempted = 0;
  if (std::strcmp(way, "loop") == 0) {
    attempted = loop(n, argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 1);
  } else if (std::strcmp(way, "threads") == 0) {
    for (uint64_t i = 0; i < n; ++i) std::thread([] { run_to_end(suspends(1)); }).join();
    attempted = n * (kFixedEvents + 2);
  } else if (std::strcmp(way, "fork") == 0) {
    run_to_end(suspends(10));
    const pid_t child = fork();
    run_to_end(suspends(10));
    if (child == 0) std::exit(0);
    int status = 0;
    if (waitpid(child, &status, 0) != child || status != 0) return 1;
    attempted = 3 * (kFixedEvents + 20) + 1;  // and the end of the child
  } else if (std::strcmp(way, "spin") == 0) {
    Task task = suspends(UINT64_MAX);
    for (int i = 0; i < 100000; ++i) task.handle.resume();
    if (std::puts("spins") < 0 || std::fflush(stdout) != 0) return 1;
    for (;;) task.handle.resume();
  } else if (std::strcmp(way, "exec") == 0) {
    run_to_end(suspends(10));
    execv(argv[2], argv + 2);
    return 1;
  } else {
    return 2;
  }
  ++attempted;  // and the end of the process
  std::printf("%llu\n", static_cast<unsigned long long>(attempted));
  return 0;
}
