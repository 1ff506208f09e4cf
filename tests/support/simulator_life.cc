// SPDX-License-Identifier: BSD-3-Clause
// What the simulated CPUs do next.
#include <algorithm>

#include "support/simulator_state.h"

namespace kutrace::test {

void Simulator::step(Cpu& cpu) {
  const uint32_t top = cpu.thread->top();
  constexpr uint32_t kInterrupts[] = {kTimer, kDevice, kReschedule};
  if (cpu.late.is && !cpu.interrupted()) {
    call(cpu, kInterrupts[below(3)], 0);
  } else if (top == options_.sched) {
    step_scheduler(cpu);
  } else if (top >> 8 == 5) {
    step_interrupt(cpu);
  } else if (cpu.thread->is_idle()) {
    step_idle(cpu);
  } else {
    step_thread(cpu);
  }
}

void Simulator::step_scheduler(Cpu& cpu) {
  if (chance(0.04)) {
    call(cpu, chance(0.5) ? kTimer : kDevice, 0);
  } else if (cpu.switched) {
    cpu.intent = Intent::kNone;
    leave(cpu, 0);
  } else {
    pick_next(cpu);
  }
}

void Simulator::pick_next(Cpu& cpu) {
  if (!ready_.empty()) {
    const size_t i = below(ready_.size());
    Thread& next = *ready_[i];
    ready_[i] = ready_.back();
    ready_.pop_back();
    switch_to(cpu, next);
    if (cpu.first_of_new) cpu.intent = Intent::kNone;
  } else if (cpu.intent == Intent::kBlock || cpu.intent == Intent::kExit) {
    switch_to(cpu, cpu.idle);
  } else {
    cpu.intent = Intent::kNone;
    leave(cpu, 0);  // nobody else: it goes on
  }
}

void Simulator::step_interrupt(Cpu& cpu) {
  const bool in_softirq = cpu.thread->top() == kSoftirq;
  if (!waiting_.empty() && chance(0.3)) {
    wake_someone(cpu);
  } else if (!in_softirq && !cpu.thread->inside(kSoftirq) && chance(0.15)) {
    call(cpu, kSoftirq, static_cast<uint32_t>(below(10)));
  } else if (in_softirq && chance(0.2)) {
    call(cpu, chance(0.5) ? kTimer : kReschedule, 0);
  } else {
    leave(cpu, 0);
  }
}

void Simulator::step_idle(Cpu& cpu) {
  if (!ready_.empty() && chance(0.85)) {
    call(cpu, options_.sched, 0);
  } else if (chance(0.15)) {
    call(cpu, kSoftirq, static_cast<uint32_t>(below(10)));
  } else {
    call(cpu, chance(0.5) ? kTimer : kDevice, 0);
  }
}

void Simulator::step_thread(Cpu& cpu) {
  Thread& thread = *cpu.thread;
  const uint32_t top = thread.top();
  const auto any16 = static_cast<uint32_t>(random_() & 0xffff);
  const uint64_t dice = below(100);
  auto schedule = [&](Intent intent) {
    cpu.intent = intent;
    call(cpu, options_.sched, 0);
  };
  if (thread.depth == 0) {
    if (dice < 60) {
      uint32_t n = static_cast<uint32_t>(below(200));
      if (n == (kClone & 0x1ff)) n = 0;
      call(cpu, (chance(0.1) ? KUTRACE_SYSCALL32 : KUTRACE_SYSCALL64) + n, any16);
    } else if (dice < 75) {
      call(cpu, kFault, any16);
    } else if (dice < 82) {
      mark(cpu);
    } else if (dice < 84 && alive_ < options_.threads && next_pid_ - thread.pid < 0x7f00) {
      call(cpu, kClone, any16);
    } else if (dice < 85 && alive_ > options_.threads / 2 && alive_ > 2) {
      call(cpu, kExit, 0);
    } else if (cpu.first_of_new) {
      call(cpu, kFault, any16);
    } else if (dice < 90 && !ready_.empty()) {
      schedule(Intent::kPreempt);
    } else {
      call(cpu, dice < 95 ? kTimer : kDevice, 0);
    }
    return;
  }
  if (dice < 6) {
    call(cpu, dice < 3 ? kTimer : kReschedule, 0);
  } else if (dice < 7) {
    call(cpu, kSoftirq, static_cast<uint32_t>(below(10)));
  } else if (top == kExit) {
    schedule(Intent::kExit);
  } else if (dice < 13 && !waiting_.empty() && top != kFault) {
    wake_someone(cpu);
  } else if (dice < 16 && top != kFault) {
    call(cpu, kFault, any16);
  } else if (dice < 25) {
    schedule(Intent::kBlock);
  } else if (dice < 28 && !ready_.empty()) {
    schedule(Intent::kPreempt);
  } else if (top == kClone && thread.child == nullptr) {
    fork(cpu);
  } else if (top == kClone) {
    Thread& child = *thread.child;
    thread.child = nullptr;
    // Older kernels do not record that a new thread is ready: the return of clone tells.
    if (child.fresh && !child.woken) wake(cpu, child);
    leave(cpu, child.pid & 0xffff);
  } else {
    leave(cpu, dice < 60 ? any16 & 0x7f : any16);
  }
}

}  // namespace kutrace::test
