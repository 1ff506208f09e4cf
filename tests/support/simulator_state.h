// SPDX-License-Identifier: BSD-3-Clause
// State of the simulated machine; used by simulator.cc and simulator_truth.cc only.
#pragma once

#include <array>

#include "support/simulator.h"

namespace kutrace::test {

constexpr uint32_t kTimer = 0x5ec, kDevice = 0x522, kReschedule = 0x5fd, kSoftirq = KUTRACE_BOTTOM_HALF;
constexpr uint32_t kClone = 0x838, kExit = 0x8e7, kFault = KUTRACE_PAGE_FAULT;

enum class Intent { kNone, kBlock, kPreempt, kExit };

struct Frame {
  uint32_t event, arg;
};

struct Simulator::Thread {
  uint32_t pid = 0;
  std::array<Frame, 12> stack{};  // above user code
  size_t depth = 0;
  bool fresh = false;  // never ran
  bool named = false;
  bool gone = false;
  Thread* child = nullptr;  // forked, to be woken by the return of clone
  // Truth.
  bool has_end = false;
  uint64_t end = 0;
  bool woken = false;
  uint64_t wake_t = 0;
  uint32_t wake_cpu = 0, wake_pid = 0;

  bool is_idle() const { return pid == 0; }
  uint32_t top() const { return depth == 0 ? KUTRACE_USER + pid : stack[depth - 1].event; }
  uint32_t top_arg() const { return depth == 0 ? 0 : stack[depth - 1].arg; }
  bool inside(uint32_t event) const {
    for (size_t i = 0; i < depth; ++i) {
      if (stack[i].event == event) return true;
    }
    return false;
  }
};

struct Simulator::Cpu {
  uint32_t number = 0;
  uint64_t now = 0;
  bool started = false;
  Thread idle;
  Thread* thread = nullptr;  // since the latest switch
  Intent intent = Intent::kNone;
  bool switched = false;     // in the scheduler, behind the switch
  bool first_of_new = false;  // a new thread's first event is due
  bool timer_clean = false;   // nothing called since the latest timer interrupt
  uint64_t timer_t = 0;
  bool has_sample = false;
  uint64_t sample_t = 0;
  struct {
    bool is = false;
    uint64_t t = 0;
    uint32_t event = 0, arg = 0;
  } late;  // an entry waiting for the interrupt that overtakes it
  // The open piece.
  uint64_t start = 0;
  uint32_t event = 0, arg = 0;

  bool interrupted() const { return thread->top() >> 8 == 5; }
};

}  // namespace kutrace::test
