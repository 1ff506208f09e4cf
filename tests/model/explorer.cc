// SPDX-License-Identifier: BSD-3-Clause
#include "model/explorer.h"

#include <ucontext.h>

#include <algorithm>
#include <cstring>
#include <memory>

namespace explorer {
namespace {

constexpr size_t kStack = 64 << 10;

uint64_t mix(uint64_t h, uint64_t value) {
  h = (h ^ value) * 0x9e3779b97f4a7c15ULL;
  return h ^ h >> 29;
}

// A set of hashes that only grows.
class States {
 public:
  States() : slots_(1 << 16) {}
  bool insert(uint64_t h) {
    if (h == 0) h = 1;
    if (2 * ++size_ > slots_.size()) grow();
    uint64_t& slot = find(h);
    if (slot == h) {
      --size_;
      return false;
    }
    slot = h;
    return true;
  }
  uint64_t size() const { return size_; }

 private:
  uint64_t& find(uint64_t h) {
    size_t i = h & (slots_.size() - 1);
    while (slots_[i] != 0 && slots_[i] != h) i = (i + 1) & (slots_.size() - 1);
    return slots_[i];
  }
  void grow() {
    std::vector<uint64_t> old(2 * slots_.size());
    old.swap(slots_);
    for (const uint64_t h : old) {
      if (h != 0) find(h) = h;
    }
  }
  std::vector<uint64_t> slots_;
  uint64_t size_ = 0;
};

// What a decision chose: a CPU, and there an interrupt, or its next step.
struct Action {
  unsigned cpu;
  int interrupt;  // -1: the step
};

// Without a destructor: an execution may end in the middle of a decision.
struct Actions {
  Action list[16];
  size_t count = 0;
  void add(Action a) {
    if (count < 16) list[count++] = a;
  }
};

struct Decision {
  Actions actions;
  size_t chosen;
};

struct Cpu {
  ucontext_t context;
  std::vector<char> stack;
  std::vector<uint64_t> read;  // for each context that is in progress: a hash of what it has read
  std::function<bool()> until;
  int interrupt = -1;          // what to begin with when it is switched to
  bool started = false, ended = false;
};

class Exploration {
 public:
  Exploration(const Scenario& scenario, uint64_t most) : scenario_(scenario), most_(most) {
    for (const Memory& m : scenario_.memory) {
      const char* from = static_cast<const char*>(m.at);
      saved_.emplace_back(from, from + m.bytes);
      owners_.emplace_back(m.bytes / 8 + 1, kNobody);
    }
    cpus_.resize(scenario_.programs.size());
    for (Cpu& c : cpus_) c.stack.resize(kStack);
  }

  Result run();
  void point(const void* at, size_t bytes, bool write);
  void wait(const std::function<bool()>& until);
  void fail(const std::string& what);
  unsigned cpu() const { return running_; }
  void body();

 private:
  static constexpr uint8_t kNobody = 0xff, kShared = 0xfe;

  void execute();
  void restore();
  bool note_owner(const void* at);
  Actions actions(bool others) const;
  void add_actions(unsigned cpu, Actions& to) const;
  uint64_t state() const;
  Action decide(const Actions& actions);
  void perform(bool others);
  void interrupt(int which);
  void cut();
  void switch_to(unsigned cpu);

