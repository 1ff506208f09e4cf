// SPDX-License-Identifier: BSD-3-Clause
// The shipped writer (kutrace_ring.h) against the shipped collector (rings/collector.cc), in every order in which two CPUs can run them
// and their stores can become visible: in order, as x86 has it, and out of order as far as arm64's release stores allow. Loads are in
// order: each that matters acquires, or stands behind a barrier.
#include <gtest/gtest.h>
#include <ucontext.h>

#include <cstdint>
#include <cstring>
#include <memory>
#include <unordered_set>
#include <vector>

namespace model {
uint64_t load(const void* at, size_t bytes);
void store(void* at, uint64_t value, size_t bytes, bool release);
int swap(uint32_t* at, uint32_t from, uint32_t to);
void fence();
void wake(const uint32_t* at);
void sleep(const uint32_t* at);
}  // namespace model

#define KUTRACE_RING_LOAD(at) static_cast<std::remove_cvref_t<decltype(*(at))>>(model::load(at, sizeof(*(at))))
#define KUTRACE_RING_LOAD_ACQUIRE(at) KUTRACE_RING_LOAD(at)
#define KUTRACE_RING_STORE(at, value) model::store(at, value, sizeof(*(at)), false)
#define KUTRACE_RING_STORE_RELEASE(at, value) model::store(at, value, sizeof(*(at)), true)
#define KUTRACE_RING_SWAP(at, from, to) model::swap(at, from, to)
#define KUTRACE_RING_FENCE() model::fence()
#define KUTRACE_RING_WAKE(at) model::wake(at)
#define KUTRACE_RING_SLEEP(at) model::sleep(at)
#define KUTRACE_RING_NOW() uint64_t{1}
#include "rings/collector.cc"

#include "coro/ring_file.h"

namespace model {
namespace {

enum class Order { kX86, kArm64 };
// What is left out, to see that the model would notice.
enum class Without { kNothing, kFence, kRelease };

struct Store {
  void* at;
  uint64_t value;
  size_t bytes;
  bool release;
};

struct Cpu {
  ucontext_t context{};
  std::vector<char> stack = std::vector<char>(64 << 10);
  std::vector<Store> buffer;  // stores that others do not see yet
  uint64_t history = 1;       // of all that it has read
  bool done = false, must_drain = false, sleeps = false;
};

constexpr size_t kMostStates = 3'000'000;

class Explorer {
 public:
  Explorer(Order order, Without without) : order(order), without(without) {}

  Order order;
  Without without;
  ucontext_t home{};
  std::vector<std::unique_ptr<Cpu>> cpus;
  unsigned running = 0;
  bool active = false;

  void step() { swapcontext(&cpus[running]->context, &home); }

  static void entry() { instance->body(); }
  void body() {
    programs[running]();
    cpus[running]->done = true;
    step();
  }

  // What can happen next: (CPU, 0) goes on; (CPU, n) its store n - 1 becomes visible.
  using Action = std::pair<unsigned, size_t>;
  std::vector<Action> actions() const {
    std::vector<Action> all;
    for (unsigned c = 0; c < cpus.size(); ++c) {
      const Cpu& cpu = *cpus[c];
      if (!cpu.done && !cpu.sleeps && !(cpu.must_drain && !cpu.buffer.empty())) all.emplace_back(c, 0);
      for (size_t i = 0; i < cpu.buffer.size(); ++i) {
        if (may_drain(cpu, i)) all.emplace_back(c, i + 1);
      }
    }
    return all;
  }
  bool may_drain(const Cpu& cpu, size_t i) const {
    if (i == 0) return true;
    if (order == Order::kX86 || cpu.buffer[i].release) return false;
    for (size_t k = 0; k < i; ++k) {
      if (cpu.buffer[k].at == cpu.buffer[i].at) return false;
    }
    return true;
  }
  void act(const Action& a) {
    Cpu& cpu = *cpus[a.first];
    if (a.second == 0) {
      running = a.first;
      cpu.history = mix(cpu.history, 1);  // where it is
      swapcontext(&home, &cpu.context);
      return;
    }
    const Store s = cpu.buffer[a.second - 1];
    std::memcpy(s.at, &s.value, s.bytes);
    cpu.buffer.erase(cpu.buffer.begin() + static_cast<ptrdiff_t>(a.second - 1));
  }

