// SPDX-License-Identifier: BSD-3-Clause
// A small machine with CPUs, threads and interrupts. It lives a random but lawful life, records it with the test
// encoder as a traced kernel would, and writes down what truly happened. It shares no code with the span builder.
//
// What counts as truth where a trace cannot tell (docs/trace-format.md, 3): the CPU is a
// thread's from the switch to it to the switch away from it, in the scheduler too; a new thread, which has no scheduler
// exit, is out of it from the switch on; a thread waits from the switch away from it to its wakeup and is ready from there
// to the switch to it.
#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "support/encoder.h"

namespace kutrace::test {

struct SimOptions {
  uint64_t seed = 1;
  uint32_t cpus = 4;
  uint32_t threads = 12;
  uint64_t events = 100000;
  double counts_per_us = 40;
  uint64_t start_counter = 0x1'0000'0000 - 500000;
  uint32_t flags = 0;
  uint32_t ring_blocks = 0;
  uint32_t sched = KUTRACE_SCHED;
  uint64_t busy_step = 1500;     // most counts between two events of a busy CPU
  uint64_t idle_step = 400000;   // most counts of an idle CPU without work
  double late = 0.01;            // share of entries that an interrupt overtakes
  uint32_t first_pid = 70000;
};

// A piece of a CPU's time.
struct Piece {
  uint64_t start, end;
  uint32_t cpu, pid;
  uint32_t event;  // call number, 0x10000 idle, 0x10000 + pid user
  uint32_t arg;
  uint32_t ret;
  bool operator==(const Piece&) const = default;
};
struct Wait {
  uint64_t start, end;
  uint32_t pid;
  bool ready;  // for a CPU
  auto operator<=>(const Wait&) const = default;
};
struct Arc {
  uint64_t start, end;
  uint32_t from_cpu, from_pid, to_cpu, to_pid;
  auto operator<=>(const Arc&) const = default;
};
struct Point {
  uint64_t t;
  uint32_t cpu, event, arg;
  auto operator<=>(const Point&) const = default;
};
struct Sample {
  uint64_t start, end;
  uint32_t cpu, pid;
  auto operator<=>(const Sample&) const = default;
};
// A system call from user code: from there on a reader knows the thread's stack whatever it saw before.
struct Known {
  uint64_t t;
  uint32_t cpu, pid;  // pid 0: a switch of this CPU to idle
};

struct Truth {
  std::vector<std::vector<Piece>> cpus;
  std::vector<Wait> waits;
  std::vector<Arc> arcs;
  std::vector<Point> marks;
  std::vector<Sample> samples;
  std::vector<Known> known;
  uint64_t events = 0, late = 0, folded = 0, forks = 0, wakeups = 0, long_idle = 0;
  uint64_t end = 0;
};

class Simulator {
 public:
  explicit Simulator(const SimOptions& options);
  ~Simulator();

  // Lives the life; returns the trace file.
  std::vector<uint8_t> run();
  const Truth& truth() const { return truth_; }
  const Encoder& encoder() const { return encoder_; }

 private:
  struct Thread;
  struct Cpu;

  uint64_t below(uint64_t n) { return n <= 1 ? 0 : random_() % n; }
  bool chance(double p) { return static_cast<double>(random_() >> 11) * 0x1p-53 < p; }
  Thread& new_thread();
  void boot();
  void step(Cpu& cpu);
  void step_scheduler(Cpu& cpu);
  void pick_next(Cpu& cpu);
  void step_idle(Cpu& cpu);
  void step_interrupt(Cpu& cpu);
  void step_thread(Cpu& cpu);
  uint64_t pause(const Cpu& cpu);

  // What happens, as truth and as an entry.
  void call(Cpu& cpu, uint32_t event, uint32_t arg);
  void leave(Cpu& cpu, uint32_t value);
  void switch_to(Cpu& cpu, Thread& next);
  void mark(Cpu& cpu);
  void wake_someone(Cpu& cpu);
  void wake(Cpu& cpu, Thread& thread);
  void fork(Cpu& cpu);
  void store(Cpu& cpu, uint32_t event, uint32_t arg);
  void release_late(Cpu& cpu);
  void kick();
  void finish();

  // Truth.
  void end_piece(Cpu& cpu, uint64_t t, bool returned, uint32_t value);
  void begin_piece(Cpu& cpu, uint64_t t);
  void begin_turn(Cpu& cpu, uint64_t t);

  SimOptions options_;
  std::mt19937_64 random_;
  Encoder encoder_;
  Truth truth_;
  std::vector<std::unique_ptr<Thread>> threads_;
  std::vector<std::unique_ptr<Cpu>> cpus_;
  std::vector<Thread*> ready_, waiting_;
  uint32_t next_pid_;
  uint32_t alive_ = 0;
  std::set<std::pair<uint64_t, uint32_t>> agenda_;  // next step of each CPU
};

}  // namespace kutrace::test
