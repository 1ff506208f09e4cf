// SPDX-License-Identifier: BSD-3-Clause
#include "coro/coro_check.h"

#include <algorithm>
#include <cstdio>

#include "analysis/quantile.h"
#include "json/span_json_writer.h"

namespace kutrace {
namespace {

// A site's own measure of "too long": so many waits that ended make one; beyond it is so many times their 99th percentile, or the longest of fewer than that needs.
constexpr size_t kEnoughWaits = 16;
constexpr uint64_t kTimes = 10;
// Of a leak, so many coroutines are named.
constexpr size_t kExamples = 3;

std::string number(uint64_t n) { return std::to_string(n); }

}  // namespace

const char* coro_finding_name(CoroFindingKind kind) {
  static constexpr const char* kNames[] = {"lost wakeup", "wait cycle", "illegal step", "leak", "starved"};
  return kNames[static_cast<size_t>(kind)];
}

CoroCheck::CoroCheck(const CoroFile& file) : file_(file), lives_(file) {
  lives_.read();
  found_.resize(lives_.coros().size());
  site_rows();
  if (!judged()) return;
  illegal();
  cycles();
  lost_wakeups();
  leaks();
  starved();
}

std::string CoroCheck::at(uint64_t time) const {
  char text[40];
  std::snprintf(text, sizeof(text), "%.6f s", static_cast<double>(file_.ns(time)) * 1e-9);
  return text;
}

std::string CoroCheck::coro_name(uint32_t index) const {
  const Coro& c = lives_.coros()[index];
  return "coroutine " + number(c.id) + (c.name.empty() ? "" : " '" + c.name + "'");
}

std::string CoroCheck::actor(const CoroActor& a) const {
  const std::string thread = "thread " + number(file_.threads[a.thread].tid);
  return a.coro == kNoCoro ? thread : coro_name(a.coro) + " on " + thread;
}

std::string CoroCheck::wait(const Coro& c) const {
  char on[32] = "";
  if (c.waits_for != 0) std::snprintf(on, sizeof(on), c.wait_kind == KUTRACE_WAIT_JOIN ? " %llu" : " 0x%llx", static_cast<unsigned long long>(c.waits_for));
  return coro_wait_name(c.wait_kind) + std::string(on);
}

std::string CoroCheck::waker(const Coro& c) const {
  return c.woken == 0 ? "it was never woken" : "last woken at " + at(c.woken) + " by " + actor(c.waker);
}

void CoroCheck::add(CoroFinding finding) {
  for (const uint32_t c : finding.coros) found_[c] = true;
  findings_.push_back(std::move(finding));
}

void CoroCheck::illegal() {
  for (const IllegalStep& step : lives_.illegal()) {
    const Coro& c = lives_.coros()[step.coro];
    add({CoroFindingKind::kIllegal, 0, {step.coro}, c.started ? c.wait_site : c.site, step.time, coro_name(step.coro) + " was " + step.what,
         {"at " + at(step.time) + " by " + actor(step.by), "created at " + at(c.created) + " in " + place(c.site), waker(c)}});
  }
}

// Each waits for one other at most, so that a walk that comes back has found a cycle.
void CoroCheck::cycles() {
  const std::vector<Coro>& coros = lives_.coros();
  std::vector<uint32_t> walk_of(coros.size(), kNoCoro);
  for (uint32_t first = 0; first < coros.size(); ++first) {
    std::vector<uint32_t> walk;
    uint32_t c = first;
    for (; c != kNoCoro && walk_of[c] == kNoCoro; c = lives_.blocker(coros[c])) {
      walk_of[c] = first;
      walk.push_back(c);
    }
    if (c == kNoCoro || walk_of[c] != first) continue;
    const std::vector<uint32_t> cycle(std::find(walk.begin(), walk.end(), c), walk.end());
    CoroFinding f{CoroFindingKind::kCycle, 0, cycle, coros[c].wait_site, 0, number(cycle.size()) + " coroutines wait for each other", {}};
    for (const uint32_t member : cycle) {
      const Coro& m = coros[member];
      f.time = std::max(f.time, m.suspended);
      f.evidence.push_back(coro_name(member) + " waits since " + at(m.suspended) + " at " + place(m.wait_site) + " for " + wait(m) + ", which " +
                           coro_name(lives_.blocker(m)) + (m.wait_kind == KUTRACE_WAIT_JOIN ? " is" : " holds") + "; " + waker(m));
    }
    add(std::move(f));
  }
}

// How long a wait at its site may be; 0: nobody knows.
uint64_t CoroCheck::far_beyond(const Coro& c) const {
  const auto it = lives_.sites().find(c.wait_site);
  if (it == lives_.sites().end() || it->second.waited.size() < kEnoughWaits) return 0;
  std::vector<uint64_t> waits = it->second.waited;
  std::sort(waits.begin(), waits.end());
  return std::max<uint64_t>(1, kTimes * percentile(waits, 99).value_or(waits.back()));
}

void CoroCheck::lost_wakeups() {
  std::map<uint32_t, bool> parked, quiet;
  std::map<uint32_t, uint64_t> beyond;  // by site
  const auto of = [](auto& cache, uint32_t key, auto&& make) {
    const auto [it, fresh] = cache.try_emplace(key);
    if (fresh) it->second = make();
    return it->second;
  };
  for (uint32_t i = 0; i < lives_.coros().size(); ++i) {
    const Coro& c = lives_.coros()[i];
    if (found_[i]) continue;
    const std::string since = coro_name(i) + " at " + place(c.started ? c.wait_site : c.site);
    if (c.is_owed) {
      const char* what = c.owed.kind == KUTRACE_RES_SIGNAL ? "was signalled" : c.owed.kind == KUTRACE_RES_CLOSE ? "was closed" : "ended";
      add({CoroFindingKind::kLostWakeup, 'A', {i}, c.wait_site, c.suspended, since + " waits for " + wait(c) + ", which " + what + ", and was not woken",
           {"suspended at " + at(c.suspended), std::string("it ") + what + " at " + at(c.owed.time) + " by " + actor(c.owed.by), "no ready since; " + waker(c)}});
    } else if ((c.state == CoroState::kReady || c.queued) && of(parked, c.pid, [&] { return lives_.all_parked(c.pid); })) {
      add({CoroFindingKind::kLostWakeup, 'B', {i}, c.started ? c.wait_site : c.site, c.woken, since + " is ready, and every worker sleeps",
           {"made ready at " + at(c.woken) + " by " + actor(c.waker), "no worker has run it until " + at(lives_.end())}});
    } else if (c.state == CoroState::kSuspended && !file_.site(c.wait_site).forever && lives_.blocker(c) == kNoCoro) {
      const uint64_t limit = of(beyond, c.wait_site, [&] { return far_beyond(c); });
      if (limit == 0 || lives_.end() - c.suspended <= limit || !of(quiet, c.pid, [&] { return lives_.is_quiet(c.pid); })) continue;
      add({CoroFindingKind::kLostWakeup, 'C', {i}, c.wait_site, c.suspended, since + " waits for " + wait(c) + " for far longer than others there did",
           {"suspended at " + at(c.suspended) + ", until " + at(lives_.end()), number(kTimes) + " times what is long there is " + number(static_cast<uint64_t>(static_cast<double>(limit) * file_.ns_per_count)) + " ns",
            "nothing of its process runs or is ready; " + waker(c)}});
    }
  }
}

// What a finding explains explains those that wait for it, too; and who may wait for ever may be waited for.
bool CoroCheck::is_explained(uint32_t index) {
  const auto own = [&](uint32_t c) {
    const Coro& coro = lives_.coros()[c];
    return found_[c] || (coro.state == CoroState::kSuspended && file_.site(coro.wait_site).forever);
  };
  std::vector<uint32_t> walk;
  for (; index != kNoCoro && explained_[index] == kUnknown; index = lives_.blocker(lives_.coros()[index])) {
    explained_[index] = own(index) ? kYes : kNo;  // which also ends a walk in a circle
    walk.push_back(index);
    if (explained_[index] == kYes) break;
  }
  const uint8_t result = index == kNoCoro ? uint8_t{kNo} : explained_[index];
  for (const uint32_t c : walk) explained_[c] = result;
  return result == kYes;
}

void CoroCheck::leaks() {
  const std::vector<Coro>& coros = lives_.coros();
  explained_.assign(coros.size(), kUnknown);
  std::map<std::pair<uint32_t, bool>, std::vector<uint32_t>> by_site;
  for (uint32_t i = 0; i < coros.size(); ++i) {
    const Coro& c = coros[i];
    if (c.state == CoroState::kDestroyed || !lives_.has_exited(c.pid) || c.existed || c.state == CoroState::kRunning || is_explained(i)) continue;
    const bool done = c.state == CoroState::kDone;
    by_site[{c.site, done}].push_back(i);
  }
  for (auto& [key, leaked] : by_site) {
    CoroFinding f{CoroFindingKind::kLeak, 0, leaked, key.first, coros[leaked[0]].created,
                  number(leaked.size()) + " coroutines of " + place(key.first) + (key.second ? " had ended and were" : " were") + " not destroyed when the process ended", {}};
    for (size_t i = 0; i < std::min(leaked.size(), kExamples); ++i) {
      const Coro& c = coros[leaked[i]];
      f.evidence.push_back(coro_name(leaked[i]) + ", created at " + at(c.created) + ", " + coro_state_name(c.state) + " since " + at(c.since) + "; " + waker(c));
    }
    add(std::move(f));
  }
}

void CoroCheck::starved() {
  for (const Overtaken& o : lives_.overtaken()) {
    const Coro& c = lives_.coros()[o.coro];
    add({CoroFindingKind::kStarved, 0, {o.coro}, o.site, o.time - o.delay, coro_name(o.coro) + " at " + place(o.site) + " was ready while " + number(o.others) + " others that became so later ran",
         {"made ready at " + at(o.time - o.delay) + ", run at " + at(o.time), waker(c)}});
  }
}

void CoroCheck::site_rows() {
  for (const auto& [site, times] : lives_.sites()) {
    CoroSiteRow row{site};
    const auto fill = [&](std::vector<uint64_t> t, CoroTimes& to) {
      if (t.empty()) return;
      std::sort(t.begin(), t.end());
      const auto ns = [&](uint64_t counts) { return static_cast<int64_t>(static_cast<double>(counts) * file_.ns_per_count); };
      to.count = t.size();
      if (const auto p = percentile(t, 50)) to.p50 = ns(*p);
      if (const auto p = percentile(t, 99)) to.p99 = ns(*p);
      to.most = ns(t.back());
    };
    fill(times.waited, row.waits);
    fill(times.queued, row.queue);
    sites_.push_back(row);
  }
  std::ranges::sort(sites_, [](const CoroSiteRow& a, const CoroSiteRow& b) { return std::pair(b.queue.most, a.site) < std::pair(a.queue.most, b.site); });
}

}  // namespace kutrace