  const Scenario& scenario_;
  const uint64_t most_;
  std::vector<std::vector<char>> saved_;
  std::vector<std::vector<uint8_t>> owners_;  // of every 8 bytes: which CPU alone has touched them
  std::vector<Cpu> cpus_;
  std::vector<int> left_;                     // of every interrupt: how often it may still come
  std::vector<Decision> path_;
  size_t depth_ = 0;
  unsigned running_ = 0;
  ucontext_t main_;
  bool again_ = false, over_ = false;
  States states_;
  Result result_;
};

Exploration* now = nullptr;
bool paused = false;
Listener listener = nullptr;

void enter() { now->body(); }

void Exploration::restore() {
  for (size_t i = 0; i < saved_.size(); ++i) std::memcpy(scenario_.memory[i].at, saved_[i].data(), saved_[i].size());
  left_.clear();
  for (const Interrupt& i : scenario_.interrupts) left_.push_back(i.most);
  for (Cpu& c : cpus_) {
    c.read.assign(1, 0);
    c.until = nullptr;
    c.interrupt = -1;
    c.started = c.ended = false;
    getcontext(&c.context);
    c.context.uc_stack.ss_sp = c.stack.data();
    c.context.uc_stack.ss_size = c.stack.size();
    c.context.uc_link = nullptr;
    makecontext(&c.context, enter, 0);
  }
  depth_ = 0;
}

// Whether an access is one that other CPUs may see. That memory is shared may come out late: then all begins again.
bool Exploration::note_owner(const void* at) {
  for (size_t i = 0; i < scenario_.memory.size(); ++i) {
    const ptrdiff_t offset = static_cast<const char*>(at) - static_cast<const char*>(scenario_.memory[i].at);
    if (offset < 0 || static_cast<size_t>(offset) >= scenario_.memory[i].bytes) continue;
    uint8_t& owner = owners_[i][static_cast<size_t>(offset) / 8];
    if (owner == kNobody) owner = static_cast<uint8_t>(running_);
    if (owner != running_ && owner != kShared) {
      owner = kShared;
      again_ = true;
    }
    return owner == kShared;
  }
  return false;
}

void Exploration::add_actions(unsigned cpu, Actions& to) const {
  const Cpu& c = cpus_[cpu];
  if (c.ended) return;
  if (!c.until || c.until()) to.add({cpu, -1});
  if (!c.started) return;
  for (size_t i = 0; i < scenario_.interrupts.size(); ++i) {
    if (left_[i] > 0 && scenario_.interrupts[i].may(cpu)) to.add({cpu, static_cast<int>(i)});
  }
}

Actions Exploration::actions(bool others) const {
  Actions result;
  if (running_ < cpus_.size()) add_actions(running_, result);
  for (unsigned cpu = 0; others && cpu < cpus_.size(); ++cpu) {
    if (cpu != running_) add_actions(cpu, result);
  }
  return result;
}

uint64_t Exploration::state() const {
  uint64_t h = scenario_.more_state ? scenario_.more_state() : 0;
  for (const Memory& m : scenario_.memory) {
    const char* at = static_cast<const char*>(m.at);
    for (size_t i = 0; i + 8 <= m.bytes; i += 8) {
      uint64_t word;
      std::memcpy(&word, at + i, 8);
      h = mix(h, word);
    }
  }
  for (const int left : left_) h = mix(h, static_cast<uint64_t>(left));
  for (const Cpu& c : cpus_) {
    h = mix(h, c.read.size() << 2 | (c.started ? 2u : 0u) | (c.ended ? 1u : 0u));
    for (const uint64_t read : c.read) h = mix(h, read);
  }
  return h;
}

Action Exploration::decide(const Actions& actions) {
  if (actions.count == 1) return actions.list[0];
  if (depth_ < path_.size()) {
    const Decision& d = path_[depth_++];
    return d.actions.list[d.chosen];
  }
  if (!states_.insert(state()) || states_.size() >= most_) cut();
  path_.push_back({actions, 0});
  ++depth_;
  return actions.list[0];
}

// Lets the others do what they may do before this CPU's next step.
void Exploration::perform(bool others) {
  const unsigned me = running_;
  for (;;) {
    const Actions may = actions(others || cpus_[me].until);
    if (may.count == 0) {
      fail("nobody can go on: CPU " + std::to_string(me) + " waits for what never comes");
      cut();
    }
    const Action action = decide(may);
    if (action.cpu != me) {
      cpus_[action.cpu].interrupt = action.interrupt;
      switch_to(action.cpu);
      // Switched back to, to do this:
      if (cpus_[me].interrupt < 0) return;
      interrupt(cpus_[me].interrupt);
    } else if (action.interrupt < 0) {
      return;
    } else {
      interrupt(action.interrupt);
    }
  }
}

void Exploration::interrupt(int which) {
  const unsigned me = running_;
  Cpu& c = cpus_[me];
  c.interrupt = -1;
  --left_[static_cast<size_t>(which)];
  std::function<bool()> until;
  until.swap(c.until);
  c.read.push_back(static_cast<uint64_t>(which) + 1);
  scenario_.interrupts[static_cast<size_t>(which)].handle(me);
  c.read.pop_back();
  c.until.swap(until);
}

void Exploration::point(const void* at, size_t bytes, bool write) {
  const bool shared = note_owner(at);
  if (again_) cut();
  ++result_.accesses;
  perform(shared);
  uint64_t value = 0;
  if (!write) std::memcpy(&value, at, std::min<size_t>(bytes, 8));
  uint64_t& read = cpus_[running_].read.back();
  read = mix(mix(read, reinterpret_cast<uintptr_t>(at) << 1 | (write ? 1 : 0)), value);
}

void Exploration::wait(const std::function<bool()>& until) {
  Cpu& c = cpus_[running_];
  c.until = until;
  perform(true);
  c.until = nullptr;
}

void Exploration::switch_to(unsigned cpu) {
  const unsigned me = running_;
  running_ = cpu;
  swapcontext(&cpus_[me].context, &cpus_[cpu].context);
}

// The execution ends here, in the middle of whatever runs.
void Exploration::cut() {
  over_ = true;
  setcontext(&main_);
}

void Exploration::fail(const std::string& what) {
  if (!result_.failure.empty()) return;
  result_.failure = what + "; decisions (CPU.interrupt):";
  for (size_t i = 0; i < std::min(depth_, path_.size()); ++i) {
    const Action& a = path_[i].actions.list[path_[i].chosen];
    result_.failure += " " + std::to_string(a.cpu) + (a.interrupt < 0 ? "" : "." + scenario_.interrupts[static_cast<size_t>(a.interrupt)].name);
  }
}

// What a CPU does from its first step on.
void Exploration::body() {
  const unsigned me = running_;
  Cpu& c = cpus_[me];
  c.started = true;
  scenario_.programs[me]();
  c.ended = true;
  const bool all = std::all_of(cpus_.begin(), cpus_.end(), [](const Cpu& other) { return other.ended; });
  if (all) setcontext(&main_);
  perform(true);
}

void Exploration::execute() {
  restore();
  over_ = false;
  if (scenario_.begin) scenario_.begin();
  volatile bool begun = false;
  getcontext(&main_);
  if (!begun) {
    begun = true;
    running_ = static_cast<unsigned>(cpus_.size());
    const Action action = decide(actions(true));
    if (!over_) {
      running_ = action.cpu;
      setcontext(&cpus_[running_].context);
    }
  }
  ++result_.executions;
  if (!over_) {
    ++result_.complete;
    if (scenario_.end && result_.failure.empty()) scenario_.end();
  }
}

Result Exploration::run() {
  for (;;) {
    execute();
    if (!result_.failure.empty()) break;
    if (again_) {
      again_ = false;
      states_ = States();
      path_.clear();
      continue;
    }
    while (!path_.empty() && path_.back().chosen + 1 == path_.back().actions.count) path_.pop_back();
    if (path_.empty() || states_.size() >= most_) break;
    ++path_.back().chosen;
  }
  result_.all = path_.empty();
  result_.states = states_.size();
  restore();
  return result_;
}

}  // namespace

Result explore(const Scenario& scenario, uint64_t most_states) {
  Exploration exploration(scenario, most_states);
  now = &exploration;
  Result result = exploration.run();
  now = nullptr;
  return result;
}

unsigned cpu() { return now->cpu(); }
bool active() { return now != nullptr && !paused; }
Pause::Pause() { paused = true; }
Pause::~Pause() { paused = false; }
void access(const void* at, size_t bytes, bool write) { now->point(at, bytes, write); }
void wait(const std::function<bool()>& until) { now->wait(until); }
void fail(const std::string& what) { now->fail(what); }
void listen(Listener l) { listener = l; }

}  // namespace explorer

