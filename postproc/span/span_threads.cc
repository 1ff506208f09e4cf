// SPDX-License-Identifier: BSD-3-Clause
// Threads in the span builder: names, turns on a CPU, waits, wakeups.
#include <algorithm>

#include "span/span_builder.h"
#include "span/wait_reason.h"

namespace kutrace {
namespace {

constexpr char kUnknownYet = '?';
// Names that a row shows of a thread that changed its name; a program that runs others has a handful.
constexpr size_t kMaxRowNames = 32;
constexpr uint64_t kThreadOverhead = 256;  // its names and its place in the map

int32_t user_event(uint32_t pid) {
  // Beyond any pid a kernel gives out, so that the number stays positive.
  return pid < 0x7ffe0000 ? static_cast<int32_t>(KUTRACE_USER + pid) : static_cast<int32_t>(KUTRACE_USER | (pid & 0xffff));
}

std::string component(std::string_view text) {
  if (text.find("kutrace_contro") != std::string_view::npos) return "kutrace_control";
  if (text.starts_with("./")) text.remove_prefix(2);
  return std::string(text);
}

}  // namespace

Thread& SpanBuilder::thread(uint32_t pid) {
  std::unique_ptr<Thread>& slot = threads_[pid];
  if (!slot) {
    diagnostics_.take(Limit::memory, sizeof(Thread) + kThreadOverhead);
    slot = std::make_unique<Thread>();
    slot->pid = static_cast<int32_t>(pid);
    slot->fresh = true;
    slot->user_name = pool_.intern("." + std::to_string(pid));
    slot->stack.frames[0] = {user_event(pid), slot->user_name, 0, false};
  }
  return *slot;
}

Thread& SpanBuilder::thread_on(Cpu& cpu, uint32_t pid) { return pid == 0 ? cpu.idle : thread(pid); }

void SpanBuilder::name(const Event& event, const std::string& text) {
  if (text.empty()) return;
  if (event.num != KUTRACE_PIDNAME) {
    names_.add(event.num, event.arg, text);
    if (event.num == KUTRACE_INTERRUPTNAME) ipi_vector_.fill(0);
    return;
  }
  if (event.arg == 0) return;
  Thread& t = thread(event.arg);
  const bool inferred = (event.flags & Event::kInferredName) != 0;
  if (inferred && t.name != 0) return;
  NameId id = pool_.intern(component(text));
  if (id == t.name) {
    t.name_inferred = t.name_inferred && inferred;
    return;
  }
  t.name = id;
  t.name_inferred = inferred;
  if (t.row_names.size() < kMaxRowNames && std::find(t.row_names.begin(), t.row_names.end(), id) == t.row_names.end()) {
    t.row_names.push_back(id);
  }
  t.user_name = pool_.intern(component(text) + "." + std::to_string(event.arg));
  t.stack.frames[0].name = t.user_name;
  if (t.turn_cpu >= 0) {
    Cpu& cpu = *cpus_[static_cast<size_t>(t.turn_cpu)];
    if (cpu.open.event == t.stack.frames[0].event && cpu.thread == &t && event.t > cpu.open.start) {
      cut(cpu, event.t, 0);
      label(cpu, false);
    }
  }
}

// The thread has the CPU: its wait is over, and so is a wakeup that found it running.
void SpanBuilder::begin_turn(Cpu& cpu, Ticks t) {
  Thread& thread = *cpu.thread;
  if (thread.running && !thread.wake.pending) return;
  if (&thread == &cpu.idle) {
    thread.running = true;
    return;
  }
  if (thread.name_inferred && !thread.running) {
    diagnostics_.add_at(Finding::kNameInferred, [&] { return std::string(pool_[thread.user_name]); });
    thread.name_inferred = false;
  }
  if (thread.wake.pending) emit_wakeup(cpu, t);
  if (thread.running) return;
  if (thread.has_end && thread.end < t) emit_wait(thread, thread.end, t, 'c', 0, false);
  thread.end = thread.has_end ? std::max(thread.end, t) : t;
  thread.has_end = true;
  thread.running = true;
  thread.seen = true;
}

// The thread has left the CPU. One that seems to be on another by now (which is counted) stays there.
void SpanBuilder::end_turn(Cpu& cpu) {
  Thread& thread = *cpu.thread;
  if (&thread != &cpu.idle && thread.turn_cpu != cpu.number) return;
  thread.turn_cpu = -1;
  thread.running = false;
}

void SpanBuilder::emit_wakeup(Cpu& cpu, Ticks t) {
  Wakeup& w = cpu.thread->wake;
  Span arc;
  arc.start = w.t;
  arc.dur = std::max<Ticks>(0, t - w.t);
  arc.cpu = w.cpu;
  arc.pid = w.pid;
  arc.rpc = w.rpc;
  arc.event = KUTRACE_ARC_WAKEUP;
  arc.arg = cpu.number;
  arc.ret = cpu.thread->pid;
  arc.name = wakeup_name_;
  arc.flags = w.inferred ? Span::kInferred : 0;
  emit(arc);
  w.pending = false;
}

void SpanBuilder::emit_wait(Thread& thread, Ticks from, Ticks to, char letter, int32_t rpc, bool inferred) {
  if (to <= from) return;
  Span wait;
  wait.start = from;
  wait.dur = to - from;
  wait.pid = thread.pid;
  wait.rpc = rpc;
  wait.event = KUTRACE_WAITA + (letter - 'a');
  wait.name = pool_.intern(wait_label(letter));
  wait.flags = inferred ? Span::kInferred : 0;
  if (letter == 'z') diagnostics_.add(Finding::kUnknownWait);
  emit(wait);
}

char SpanBuilder::waker_letter(NameId name) {
  if (waker_letters_.size() <= name) waker_letters_.resize(pool_.size(), kUnknownYet);
  char& letter = waker_letters_[name];
  if (letter == kUnknownYet) letter = waker_reason(pool_[name]);
  return letter;
}

// What the innermost call that tells it waits for.
SleeperReason SpanBuilder::sleep_reason(const Thread& thread) {
  for (int i = thread.stack.top; i >= 0; --i) {
    const Frame& frame = thread.stack.frames[static_cast<size_t>(i)];
    const NameId name = i == 0 && thread.name != 0 ? thread.name : frame.name;
    if (sleepers_.size() <= name) sleepers_.resize(pool_.size(), {kUnknownYet, SleeperReason::kSure});
    SleeperReason& reason = sleepers_[name];
    if (reason.letter == kUnknownYet) reason = sleeper_reason(pool_[name]);
    if (reason.letter != kNoReason) return reason;
  }
  return {};
}

void SpanBuilder::on_runnable(Cpu& cpu, uint32_t pid, Ticks t, const Event& e, bool inferred) {
  if (pid == 0) return;
  Thread& target = thread(pid);
  if (target.fresh && !target.has_end) {
    const bool clone = is_clone(cpu.thread->stack.back().name);
    target.forked = inferred || clone;
    if (clone) target.birth = cpu.thread->stack.back();
  }
  if (!target.running) {
    if (target.has_end && !target.wake.pending) {
      char waker = waker_letter(cpu.thread->stack.back().name);
      if (waker == kNoReason) waker = waker_letter(cpu.thread->name);
      if (waker == kNoReason) waker = cpu.store_reason;
      emit_wait(target, target.end, t, wait_letter(sleep_reason(target), waker), target.rpc, false);
    }
    if (target.wake.pending) return;  // ready already: the first wakeup counts
    // A wakeup stored late, or during a folded call of the target, does not make its time overlap.
    target.end = target.has_end ? std::max(target.end, t) : t;
    target.has_end = true;
  }
  target.wake = {true, inferred, t, e.cpu, static_cast<int32_t>(e.pid), cpu.thread->rpc};
}

bool SpanBuilder::is_clone(NameId name) const {
  return std::find(clone_names_.begin(), clone_names_.end(), name) != clone_names_.end();
}

// fork and its kin make a thread runnable; kernels that do not record that are helped out.
void SpanBuilder::on_new_thread(Cpu& cpu, const Event& e) {
  const uint32_t call = e.num & ~static_cast<uint32_t>(KUTRACE_RETURN_BIT);
  if (e.ret == 0 || e.ret > 0xf000) return;
  NameId id = names_.call(call, 0);
  if (!is_clone(id)) return;
  // The return value has 16 bits: the full id is the next one above the parent's with these.
  uint32_t child = e.ret;
  const uint32_t parent = e.pid;
  if (parent > 0xffff) {
    child |= parent & 0xffff0000;
    if (child < parent && parent - child > 0x8000) child += 0x10000;
  }
  auto found = threads_.find(child);
  if (found != threads_.end() && (found->second->wake.pending || found->second->has_end)) return;
  diagnostics_.add(Finding::kInferredWakeup);
  Event wake = e;
  wake.t = e.t + e.duration();
  wake.num = KUTRACE_RUNNABLE;
  wake.arg = child;
  wake.ret = 0;
  wake.ipc = 0;
  emit_point(wake, names_.special(KUTRACE_RUNNABLE, child), cpu.thread->rpc);
  out_.back().flags = Span::kInferred;
  on_runnable(cpu, child, wake.t, wake, true);
}

void SpanBuilder::finish_threads(Ticks end) {
  std::vector<uint32_t> pids;
  for (const auto& [pid, t] : threads_) pids.push_back(pid);
  std::sort(pids.begin(), pids.end());
  const NameId exits[] = {pool_.intern("exit"), pool_.intern("exit_group")};
  for (uint32_t pid : pids) {
    Thread& t = *threads_[pid];
    if (!t.running && t.has_end && t.end < end) {
      bool gone = false;
      for (int i = 1; i <= t.stack.top; ++i) {
        NameId name = t.stack.frames[static_cast<size_t>(i)].name;
        gone = gone || name == exits[0] || name == exits[1];
      }
      if (!gone) {
        diagnostics_.add(Finding::kOpenWait);
        emit_wait(t, t.end, end, t.wake.pending ? 'c' : wait_letter(sleep_reason(t), kNoReason), t.rpc, true);
      }
    }
    if (t.row_names.size() > 1 && t.seen) {
      std::string text;
      for (NameId id : t.row_names) text += (text.empty() ? "" : "+") + std::string(pool_[id]);
      Span row;
      row.start = first_t_;
      row.cpu = 0;
      row.pid = t.pid;
      row.rpc = 0;
      row.event = KUTRACE_LEFTMARK;
      row.name = pool_.intern(text + "." + std::to_string(pid));
      emit(row);
    }
  }
}

}  // namespace kutrace
