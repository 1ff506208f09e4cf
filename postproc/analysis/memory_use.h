// SPDX-License-Identifier: BSD-3-Clause
// Samples of what CPUs use (docs/memory.md): each CPU's ticks, and what each thread used, of the records of a trace.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "span/span.h"
#include "trace/used.h"

namespace kutrace {

// A CPU's ticks, of all times that it had them.
struct CpuTicks {
  uint64_t taken = 0, skipped = 0;
  std::vector<int64_t> late;                               // ns, of those that were taken
  std::vector<std::pair<int64_t, int64_t>> at;             // number of the boundary on the clock of all CPUs, and how late
  uint64_t due() const { return taken + skipped; }
};

// What a thread used between two samples of a CPU.
struct Use {
  Ticks from, to;
  int32_t cpu, tid;
  uint16_t kind;
  uint64_t amount;
};

class MemoryUse : public SpanSink {
 public:
  MemoryUse(const StringPool& pool, Diagnostics& diagnostics) : pool_(pool), diagnostics_(diagnostics) {}
  void header(const SpanHeader& header) override { time_ = header.time; }
  void spans(const std::vector<Span>& batch) override;

  const std::map<int32_t, CpuTicks>& cpus() const { return cpus_; }
  const std::vector<Use>& uses() const { return uses_; }
  const TimeBase& time() const { return time_; }
  uint32_t interval_ns() const { return interval_; }
  bool staggered() const { return staggered_; }
  uint32_t sampled() const { return sampled_; }  // bit n: the n-th kind, on any CPU
  // "hello" of thread 123; its number where it has no name.
  std::string program(int32_t tid) const;
  // By how much the CPUs' ticks at the same boundary differ, ns, sorted; of boundaries that two CPUs or more have taken.
  std::vector<int64_t> skews() const;

 private:
  struct State {
    bool on = false, placed = false;
    Ticks sampled = 0;     // the sample before
    Ticks at = INT64_MIN;  // the sample that is being read
    int64_t boundary = 0;
    uint64_t pending = 0;
  };
  void sampling(const Span& s);
  void tick(const Span& s, State& state, CpuTicks& ticks);

  const StringPool& pool_;
  Diagnostics& diagnostics_;
  TimeBase time_;
  std::map<int32_t, CpuTicks> cpus_;
  std::map<int32_t, State> states_;
  std::map<int32_t, std::string> names_;
  std::map<int32_t, NameId> latest_name_;
  std::vector<Use> uses_;
  uint32_t interval_ = 0, sampled_ = 0;
  bool staggered_ = false;
  std::optional<int64_t> base_;  // when the first tick of all was due, ns
};

}  // namespace kutrace