// What the compiler calls before each access.
extern "C" {
// NOLINTBEGIN
#define ACCESS(bytes)                                                                                     \
  void __tsan_read##bytes(void* at) { if (explorer::listener) explorer::listener(at, bytes, false); }     \
  void __tsan_write##bytes(void* at) { if (explorer::listener) explorer::listener(at, bytes, true); }     \
  void __tsan_unaligned_read##bytes(void* at) { __tsan_read##bytes(at); }                                 \
  void __tsan_unaligned_write##bytes(void* at) { __tsan_write##bytes(at); }                               \
  void __tsan_volatile_read##bytes(void* at) { __tsan_read##bytes(at); }                                  \
  void __tsan_volatile_write##bytes(void* at) { __tsan_write##bytes(at); }                                \
  void __tsan_unaligned_volatile_read##bytes(void* at) { __tsan_read##bytes(at); }                        \
  void __tsan_unaligned_volatile_write##bytes(void* at) { __tsan_write##bytes(at); }
void __tsan_read1(void*);
ACCESS(1)
ACCESS(2)
ACCESS(4)
ACCESS(8)
ACCESS(16)
void __tsan_read_range(void* at, size_t bytes) { if (explorer::listener) explorer::listener(at, bytes, false); }
void __tsan_write_range(void* at, size_t bytes) { if (explorer::listener) explorer::listener(at, bytes, true); }
void __tsan_func_entry(void*) {}
void __tsan_func_exit(void) {}
void __tsan_init(void) {}
// NOLINTEND
}
