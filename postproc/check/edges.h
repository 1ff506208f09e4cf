// SPDX-License-Identifier: BSD-3-Clause
// Two invariants that tie the records to the events behind them: each recorded context switch is an edge on its CPU's row,
// between the threads that it names; no thread is woken that is shown in user code all the while that its waker
// is at it. In the kernel it can be woken running: between saying that it will sleep and the switch away from it. So only code behind a
// system call counts: what a kernel thread does is in the kernel, and where the ends of faults are not recorded, so may be what follows one.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "span/span.h"

namespace kutrace {

class EdgeCheck {
 public:
  void switched(int32_t cpu, Ticks t, int32_t pid);
  void execution(const Span& span);
  // A wakeup of thread `pid` that `cpu` recorded.
  void woken(int32_t pid, int32_t cpu, Ticks t);

  uint64_t switches() const { return switches_; }
  // Broken invariants, in words.
  void faults(std::vector<std::string>& out) const;

 private:
  struct Switch {
    Ticks t;
    int32_t pid;
  };
  struct Wake {
    Ticks t, since;  // since: start of the waker's piece around it
    int32_t pid;
  };
  struct Cpu {
    std::deque<Switch> pending;  // not yet reached by the row's records
    bool known = false;          // `pid` is the thread of the latest switch
    int32_t pid = 0;
    Ticks start = 0, end = 0;  // its latest piece
    std::vector<Wake> wakes;   // whose piece is still to come
  };
  struct Thread {
    bool left_call = false;    // its latest system call or fault was a call
    Ticks start = 0, end = 0;  // its latest piece of user code behind one
    std::vector<Wake> wakes;   // since then
  };
  void told(const Wake& wake);
  bool found_running(const Wake& wake, Ticks start, Ticks end);
  static bool goes_on(const Cpu& cpu, const Switch& at, const Span& span);
  void execution_of(Thread& thread, const Span& span);
  void check_switches(Cpu& cpu, const Span& span);
  void no_edge(const Cpu& cpu, int32_t number, const Switch& at, const Span& span);

  std::map<int32_t, Cpu> cpus_;
  std::unordered_map<int32_t, Thread> threads_;
  uint64_t switches_ = 0, no_edge_ = 0, woken_running_ = 0;
  std::string first_no_edge_, first_woken_;
};

}  // namespace kutrace
