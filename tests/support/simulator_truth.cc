// SPDX-License-Identifier: BSD-3-Clause
// The simulated machine's diary: pieces of CPU time, waits, wakeup arcs.
#include <algorithm>
#include <set>

#include "support/simulator_state.h"

namespace kutrace::test {

void Simulator::end_piece(Cpu& cpu, uint64_t t, bool returned, uint32_t value) {
  if (t > cpu.start) {
    truth_.cpus[cpu.number].push_back(
        {cpu.start, t, cpu.number, cpu.thread->pid, cpu.event, cpu.arg, returned ? value : 0});
  }
  cpu.thread->end = t;
  cpu.thread->has_end = true;
}

void Simulator::begin_piece(Cpu& cpu, uint64_t t) {
  cpu.start = t;
  cpu.event = cpu.thread->top();
  cpu.arg = cpu.thread->top_arg();
}

// A thread has the CPU: what it did since its last piece is now known.
void Simulator::begin_turn(Cpu& cpu, uint64_t t) {
  Thread& thread = *cpu.thread;
  if (thread.is_idle()) return;
  uint64_t from = thread.has_end ? thread.end : thread.wake_t;
  if (thread.woken) {
    truth_.arcs.push_back({thread.wake_t, t, thread.wake_cpu, thread.wake_pid, cpu.number, thread.pid});
    if (thread.wake_t > from) truth_.waits.push_back({from, thread.wake_t, thread.pid, false});
    from = std::max(from, thread.wake_t);
    thread.woken = false;
  } else if (!thread.has_end) {
    from = t;
  }
  if (from < t) truth_.waits.push_back({from, t, thread.pid, true});
}

// The trace ends: so does everything in it. Why a thread sleeps that was not woken nobody knows.
void Simulator::finish() {
  const uint64_t t = truth_.end;
  std::set<const Thread*> on;
  for (const auto& cpu : cpus_) {
    if (cpu->late.is) release_late(*cpu);
    if (!cpu->started) continue;
    end_piece(*cpu, t, false, 0);
    on.insert(cpu->thread);
  }
  for (const auto& thread : threads_) {
    if (on.contains(thread.get()) || thread->gone || (!thread->has_end && !thread->woken)) continue;
    uint64_t from = thread->has_end ? thread->end : thread->wake_t;
    if (thread->woken) {
      if (thread->wake_t > from) truth_.waits.push_back({from, thread->wake_t, thread->pid, false});
      from = std::max(from, thread->wake_t);
    }
    if (from < t) truth_.waits.push_back({from, t, thread->pid, thread->woken});
  }
}

}  // namespace kutrace::test
