// SPDX-License-Identifier: BSD-3-Clause
// Waits and wakeups in the table builder. What a wakeup came from shows when the span of that moment is there, and what it did when the
// thread is next seen to run; both may be before or behind it, for records come in the order in which they end, or start.
#include "analysis/call_lists.h"
#include "query/table_builder.h"
#include "span/wait_reason.h"

namespace kutrace {
namespace {

constexpr uint64_t kMapNode = 64;

bool is_ready(const Span& wait) { return wait.event == KUTRACE_WAITA + ('c' - 'a'); }

}  // namespace

void TableBuilder::wait(const Span& s) {
  WaitRow row;
  row.ts = ns(s.start);
  row.dur = length(s);
  row.tid = s.pid;
  if (s.rpc > 0) row.rpc = s.rpc;
  row.reason = without(s.name, "wait_", "");
  row.inferred = inferred(s);
  ThreadState& t = thread(s.pid);
  if (t.doing != 0) row.doing = t.doing;
  t.first = std::min(t.first, s.start);
  t.last = std::max(t.last, s.end());
  Ticks& sum = is_ready(s) ? t.ready : t.waiting;
  sum = add_clamped(sum, s.dur);
  (is_ready(s) ? t.ready_start : t.wait_start) = s.start;
  (is_ready(s) ? t.ready_end : t.wait_end) = s.end();
  if (t.has_held) let_go(t);
  if (is_ready(s)) {
    // Its arc ends with it; a thread that never ran again has only the wakeup itself.
    const Ticks woken = t.arc_end == s.end() ? t.arc_start : s.start;
    WakeRef wake = t.wake_of_wait && t.wake_of_wait->t == woken ? t.wake_of_wait : t.wake;
    put_wait(row, wake && wake->t == woken ? wake : nullptr);
  } else if (t.wake && t.wake->t == s.end()) {
    t.wake_of_wait = t.wake;
    put_wait(row, t.wake);
  } else {
    t.has_held = true;
    t.held_end = s.end();
    t.held = row;
  }
}

void TableBuilder::let_go(ThreadState& t) {
  t.has_held = false;
  put_wait(t.held, nullptr);
}

void TableBuilder::put_wait(WaitRow row, const WakeRef& wake) {
  if (wake) {
    row.waker_tid = std::max(wake->tid, 0);
    if (const NameId name = program_of(wake->tid); name != 0) row.waker = name;
    if (!wake->known) {
      wake->held.push_back(row);
      return;
    }
    if (wake->via != 0) row.via = wake->via;
  }
  row.certainty = certainty(row, wake.get());
  rows_.put(row);
}

// A thread that is ready waits for nothing that one could be unsure of.
int64_t TableBuilder::certainty(const WaitRow& row, const Wake* wake) const {
  if (row.inferred == 1) return inferred_;
  if (row.reason == cpu_name_) return recorded_;
  if (wake == nullptr || wake->context == 0 || wake->context == ipi_name_ || wake->context == kind_names_[static_cast<size_t>(SpanKind::kIdle)]) return unknown_;
  return wake->context == inline_ && wake->network ? derived_ : recorded_;
}

// A wakeup of thread `s.arg` by what runs on CPU `s.cpu`.
void TableBuilder::woken(const Span& s) {
  if (s.arg <= 0) return;
  ThreadState& t = thread(s.arg);
  t.wake = std::make_shared<Wake>(Wake{.t = s.start, .cpu = s.cpu, .tid = s.pid, .target = s.arg, .rpc = s.rpc, .inferred = inferred(s), .held = {}, .held_wakeups = {}});
  if (t.has_held && t.held_end == s.start) {
    t.has_held = false;
    t.wake_of_wait = t.wake;
    put_wait(t.held, t.wake);
  }
  ask(t.wake);
  // Documents may tell of the run before.
  if (t.latest_run == std::make_pair(s.start, s.cpu)) {
    t.latest_run = {INT64_MIN, -1};
  } else {
    hold();
    t.calls.emplace(std::make_pair(s.start, s.cpu), t.wake);
  }
}

// ---- what a wakeup came from ------------------------------------------------------------------------------------

// The span that covers a wakeup is the one that came last on its CPU (a document), or one that is still to come.
void TableBuilder::ask(const WakeRef& wake) {
  if (wake->cpu < 0) {
    wake->known = true;
    return;
  }
  CpuState& on = cpu(wake->cpu);
  if (on.spans == 0 || !answer(on, *wake)) on.asked.push_back(wake);
}

void TableBuilder::follow(CpuState& on, const Span& s, SpanKind kind) {
  const bool adjacent = on.spans > 1 && s.start == on.latest_end;
  if (kind == SpanKind::kSoftirq) {
    // An interrupt inside a softirq has a piece of it on its other side.
    const bool goes_on = on.softirq_context != 0 && (on.latest == SpanKind::kSoftirq || on.latest == SpanKind::kIrq);
    const bool in_call = on.latest_tid > 0 && (on.latest == SpanKind::kSyscall || on.latest == SpanKind::kTrap);
    if (!adjacent) {
      on.softirq_context = 0;
    } else if (!goes_on) {
      on.softirq_context = in_call ? inline_ : kind_names_[static_cast<size_t>(SpanKind::kSoftirq)];
    }
  } else if (kind != SpanKind::kIrq || !adjacent) {
    on.softirq_context = 0;
  }
  on.latest = kind;
  on.latest_start = s.start;
  on.latest_end = s.end();
  on.latest_name = s.name;
  on.latest_tid = s.pid;
}

// Of what the latest span does; 0: not known.
NameId TableBuilder::context(const CpuState& on) const {
  if (on.latest == SpanKind::kSoftirq) return on.softirq_context;
  if (on.latest == SpanKind::kIrq) return is_between_cpus(pool_[on.latest_name]) ? ipi_name_ : kind_names_[static_cast<size_t>(SpanKind::kIrq)];
  return on.latest_tid > 0 && on.latest != SpanKind::kIdle && on.latest != SpanKind::kCexit ? thread_ : kind_names_[static_cast<size_t>(SpanKind::kIdle)];
}

// Whether the span that came last on a CPU tells of a wakeup from there what it came from, or that nobody can.
bool TableBuilder::answer(const CpuState& on, Wake& wake) {
  if (on.latest_end <= wake.t) return false;
  wake.known = true;
  if (on.latest_start <= wake.t) {
    wake.via = kind_names_[static_cast<size_t>(on.latest)];
    wake.context = context(on);
    wake.network = on.latest == SpanKind::kSoftirq && waker_reason(pool_[on.latest_name]) == 'n';
    wake.makes_thread = on.latest == SpanKind::kSyscall && is_in(CallList::makes_threads, pool_[on.latest_name]);
  }
  for (WaitRow& row : wake.held) {
    if (wake.via != 0) row.via = wake.via;
    row.certainty = certainty(row, &wake);
    rows_.put(row);
  }
  wake.held.clear();
  for (const HeldWakeup& held : wake.held_wakeups) put_wakeup(held, wake);
  wake.held_wakeups.clear();
  return true;
}

void TableBuilder::answer_all(CpuState& on) {
  std::erase_if(on.asked, [&](const WakeRef& wake) { return answer(on, *wake); });
}

// ---- what it did ------------------------------------------------------------------------------------------------

void TableBuilder::wakeup(const Span& s) {
  const bool ipi = s.event == KUTRACE_ARC_IPI;
  HeldWakeup held;
  WakeupRow& row = held.row;
  row.ts = ns(s.start);
  row.dur = length(s);
  if (s.cpu >= 0) row.cpu = s.cpu;
  row.to_cpu = s.arg;
  row.kind = ipi ? ipi_name_ : wakeup_name_;
  row.inferred = inferred(s);
  if (ipi) {
    rows_.put(row);
    return;
  }
  row.waker = std::max(s.pid, 0);
  row.tid = s.ret;
  if (s.rpc > 0) row.rpc = s.rpc;
  ThreadState& t = thread(s.ret);
  t.arc_start = s.start;
  t.arc_end = s.end();
  held.woken = s.start;
  held.unseen = t.first >= s.start;
  if (const auto call = t.calls.find({s.start, s.cpu}); call != t.calls.end()) {
    held.wake = call->second;
    t.calls.erase(call);
    --held_;
  } else {
    held.wake = t.wake && t.wake->t == s.start && t.wake->cpu == s.cpu ? t.wake : nullptr;
    t.latest_run = {s.start, s.cpu};
  }
  if (s.dur == 0) {
    row.effect = t.wait_end == s.start ? effective_ : while_running_;
    offer(std::move(held));
    return;
  }
  hold();
  t.runs.emplace(s.end(), std::move(held));
}

// What they take is given back: the most there ever are at once counts.
void TableBuilder::hold() {
  constexpr size_t kStep = 64;
  if (++held_ <= most_held_) return;
  most_held_ += kStep;
  diagnostics_.take(Limit::memory, kStep * (sizeof(Wake) + sizeof(HeldWakeup) + kMapNode));
}

// The thread runs at `running`, or nothing more comes of it: what it did before says what its wakeups did.
void TableBuilder::settle(ThreadState& t, Ticks running) {
  while (!t.runs.empty() && t.runs.begin()->first <= running) {
    HeldWakeup& held = t.runs.begin()->second;
    const bool was_ready = t.ready_end == t.runs.begin()->first;
    held.row.effect = !was_ready ? while_running_ : t.left > held.woken ? early_ : effective_;
    offer(std::move(held));
    t.runs.erase(t.runs.begin());
    --held_;
  }
  const Ticks away = std::max(t.wait_end, t.ready_end);
  if (away > running) return;
  bool ended = running == INT64_MAX && t.last == t.ready_end;  // it was ready to the end, so the wakeup that made it so has no run either
  while (!t.calls.empty() && (running == INT64_MAX || t.calls.begin()->first.first < away)) {
    const WakeRef wake = t.calls.begin()->second;
    t.calls.erase(t.calls.begin());
    --held_;
    const bool made_ready = ended && wake->t == t.ready_start;
    if (made_ready) ended = false;
    settle_call(t, wake, made_ready);
  }
}

// A wakeup from which no run followed.
void TableBuilder::settle_call(const ThreadState& t, const WakeRef& wake, bool made_ready) {
  HeldWakeup held;
  WakeupRow& row = held.row;
  row.ts = ns(wake->t);
  if (wake->cpu >= 0) row.cpu = wake->cpu;
  row.waker = std::max(wake->tid, 0);
  row.tid = wake->target;
  row.kind = no_run_name_;
  if (wake->rpc > 0) row.rpc = wake->rpc;
  row.inferred = wake->inferred;
  held.wake = wake;
  held.unseen = t.first >= wake->t;
  if (made_ready) {
    row.effect = effective_;
  } else if (wake->t >= t.ready_start && wake->t < t.ready_end) {
    row.effect = double_;
  } else if (t.first <= wake->t && !(wake->t >= t.wait_start && wake->t < t.wait_end)) {
    row.effect = while_running_;
  }
  offer(std::move(held));
}

// A row that waits for what its wakeup came from.
void TableBuilder::offer(HeldWakeup held) {
  const WakeRef wake = std::move(held.wake);
  if (!wake) {
    rows_.put(held.row);
  } else if (wake->known) {
    put_wakeup(held, *wake);
  } else {
    wake->held_wakeups.push_back(held);
  }
}

void TableBuilder::put_wakeup(HeldWakeup held, const Wake& wake) {
  if (held.row.inferred == 1) {
    held.row.context = birth_;
  } else if (wake.context != 0) {
    held.row.context = wake.context;
  }
  if (held.row.effect == effective_ && held.unseen && (wake.makes_thread || held.row.inferred == 1)) held.row.effect = birth_;
  rows_.put(held.row);
}

}  // namespace kutrace
