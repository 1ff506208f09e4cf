// SPDX-License-Identifier: BSD-3-Clause
#include "analysis/statistics.h"

#include <algorithm>

#include "trace/event.h"

namespace kutrace {
namespace {

constexpr uint64_t kMapNode = 64;

}  // namespace

Ticks ThreadStatistics::all_waiting() const {
  Ticks sum = 0;
  for (const Ticks t : waiting) sum = add_clamped(sum, t);
  return sum;
}

void Lengths::add(Ticks t) {
  all.push_back(t);
  sum = add_clamped(sum, t);
}

template <typename Map, typename Key>
auto& Statistics::row(Map& map, const Key& key) {
  const auto [place, fresh] = map.try_emplace(key);
  if (fresh) diagnostics_.take(Limit::memory, sizeof(place->second) + kMapNode);
  return place->second;
}

void Statistics::spans(const std::vector<Span>& batch) {
  for (const Span& s : batch) {
    ++records_;
    if (is_execution(s)) {
      execution(s);
    } else if (is_wait(s)) {
      wait(s);
    } else if (s.event == KUTRACE_ARC_WAKEUP || s.event == KUTRACE_ARC_IPI) {
      wakeup(s);
    } else if (s.event == KUTRACE_LOCK_TRY || s.event == KUTRACE_LOCK_HELD) {
      lock(s);
    } else {
      point(s);
    }
  }
}

void Statistics::execution(const Span& s) {
  const SpanKind kind = span_kind(s);
  const PieceOfCall piece = pieces_.next(s, kind);
  if (kind == SpanKind::kUser && s.pid > 0) row(threads_, s.pid).name = s.name;
  if (!of_thread(std::max(s.pid, 0))) return;
  const Ticks time = selection_.inside(s.start, s.end());
  const bool begins = selection_.holds(s.start);
  if (time == 0 && !begins) return;
  if (latest_cpu_ == nullptr || latest_cpu_number_ != s.cpu) {
    latest_cpu_ = &row(cpus_, s.cpu);
    latest_cpu_number_ = s.cpu;
  }
  CpuStatistics& cpu = *latest_cpu_;
  ++cpu.spans;
  cpu.first = std::min(cpu.first, s.start);
  cpu.last = std::max(cpu.last, s.end());
  Ticks& sum = cpu.time[static_cast<size_t>(kind)];
  sum = add_clamped(sum, time);
  if (s.pid > 0) {
    ThreadStatistics& thread = row(threads_, s.pid);
    ++thread.spans;
    thread.running = add_clamped(thread.running, time);
  }
  if (!piece.call) return;
  CallStatistics& call = row(fast_calls_, static_cast<uint64_t>(kind) << 32 | s.name);
  call.calls += piece.first && begins;
  call.time = add_clamped(call.time, time);
  call.longest = std::max(call.longest, time);
}

void Statistics::wait(const Span& s) {
  if (!of_thread(s.pid)) return;
  const Ticks time = selection_.inside(s.start, s.end());
  if (time == 0) return;
  const char letter = static_cast<char>('a' + (s.event - KUTRACE_WAITA));
  ThreadStatistics& thread = row(threads_, s.pid);
  Ticks& sum = letter == 'c' ? thread.ready : thread.waiting[static_cast<size_t>(letter - 'a')];
  sum = add_clamped(sum, time);
  waits_[letter].add(time);
}

void Statistics::wakeup(const Span& s) {
  if (!selection_.holds(s.start)) return;
  if (s.event == KUTRACE_ARC_IPI) {
    ipis_ += selection_.tid < 0;
    return;
  }
  if (!of_thread(s.ret)) return;
  latency_.push_back(s.dur);
  row(threads_, s.ret).latency.push_back(s.dur);
}

void Statistics::lock(const Span& s) {
  if (!of_thread(s.pid)) return;
  const Ticks time = selection_.inside(s.start, s.end());
  if (time == 0) return;
  std::string_view name = pool_[s.name];
  if (!name.empty()) name.remove_prefix(1);  // ~ or =
  LockStatistics& lock = row(locks_, pool_.intern(name));
  if (s.event == KUTRACE_LOCK_TRY) {
    ++lock.tries;
    lock.trying = add_clamped(lock.trying, time);
    lock.longest_try = std::max(lock.longest_try, time);
  } else {
    ++lock.holds;
    lock.held = add_clamped(lock.held, time);
    lock.longest_hold = std::max(lock.longest_hold, time);
    Ticks& held = row(lock.holders, s.pid);
    held = add_clamped(held, time);
  }
}

void Statistics::point(const Span& s) {
  marks_.take(s);
  pieces_.point(s);
  if (s.event == KUTRACE_PSTATE || s.event == KUTRACE_PSTATE2) {
    const Ticks time = selection_.inside(s.start, s.end());
    if (s.cpu < 0 || time == 0) return;
    CpuStatistics& cpu = row(cpus_, s.cpu);
    cpu.mhz_time = add_clamped(cpu.mhz_time, time);
    cpu.mhz_sum += static_cast<double>(time) * s.arg;
    cpu.mhz_least = std::min(cpu.mhz_least, s.arg);
    cpu.mhz_most = std::max(cpu.mhz_most, s.arg);
    return;
  }
  if (!selection_.holds(s.start)) return;
  const auto amount = static_cast<uint32_t>(s.arg);
  switch (s.event) {
    case KUTRACE_LOST:
      if (s.cpu >= 0) row(cpus_, s.cpu).lost += amount;
      break;
    case KUTRACE_RX_PKT:
      ++network_.packets_in;
      break;
    case KUTRACE_TX_PKT:
      ++network_.packets_out;
      break;
    case KUTRACE_RPCIDRXMSG:
      ++network_.messages_in;
      network_.bytes_in += amount;
      break;
    case KUTRACE_RPCIDTXMSG:
      ++network_.messages_out;
      network_.bytes_out += amount;
      break;
    case KUTRACE_MARKA:
    case KUTRACE_MARKB:
    case KUTRACE_MARKC:
      if (of_thread(s.pid)) ++row(mark_counts_, base40_text(amount));
      break;
    case KUTRACE_MARKD:
      if (of_thread(s.pid)) ++row(mark_counts_, "number");
      break;
    default:
      break;
  }
}

void Statistics::finish() {
  for (const auto& [key, call] : fast_calls_) calls_[{static_cast<SpanKind>(key >> 32), static_cast<NameId>(key)}] = call;
  fast_calls_.clear();
  for (auto& [tid, thread] : threads_) {
    std::sort(thread.latency.begin(), thread.latency.end());
    if (thread.spans > 0 || thread.ready > 0 || thread.all_waiting() > 0 || !thread.latency.empty()) sorted_threads_[tid] = std::move(thread);
  }
  threads_.clear();
  for (const Window& w : marks_.windows()) {
    if (of_thread(w.tid) && selection_.holds(w.from)) row(w.rpc != 0 ? rpcs_ : pairs_, w.name).add(w.to - w.from);
  }
  for (auto* lengths : {&rpcs_, &pairs_}) {
    for (auto& [name, l] : *lengths) std::sort(l.all.begin(), l.all.end());
  }
  for (auto& [letter, l] : waits_) std::sort(l.all.begin(), l.all.end());
  std::sort(latency_.begin(), latency_.end());
}

}  // namespace kutrace
