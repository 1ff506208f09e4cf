// SPDX-License-Identifier: BSD-3-Clause
#include "support/simulator.h"

#include <algorithm>

#include "support/simulator_state.h"

namespace kutrace::test {
namespace {

EncoderOptions encoder_options(const SimOptions& o) {
  EncoderOptions e;
  e.start_counter = o.start_counter;
  e.counts_per_us = o.counts_per_us;
  e.flags = o.flags;
  e.ring_blocks = o.ring_blocks;
  return e;
}

std::string name_of(uint32_t pid) { return pid == 0 ? "swapper" : "t" + std::to_string(pid); }

}  // namespace

Simulator::Simulator(const SimOptions& options)
    : options_(options), random_(options.seed), encoder_(encoder_options(options)), next_pid_(options.first_pid) {}
Simulator::~Simulator() = default;

Simulator::Thread& Simulator::new_thread() {
  threads_.push_back(std::make_unique<Thread>());
  threads_.back()->pid = next_pid_;
  next_pid_ += static_cast<uint32_t>(1 + below(3));
  ++alive_;
  return *threads_.back();
}

void Simulator::boot() {
  truth_.cpus.resize(options_.cpus);
  const uint32_t running = std::min(options_.cpus, 1 + options_.threads / 3);
  for (uint32_t i = 0; i < options_.cpus; ++i) {
    cpus_.push_back(std::make_unique<Cpu>());
    Cpu& cpu = *cpus_.back();
    cpu.number = i;
    cpu.thread = i < running ? &new_thread() : &cpu.idle;
    cpu.thread->named = true;
    cpu.now = options_.start_counter + 1000 + below(100000);
    encoder_.running(i, cpu.thread->pid, name_of(cpu.thread->pid));
    agenda_.insert({cpu.now, i});
  }
  // The control program's names: block 0 belongs to CPU 0, whose row begins when that is opened.
  const uint64_t t = options_.start_counter + 100;
  encoder_.name(0, t, KUTRACE_INTERRUPTNAME, kTimer & 0xff, "local_timer");
  encoder_.name(0, t + 5, KUTRACE_SYSCALL64NAME, kClone & 0x1ff, "clone");
  encoder_.name(0, t + 9, KUTRACE_SYSCALL64NAME, kExit & 0x1ff, "exit_group");
  Cpu& first = *cpus_[0];
  first.started = true;
  begin_piece(first, t + EncoderOptions().open_delay);
}

std::vector<uint8_t> Simulator::run() {
  boot();
  while (truth_.events < options_.events) {
    const auto [t, number] = *agenda_.begin();
    agenda_.erase(agenda_.begin());
    Cpu& cpu = *cpus_[number];
    if (!cpu.started) {
      cpu.started = true;
      begin_piece(cpu, t);
    }
    step(cpu);
    cpu.now += pause(cpu);
    agenda_.insert({cpu.now, number});
  }
  finish();
  return encoder_.finish(truth_.end + 100000);
}

uint64_t Simulator::pause(const Cpu& cpu) {
  if (cpu.thread->is_idle() && cpu.thread->depth == 0 && ready_.empty()) {
    const uint64_t t = 1 + below(options_.idle_step);
    if (static_cast<double>(t) > 8e6 * options_.counts_per_us) ++truth_.long_idle;
    return t;
  }
  const uint64_t dice = below(10000);
  if (dice < 5500) return 1 + below(120);
  if (dice < 9900 || cpu.late.is) return 1 + below(options_.busy_step);
  if (dice < 9996) return 1 + below(8 * options_.busy_step);
  constexpr uint64_t kEdges[] = {0xdffff, 0xe0000, 0xe0001, 0xfffff, 0x100000, 0x100001, 1300000};
  return kEdges[below(std::size(kEdges))];
}

// ---- what happens ---------------------------------------------------------------------------------------------

void Simulator::store(Cpu& cpu, uint32_t event, uint32_t arg) {
  ++truth_.events;
  truth_.end = std::max(truth_.end, cpu.now);
  // Interrupts are off in the scheduler's and the interrupts' own entries.
  const bool may_be_late = event == KUTRACE_MARKA || (event >= KUTRACE_TRAP && event >> 8 != 5 && event >> 8 != 7 &&
                                                      (event & ~0x200u) != options_.sched);
  if (may_be_late && !cpu.late.is && !cpu.interrupted() && chance(options_.late)) {
    cpu.late = {true, cpu.now, event, arg};
    ++truth_.late;
    return;
  }
  if (kutrace_is_return(event)) {
    if (encoder_.leave(cpu.number, cpu.now, event & ~0x200u, arg)) ++truth_.folded;
  } else {
    encoder_.entry(cpu.number, cpu.now, event, arg);
  }
}

void Simulator::release_late(Cpu& cpu) {
  const bool near = cpu.now - cpu.late.t < 0x1f000;
  if (near && chance(0.5)) {
    encoder_.unmarked(cpu.number, cpu.late.t, cpu.late.event, cpu.late.arg);
  } else {
    encoder_.entry(cpu.number, cpu.late.t, cpu.late.event, cpu.late.arg);
  }
  cpu.now = std::max(cpu.now, cpu.late.t + KUTRACE_MAX_FOLD_COUNTS + 1);  // its return cannot be folded
  cpu.late.is = false;
}

void Simulator::call(Cpu& cpu, uint32_t event, uint32_t arg) {
  Thread& thread = *cpu.thread;
  if (thread.depth == 0 && !thread.is_idle() && event >= KUTRACE_SYSCALL64 && event != options_.sched) {
    truth_.known.push_back({cpu.now, cpu.number, thread.pid});
  }
  end_piece(cpu, cpu.now, false, 0);
  thread.stack[thread.depth++] = {event, arg};
  begin_piece(cpu, cpu.now);
  cpu.first_of_new = false;
  cpu.timer_clean = event == kTimer;
  if (event == kTimer) cpu.timer_t = cpu.now;
  if (event == options_.sched) cpu.switched = false;
  store(cpu, event, arg);
}

void Simulator::leave(Cpu& cpu, uint32_t value) {
  Thread& thread = *cpu.thread;
  const uint32_t event = thread.top();
  end_piece(cpu, cpu.now, true, value);
  --thread.depth;
  begin_piece(cpu, cpu.now);
  if (thread.is_idle() && event == options_.sched) truth_.known.push_back({cpu.now, cpu.number, 0});
  store(cpu, event | KUTRACE_RETURN_BIT, value);
  const bool timer_only = event == kTimer && cpu.timer_clean;
  cpu.timer_clean = false;
  if (timer_only && chance(0.5)) {
    const bool user = thread.depth == 0 && !thread.is_idle();
    cpu.now += 2;
    encoder_.sample(cpu.number, cpu.now, user ? 0x401000 + below(4096) : 0xffffffff81000000 + below(4096));
    if (cpu.has_sample) truth_.samples.push_back({cpu.sample_t, cpu.timer_t, cpu.number, thread.pid});
    cpu.has_sample = true;
    cpu.sample_t = cpu.timer_t;
  }
  if (cpu.late.is && (event == kTimer || event == kDevice || event == kReschedule) && !cpu.interrupted()) {
    release_late(cpu);
  }
}

void Simulator::mark(Cpu& cpu) {
  end_piece(cpu, cpu.now, false, 0);
  begin_piece(cpu, cpu.now);
  cpu.first_of_new = false;
  const auto label = static_cast<uint32_t>(random_());
  truth_.marks.push_back({cpu.now, cpu.number, KUTRACE_MARKA, label});
  store(cpu, KUTRACE_MARKA, label);
}

void Simulator::switch_to(Cpu& cpu, Thread& next) {
  Thread& old = *cpu.thread;
  if (cpu.intent == Intent::kBlock) waiting_.push_back(&old);
  if (cpu.intent == Intent::kPreempt) ready_.push_back(&old);
  if (cpu.intent == Intent::kExit) {
    old.gone = true;
    --alive_;
  }
  if (!next.named && !next.is_idle()) encoder_.name(cpu.number, cpu.now, KUTRACE_PIDNAME, next.pid, name_of(next.pid));
  next.named = true;
  end_piece(cpu, cpu.now, false, 0);
  cpu.thread = &next;
  cpu.switched = true;
  cpu.first_of_new = next.fresh;
  if (next.is_idle()) {
    next.stack[0] = {options_.sched, 0};
    next.depth = 1;
  }
  next.fresh = false;
  begin_turn(cpu, cpu.now);
  begin_piece(cpu, cpu.now);
  store(cpu, KUTRACE_USERPID, next.pid);
}

void Simulator::wake(Cpu& cpu, Thread& thread) {
  thread.woken = true;
  thread.wake_t = cpu.now;
  thread.wake_cpu = cpu.number;
  thread.wake_pid = cpu.thread->pid;
  ready_.push_back(&thread);
  ++truth_.wakeups;
}

void Simulator::wake_someone(Cpu& cpu) {
  const size_t i = below(waiting_.size());
  Thread& thread = *waiting_[i];
  waiting_[i] = waiting_.back();
  waiting_.pop_back();
  wake(cpu, thread);
  store(cpu, KUTRACE_RUNNABLE, thread.pid);
  kick();
}

// A sleeping CPU is told that there is work.
void Simulator::kick() {
  Cpu& cpu = *cpus_[below(cpus_.size())];
  const uint64_t t = truth_.end + 20 + below(2000);
  if (!cpu.thread->is_idle() || cpu.thread->depth > 0 || cpu.now <= t) return;
  if (agenda_.erase({cpu.now, cpu.number}) == 0) return;  // it is its own turn
  cpu.now = t;
  agenda_.insert({t, cpu.number});
}

void Simulator::fork(Cpu& cpu) {
  Thread& child = new_thread();
  child.fresh = true;
  ++truth_.forks;
  cpu.thread->child = &child;
  const uint32_t low = child.pid & 0xffff;
  if (low == 0 || low > 0xf000 || chance(0.7)) {
    wake(cpu, child);
    store(cpu, KUTRACE_RUNNABLE, child.pid);
  }
}

}  // namespace kutrace::test
