// SPDX-License-Identifier: BSD-3-Clause
#include "check/edges.h"

#include <algorithm>

namespace kutrace {
namespace {

// What is stored inside a folded call's time is shown behind it. No folded call is longer than this.
constexpr Ticks kMaxFold = 1 << 20;

// Scheduler spans are none: one that holds a switch is not folded.
bool may_be_folded(const Span& s) { return s.event <= 0xfff && !is_sched(s); }

// Wakeups that wait for the pieces around them; where more do, which only a hostile trace can have, the rest are not looked at.
constexpr size_t kMostWakes = 1024;

template <typename Wake>
void keep(std::vector<Wake>& wakes, const Wake& wake) {
  if (wakes.size() < kMostWakes) wakes.push_back(wake);
}

}  // namespace

void EdgeCheck::switched(int32_t cpu, Ticks t, int32_t pid) {
  ++switches_;
  cpus_[cpu].pending.push_back({t, pid});
}

void EdgeCheck::no_edge(const Cpu& cpu, int32_t number, const Switch& at, const Span& span) {
  ++no_edge_;
  if (!first_no_edge_.empty()) return;
  first_no_edge_ = "CPU " + std::to_string(number) + " at tick " + std::to_string(at.t) + " from " +
                   (cpu.known ? std::to_string(cpu.pid) : "?") + " to " + std::to_string(at.pid) + ", shown as " +
                   std::to_string(span.pid) + " from tick " + std::to_string(span.start) + " to " + std::to_string(span.end());
}

// Whether a switch inside a span may be none: it is to the thread that is shown already. In the scheduler only if it had the
// CPU before, elsewhere also where a switch was missing and has been repaired.
bool EdgeCheck::goes_on(const Cpu& cpu, const Switch& at, const Span& s) {
  return s.pid == at.pid && (!is_sched(s) || !cpu.known || cpu.pid == at.pid);
}

void EdgeCheck::check_switches(Cpu& cpu, const Span& s) {
  while (!cpu.pending.empty() && cpu.pending.front().t < s.end()) {
    Switch& at = cpu.pending.front();
    const bool last_before = cpu.pending.size() == 1 || cpu.pending[1].t > s.start;
    if (at.t <= s.start) {
      if (last_before && s.pid != at.pid) no_edge(cpu, s.cpu, at, s);
    } else if (!goes_on(cpu, at, s)) {
      if (may_be_folded(s) && s.end() - at.t <= kMaxFold) {
        for (Switch& later : cpu.pending) later.t = std::max(later.t, s.end());
        break;
      }
      no_edge(cpu, s.cpu, at, s);
    }
    cpu.known = true;
    cpu.pid = at.pid;
    cpu.pending.pop_front();
  }
}

void EdgeCheck::execution(const Span& s) {
  if (s.dur == 0) return;
  Cpu& cpu = cpus_[s.cpu];
  check_switches(cpu, s);
  cpu.start = s.start;
  cpu.end = s.end();
  for (Wake& wake : cpu.wakes) {
    if (wake.t > s.end()) continue;
    wake.since = s.start;
    told(wake);
  }
  std::erase_if(cpu.wakes, [&](const Wake& wake) { return wake.t <= s.end(); });
  if (s.pid > 0) execution_of(threads_[s.pid], s);
}

void EdgeCheck::execution_of(Thread& thread, const Span& s) {
  if (!is_user(s)) {
    const bool call = s.event >= KUTRACE_SYSCALL64 && !is_sched(s);
    if (call || s.event < KUTRACE_IRQ) thread.left_call = call;
    return;
  }
  if (thread.left_call) {
    for (const Wake& wake : thread.wakes) found_running(wake, s.start, s.end());
    thread.start = s.start;
    thread.end = s.end();
  }
  thread.wakes.clear();
}

// In the order of starts the waker's piece and the woken thread's came before the wakeup, in the order of ends they follow.
void EdgeCheck::woken(int32_t pid, int32_t number, Ticks t) {
  Cpu& cpu = cpus_[number];
  if (t > cpu.start && t < cpu.end) {
    told({t, cpu.start, pid});
  } else {
    keep(cpu.wakes, {t, t, pid});
  }
}

// The waker's piece is known: what was the thread in?
void EdgeCheck::told(const Wake& wake) {
  Thread& thread = threads_[wake.pid];
  if (!found_running(wake, thread.start, thread.end)) keep(thread.wakes, wake);
}

bool EdgeCheck::found_running(const Wake& wake, Ticks start, Ticks end) {
  if (wake.t <= start || wake.t >= end || start > wake.since) return false;
  if (woken_running_++ == 0) first_woken_ = "thread " + std::to_string(wake.pid) + " at tick " + std::to_string(wake.t);
  return true;
}

void EdgeCheck::faults(std::vector<std::string>& out) const {
  if (no_edge_ > 0) out.push_back(std::to_string(no_edge_) + " recorded context switches are no edge, first on " + first_no_edge_);
  if (woken_running_ > 0) out.push_back(std::to_string(woken_running_) + " threads are woken while shown in user code, first " + first_woken_);
}

}  // namespace kutrace
