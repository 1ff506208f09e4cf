// SPDX-License-Identifier: BSD-3-Clause
// What the workloads share: options, phases, work that takes a known time, threads that begin together.
//
// A workload brackets what it is about in phases (marks NAME and /NAME of one thread; five of a-z 0-9 - . at most), so that nobody needs to
// know its thread ids. --log adds to a file how many there were:
//
//   kutrace-phases 1            first line of a program; the number is the version of this format
//   NAME COUNT                  a line a phase, in the order in which each came first
#pragma once

#include <pthread.h>

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <vector>

#include "kutrace.h"

namespace kutrace::workload {

struct Option {
  const char *name, *value, *words;  // value: if it is not given
};

// --NAME VALUE of a command line, and those that every workload has: --help, --seed N, --pin CPU, --log FILE. Ends the program with status 2
// and the reason when something cannot be used; --help ends it with 0.
class Options {
 public:
  Options(int argc, char** argv, const char* what_it_does, std::initializer_list<Option> own);
  // At the end of main: writes the log, when one is wanted.
  ~Options();
  Options(const Options&) = delete;
  Options& operator=(const Options&) = delete;

  // A whole number from `least` to `most`.
  long number(const char* name, long least, long most) const;
  const std::string& text(const char* name) const;
  // The words of a list with commas, each one of `known`.
  std::vector<std::string> words(const char* name, std::initializer_list<const char*> known) const;
  uint64_t seed() const { return static_cast<uint64_t>(number("seed", 0, INT64_MAX)); }
  [[noreturn]] void refuse(const std::string& why) const;

 private:
  struct Given {
    Option option;
    std::string value;
  };
  const Given& find(const char* name) const;
  const char* program_;
  std::vector<Given> given_;
};

// Phases of one name do not nest. `name` is a literal.
class Phase {
 public:
  explicit Phase(const char* name);
  ~Phase();
  Phase(const Phase&) = delete;
  Phase& operator=(const Phase&) = delete;

 private:
  char label_[8];
};

// Says why and ends the program; nobody is to take half a run for a whole one.
[[noreturn]] void fail(const char* what);
// A system call's result, unless it is an error.
long must(long result, const char* what);

uint64_t now_ns();
void sleep_us(long us);
void pin_to(int cpu);  // this thread; below 0: wherever it likes
// How many CPUs this process may run on.
int cpus_here();

// Computing for about that long, in the same number of steps each time: how many a microsecond has is measured once, and nothing asks a clock
// meanwhile. `salt` keeps the result alive.
uint64_t work_us(long us, uint64_t salt = 1);

// Threads that wait for each other and then run `body(number)`; comes back when all have ended. cpu(number): where each is pinned.
void run_threads(int count, const std::function<void(int)>& body, const std::function<int(int)>& cpu = nullptr);

// A barrier for threads of one process.
class Barrier {
 public:
  explicit Barrier(int count) { pthread_barrier_init(&barrier_, nullptr, static_cast<unsigned>(count)); }
  ~Barrier() { pthread_barrier_destroy(&barrier_); }
  Barrier(const Barrier&) = delete;
  Barrier& operator=(const Barrier&) = delete;
  void wait() { pthread_barrier_wait(&barrier_); }

 private:
  pthread_barrier_t barrier_{};
};

// other, batch, idle, fifo or rr; false where this user may not.
bool set_policy(const std::string& policy, int priority);

// A generator of numbers whose sequence is its seed's.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15u + 1) {}
  uint64_t next() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return state_;
  }
  uint64_t below(uint64_t n) { return next() % n; }

 private:
  uint64_t state_;
};

// A program of this folder; all are one file, which is told by its name which of them it is to be.
class Registered {
 public:
  using Body = void (*)(int argc, char** argv);
  Registered(const char* name, Body body);
};

}  // namespace kutrace::workload

#define KUTRACE_WORKLOAD(name)                                                         \
  static void name##_body(int argc, char** argv);                                      \
  static const kutrace::workload::Registered name##_registered(#name, name##_body);    \
  static void name##_body(int argc, char** argv)
