// SPDX-License-Identifier: BSD-3-Clause
#include "coro/coro_spans.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "coro/coro_check.h"
#include "span/wait_reason.h"

namespace kutrace {
namespace {

constexpr int64_t kMinuteNs = 60'000'000'000;
// Numbers of rows: a coroutine's own where that is small and no other's, else from here on; a thread's own code has no row to share with one.
constexpr int32_t kOtherRows = 0x20000000, kThreadRows = 0x40000000;
constexpr size_t kBatch = 4096;

// What the page calls a reason, for each kind of wait.
constexpr char kLetters[KUTRACE_WAIT_KINDS] = {'z', 'k', 'l', 'k', 't', 'p', 'k', 'c'};

class Timeline final : public LifeListener {
 public:
  Timeline(const CoroFile& file, StringPool& pool, SpanSink& sink) : file_(file), pool_(pool), sink_(sink), lives_(file, this), threads_(file.threads.size()) {
    idle_ = pool_.intern("-idle-");
    wakeup_ = pool_.intern("-wakeup-");
    header_.time.ns_per_tick = file.ns_per_count;
    header_.axis_label_y = "Thread";
    header_.cpu_model = "coroutines on thread time: each CPU is a thread of the program, each thread a coroutine";
    if (file.begin.realtime_ns != 0) {
      const auto ns = static_cast<int64_t>(std::min<uint64_t>(file.begin.realtime_ns, INT64_MAX));
      header_.time.minute_us = ns / kMinuteNs * (kMinuteNs / 1000);
      header_.tracebase = format_minute(header_.time.minute_us);
      offset_ = header_.time.from_ns(static_cast<double>(ns % kMinuteNs));
    }
  }

  SpanHeader run() {
    sink_.header(header_);
    lives_.read();
    for (uint32_t t = 0; t < threads_.size(); ++t) close(t, file_.end.counter);
    findings();
    if (!out_.empty()) sink_.spans(out_);
    return header_;
  }

  void occupied(uint32_t thread, uint64_t time, uint32_t coro, bool parked) override {
    On& on = threads_[thread];
    if (on.began && on.coro == coro && on.parked == parked) return;
    close(thread, time);
    // One that called another goes on below it.
    if (on.coro != kNoCoro && is_running(on.coro, thread)) called_.try_emplace(on.coro, time);
    if (const auto it = called_.find(coro); it != called_.end()) {
      wait(row(coro), 'k', it->second, time, "calls another coroutine");
      called_.erase(it);
    }
    on = {coro, parked, true, time};
  }

  void close(uint32_t thread, uint64_t time) {
    const On& on = threads_[thread];
    if (on.began && time > on.since) {
      Span s = at(thread, on.since, time);
      if (on.coro != kNoCoro) {
        s.pid = row(on.coro);
        s.name = row_name(on.coro);
      } else if (on.parked) {
        s.pid = 0;
        s.name = idle_;
      } else {
        s.pid = own_row(thread);
        ran_own_code_.insert(thread);
        s.name = pool_.intern("thread " + std::to_string(file_.threads[thread].tid) + "." + std::to_string(s.pid));
      }
      s.event = on.coro == kNoCoro && on.parked ? KUTRACE_IDLE : KUTRACE_USER + s.pid;
      put(s);
      const bool own = on.coro == kNoCoro && !on.parked;
      if (!own && ran_own_code_.contains(thread)) wait(own_row(thread), 'k', on.since, time, on.parked ? "parked" : "runs coroutines");
    }
  }

  void stretch(uint32_t coro, CoroState state, uint64_t from, uint64_t to) override {
    if (to <= from || (state != CoroState::kSuspended && state != CoroState::kReady)) return;
    const Coro& c = lives_.coros()[coro];
    const char letter = state == CoroState::kReady ? 'c' : kLetters[c.wait_kind < KUTRACE_WAIT_KINDS ? c.wait_kind : 0];
    wait(row(coro), letter, from, to, state == CoroState::kReady ? std::string(wait_label('c')) : std::string("waits for ") + coro_wait_name(c.wait_kind) + " at " + coro_place(file_.site(c.wait_site)));
  }

