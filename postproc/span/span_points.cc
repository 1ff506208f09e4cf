// SPDX-License-Identifier: BSD-3-Clause
// Points in the span builder: marks, RPCs, samples, frequency, locks, queues, packets, idle states, IPIs.
#include <algorithm>

#include "span/span_builder.h"
#include "span/wait_reason.h"

namespace kutrace {
namespace {

constexpr int32_t kNoExit = -1;
constexpr uint64_t kMapNode = 64;
// A lock record is written when it lasts at least this long (docs/trace-format.md, 3.8).
constexpr double kLeastLockNs = 250.0;

// Exit latency by idle hint, in 100 ns: 16 values by bits 7-4 of the hint for two known models; the rest by range.
// These are the values of docs/trace-format.md, 3.7, which the reference applies too.
constexpr int kExitI3[16] = {10, 70, 85, 124, 200, 480, 890, 255, 255, 255, 255, 255, 255, 255, 255, 255};
constexpr int kExitJ4005[16] = {10, 255, 133, 155, 1000, 2000, 10000, 255, 255, 255, 255, 255, 255, 255, 255, 255};

int default_exit_100ns(int32_t hint) {
  if (hint == 1) return 10;
  if (hint < 0x10 || hint == KUTRACE_IDLE_WFI || hint == KUTRACE_IDLE_OFFLINE) return 2;
  if (hint == 255) return 133;
  constexpr int kByRange[6] = {0, 33, 133, 166, 300, 600};
  return hint < 0x60 ? kByRange[hint >> 4] : 2500;
}

bool holds(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

}  // namespace

void SpanBuilder::on_special(Cpu& cpu, const Event& e) {
  const uint32_t n = e.num;
  Thread& thread = *cpu.thread;
  switch (n) {
    case KUTRACE_RPCIDREQ:
    case KUTRACE_RPCIDRESP:
    case KUTRACE_RPCIDMID:
      on_rpc(cpu, e);
      return;
    case KUTRACE_MARKA:
    case KUTRACE_MARKB:
    case KUTRACE_MARKC:
    case KUTRACE_MARKD:
      close_missing_exit(cpu, e.t);
      thread.fresh = false;
      cut(cpu, e.t, e.ipc);
      begin_turn(cpu, e.t);
      label(cpu, false);  // what it is in is known from here on
      emit_point(e, names_.special(n, e.arg), thread.rpc);
      return;
    case KUTRACE_MWAIT:
      cut(cpu, e.t, e.ipc);
      emit_point(e, names_.special(n, e.arg), thread.rpc);
      cpu.mwait = static_cast<int32_t>(std::min(e.arg, 255u));
      if (e.arg > 255) {
        diagnostics_.add_at(Finding::kBadArgument, [&] { return "idle hint " + std::to_string(e.arg); });
      }
      if (e.arg == KUTRACE_IDLE_POLL) return;  // idle, at full power
      cpu.open.arg = 1;
      cpu.open.name = idle_low_name_;
      return;
    case KUTRACE_MONITOREXIT:
      cut(cpu, e.t, e.ipc);
      emit_point(e, names_.special(n, e.arg), thread.rpc);
      take_ipis(cpu, cpu.stores, e.t);
      label(cpu, false);
      return;
    case KUTRACE_LOST:
      // What the CPU did since its latest event nobody knows.
      diagnostics_.add(Finding::kEventsLost, e.arg);
      cpu.open.inferred = true;
      break;
    case KUTRACE_MBIT_SEC:
      if (e.arg == 0) {
        diagnostics_.add_at(Finding::kBadArgument, [] { return std::string("network speed 0"); });
      } else {
        mbit_sec_ = e.arg;
      }
      return;
    case KUTRACE_RX_PKT:
      diagnostics_.take(Limit::memory, kMapNode);
      network_.rx_packet(e.arg, e.t);
      break;
    case KUTRACE_RX_USER:
      diagnostics_.take(Limit::memory, kMapNode);
      network_.rx_user(e.pid, e.arg);
      break;
    case KUTRACE_TX_USER:
      diagnostics_.take(Limit::memory, kMapNode);
      network_.tx_user(e.pid, e.arg);
      break;
    case KUTRACE_TX_PKT: {
      Network::Message m;
      if (network_.tx_packet(e.arg, e.t, m)) message(m);
      break;
    }
    case KUTRACE_ENQUEUE:
      thread.enqueue = static_cast<int32_t>(e.arg);
      break;
    case KUTRACE_DEQUEUE:
      thread.dequeue = static_cast<int32_t>(e.arg);
      break;
    default:
      break;
  }
  emit_point(e, names_.special(n, e.arg), thread.rpc);
  switch (n) {
    case KUTRACE_RUNNABLE:
      on_runnable(cpu, e.arg, e.t, e, false);
      break;
    case KUTRACE_IPI:
    case KUTRACE_MONITORSTORE:
      if (e.arg < cpus_.size() && cpus_[e.arg]) {
        Cpu& target = *cpus_[e.arg];
        diagnostics_.take(Limit::memory, sizeof(Ipi));
        (n == KUTRACE_IPI ? target.ipis : target.stores).push_back({e.t, e.cpu});
        if (n == KUTRACE_MONITORSTORE) target.store_reason = waker_letter(thread.stack.back().name);
      }
      break;
    case KUTRACE_LOCKNOACQUIRE:
    case KUTRACE_LOCKACQUIRE:
    case KUTRACE_LOCKWAKEUP:
      on_lock(e);
      break;
    default:
      break;
  }
}

// ---- RPCs, queues, messages ---------------------------------------------------------------------------------

void SpanBuilder::on_rpc(Cpu& cpu, const Event& e) {
  queue_moves(cpu, e);
  Thread& thread = *cpu.thread;
  if (e.num != KUTRACE_RPCIDMID) {
    Network::Message m;
    if (network_.rpc(e.pid, e.arg, m)) message(m);
  }
  close_missing_exit(cpu, e.t);
  cut(cpu, e.t, e.ipc);
  begin_turn(cpu, e.t);
  emit_point(e, names_.special(e.num, e.arg & 0xffff), thread.rpc);
  thread.rpc = static_cast<int32_t>(e.arg & 0xffff);
  label(cpu, false);  // what it is in is known from here on
}

// An enqueue takes effect when the thread leaves the RPC, a dequeue when it resumes one.
void SpanBuilder::queue_moves(Cpu& cpu, const Event& e) {
  Thread& thread = *cpu.thread;
  if (thread.enqueue < 0 && thread.dequeue < 0) return;
  if (thread.enqueue >= 0) {
    diagnostics_.take(Limit::memory, kMapNode);
    if (thread.rpc != 0) enqueued_[thread.rpc] = e.t;
    thread.enqueue = -1;
  }
  if (thread.dequeue >= 0 && e.num != KUTRACE_USERPID) {
    auto found = enqueued_.find(static_cast<int32_t>(e.arg & 0xffff));
    if (found != enqueued_.end()) {
      Span span;
      span.start = found->second;
      span.dur = e.t - found->second;
      span.rpc = found->first;
      span.event = KUTRACE_ENQUEUE;
      span.arg = thread.dequeue;
      span.name = names_.queue(static_cast<uint32_t>(thread.dequeue));
      if (span.dur > 0) emit(span);
      enqueued_.erase(found);
    }
    thread.dequeue = -1;
  }
}

void SpanBuilder::message(const Network::Message& m) {
  double ns = static_cast<double>(m.bytes) * 8000.0 / static_cast<double>(mbit_sec_);
  Span span;
  span.dur = info_.time.from_ns(ns);
  span.start = m.received ? m.t - span.dur : m.t;
  span.cpu = 0;
  span.pid = 0;
  span.rpc = static_cast<int32_t>(m.rpc);
  span.event = m.received ? KUTRACE_RPCIDRXMSG : KUTRACE_RPCIDTXMSG;
  span.arg = static_cast<int32_t>(m.bytes);
  span.name = names_.method(m.rpc);
  span.flags = Span::kInferred;
  diagnostics_.add(Finding::kInferredMessage);
  emit(span);
}

// ---- samples, frequency, locks ------------------------------------------------------------------------------

// A sample stands for the time since the one before it.
void SpanBuilder::on_sample(Cpu& cpu, const Event& e, NameId name) {
  if (cpu.has_pc && e.t >= cpu.pc_t) {
    Span span;
    span.start = cpu.pc_t;
    span.dur = e.t - cpu.pc_t;
    span.cpu = e.cpu;
    span.pid = static_cast<int32_t>(e.pid);
    span.rpc = cpu.thread->rpc;
    span.event = e.num;
    span.arg = static_cast<int32_t>(e.arg);
    span.name = name;
    emit(span);
  }
  cpu.has_pc = true;
  cpu.pc_t = e.t;
}

void SpanBuilder::emit_frequency(size_t number, Ticks t, int32_t mhz) {
  Cpu& cpu = *cpus_[number];
  if (cpu.has_freq && t > cpu.freq_t) {
    Span span;
    span.start = cpu.freq_t;
    span.dur = t - cpu.freq_t;
    span.cpu = static_cast<int32_t>(number);
    span.pid = 0;
    span.rpc = 0;
    span.event = KUTRACE_PSTATE;
    span.arg = mhz;
    span.name = freq_name_;
    emit(span);
  }
  cpu.has_freq = true;
  cpu.freq_t = t;
}

void SpanBuilder::on_frequency(Cpu& cpu, const Event& e) {
  const auto mhz = static_cast<int32_t>(e.arg);
  auto change = [&](Cpu& c) {
    emit_frequency(static_cast<size_t>(c.number), e.t, e.num == KUTRACE_PSTATE ? mhz : c.freq);
    c.freq = mhz;
  };
  // One clock for all cores, of which such a machine has few.
  if (!holds(names_.cpu_model(), "Raspberry") || live_.size() > size_limit::shared_clock_cpus) {
    change(cpu);
    return;
  }
  for (Cpu* c : live_) change(*c);
}

void SpanBuilder::on_lock(const Event& e) {
  const uint64_t key = static_cast<uint64_t>(e.arg) << 32 | e.pid;
  auto found = locks_.find(key);
  if (found == locks_.end()) diagnostics_.take(Limit::memory, kMapNode);
  auto record = [&](int32_t event, const char* prefix) {
    Span span;
    span.start = found->second.t;
    span.dur = e.t - found->second.t;
    if (info_.time.ns(span.dur) < static_cast<int64_t>(kLeastLockNs)) return;
    span.pid = static_cast<int32_t>(e.pid);
    span.event = event;
    span.arg = static_cast<int32_t>(e.arg);
    span.name = names_.lock(e.arg, prefix);
    emit(span);
  };
  switch (e.num) {
    case KUTRACE_LOCKNOACQUIRE:
      // Tried again: it has been trying since the first time.
      if (found == locks_.end() || found->second.acquired) locks_[key] = {e.t, false};
      return;
    case KUTRACE_LOCKACQUIRE:
      if (found != locks_.end() && !found->second.acquired) record(KUTRACE_LOCK_TRY, "~");
      locks_[key] = {e.t, true};
      return;
    default:
      if (found != locks_.end()) {
        if (found->second.acquired) record(KUTRACE_LOCK_HELD, "=");
        locks_.erase(found);
      }
  }
}

// ---- idle and IPIs ------------------------------------------------------------------------------------------

Ticks SpanBuilder::idle_exit_ticks(int32_t hint) const {
  if (hint == KUTRACE_IDLE_POLL) return Ticks{};
  int latency = default_exit_100ns(hint);
  if (holds(names_.cpu_model(), "i3-7100")) latency = kExitI3[(hint >> 4) & 15];
  if (holds(names_.cpu_model(), "J4005")) latency = kExitJ4005[(hint >> 4) & 15];
  return info_.time.from_ns(latency * 100.0);
}

// The end of an idle state: a table says how long the CPU takes to wake, so the last part of the idle time is
// shown as leaving it, and marked as inferred.
void SpanBuilder::leave_idle(Cpu& cpu, const Event& e) {
  const int32_t hint = cpu.mwait;
  cpu.mwait = kNoExit;
  if (cpu.thread->stack.top != 0 || cpu.thread != &cpu.idle) return;
  std::vector<Ipi>* cause = nullptr;
  if (e.num >= KUTRACE_IRQ && e.num < KUTRACE_IRQ + 0x100 && is_ipi(e.num & 0xff)) cause = &cpu.ipis;
  if (e.num == KUTRACE_MONITOREXIT) cause = &cpu.stores;
  Ticks latency = std::min(idle_exit_ticks(hint), e.t - cpu.open.start);
  if (cause != nullptr && !cause->empty()) latency = std::min(latency, e.t - cause->back().t);
  if (info_.time.ns(latency) >= 100) {
    diagnostics_.add(Finding::kInferredIdleExit);
    const Ticks t = e.t - latency;
    cut(cpu, t, 0);
    if (cause != nullptr) take_ipis(cpu, *cause, t);
    cpu.open.event = KUTRACE_CEXIT;
    cpu.open.name = exit_name_;
    cpu.open.arg = 0;
    cpu.open.inferred = true;
  }
  cut(cpu, e.t, e.ipc);
  label(cpu, false);
}

bool SpanBuilder::is_ipi(uint32_t vector) {
  int8_t& known = ipi_vector_[vector & 0xff];
  if (known == 0) {
    std::string name(pool_[names_.call(KUTRACE_IRQ + vector, 0)]);
    bool yes = false;
    for (const char* part : {"ipi", "IPI", "resched", "call_func", "irq_work", "Rescheduling", "call_interrupt"}) {
      yes = yes || holds(name, part);
    }
    // Unnamed: the x86 vectors.
    if (name.starts_with("irq#")) {
      yes = vector == 0xf6 || vector == 0xf7 || (vector >= 0xfb && vector <= 0xfd);
    }
    known = yes ? 1 : -1;
  }
  return known > 0;
}

// The interrupt that arrives answers every IPI sent to this CPU before.
void SpanBuilder::take_ipis(Cpu& cpu, std::vector<Ipi>& pending, Ticks t) {
  for (const Ipi& ipi : pending) {
    Span arc;
    arc.start = ipi.t;
    arc.dur = std::max<Ticks>(0, t - ipi.t);
    arc.cpu = ipi.cpu;
    arc.event = KUTRACE_ARC_IPI;
    arc.arg = cpu.number;
    arc.name = ipi_name_;
    emit(arc);
  }
  pending.clear();
}

}  // namespace kutrace
