// SPDX-License-Identifier: BSD-3-Clause
// hello_world_trace: a short life worth looking at. Each step is bracketed by marks of its name:
//   write   three lines to standard output        sleep   20 ms asleep
//   fork    a child that says hello and ends      pipe    two threads that pass a byte to and fro
//   fault   256 pages touched for the first time  cpu     arithmetic, no system call
//
//   kutrace_control run -o hello.trace -- hello_world_trace
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <thread>

#include "kutrace.hpp"

namespace {

void say(const char* text) {
  if (write(STDOUT_FILENO, text, std::strlen(text)) < 0) std::perror("hello_world_trace: write");
}

void write_step() {
  kutrace::scope mark("write");
  for (int k = 0; k < 3; ++k) {
    kutrace_mark_d(static_cast<uint32_t>(k));
    say("hello world\n");
  }
}

void sleep_step() {
  kutrace::scope mark("sleep");
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
}

void fork_step() {
  kutrace::scope mark("fork");
  const pid_t child = fork();
  if (child == 0) {
    kutrace_mark_b("child");
    say("hello from the child\n");
    _exit(0);
  }
  if (child > 0) waitpid(child, nullptr, 0);
}

void pass(int from, int to, int times) {
  char byte = 0;
  for (int k = 0; k < times; ++k) {
    if (read(from, &byte, 1) != 1 || write(to, &byte, 1) != 1) return;
  }
}

void pipe_step() {
  kutrace::scope mark("pipe");
  int there[2], back[2];
  if (pipe(there) != 0 || pipe(back) != 0) return;
  constexpr int kTimes = 10;
  std::thread other(pass, there[0], back[1], kTimes);
  if (write(there[1], "x", 1) == 1) pass(back[0], there[1], kTimes - 1);
  other.join();
  for (int fd : {there[0], there[1], back[0], back[1]}) close(fd);
}

void fault_step() {
  kutrace::scope mark("fault");
  const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  const size_t size = 256 * page;
  void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return;
  madvise(memory, size, MADV_NOHUGEPAGE);
  for (size_t at = 0; at < size; at += page) static_cast<volatile char*>(memory)[at] = 1;
  munmap(memory, size);
}

void cpu_step() {
  kutrace::scope mark("cpu");
  volatile uint64_t value = 1;
  for (int k = 0; k < 2000000; ++k) value = value * 6364136223846793005u + 1442695040888963407u;
}

}  // namespace

int main() {
  kutrace_mark_a("hello");
  write_step();
  sleep_step();
  fork_step();
  pipe_step();
  fault_step();
  cpu_step();
  kutrace_mark_a("/hello");
  return 0;
}
