// SPDX-License-Identifier: BSD-3-Clause
#include "model/machine.h"

#include <cstring>

#include "kutrace/abi.h"
#include "model/module.h"
#include "model/reading.h"

extern "C" {
extern char __start_model_percpu[], __stop_model_percpu[];
struct ModelTask {
  int pid;
  char comm[16];
  unsigned long voluntary, involuntary;
  int on_cpu;
};
ModelTask model_idle;
}

namespace model {
namespace {

struct CpuState {
  uint32_t interrupts_off, nmis, interrupts, hooks;
  ModelTask task;
};

// All of the machine that programs change; saved and restored with the module's memory.
struct State {
  CpuState cpus[kCpus];
  uint64_t counter, step;
  uint64_t noted_end;
  bool forbidden;
};

State state;
unsigned alone_on;
bool inside;
std::function<void()> interruption;
std::string broken;

// The module's memory: what it allocates, and of every CPU but the first a copy of the section of CPUs.
alignas(16) char arena[16 << 10];
size_t arena_used;
alignas(16) char copies[kCpus][256];
uint32_t blocks_of_arena;
uint64_t* words;
kutrace_page page;

unsigned running() { return explorer::active() ? explorer::cpu() : alone_on; }

void say(const std::string& what) {
  if (broken.empty()) broken = what;
  if (explorer::active()) explorer::fail(what);
}

bool in(const void* at, const void* from, size_t bytes) {
  const auto a = reinterpret_cast<uintptr_t>(at), f = reinterpret_cast<uintptr_t>(from);
  return a >= f && a < f + bytes;
}

bool is_module_memory(const void* at) {
  return in(at, arena, arena_used) || in(at, copies, sizeof(copies)) ||
         in(at, __start_model_variables, static_cast<size_t>(__stop_model_variables - __start_model_variables)) ||
         in(at, __start_model_percpu, static_cast<size_t>(__stop_model_percpu - __start_model_percpu));
}

// A hook may only write into blocks of its CPU: their headers say whose they are, and the header is written first.
void check_wall(const void* at, bool write) {
  if (state.cpus[running()].hooks > 0 && state.forbidden) say("a hook is in the module after it has gone");
  if (!write || words == nullptr || !model_tracing() || state.cpus[running()].hooks == 0) return;
  const char* begin = reinterpret_cast<const char*>(words);
  const size_t bytes = size_t{blocks_of_arena} * kBlockWords * 8;
  if (!in(at, arena, arena_used)) return;
  if (!in(at, begin, bytes)) return;
  const size_t word = static_cast<size_t>(static_cast<const char*>(at) - begin) / 8;
  const uint64_t* block = words + word / kBlockWords * kBlockWords;
  if (word % kBlockWords < KUTRACE_FIRST_ENTRY_OTHER) return;
  if (block[KUTRACE_HDR_COUNTER] >> 56 != running()) {
    say("CPU " + std::to_string(running()) + " writes into a block of CPU " + std::to_string(block[KUTRACE_HDR_COUNTER] >> 56));
  }
}

void listener(const void* at, size_t bytes, bool write) {
  if (!is_module_memory(at)) return;
  if (explorer::active()) {
    explorer::access(at, bytes, write);
  } else if (interruption && !inside) {
    interruption();
  }
  check_wall(at, write);
}

ModelTask fresh_task(unsigned cpu) {
  ModelTask t{};
  t.pid = 100 + static_cast<int>(cpu);
  std::strcpy(t.comm, "thread");
  t.on_cpu = 1;
  return t;
}

}  // namespace

void reset(uint32_t blocks, uint8_t flags) {
  explorer::listen(nullptr);
  interruption = nullptr;
  broken.clear();
  std::memset(arena, 0, sizeof(arena));
  std::memset(copies, 0, sizeof(copies));
  std::memset(__start_model_percpu, 0, static_cast<size_t>(__stop_model_percpu - __start_model_percpu));
  std::memset(__start_model_variables, 0, static_cast<size_t>(__stop_model_variables - __start_model_variables));
  arena_used = 0;
  alone_on = 0;
  page = {};
  kutrace_shared = &page;
  state = {};
  for (unsigned cpu = 0; cpu < kCpus; ++cpu) state.cpus[cpu].task = fresh_task(cpu);
  state.counter = 1'000'000'000;
  blocks_of_arena = blocks;
  words = nullptr;
  model_create(blocks, flags);
  words = model_block(0);
  explorer::listen(listener);
}

void run_on(unsigned cpu) { alone_on = cpu; }
void on_access(std::function<void()> f) { interruption = std::move(f); }
void set_counter(uint64_t value, uint64_t step) {
  state.counter = value;
  state.step = step;
}
uint64_t counter() { return state.counter; }
std::string& violation() { return broken; }

bool may_interrupt(unsigned cpu, bool nmi) {
  const CpuState& c = state.cpus[cpu];
  return c.nmis == 0 && (nmi || (c.interrupts_off == 0 && c.interrupts < 2));
}

void interrupt(bool nmi, const std::function<void()>& handler) {
  CpuState& c = state.cpus[running()];
  uint32_t& depth = nmi ? c.nmis : c.interrupts;
  const uint32_t off = c.interrupts_off;
  ++depth;
  c.interrupts_off = 1;
  handler();
  c.interrupts_off = off;
  --depth;
}

void switch_thread(int pid) {
  ModelTask& t = state.cpus[running()].task;
  ++t.voluntary;
  t.pid = pid;
}

std::vector<explorer::Memory> memory() {
  return {{arena, (arena_used + 7) / 8 * 8},
          {copies, sizeof(copies)},
          {__start_model_variables, static_cast<size_t>(__stop_model_variables - __start_model_variables)},
          {__start_model_percpu, static_cast<size_t>(__stop_model_percpu - __start_model_percpu)},
          {&state, sizeof(state)}};
}

}  // namespace model

