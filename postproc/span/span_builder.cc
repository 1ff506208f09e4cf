// SPDX-License-Identifier: BSD-3-Clause
// Dispatch, open spans, and the call stacks with their repairs. Threads: span_threads.cc; points: span_points.cc.
#include "span/span_builder.h"

#include <algorithm>

namespace kutrace {
namespace {

constexpr size_t kBatch = 4096;
constexpr uint64_t kMapNode = 64;

enum class Level { kUser, kSyscall, kTrap, kSoftirq, kIrq, kSched };

Level level_of(int32_t event) {
  if (event > 0xfff) return Level::kUser;
  if (event == KUTRACE_SCHED_SYSCALL || event == KUTRACE_SCHED) return Level::kSched;
  if (event == KUTRACE_BOTTOM_HALF) return Level::kSoftirq;
  switch (event & 0xf00) {
    case KUTRACE_TRAP:
      return Level::kTrap;
    case KUTRACE_IRQ:
      return Level::kIrq;
    default:
      return Level::kSyscall;
  }
}

bool same_call(int32_t a, int32_t b) {
  return a == b || (level_of(a) == Level::kSched && level_of(b) == Level::kSched);
}

// Whether a call of level `l` can be recorded while `stack` is what it is, nothing being missing.
bool can_nest(const CallStack& stack, Level l) {
  const Level top = level_of(stack.back().event);
  switch (l) {
    case Level::kSyscall:
      return top == Level::kUser;
    case Level::kTrap:
      return top != Level::kTrap && top != Level::kSched;
    case Level::kIrq:
      return top != Level::kIrq;
    case Level::kSoftirq:
      for (int i = 1; i <= stack.top; ++i) {
        if (level_of(stack.frames[static_cast<size_t>(i)].event) == Level::kSoftirq) return false;
      }
      return true;
    default:
      return top != l;
  }
}

bool is_kernel_only(uint32_t n) {
  return kutrace_is_return(n) || n == KUTRACE_USERPID || n == KUTRACE_RUNNABLE || n == KUTRACE_IPI ||
         n == KUTRACE_PSTATE || n == KUTRACE_PSTATE2 || n == KUTRACE_PC_K || n == KUTRACE_SCHED_SYSCALL ||
         n == KUTRACE_SCHED;
}

bool is_user_only(uint32_t n) {
  return (n >= KUTRACE_SYSCALL64 && kutrace_is_call(n) && n != KUTRACE_SCHED_SYSCALL && n != KUTRACE_SCHED) ||
         n == KUTRACE_MWAIT || n == KUTRACE_MONITOREXIT || (n >= KUTRACE_MARKA && n <= KUTRACE_MARKD) ||
         n == KUTRACE_PC_U;
}

}  // namespace

SpanBuilder::SpanBuilder(const TraceInfo& info, StringPool& pool, SpanSink& sink, Diagnostics& diagnostics)
    : info_(info), pool_(pool), sink_(sink), diagnostics_(diagnostics), names_(pool) {
  idle_name_ = pool_.intern("-idle-");
  idle_low_name_ = pool_.intern("-idlelp-");
  exit_name_ = pool_.intern("-c-exit-");
  wakeup_name_ = pool_.intern("-wakeup-");
  ipi_name_ = pool_.intern("-ipi-");
  freq_name_ = pool_.intern("-freq-");
  bottom_half_name_ = pool_.intern("BH");
  reschedule_name_ = pool_.intern("reschedule_ipi");
  clone_names_ = {pool_.intern("clone"), pool_.intern("clone3"), pool_.intern("fork"), pool_.intern("vfork")};
  out_.reserve(kBatch + 64);
}

SpanBuilder::~SpanBuilder() = default;

// ---- dispatch -----------------------------------------------------------------------------------------------

Cpu& SpanBuilder::cpu_of(const Event& event) {
  if (event.cpu >= cpus_.size()) cpus_.resize(event.cpu + 1u);
  std::unique_ptr<Cpu>& slot = cpus_[event.cpu];
  if (!slot) {
    diagnostics_.take(Limit::memory, sizeof(Cpu) + kMapNode);
    slot = std::make_unique<Cpu>();
    slot->number = event.cpu;
    slot->idle.stack.frames[0] = {KUTRACE_IDLE, idle_name_, 0, false};
    slot->idle.user_name = idle_name_;
  }
  return *slot;
}

void SpanBuilder::event(const Event& given) {
  Event e = given;
  if (e.t < last_t_) {
    diagnostics_.add_at(Finding::kTimeBackwards, [&] { return "CPU " + std::to_string(e.cpu); });
    e.t = last_t_;
  }
  if (last_t_ == INT64_MIN) first_t_ = e.t;
  last_t_ = e.t;
  Cpu& cpu = cpu_of(e);
  const uint32_t n = e.num;

  if (!cpu.live) {
    // The CPU's first event: its thread is known, what that does is not.
    cpu.live = true;
    // In order of their numbers, as long as that matters.
    auto place = live_.end();
    while (live_.size() <= size_limit::shared_clock_cpus && place != live_.begin() && (*(place - 1))->number > cpu.number) --place;
    live_.insert(place, &cpu);
    Thread& thread = thread_on(cpu, e.pid);
    cpu.thread = &thread;
    thread.fresh = false;
    take_turn(cpu, thread);
    cpu.open.start = e.t;
    begin_turn(cpu, e.t);
    label(cpu, false);
    cpu.open.inferred = true;
    diagnostics_.add_at(Finding::kUnknownStart, [&] { return "CPU " + std::to_string(e.cpu); });
    if (n == KUTRACE_USERPID) return;
  }
  // Inside a folded call: move behind it. A sample and its frequency are not part of what tiles the row.
  if (e.t < cpu.open.start && !e.is_sample() && n != KUTRACE_PSTATE) e.t = cpu.open.start;

  if (n == KUTRACE_USERPID) {
    if (cpu.mwait >= 0) leave_idle(cpu, e);
    settle_ambiguity(cpu, e);
    queue_moves(cpu, e);
    on_switch(cpu, e);
    return;
  }
  if (e.pid != static_cast<uint32_t>(cpu.thread->pid)) {
    diagnostics_.add_at(Finding::kMissingSwitch, [&] {
      return "CPU " + std::to_string(e.cpu) + ", thread " + std::to_string(e.pid);
    });
    switch_to(cpu, thread_on(cpu, e.pid), std::max(e.t, cpu.open.start), 0);
  }
  if (n == KUTRACE_PSTATE || n == KUTRACE_PSTATE2) {
    on_frequency(cpu, e);
    return;
  }
  if (cpu.mwait >= 0 && n != KUTRACE_MWAIT && !e.is_sample()) leave_idle(cpu, e);
  if (cpu.thread->maybe_left != 0) settle_ambiguity(cpu, e);
  cpu.thread->seen = true;

  if (n >= KUTRACE_TRAP && n <= 0xfff) {
    if ((n & KUTRACE_RETURN_BIT) != 0) {
      on_return(cpu, e);
    } else {
      on_call(cpu, e);
    }
  } else if (e.is_sample()) {
    on_sample(cpu, e, names_.pc(e.extra));
  } else {
    on_special(cpu, e);
  }
  if (out_.size() >= kBatch) flush();
}

void SpanBuilder::sample(const Event& e, const std::string& text) {
  Cpu& cpu = cpu_of(e);
  if (cpu.live) on_sample(cpu, e, pool_.intern(text));
}

void SpanBuilder::flush() {
  if (!out_.empty()) sink_.spans(out_);
  out_.clear();
}

// ---- open spans ---------------------------------------------------------------------------------------------

void SpanBuilder::emit(const Span& span) {
  out_.push_back(span);
  ++totals_.spans;
}

void SpanBuilder::emit_open(Cpu& cpu, Ticks end, uint8_t ipc, bool returned, uint16_t ret) {
  OpenSpan& open = cpu.open;
  if (end == open.start && !open.observed && !returned) return;
  Span span;
  span.start = open.start;
  span.dur = end - open.start;
  span.cpu = cpu.number;
  span.pid = cpu.thread->pid;
  span.rpc = open.rpc;
  span.event = open.event;
  span.arg = open.arg;
  span.ret = returned ? ret : 0;
  span.name = open.name;
  span.ipc = ipc & 0xf;
  span.flags = open.inferred ? Span::kInferred : 0;
  const TimeClass of = time_class(span);
  Ticks& total = of == TimeClass::kKernel ? totals_.system : of == TimeClass::kIdle ? totals_.idle : totals_.user;
  total = add_clamped(total, span.dur);
  emit(span);
  cpu.thread->end = end;
  cpu.thread->has_end = true;
}

// Ends the open span at `t`; what follows begins there.
void SpanBuilder::cut(Cpu& cpu, Ticks t, uint8_t ipc, bool returned, uint16_t ret) {
  emit_open(cpu, t, ipc, returned, ret);
  cpu.open.start = t;
  cpu.open.observed = false;
  cpu.thread->end = t;
  cpu.thread->has_end = true;
}

// The open span is what the top of the running stack says.
void SpanBuilder::label(Cpu& cpu, bool observed) {
  Thread& thread = *cpu.thread;
  const Frame& top = thread.stack.back();
  OpenSpan& open = cpu.open;
  open.event = top.event;
  open.name = top.name;
  open.arg = top.arg;
  open.rpc = thread.rpc;
  open.inferred = top.inferred;
  open.observed = observed;
}

// ---- stacks -------------------------------------------------------------------------------------------------

void SpanBuilder::push(Cpu& cpu, const Frame& frame) {
  CallStack& stack = cpu.thread->stack;
  if (stack.top + 1 >= CallStack::kDepth) {
    // Never in a lawful trace: forget the deepest call below.
    diagnostics_.add_at(Finding::kDeepNesting, [&] { return "thread " + std::to_string(cpu.thread->pid); });
    std::copy(stack.frames.begin() + 2, stack.frames.end(), stack.frames.begin() + 1);
    --stack.top;
  }
  ++stack.top;
  stack.back() = frame;
}

// Ends the innermost call at `t` although no return was recorded.
void SpanBuilder::close_top(Cpu& cpu, Ticks t, uint8_t ipc) {
  diagnostics_.add_at(Finding::kMissingReturn, [&] {
    return std::string(pool_[cpu.thread->stack.back().name]) + " of thread " + std::to_string(cpu.thread->pid) +
           " on CPU " + std::to_string(cpu.number);
  });
  if (t > cpu.open.start) cpu.open.inferred = true;
  cut(cpu, t, ipc);
  --cpu.thread->stack.top;
  label(cpu, false);
}

// A new thread starts behind the scheduler's exit: its first turn began at the context switch.
void SpanBuilder::close_missing_exit(Cpu& cpu, Ticks t) {
  Thread& thread = *cpu.thread;
  if (thread.stack.top == 0 || level_of(thread.stack.back().event) != Level::kSched) return;
  diagnostics_.add(Finding::kMissingSchedExit);
  Ticks at = cpu.switch_pending ? std::clamp(cpu.switch_t, cpu.open.start, t) : t;
  cut(cpu, at, 0);
  --thread.stack.top;
  label(cpu, false);
  begin_turn(cpu, at);
  cpu.switch_pending = false;
}

// The open span turns out to have been this call all along.
void SpanBuilder::relabel(Cpu& cpu, const Frame& frame) {
  push(cpu, frame);
  label(cpu, false);
}

void SpanBuilder::on_call(Cpu& cpu, const Event& e) {
  Thread& thread = *cpu.thread;
  CallStack& stack = thread.stack;
  const int32_t num = e.num;
  const Level level = level_of(num);
  const uint8_t ipc = e.ipc & 0xf;

  if (level == Level::kSched && stack.top > 0 && stack.back().name == reschedule_name_) {
    // Some kernels record no return of a reschedule interrupt that leads to the scheduler.
    cut(cpu, e.t, ipc);
    --stack.top;
    label(cpu, false);
  }
  // An interrupt may also come between the switch to an older thread and its scheduler exit.
  if (thread.fresh && (level <= Level::kTrap || (thread.forked && level != Level::kSched))) close_missing_exit(cpu, e.t);
  if (!can_nest(stack, level)) {
    if (level_of(stack.back().event) == Level::kSched && level != Level::kSched) close_missing_exit(cpu, e.t);
    while (stack.top > 0 && !can_nest(stack, level)) close_top(cpu, e.t, ipc);
  }
  if (level == Level::kSched) {
    cpu.switch_pending = false;
    cpu.sched_event = num;
  }

  Frame frame{num, names_.call(e.num, e.arg), static_cast<int32_t>(e.arg), false};
  cut(cpu, e.t, ipc);
  begin_turn(cpu, e.t);
  if (level <= Level::kTrap) thread.fresh = false;
  if (level == Level::kIrq && !cpu.ipis.empty() && is_ipi(e.num & 0xff)) take_ipis(cpu, cpu.ipis, e.t);
  if (e.extra != 0) {
    // Folded: the call and its return at once; what was open goes on behind it.
    const OpenSpan saved = cpu.open;
    cpu.open.event = num;
    cpu.open.name = frame.name;
    cpu.open.arg = frame.arg;
    cpu.open.rpc = thread.rpc;
    cpu.open.inferred = false;
    emit_open(cpu, e.t + static_cast<Ticks>(e.extra), e.ipc >> 4, true, e.ret);
    cpu.open = saved;
    cpu.open.start = e.t + static_cast<Ticks>(e.extra);
    cpu.open.observed = false;
    if (level == Level::kSyscall) on_new_thread(cpu, e);
    return;
  }
  push(cpu, frame);
  label(cpu, true);
}

void SpanBuilder::on_return(Cpu& cpu, const Event& e) {
  Thread& thread = *cpu.thread;
  CallStack& stack = thread.stack;
  const int32_t call = e.num & ~KUTRACE_RETURN_BIT;
  const uint8_t ipc = e.ipc & 0xf;
  const Level level = level_of(call);

  bool matches = stack.top > 0 && same_call(stack.back().event, call);
  if (!matches && call == KUTRACE_BOTTOM_HALF && stack.top > 0 && stack.back().name == reschedule_name_) {
    matches = true;
  }
  if (!matches) {
    int found = 0;
    for (int i = stack.top; i > 0 && found == 0; --i) {
      if (same_call(stack.frames[static_cast<size_t>(i)].event, call)) found = i;
    }
    if (found > 0) {
      while (stack.top > found) close_top(cpu, e.t, ipc);
    } else {
      // Never called: the open span was it.
      diagnostics_.add_at(Finding::kMissingCall, [&] {
        return std::string(pool_[names_.call(static_cast<uint32_t>(call), e.arg)]) + " of thread " +
               std::to_string(thread.pid) + " on CPU " + std::to_string(e.cpu);
      });
      while (stack.top > 0 && level <= level_of(stack.back().event)) --stack.top;
      NameId name = call == KUTRACE_BOTTOM_HALF ? bottom_half_name_ : names_.call(static_cast<uint32_t>(call), 0);
      relabel(cpu, {call, name, 0, true});
    }
  }
  if (level == Level::kSched) cpu.switch_pending = false;
  cut(cpu, e.t, ipc, true, e.ret);
  begin_turn(cpu, e.t);
  thread.fresh = false;
  --stack.top;
  if (level == Level::kSched && e.ret == KUTRACE_SCHED_FIRST && stack.top == 0 && thread.birth.event != 0) {
    // Its first time out of the scheduler leads into the call that made it, of which it sees the return only.
    push(cpu, {thread.birth.event, thread.birth.name, 0, false});
  }
  label(cpu, false);
  if (level == Level::kSched && thread.rpc != 0) {
    Event mid = e;
    mid.num = KUTRACE_RPCIDMID;
    mid.arg = static_cast<uint32_t>(thread.rpc);
    mid.ret = 0;
    mid.ipc = 0;
    emit_point(mid, names_.method(mid.arg), thread.rpc);
  }
  if (level == Level::kSyscall) on_new_thread(cpu, e);
}

// A thread that was switched out inside a call may have left it unseen: its first telling event decides.
void SpanBuilder::settle_ambiguity(Cpu& cpu, const Event& e) {
  Thread& thread = *cpu.thread;
  if (thread.maybe_left == 0 || thread.maybe_left < thread.stack.top) return;
  if (is_kernel_only(e.num)) {
    thread.maybe_left = 0;
  } else if (is_user_only(e.num)) {
    thread.maybe_left = 0;
    thread.stack.top = 0;
    diagnostics_.add_at(Finding::kResumedInUser, [&] { return "thread " + std::to_string(thread.pid); });
    label(cpu, false);
    cpu.open.inferred = true;
  }
}

// Notes whose turn it is; a thread cannot have one on two CPUs.
void SpanBuilder::take_turn(Cpu& cpu, Thread& thread) {
  if (&thread == &cpu.idle) return;
  if (thread.turn_cpu >= 0 && thread.turn_cpu != cpu.number) {
    diagnostics_.add_at(Finding::kTwoCpus, [&] {
      return "thread " + std::to_string(thread.pid) + " on CPUs " + std::to_string(thread.turn_cpu) + " and " +
             std::to_string(cpu.number);
    });
  }
  thread.turn_cpu = cpu.number;
}

void SpanBuilder::on_switch(Cpu& cpu, const Event& e) {
  cpu.switch_t = e.t;
  cpu.switch_pending = true;
  Thread& next = thread_on(cpu, e.pid);
  if (&next == cpu.thread) return;
  const bool in_scheduler = level_of(cpu.thread->stack.back().event) == Level::kSched;
  switch_to(cpu, next, e.t, e.ipc);
  if (in_scheduler) return;
  diagnostics_.add_at(Finding::kMissingSched, [&] { return "CPU " + std::to_string(cpu.number) + ", thread " + std::to_string(next.pid); });
}

// A switch is an edge whatever was open: until then the CPU was the old thread's, from then on it is the new
// one's. In the scheduler the new thread goes on inside it: an older one left it in there, a new one and the idle thread
// are shown to come out of it too, until their first event tells more.
void SpanBuilder::switch_to(Cpu& cpu, Thread& next, Ticks t, uint8_t ipc) {
  const Frame open = cpu.thread->stack.back();
  const bool in_scheduler = level_of(open.event) == Level::kSched;
  cut(cpu, t, ipc);
  end_turn(cpu);
  take_turn(cpu, next);
  cpu.thread = &next;
  if (&next == &cpu.idle) next.stack.top = 0;  // it has nothing to come back to
  if (in_scheduler && level_of(next.stack.back().event) != Level::kSched) push(cpu, {open.event, open.name, 0, open.inferred});
  next.maybe_left = next.stack.top >= 2 ? next.stack.top - 1 : 0;
  begin_turn(cpu, t);
  label(cpu, false);
  if (!in_scheduler) cpu.open.inferred = true;  // how the thread came to run was not recorded
}

void SpanBuilder::emit_point(const Event& e, NameId name, int32_t rpc) {
  Span span;
  span.start = e.t;
  span.cpu = e.cpu;
  span.pid = static_cast<int32_t>(e.pid);
  span.rpc = rpc;
  span.event = e.num;
  span.arg = static_cast<int32_t>(e.arg);
  span.ret = e.ret;
  span.name = name;
  span.ipc = e.ipc;
  emit(span);
}

// ---- the end ----------------------------------------------------------------------------------------------

void SpanBuilder::finish() {
  if (last_t_ != INT64_MIN) {
    Ticks end = last_t_;
    for (const auto& cpu : cpus_) {
      if (cpu && cpu->live) end = std::max(end, cpu->open.start);
    }
    for (const auto& cpu : cpus_) {
      if (!cpu || !cpu->live) continue;
      if (cpu->thread->fresh && cpu->thread->forked) close_missing_exit(*cpu, end);
      cut(*cpu, end, 0);
      if (cpu->has_freq) emit_frequency(static_cast<size_t>(cpu->number), end, cpu->freq);
    }
    finish_threads(end);
  }
  flush();
}

void SpanBuilder::fill_header(SpanHeader& header) const {
  header.time = info_.time;
  header.tracebase = format_minute(info_.time.minute_us);
  header.kernel_version = names_.kernel_version();
  header.cpu_model = names_.cpu_model();
  header.host_name = names_.host_name();
  header.flags = info_.flags | info_.version;
  if (!info_.wrapped) header.flags &= ~static_cast<uint32_t>(KUTRACE_FLAG_WRAP);
  header.mbit_sec = mbit_sec_;
}

}  // namespace kutrace
