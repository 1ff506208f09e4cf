// SPDX-License-Identifier: BSD-3-Clause
// What `kutrace diff` compares: of one window, how much of each thing happened in each of its parts, and how long things took.
#pragma once

#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "analysis/compare.h"
#include "analysis/windows.h"
#include "query/call_pieces.h"
#include "query/span_kind.h"
#include "span/span.h"

namespace kutrace {

enum class QuantityGroup : uint8_t {
  kCpuTime,      // by kind of span, all CPUs
  kRunning,      // by program
  kReady,        // by program
  kWaiting,      // by program and reason
  kCallCount,    // by system call, interrupt, softirq, fault
  kCallTime,     // own time of the same
  kEventCount,   // wakeups, IPIs, packets
  kLatency,      // lengths: from wakeup to run, by program
  kRpc,          // by method
  kMarks,        // by name of the pair
  kLockTry,      // by lock
};
constexpr bool is_length(QuantityGroup group) { return group >= QuantityGroup::kLatency; }
constexpr bool is_time(QuantityGroup group) { return group != QuantityGroup::kCallCount && group != QuantityGroup::kEventCount; }
std::string_view quantity_words(QuantityGroup group);

struct QuantityKey {
  QuantityGroup group;
  std::string name;
  auto operator<=>(const QuantityKey&) const = default;
};

// Spans in order of start to quantities.
class Quantities : public SpanSink {
 public:
  // Of [from, to) in `parts` parts of equal length, with the threads' `programs`. Memory is taken from the budget of `diagnostics`.
  Quantities(StringPool& pool, Diagnostics& diagnostics, const std::map<int32_t, std::string>& programs, Ticks from, Ticks to, size_t parts);
  void header(const SpanHeader& header) override { time_ = header.time; }
  void spans(const std::vector<Span>& batch) override;
  // Behind the last record.
  void finish();

  double seconds() const { return static_cast<double>(to_ - from_) * time_.ns_per_tick / 1e9; }
  size_t parts() const { return parts_; }
  size_t cpus() const { return cpus_.size(); }
  uint64_t lost() const { return lost_; }
  // By part: ns, or how many. Nothing where it never happened.
  struct Amount {
    std::vector<double> by_part;
    uint64_t events = 0;
  };
  const std::map<QuantityKey, Amount>& amounts() const { return amounts_; }
  // In ns, in the order in which they ended.
  const std::map<QuantityKey, std::vector<int64_t>>& lengths() const { return lengths_; }
  std::vector<double> seconds_by_part() const;
  const std::vector<double>& rpcs_by_part() const { return rpcs_by_part_; }

 private:
  // `what` tells quantities of a group apart; `name` makes its name, once.
  template <typename Name>
  Amount& amount(QuantityGroup group, uint64_t what, Name&& name);
  void add_time(Amount& amount, Ticks start, Ticks end) const;
  void add_one(Amount& amount, Ticks at) const;
  void add_length(QuantityGroup group, const std::string& name, Ticks start, Ticks end);
  bool holds(Ticks t) const { return t >= from_ && t < to_; }
  size_t part_of(Ticks t) const;
  std::string program(int32_t tid) const;
  void execution(const Span& s);
  void wait(const Span& s);
  void other(const Span& s);

  StringPool& pool_;
  Diagnostics& diagnostics_;
  TimeBase time_;
  Ticks from_, to_;
  size_t parts_;
  CallPieces pieces_;
  WindowFinder windows_;
  const std::map<int32_t, std::string>& programs_;
  std::set<int32_t> cpus_;
  std::unordered_map<uint64_t, Amount*> fast_;
  std::map<QuantityKey, Amount> amounts_;
  std::map<QuantityKey, std::vector<int64_t>> lengths_;
  std::vector<double> rpcs_by_part_;
  uint64_t lost_ = 0;
};

}  // namespace kutrace