using model::state;

extern "C" {
void model_assert(bool holds, const char* what) {
  if (!holds) model::say(std::string("not true: ") + what);
}
void* model_per_cpu(const void* p, unsigned cpu) {
  const char* at = static_cast<const char*>(p);
  return cpu == 0 ? const_cast<char*>(at) : model::copies[cpu] + (at - __start_model_percpu);
}
unsigned model_cpu() { return model::running(); }
bool model_online(unsigned) { return true; }
void model_increment(uint64_t* p) {
  model::listener(p, 8, true);
  ++*p;
}
uint64_t model_exchange(uint64_t* p, uint64_t before, uint64_t after) {
  model::listener(p, 8, true);
  const uint64_t was = *p;
  if (was == before) *p = after;
  return was;
}
unsigned long model_irq_save() {
  uint32_t& off = state.cpus[model::running()].interrupts_off;
  const unsigned long was = off;
  off = 1;
  return was;
}
void model_irq_restore(unsigned long flags) { state.cpus[model::running()].interrupts_off = static_cast<uint32_t>(flags); }
bool model_in_interrupt() {
  const model::CpuState& c = state.cpus[model::running()];
  return c.interrupts + c.nmis > 0;
}
bool model_in_nmi() { return state.cpus[model::running()].nmis > 0; }
static int* waited_for[model::kCpus];
bool model_trylock(int* lock) {
  model::listener(lock, 4, true);
  if (*lock == 0) {
    *lock = 1;
    return true;
  }
  waited_for[model::running()] = lock;
  return false;
}
void model_unlock(int* lock) {
  model::listener(lock, 4, true);
  *lock = 0;
}
void model_relax() {
  const int* lock = waited_for[model::running()];
  if (explorer::active()) {
    explorer::wait([lock] { return *lock == 0; });
  } else {
    model::say("waits for a lock that nobody else can release");
  }
}
ModelTask* model_current() { return &state.cpus[model::running()].task; }
ModelTask* model_next_task(ModelTask* task) {
  const size_t next = task == nullptr ? 0 : static_cast<size_t>(reinterpret_cast<model::CpuState*>(reinterpret_cast<char*>(task) - offsetof(model::CpuState, task)) - state.cpus) + 1;
  return next < model::kCpus ? &state.cpus[next].task : nullptr;
}
unsigned model_task_cpu(const ModelTask* task) { return static_cast<unsigned>(task->pid - 100) % model::kCpus; }
uint64_t model_counter() {
  state.counter += state.step;
  return state.counter;
}
void model_forbid(bool on) { state.forbidden = on; }
void model_note_end() { state.noted_end = model::read().entries.size(); }
uint64_t model_noted_end() { return state.noted_end; }
void model_set_words(uint64_t* to, uint64_t value, size_t count) {
  if (count == 0) return;
  model::listener(to, 8, true);
  for (size_t i = 0; i < count; ++i) to[i] = value;
}
void model_preempt_disable() { ++state.cpus[model::running()].hooks; }
void model_preempt_enable() { --state.cpus[model::running()].hooks; }
// A grace period: until each of the others has been outside of a section with preemption off.
void model_synchronize() {
  for (unsigned cpu = 0; cpu < model::kCpus; ++cpu) {
    if (cpu == model::running() || state.cpus[cpu].hooks == 0) continue;
    if (!explorer::active()) {
      model::say("waits for a hook that nobody ends");
      return;
    }
    explorer::wait([cpu] { return state.cpus[cpu].hooks == 0; });
  }
}
void* model_allocate(size_t bytes) {
  void* at = model::arena + model::arena_used;
  model::arena_used += (bytes + 15) / 16 * 16;
  if (model::arena_used > sizeof(model::arena)) {
    model::say("the model's memory is too small");
    return nullptr;
  }
  return at;
}
}
