// SPDX-License-Identifier: BSD-3-Clause
// What became of each coroutine: its states in time, who woke it, what it waits for at the end, and which events cannot have been.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "coro/coro_file.h"

namespace kutrace {

enum class CoroState : uint8_t { kCreated, kSuspended, kReady, kRunning, kDone, kDestroyed };
const char* coro_state_name(CoroState state);

constexpr uint32_t kNoCoro = UINT32_MAX;

// Who did something: a coroutine, or a thread that ran none.
struct CoroActor {
  uint32_t coro = kNoCoro;
  uint32_t thread = 0;
};

// A signal, a close or an end that had to wake somebody.
struct CoroSignal {
  uint64_t time = 0;
  uint8_t kind = 0;
  uint32_t event = 0;  // index
  CoroActor by;
};

struct Coro {
  uint64_t id = 0;
  uint32_t pid = 0, site = 0, parent = kNoCoro;
  std::string name;
  CoroState state = CoroState::kCreated;
  bool started = false, queued = false, existed = false;
  uint64_t since = 0;    // when this state began
  uint64_t created = 0;
  uint32_t thread = 0;   // on which it runs, or ran last
  uint64_t suspended = 0;  // the last suspension: when, where, for what
  uint32_t wait_site = 0;
  uint8_t wait_kind = 0;
  uint64_t waits_for = 0;
  uint64_t turn = 0;   // which suspension of all it is
  std::vector<std::pair<uint8_t, uint64_t>> also;  // of records before the suspend
  uint64_t woken = 0;  // the last time that it was made ready, and by whom
  CoroActor waker;
  bool was_woken = false;
  uint64_t resumes_at_ready = 0, ready_before = 0;  // of its process, when it became ready
  CoroSignal owed;     // at the end: the signal that should have woken it
  bool is_owed = false;
};

struct IllegalStep {
  uint32_t coro;
  uint64_t time;
  const char* what;  // "resumed while it was running"
  CoroActor by;
};

struct Overtaken {
  uint32_t coro, site;
  uint64_t time, delay, others;
};

struct SiteTimes {
  std::vector<uint64_t> queued, waited;  // from ready to resume; from suspend to resume
};

// Told as it happens.
class LifeListener {
 public:
  virtual ~LifeListener() = default;
  // A stretch of a coroutine's life.
  virtual void stretch(uint32_t coro, CoroState state, uint64_t from, uint64_t to) = 0;
  // Runs, after `by` made it ready.
  virtual void ran(uint32_t coro, uint64_t woken, const CoroActor& by, uint64_t time, uint32_t thread) = 0;
  // What the thread does from now on: runs a coroutine, nothing, or its own code (kNoCoro).
  virtual void occupied(uint32_t thread, uint64_t time, uint32_t coro, bool parked) = 0;
};

class Lives {
 public:
  explicit Lives(const CoroFile& file, LifeListener* listener = nullptr);
  void read();

  const std::vector<Coro>& coros() const { return coros_; }
  const std::map<uint32_t, SiteTimes>& sites() const { return sites_; }
  const std::vector<IllegalStep>& illegal() const { return illegal_; }
  // Those that were ready while at least so many others were that became ready later, and ran.
  const std::vector<Overtaken>& overtaken() const { return overtaken_; }
  static constexpr uint64_t kManyOthers = 1000;
  bool has_exited(uint32_t pid) const { return exited_.contains(pid); }
  // Every thread of the process that ever ran a coroutine has nothing to do, or is gone.
  bool all_parked(uint32_t pid) const;
  // Nothing runs and nothing could.
  bool is_quiet(uint32_t pid) const;
  // Who holds what this coroutine waits for, as a lock or by its end; kNoCoro: nobody, or nobody knows.
  uint32_t blocker(const Coro& c) const;
  uint64_t end() const { return file_.end.counter; }

 private:
  using Key = std::pair<uint32_t, uint64_t>;  // process, number
  struct Worker {
    std::vector<uint32_t> stack;  // what runs: the last one, on top of what called it
    bool works = false, parked = false;
    uint32_t last_event = 0;
  };
  struct Resource {
    std::map<uint64_t, uint32_t> waiters;  // in order of their suspension
    size_t owed = 0;                // so many of them should have been woken
    CoroSignal signal;
    uint32_t holder = kNoCoro;
  };
  struct Process {
    uint64_t resumes = 0, ready = 0;
  };

  void step(uint32_t index);
  uint32_t coro_of(const CoroEvent& e);
  CoroActor actor(const CoroEvent& e) const;
  void go(uint32_t c, CoroState to, uint64_t time);
  void wrong(uint32_t c, const CoroEvent& e, const char* what) { illegal_.push_back({c, e.time, what, actor(e)}); }
  void create(uint32_t c, const CoroEvent& e);
  void start(uint32_t c, const CoroEvent& e);
  void suspend(uint32_t c, const CoroEvent& e);
  void ready(uint32_t c, const CoroEvent& e);
  void resume(uint32_t c, const CoroEvent& e);
  void final(uint32_t c, const CoroEvent& e, uint32_t index);
  void destroy(uint32_t c, const CoroEvent& e);
  void run(uint32_t c, const CoroEvent& e);
  void trim_stack(uint32_t thread);
  void stop_waiting(uint32_t c);
  void signal(Resource& resource, size_t most, const CoroSignal& s);
  void settle();
  template <typename Do>
  void each_wait(const Coro& c, Do&& action);
  uint32_t pid(const CoroEvent& e) const { return file_.threads[e.thread].pid; }

  const CoroFile& file_;
  LifeListener* listener_;
  std::vector<Coro> coros_;
  std::map<Key, uint32_t> index_;
  std::map<Key, Resource> resources_, joins_;
  std::vector<Worker> workers_;
  std::map<uint32_t, Process> processes_;
  std::map<uint32_t, SiteTimes> sites_;
  std::vector<IllegalStep> illegal_;
  std::vector<Overtaken> overtaken_;
  std::set<uint32_t> exited_;
  uint64_t turns_ = 0;
};

}  // namespace kutrace
