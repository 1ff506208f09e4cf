// SPDX-License-Identifier: BSD-3-Clause
// Records written by hand, as the span builder would give them: for tests of what is concluded from records.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "span/span.h"
#include "trace/event.h"

namespace kutrace::test {

// Numbers of calls as the events of x86-64 traces have them; any number of the kind will do.
constexpr int32_t kSceneSyscall = KUTRACE_SYSCALL64, kSceneTrap = KUTRACE_TRAP + 14, kSceneIrq = KUTRACE_IRQ + 0xec;

// The time of a thread on a CPU, without a name.
inline Span piece(int32_t cpu, Ticks from, Ticks to, int32_t pid, int32_t event) {
  Span s;
  s.start = from;
  s.dur = to - from;
  s.cpu = cpu;
  s.pid = pid;
  s.event = event;
  return s;
}

class Scene {
 public:
  Scene() { header_.time.ns_per_tick = 10.0; }

  Scene& user(int32_t cpu, int32_t tid, Ticks from, Ticks to) { return add(span(cpu, tid, from, to, KUTRACE_USER + tid, "t" + std::to_string(tid) + "." + std::to_string(tid))); }
  Scene& idle(int32_t cpu, Ticks from, Ticks to) { return add(span(cpu, 0, from, to, KUTRACE_IDLE, "-idle-")); }
  Scene& call(int32_t cpu, int32_t tid, Ticks from, Ticks to, const std::string& name, int32_t event = kSceneSyscall) { return add(span(cpu, tid, from, to, event, name)); }
  Scene& irq(int32_t cpu, int32_t tid, Ticks from, Ticks to, const std::string& name) { return call(cpu, tid, from, to, name, kSceneIrq); }
  Scene& softirq(int32_t cpu, int32_t tid, Ticks from, Ticks to, const std::string& name) { return call(cpu, tid, from, to, name, KUTRACE_BOTTOM_HALF); }
  Scene& sched(int32_t cpu, int32_t tid, Ticks from, Ticks to) { return call(cpu, tid, from, to, "-sched-", KUTRACE_SCHED); }
  Scene& wait(int32_t tid, Ticks from, Ticks to, char letter) { return add(span(-1, tid, from, to, KUTRACE_WAITA + (letter - 'a'), "wait")); }
  Scene& wake(Ticks t, int32_t cpu, int32_t waker, int32_t tid) { return add(point(t, cpu, waker, KUTRACE_RUNNABLE, tid, "runnable")); }
  Scene& ipi(Ticks t, int32_t cpu, int32_t tid, int32_t to_cpu) { return add(point(t, cpu, tid, KUTRACE_ARC_IPI, to_cpu, "-ipi-")); }
  Scene& lock(Ticks t, int32_t tid, int32_t event, int32_t number = 7) { return add(point(t, 0, tid, event, number, event == KUTRACE_LOCKACQUIRE ? "acq_L" : "L")); }
  Scene& tries(Ticks t, int32_t tid, int32_t number = 7) { return lock(t, tid, KUTRACE_LOCKNOACQUIRE, number); }
  Scene& takes(Ticks t, int32_t tid, int32_t number = 7) { return lock(t, tid, KUTRACE_LOCKACQUIRE, number); }
  Scene& releases(Ticks t, int32_t tid, int32_t number = 7) { return lock(t, tid, KUTRACE_LOCKWAKEUP, number); }
  Scene& sends(Ticks t, int32_t tid, int32_t hash) { return add(point(t, 0, tid, KUTRACE_TX_USER, hash, "tx")); }
  Scene& receives(Ticks t, int32_t tid, int32_t hash) { return add(point(t, 0, tid, KUTRACE_RX_USER, hash, "rx")); }

  Scene& mark(Ticks t, int32_t tid, const std::string& label) { return add(point(t, 0, tid, KUTRACE_MARKA, static_cast<int32_t>(base40_value(label)), label)); }

  Scene& with_ipc() {
    header_.flags |= KUTRACE_FLAG_IPC;
    return *this;
  }
  // Of the record before.
  Scene& ipc(uint8_t code) {
    spans_.back().ipc = code;
    return *this;
  }

  // Gives the records, in order of their start, to a sink.
  template <typename Sink>
  void give(Sink& sink) {
    std::stable_sort(spans_.begin(), spans_.end(), [](const Span& a, const Span& b) { return a.start < b.start; });
    sink.header(header_);
    sink.spans(spans_);
  }
  StringPool pool;

 private:
  Span span(int32_t cpu, int32_t tid, Ticks from, Ticks to, int32_t event, const std::string& name) {
    Span s = piece(cpu, from, to, tid, event);
    s.name = pool.intern(name);
    return s;
  }
  Span point(Ticks t, int32_t cpu, int32_t tid, int32_t event, int32_t arg, const std::string& name) {
    Span s = span(cpu, tid, t, t, event, name);
    s.arg = arg;
    return s;
  }
  Scene& add(const Span& s) {
    spans_.push_back(s);
    return *this;
  }

  SpanHeader header_;
  std::vector<Span> spans_;
};

}  // namespace kutrace::test
