// SPDX-License-Identifier: BSD-3-Clause
// The raw trace file as blocks: where they are, whose they are, when they begin, and the clock that
// turns counters into time. It reads headers only; entries are the decoder's.
// Rules: docs/trace-format.md sections 1.1 to 1.6.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "base/input.h"
#include "trace/clock_fit.h"
#include "trace/event.h"

namespace kutrace {

struct Block {
  uint64_t offset = 0;   // of the header in the file
  uint64_t counter = 0;  // when opened, repaired if need be
  uint64_t end_bound = 0;  // no entry can be later than this counter
  uint64_t clock_us = 0;
  uint32_t words = 0;  // readable words, header included
  uint32_t index = 0;  // position in the file
  uint32_t pid = 0;
  uint32_t mhz = 0;
  uint32_t cpu = 0;
  uint8_t flags = 0;
  bool is_block0 = false;   // has the long header
  bool has_bytes = false;   // IPC/LLC area follows and is complete
  bool names_only = false;  // block 0 of a wrapped trace

  uint32_t first_entry() const { return is_block0 ? KUTRACE_FIRST_ENTRY_BLOCK0 : KUTRACE_FIRST_ENTRY_OTHER; }
};

// Start and stop of a trace, from block 0 or rebuilt.
struct TimePairs {
  uint64_t start_counter = 0, start_us = 0, stop_counter = 0, stop_us = 0;
  double fitted = 0;  // us a count, where the block headers say it better than the pairs
  double us_per_count() const {
    if (fitted > 0) return fitted;
    return static_cast<double>(static_cast<int64_t>(stop_us - start_us)) /
           static_cast<double>(static_cast<int64_t>(stop_counter - start_counter));
  }
};

class TraceReader {
 public:
  // Counts of plausible counters per microsecond (trace-format.md, 1.15).
  static constexpr double kMinRate = 0.99;
  static constexpr double kMaxRate = 100.1;
  static constexpr double kMaxStatedRate = 10001;  // where the clock word says what the clock is
  static constexpr double kLowRate = 10.0;

  // Throws Error when there is no usable block or no usable clock. `input` must outlive the reader.
  TraceReader(const MappedInput& input, Diagnostics& diagnostics);

  const std::string& name() const { return input_.name(); }
  const TraceInfo& info() const { return info_; }
  const TimePairs& pairs() const { return pairs_; }
  // Counter value of tick 0.
  int64_t base_counter() const { return base_counter_; }
  // All usable blocks in file order.
  const std::vector<Block>& blocks() const { return blocks_; }
  // Indexes into blocks() of one CPU's blocks in time order, per CPU number; empty for absent CPUs.
  const std::vector<std::vector<uint32_t>>& per_cpu() const { return per_cpu_; }

  uint64_t word(const Block& block, uint32_t index) const {
    uint64_t value;
    std::memcpy(&value, input_.bytes().data() + block.offset + 8 * static_cast<uint64_t>(index), 8);
    return value;
  }
  const uint8_t* data() const { return input_.bytes().data(); }
  // The IPC/LLC bytes of a block, one per word; nullptr without.
  const uint8_t* byte_area(const Block& block) const {
    return block.has_bytes ? data() + block.offset + KUTRACE_BLOCK_BYTES : nullptr;
  }
  // Thread name in the header, up to 16 bytes, not cleaned.
  std::string_view header_name(const Block& block) const;
  Ticks ticks(uint64_t counter) const { return static_cast<Ticks>(counter) - base_counter_; }

 private:
  void find_bounds();
  void scan();
  TimePairs stated_pairs(uint64_t block0) const;
  void widen_counters(uint64_t start);
  void find_clock();
  static bool disagrees(const ClockFit& fit, const TimePairs& stated);
  void judge_doubt(const std::vector<ClockPoint>& points);
  void take_fit(const ClockFit& fit, bool stated_ok);
  void tell_steps();
  int64_t stepped_us(uint64_t counter) const;
  void check_headers();
  void group_by_cpu();
  void set_time_base();
  bool plausible_header(uint64_t offset) const;
  uint64_t raw_word(uint64_t offset) const;
  std::string place(const Block& block) const;

  const MappedInput& input_;
  Diagnostics& diagnostics_;
  std::vector<Block> blocks_;
  std::vector<std::vector<uint32_t>> per_cpu_;
  TimePairs pairs_;
  std::vector<ClockStep> steps_;
  uint64_t max_counter_ = 0, max_us_ = 0;  // of a plausible header
  TraceInfo info_;
  int64_t base_counter_ = 0;
};

}  // namespace kutrace