  static uint64_t mix(uint64_t h, uint64_t v) {
    h = (h ^ v) * 0xff51afd7ed558ccdu;
    return h ^ h >> 32;
  }
  uint64_t state(const void* memory, size_t bytes) const {
    uint64_t h = 1;
    for (size_t i = 0; i + 8 <= bytes; i += 8) {
      uint64_t word;
      std::memcpy(&word, static_cast<const char*>(memory) + i, 8);
      if (word != 0) h = mix(mix(h, i), word);
    }
    for (const auto& cpu : cpus) {
      h = mix(h, cpu->history ^ static_cast<uint64_t>(cpu->done) << 1 ^ static_cast<uint64_t>(cpu->sleeps) << 2);
      for (const Store& s : cpu->buffer) h = mix(mix(h, reinterpret_cast<uintptr_t>(s.at) - reinterpret_cast<uintptr_t>(memory)), s.value);
    }
    return h;
  }

  // Runs all executions. `begin` puts memory back; `end` judges what an execution has come to and gives what is wrong, "" if nothing.
  std::string explore(std::vector<std::function<void()>> what, const void* memory, size_t bytes, const std::function<void()>& begin,
                      const std::function<std::string()>& end) {
    programs = std::move(what);
    instance = this;
    std::unordered_set<uint64_t> seen;
    std::vector<std::pair<size_t, size_t>> decisions;  // which of how many
    for (;;) {
      ++executions;
      begin();
      cpus.clear();
      for (size_t c = 0; c < programs.size(); ++c) {
        Cpu& cpu = *cpus.emplace_back(std::make_unique<Cpu>());
        getcontext(&cpu.context);
        cpu.context.uc_stack.ss_sp = cpu.stack.data();
        cpu.context.uc_stack.ss_size = cpu.stack.size();
        cpu.context.uc_link = nullptr;
        makecontext(&cpu.context, entry, 0);
      }
      active = true;
      bool whole = false;
      for (size_t depth = 0;; ++depth) {
        const std::vector<Action> possible = actions();
        if (possible.empty()) {
          whole = true;
          break;
        }
        if (depth == decisions.size()) {
          if (!seen.insert(state(memory, bytes)).second) break;
          decisions.emplace_back(0, possible.size());
        }
        act(possible[decisions[depth].first]);
      }
      active = false;
      if (whole) {
        ++complete;
        const std::string wrong = end();
        if (!wrong.empty()) return wrong;
      }
      states = seen.size();
      if (states > kMostStates) return "too many states";
      while (!decisions.empty() && decisions.back().first + 1 == decisions.back().second) decisions.pop_back();
      if (decisions.empty()) return "";
      ++decisions.back().first;
    }
  }

  static Explorer* instance;
  std::vector<std::function<void()>> programs;
  uint64_t executions = 0, complete = 0;
  size_t states = 0;
};

Explorer* Explorer::instance = nullptr;

// The CPU that runs, while something is explored.
Cpu* now() {
  Explorer* e = Explorer::instance;
  return e != nullptr && e->active ? e->cpus[e->running].get() : nullptr;
}

}  // namespace

uint64_t load(const void* at, size_t bytes) {
  uint64_t value = 0;
  Cpu* cpu = now();
  if (cpu != nullptr) Explorer::instance->step();
  std::memcpy(&value, at, bytes);
  if (cpu == nullptr) return value;
  for (const Store& s : cpu->buffer) {
    if (s.at == at) value = s.value;
  }
  cpu->history = Explorer::mix(cpu->history, value + 1);
  return value;
}

void store(void* at, uint64_t value, size_t bytes, bool release) {
  Cpu* cpu = now();
  if (cpu == nullptr) {
    std::memcpy(at, &value, bytes);
  } else {
    cpu->buffer.push_back({at, value, bytes, release && Explorer::instance->without != Without::kRelease});
  }
}

void fence() {
  Cpu* cpu = now();
  if (cpu == nullptr || Explorer::instance->without == Without::kFence) return;
  cpu->must_drain = true;
  Explorer::instance->step();
  cpu->must_drain = false;
}

int swap(uint32_t* at, uint32_t from, uint32_t to) {
  Cpu* cpu = now();
  if (cpu != nullptr) {
    cpu->must_drain = true;
    Explorer::instance->step();
    cpu->must_drain = false;
    cpu->history = Explorer::mix(cpu->history, *at + 1);
  }
  if (*at != from) return 0;
  *at = to;
  return 1;
}

void wake(const uint32_t*) {
  if (now() == nullptr) return;
  Explorer::instance->step();
  for (auto& cpu : Explorer::instance->cpus) cpu->sleeps = false;
}

// Sleeps for as long as nobody wakes it: a time limit would hide a wake that is missing.
void sleep(const uint32_t* at) {
  Cpu* cpu = now();
  cpu->must_drain = true;
  Explorer::instance->step();
  cpu->must_drain = false;
  cpu->history = Explorer::mix(cpu->history, *at + 1);
  if (*at != 1) return;
  cpu->sleeps = true;
  Explorer::instance->step();
}

}  // namespace model

