// SPDX-License-Identifier: BSD-3-Clause
#include "coro/lives.h"

#include <algorithm>

#include "trace/event.h"

namespace kutrace {

const char* coro_state_name(CoroState state) {
  static constexpr const char* kNames[] = {"created", "suspended", "ready", "running", "done", "destroyed"};
  return kNames[static_cast<size_t>(state)];
}

namespace {

std::string name_of(uint64_t bytes) {
  std::string text;
  for (; (bytes & 0xff) != 0; bytes >>= 8) text += static_cast<char>(bytes);
  return clean_name(text);
}

}  // namespace

Lives::Lives(const CoroFile& file, LifeListener* listener) : file_(file), listener_(listener), workers_(file.threads.size()) {}

void Lives::read() {
  for (uint32_t i = 0; i < file_.events.size(); ++i) {
    step(i);
    const CoroEvent& e = file_.events[i];
    if (listener_ != nullptr) listener_->occupied(e.thread, e.time, actor(e).coro, workers_[e.thread].parked);
  }
  settle();
}

void Lives::step(uint32_t index) {
  const CoroEvent& e = file_.events[index];
  workers_[e.thread].last_event = index;
  switch (e.kind) {
    case KUTRACE_RING_EXIT: exited_.insert(pid(e)); return;
    case KUTRACE_WORKER_PARK: workers_[e.thread].parked = true; return;
    case KUTRACE_WORKER_UNPARK: workers_[e.thread].parked = false; return;
    case KUTRACE_RES_SIGNAL:
    case KUTRACE_RES_CLOSE:
      signal(resources_[{pid(e), e.value}], e.kind == KUTRACE_RES_SIGNAL ? e.argument : 0, {e.time, e.kind, index, actor(e)});
      return;
    case KUTRACE_RES_TAKE:
      resources_[{pid(e), e.value}].holder = e.id != 0 ? coro_of(e) : actor(e).coro;
      return;
    case KUTRACE_RES_GIVE: resources_[{pid(e), e.value}].holder = kNoCoro; return;
    default: break;
  }
  if (e.id == 0) return;  // of a thread, or of a later version
  const uint32_t c = coro_of(e);
  if (coros_[c].state == CoroState::kDestroyed && e.kind != KUTRACE_CORO_NAME) {
    wrong(c, e, e.kind == KUTRACE_CORO_RESUME ? "resumed after it was destroyed" : "used after it was destroyed");
    return;
  }
  switch (e.kind) {
    case KUTRACE_CORO_CREATE: create(c, e); break;
    case KUTRACE_CORO_START: start(c, e); break;
    case KUTRACE_CORO_SUSPEND: suspend(c, e); break;
    case KUTRACE_CORO_READY: ready(c, e); break;
    case KUTRACE_CORO_RESUME: resume(c, e); break;
    case KUTRACE_CORO_FINAL: final(c, e, index); break;
    case KUTRACE_CORO_DESTROY: destroy(c, e); break;
    case KUTRACE_CORO_WAIT: coros_[c].also.emplace_back(e.argument, e.value); break;
    case KUTRACE_CORO_NAME:
      coros_[c].name = name_of(e.value);
      break;
    default: break;
  }
}

// One that is met without its creation is older than the recording, or its creation was lost.
uint32_t Lives::coro_of(const CoroEvent& e) {
  const auto [it, fresh] = index_.try_emplace(Key{pid(e), e.id}, static_cast<uint32_t>(coros_.size()));
  if (fresh) {
    Coro c;
    c.id = e.id;
    c.pid = pid(e);
    c.created = c.since = e.time;
    c.existed = e.kind != KUTRACE_CORO_CREATE || (e.argument & KUTRACE_CREATE_EXISTED) != 0;
    coros_.push_back(std::move(c));
  }
  return it->second;
}

CoroActor Lives::actor(const CoroEvent& e) const {
  const std::vector<uint32_t>& stack = workers_[e.thread].stack;
  return {stack.empty() ? kNoCoro : stack.back(), e.thread};
}

void Lives::go(uint32_t index, CoroState to, uint64_t time) {
  Coro& c = coros_[index];
  Process& process = processes_[c.pid];
  if (c.state == CoroState::kReady || c.queued) --process.ready;
  c.queued = false;
  if (to == CoroState::kReady) ++process.ready;
  if (listener_ != nullptr) listener_->stretch(index, c.state, c.since, time);
  c.state = to;
  c.since = time;
}

void Lives::create(uint32_t index, const CoroEvent& e) {
  Coro& c = coros_[index];
  c.site = e.site;
  if ((e.argument & KUTRACE_CREATE_PARENT) != 0) {
    const auto it = index_.find({pid(e), e.value});
    if (it != index_.end()) c.parent = it->second;
  } else if (!c.existed) {
    c.parent = actor(e).coro;
  }
}

void Lives::run(uint32_t index, const CoroEvent& e) {
  Worker& worker = workers_[e.thread];
  worker.works = true;
  worker.parked = false;
  worker.stack.push_back(index);
  Coro& c = coros_[index];
  Process& process = processes_[c.pid];
  ++process.resumes;
  if (c.state == CoroState::kReady || c.queued) {
    const uint64_t ran = process.resumes - 1 - c.resumes_at_ready;
    const uint64_t others = ran > c.ready_before ? ran - c.ready_before : 0;
    if (others >= kManyOthers) overtaken_.push_back({index, c.started ? c.wait_site : c.site, e.time, e.time - c.woken, others});
    sites_[c.started ? c.wait_site : c.site].queued.push_back(e.time - c.woken);
    if (listener_ != nullptr) listener_->ran(index, c.woken, c.waker, e.time, e.thread);
  }
  if (c.started) sites_[c.wait_site].waited.push_back(e.time - c.suspended);
  go(index, CoroState::kRunning, e.time);
  c.thread = e.thread;
  c.started = true;
}

void Lives::start(uint32_t index, const CoroEvent& e) {
  const Coro& c = coros_[index];
  if (c.started && !c.existed) return wrong(index, e, c.state == CoroState::kDone ? "started after its end" : "started twice");
  run(index, e);
}

void Lives::suspend(uint32_t index, const CoroEvent& e) {
  Coro& c = coros_[index];
  if (c.state == CoroState::kDone) return wrong(index, e, "suspended after its end");
  if (c.state == CoroState::kSuspended && !c.existed) return wrong(index, e, "suspended while it was suspended");
  go(index, CoroState::kSuspended, e.time);
  trim_stack(c.thread);
  c.started = true;
  c.suspended = e.time;
  c.wait_site = e.site;
  c.wait_kind = e.argument;
  c.waits_for = e.value;
  c.was_woken = false;
  c.turn = turns_++;
  each_wait(c, [&](Resource& r) { r.waiters.emplace(c.turn, index); });
}

void Lives::ready(uint32_t index, const CoroEvent& e) {
  Coro& c = coros_[index];
  if (c.state == CoroState::kDone) return wrong(index, e, "made ready after its end");
  if (c.state == CoroState::kReady || c.state == CoroState::kRunning || c.queued) return;  // told twice: no harm
  stop_waiting(index);
  Process& process = processes_[c.pid];
  c.resumes_at_ready = process.resumes;
  c.ready_before = process.ready;
  c.woken = e.time;
  c.waker = actor(e);
  c.was_woken = true;
  if (c.state == CoroState::kCreated) {
    c.queued = true;
    ++process.ready;
  } else {
    go(index, CoroState::kReady, e.time);
  }
}

void Lives::resume(uint32_t index, const CoroEvent& e) {
  Coro& c = coros_[index];
  if (c.state == CoroState::kDone) return wrong(index, e, "resumed after its end");
  if (c.state == CoroState::kRunning && !(c.existed && !c.started)) return wrong(index, e, "resumed while it was running");
  stop_waiting(index);
  run(index, e);
}

void Lives::final(uint32_t index, const CoroEvent& e, uint32_t event) {
  Coro& c = coros_[index];
  if (c.state == CoroState::kDone) return wrong(index, e, "ended twice");
  const CoroActor by = actor(e);
  stop_waiting(index);
  go(index, CoroState::kDone, e.time);
  trim_stack(c.thread);
  signal(joins_[{c.pid, c.id}], 0, {e.time, e.kind, event, by});
}

void Lives::destroy(uint32_t index, const CoroEvent& e) {
  const Coro& c = coros_[index];
  stop_waiting(index);
  go(index, CoroState::kDestroyed, e.time);
  trim_stack(c.thread);
}

// What does not run on this thread any more is taken off when it comes to the top.
void Lives::trim_stack(uint32_t thread) {
  std::vector<uint32_t>& stack = workers_[thread].stack;
  while (!stack.empty() && (coros_[stack.back()].state != CoroState::kRunning || coros_[stack.back()].thread != thread)) stack.pop_back();
}

template <typename Do>
void Lives::each_wait(const Coro& c, Do&& action) {
  const auto one = [&](uint8_t kind, uint64_t on) {
    if (on != 0) action((kind == KUTRACE_WAIT_JOIN ? joins_ : resources_)[{c.pid, on}]);
  };
  one(c.wait_kind, c.waits_for);
  for (const auto& [kind, on] : c.also) one(kind, on);
}

// A waiter that goes has had its wakeup, whatever it was.
void Lives::stop_waiting(uint32_t index) {
  Coro& c = coros_[index];
  if (c.state != CoroState::kSuspended) return;
  each_wait(c, [&](Resource& r) {
    if (r.waiters.erase(c.turn) == 0) return;
    if (r.owed > 0) --r.owed;
    r.owed = std::min(r.owed, r.waiters.size());
  });
  c.also.clear();
}

void Lives::signal(Resource& r, size_t most, const CoroSignal& s) {
  if (r.waiters.empty()) return;
  if (r.owed == 0) r.signal = s;
  r.owed = most == 0 ? r.waiters.size() : std::min(r.waiters.size(), r.owed + most);
}

// Those that wait longest for a resource are those that were owed. A signal that is the last that its thread did may still have been at work.
void Lives::settle() {
  for (auto* table : {&resources_, &joins_}) {
    for (auto& [key, r] : *table) {
      const uint32_t by = r.signal.by.thread;
      if (r.owed == 0 || (workers_[by].last_event == r.signal.event && !file_.threads[by].left)) continue;
      auto waiter = r.waiters.begin();
      for (size_t i = 0; i < r.owed; ++i, ++waiter) {
        Coro& c = coros_[waiter->second];
        c.owed = r.signal;
        c.is_owed = true;
      }
    }
  }
  if (listener_ == nullptr) return;
  for (uint32_t i = 0; i < coros_.size(); ++i) {
    const Coro& c = coros_[i];
    if (c.state != CoroState::kDestroyed) listener_->stretch(i, c.state, c.since, std::max(c.since, end()));
  }
}

bool Lives::all_parked(uint32_t pid) const {
  bool some = false;
  for (size_t i = 0; i < workers_.size(); ++i) {
    const CoroThread& t = file_.threads[i];
    if (t.pid != pid || !workers_[i].works) continue;
    some = true;
    if (!workers_[i].parked && !t.left) return false;
  }
  return some;
}

bool Lives::is_quiet(uint32_t pid) const {
  const bool nobody_runs_what_is_ready = all_parked(pid);
  return std::ranges::none_of(coros_, [&](const Coro& c) {
    return c.pid == pid && (c.state == CoroState::kRunning || (!nobody_runs_what_is_ready && (c.state == CoroState::kReady || c.queued)));
  });
}

uint32_t Lives::blocker(const Coro& c) const {
  if (c.state != CoroState::kSuspended || c.waits_for == 0 || !c.also.empty()) return kNoCoro;
  if (c.wait_kind == KUTRACE_WAIT_JOIN) {
    const auto it = index_.find({c.pid, c.waits_for});
    return it == index_.end() || coros_[it->second].state == CoroState::kDone ? kNoCoro : it->second;
  }
  if (c.wait_kind != KUTRACE_WAIT_LOCK) return kNoCoro;
  const auto it = resources_.find({c.pid, c.waits_for});
  return it == resources_.end() ? kNoCoro : it->second.holder;
}

}  // namespace kutrace