  void ran(uint32_t coro, uint64_t woken, const CoroActor& by, uint64_t time, uint32_t thread) override {
    Span s = at(by.thread, woken, time);
    s.pid = by.coro == kNoCoro ? own_row(by.thread) : row(by.coro);
    s.event = KUTRACE_ARC_WAKEUP;
    s.arg = static_cast<int32_t>(thread);
    s.ret = row(coro);
    s.name = wakeup_;
    put(s);
  }

 private:
  struct On {
    uint32_t coro = kNoCoro;
    bool parked = false, began = false;
    uint64_t since = 0;
  };

  Ticks tick(uint64_t time) const { return offset_ + static_cast<Ticks>(time - file_.begin.counter); }
  Span at(uint32_t thread, uint64_t from, uint64_t to) const {
    Span s;
    s.start = tick(from);
    s.dur = static_cast<Ticks>(to - from);
    s.cpu = static_cast<int32_t>(thread);
    s.rpc = 0;
    return s;
  }
  static int32_t own_row(uint32_t thread) { return kThreadRows + static_cast<int32_t>(thread); }
  bool is_running(uint32_t coro, uint32_t thread) const {
    const Coro& c = lives_.coros()[coro];
    return c.state == CoroState::kRunning && c.thread == thread;
  }
  void wait(int32_t row, char letter, uint64_t from, uint64_t to, const std::string& name) {
    Span s = at(0, from, to);
    s.cpu = -1;
    s.pid = row;
    s.event = KUTRACE_WAITA + (letter - 'a');
    s.name = pool_.intern(name);
    put(s);
  }
  void put(const Span& s) {
    out_.push_back(s);
    if (out_.size() < kBatch) return;
    sink_.spans(out_);
    out_.clear();
  }
  int32_t row(uint32_t coro) {
    const auto [it, fresh] = rows_.try_emplace(coro, 0);
    if (!fresh) return it->second;
    const uint64_t id = lives_.coros()[coro].id;
    const bool own = id > 0 && id < static_cast<uint64_t>(kOtherRows) && taken_.try_emplace(id, coro).second;
    return it->second = own ? static_cast<int32_t>(id) : kOtherRows + static_cast<int32_t>(coro);
  }
  // A thread's name in this trace ends in a dot and its number.
  NameId row_name(uint32_t coro) {
    const Coro& c = lives_.coros()[coro];
    const CoroSite& site = file_.site(c.site);
    return pool_.intern((!c.name.empty() ? c.name : site.function.empty() ? "coroutine" : site.function) + "." + std::to_string(row(coro)));
  }
  // A mark where the wait began that never ended, on the row of the thread on which it did.
  void findings() {
    const CoroCheck check(file_);
    for (const CoroFinding& f : check.findings()) {
      const Coro& c = lives_.coros()[f.coros[0]];
      Span s = at(c.thread, f.time, f.time);
      s.pid = row(f.coros[0]);
      s.event = KUTRACE_MARKA;
      s.name = pool_.intern(std::string(coro_finding_name(f.kind)) + (f.grade != 0 ? std::string(" ") + f.grade : "") + ": " + check.coro_name(f.coros[0]));
      put(s);
    }
  }

  const CoroFile& file_;
  StringPool& pool_;
  SpanSink& sink_;
  Lives lives_;
  std::vector<On> threads_;
  std::vector<Span> out_;
  std::unordered_map<uint32_t, int32_t> rows_;
  std::unordered_map<uint64_t, uint32_t> taken_;
  std::unordered_set<uint32_t> ran_own_code_;
  std::unordered_map<uint32_t, uint64_t> called_;  // coroutines below one that they called, and since when
  SpanHeader header_;
  Ticks offset_ = 0;
  NameId idle_, wakeup_;
};

}  // namespace

SpanHeader coro_spans(const CoroFile& file, StringPool& pool, SpanSink& sink) { return Timeline(file, pool, sink).run(); }

}  // namespace kutrace