namespace kutrace::test {
namespace {

using model::Order;
using model::Without;

constexpr uint64_t kFirst = 100;
// A writer looks at the tail before an event for which half of the ring, and an event, would not do: with so many records it has not looked yet.
constexpr uint64_t unseen(uint32_t records) { return records / 2 + 1; }
const char kMissedWake[] = "the collector sleeps, and the writer has seen a ring that is half full";

// What a writer of `events` events and a collector make of a ring of so many records.
std::string explore(Order order, Without without, uint32_t records, uint64_t events, bool values, model::Explorer& explorer) {
  rings::Area area({records, 1, 1}, KUTRACE_RING_CLOCK_GIVEN, geteuid(), getegid());
  area.remove();
  const size_t bytes = area.layout().area_bytes;
  std::vector<char> memory(bytes);
  std::unique_ptr<MemorySink> sink;
  std::unique_ptr<rings::Collector> collector;
  kutrace_ring_use(area.shared());
  kutrace_ring_put(KUTRACE_WORKER_UNPARK, 0, kFirst, 0);  // takes the slot
  std::memcpy(memory.data(), area.shared(), bytes);
  const kutrace_ring_writer writer = kutrace_ring_writer_;
  const auto begin = [&] {
    std::memcpy(area.shared(), memory.data(), bytes);
    kutrace_ring_writer_ = writer;
    sink = std::make_unique<MemorySink>();
    collector = std::make_unique<rings::Collector>(area, *sink);
    collector->begin({});
  };
  const auto write = [&] {
    for (uint64_t i = 1; i <= events; ++i) {
      if (values) {
        kutrace_ring_put_value(KUTRACE_RES_SIGNAL, 0, kFirst + i, 0, kFirst + i);
      } else {
        kutrace_ring_put(KUTRACE_WORKER_UNPARK, 0, kFirst + i, 0);
      }
    }
  };
  const auto end = [&]() -> std::string {
    const kutrace_ring_slot& slot = *area.slot(0);
    if (slot.head - slot.tail > unseen(records)) return kMissedWake;
    collector->end({});
    const CoroFile file = file_of(*sink);
    if (!file.damage.empty()) return file.damage[0];
    if (file.threads.size() != 1) return "not one thread";
    const CoroThread& t = file.threads[0];
    if (t.attempted != events + 1 || t.attempted != t.recorded + t.lost) return "it does not add up";
    uint64_t last = 0, lost = 0;
    for (const CoroEvent& e : file.events) {
      if (e.kind == KUTRACE_RING_LOST) {
        lost += e.value;
      } else {
        if (e.id < kFirst || e.id <= last || (e.has_value && e.value != e.id)) return "a record is not what was written";
        if (e.id != kFirst + lost + (&e - file.events.data()) - std::count_if(file.events.data(), &e, [](const CoroEvent& f) { return f.kind == KUTRACE_RING_LOST; })) return "what was lost is told in the wrong place";
        last = e.id;
      }
    }
    return "";
  };
  explorer.order = order;
  explorer.without = without;
  const std::string wrong = explorer.explore({write, [&] { collector->run(); }}, area.shared(), bytes, begin, end);
  kutrace_ring_on_ = 0;
  std::memset(&kutrace_ring_writer_, 0, sizeof(kutrace_ring_writer_));
  return wrong;
}

class RingModel : public testing::Test {
 protected:
  void TearDown() override { RecordProperty("states", static_cast<int>(explorer_.states)); }
  model::Explorer explorer_{Order::kX86, Without::kNothing};
};

TEST_F(RingModel, HoldsOnX86) {
  EXPECT_EQ(explore(Order::kX86, Without::kNothing, 8, 6, false, explorer_), "");
  EXPECT_GT(explorer_.complete, 100u);
}

TEST_F(RingModel, HoldsOnX86WithValues) { EXPECT_EQ(explore(Order::kX86, Without::kNothing, 8, 3, true, explorer_), ""); }

TEST_F(RingModel, HoldsOnArm64) {
  EXPECT_EQ(explore(Order::kArm64, Without::kNothing, 4, 3, false, explorer_), "");
  EXPECT_GT(explorer_.complete, 100u);
}

TEST_F(RingModel, NoticesAMissingBarrier) { EXPECT_EQ(explore(Order::kX86, Without::kFence, 8, 6, false, explorer_), kMissedWake); }

TEST_F(RingModel, NoticesAHeadThatIsNotReleased) { EXPECT_NE(explore(Order::kArm64, Without::kRelease, 8, 2, false, explorer_), ""); }

}  // namespace
}  // namespace kutrace::test
