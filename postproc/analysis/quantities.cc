// SPDX-License-Identifier: BSD-3-Clause
#include "analysis/quantities.h"

#include <algorithm>

#include "trace/event.h"

namespace kutrace {
namespace {

constexpr uint64_t kMapNode = 64;

}  // namespace

std::string_view quantity_words(QuantityGroup group) {
  switch (group) {
    case QuantityGroup::kCpuTime:
      return "time of all CPUs";
    case QuantityGroup::kRunning:
      return "running";
    case QuantityGroup::kReady:
      return "ready, not running";
    case QuantityGroup::kWaiting:
      return "waiting";
    case QuantityGroup::kCallCount:
      return "calls";
    case QuantityGroup::kCallTime:
      return "time in calls";
    case QuantityGroup::kEventCount:
      return "events";
    case QuantityGroup::kLatency:
      return "from wakeup to run";
    case QuantityGroup::kRpc:
      return "RPC";
    case QuantityGroup::kMarks:
      return "marks";
    case QuantityGroup::kLockTry:
      return "lock try";
  }
  return "";
}

Quantities::Quantities(StringPool& pool, Diagnostics& diagnostics, const std::map<int32_t, std::string>& programs, Ticks from, Ticks to, size_t parts)
    : pool_(pool), diagnostics_(diagnostics), from_(from), to_(to), parts_(parts), pieces_(diagnostics), windows_(pool), programs_(programs), rpcs_by_part_(parts) {}

size_t Quantities::part_of(Ticks t) const {
  return std::min(parts_ - 1, static_cast<size_t>(static_cast<unsigned __int128>(t - from_) * parts_ / static_cast<uint64_t>(to_ - from_)));
}

std::vector<double> Quantities::seconds_by_part() const { return std::vector<double>(parts_, seconds() / static_cast<double>(parts_)); }

// Workers of the kernel are called by CPU and number, which differ from run to run.
std::string Quantities::program(int32_t tid) const {
  const auto found = programs_.find(tid);
  if (found == programs_.end()) return "(no name)";
  return found->second.starts_with("kworker/") ? "kworker" : found->second;
}

template <typename Name>
Quantities::Amount& Quantities::amount(QuantityGroup group, uint64_t what, Name&& name) {
  Amount*& fast = fast_[static_cast<uint64_t>(group) << 56 | what];
  if (fast == nullptr) {
    const auto [place, fresh] = amounts_.try_emplace({group, name()});
    if (fresh) {
      place->second.by_part.resize(parts_);
      diagnostics_.take(Limit::memory, parts_ * sizeof(double) + 2 * kMapNode);
    }
    fast = &place->second;
  }
  return *fast;
}

void Quantities::add_time(Amount& amount, Ticks start, Ticks end) const {
  start = std::max(start, from_);
  end = std::min(end, to_);
  if (start >= end) return;
  ++amount.events;
  const size_t last = part_of(end - 1);
  for (size_t part = part_of(start); part <= last; ++part) {
    const auto ends = static_cast<Ticks>(from_ + static_cast<Ticks>(static_cast<__int128>(to_ - from_) * static_cast<__int128>(part + 1) / static_cast<__int128>(parts_)));
    const Ticks until = part == last ? end : std::clamp(ends, start, end);
    amount.by_part[part] += static_cast<double>(time_.ns(until) - time_.ns(start));
    start = until;
  }
}

void Quantities::add_one(Amount& amount, Ticks at) const {
  if (!holds(at)) return;
  ++amount.events;
  amount.by_part[part_of(at)] += 1;
}

void Quantities::add_length(QuantityGroup group, const std::string& name, Ticks start, Ticks end) {
  if (!holds(start)) return;
  diagnostics_.take(Limit::memory, sizeof(int64_t));
  lengths_[{group, name}].push_back(time_.ns(end) - time_.ns(start));
}

void Quantities::spans(const std::vector<Span>& batch) {
  for (const Span& s : batch) {
    if (is_execution(s)) {
      execution(s);
    } else if (is_wait(s)) {
      wait(s);
    } else {
      other(s);
    }
  }
}

void Quantities::execution(const Span& s) {
  const SpanKind kind = span_kind(s);
  const PieceOfCall piece = pieces_.next(s, kind);
  if (s.cpu >= 0) cpus_.insert(s.cpu);
  if (s.end() < from_ || s.start >= to_) return;
  add_time(amount(QuantityGroup::kCpuTime, static_cast<uint64_t>(kind), [&] { return std::string(span_kind_name(kind)); }), s.start, s.end());
  const auto thread = static_cast<uint32_t>(s.pid);
  if (s.pid > 0) add_time(amount(QuantityGroup::kRunning, thread, [&] { return program(s.pid); }), s.start, s.end());
  if (!piece.call || kind == SpanKind::kSched) return;
  auto name = [&] { return std::string(span_kind_name(kind)) + " " + std::string(pool_[s.name]); };
  const uint64_t what = static_cast<uint64_t>(kind) << 32 | s.name;
  add_time(amount(QuantityGroup::kCallTime, what, name), s.start, s.end());
  if (piece.first) add_one(amount(QuantityGroup::kCallCount, what, name), s.start);
}

void Quantities::wait(const Span& s) {
  if (s.pid <= 0 || s.end() < from_ || s.start >= to_) return;
  const std::string_view word = pool_[s.name];
  const std::string_view reason = word.starts_with("wait_") ? word.substr(5) : word;
  const auto thread = static_cast<uint32_t>(s.pid);
  if (reason == "cpu") {
    add_time(amount(QuantityGroup::kReady, thread, [&] { return program(s.pid); }), s.start, s.end());
  } else if (reason != "unk") {  // of threads that slept all the time nothing is known but that they were there
    const uint64_t what = static_cast<uint64_t>(s.event & 0xff) << 32 | thread;
    add_time(amount(QuantityGroup::kWaiting, what, [&] { return program(s.pid) + ", " + std::string(reason); }), s.start, s.end());
  }
}

void Quantities::other(const Span& s) {
  windows_.take(s);
  pieces_.point(s);
  auto event = [&](const char* name) { add_one(amount(QuantityGroup::kEventCount, static_cast<uint64_t>(s.event), [&] { return std::string(name); }), s.start); };
  switch (s.event) {
    case KUTRACE_ARC_WAKEUP:
      event("wakeups");
      add_length(QuantityGroup::kLatency, program(s.ret), s.start, s.end());
      break;
    case KUTRACE_ARC_IPI:
      event("interrupts sent");
      break;
    case KUTRACE_RX_PKT:
      event("packets in");
      break;
    case KUTRACE_TX_PKT:
      event("packets out");
      break;
    case KUTRACE_LOCK_TRY: {
      std::string_view name = pool_[s.name];
      if (!name.empty()) name.remove_prefix(1);  // ~
      add_length(QuantityGroup::kLockTry, std::string(name), s.start, s.end());
      break;
    }
    case KUTRACE_LOST:
      if (holds(s.start)) lost_ += static_cast<uint32_t>(s.arg);
      break;
    default:
      break;
  }
}

void Quantities::finish() {
  for (const Window& w : windows_.windows()) {
    add_length(w.rpc != 0 ? QuantityGroup::kRpc : QuantityGroup::kMarks, w.name, w.from, w.to);
    if (w.rpc != 0 && holds(w.to)) rpcs_by_part_[part_of(w.to)] += 1;
  }
}

}  // namespace kutrace
