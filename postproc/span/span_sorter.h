// SPDX-License-Identifier: BSD-3-Clause
// Puts records, which arrive in the order in which they end, into the order in which they start, with bounded memory:
// sorted runs, spilled to an unlinked temporary file when there are many, merged at the end.
#pragma once

#include <functional>
#include <vector>

#include "base/input.h"
#include "span/span.h"

namespace kutrace {

class SpanSorter : public SpanSink {
 public:
  static constexpr size_t kRun = 1 << 16;  // records in a run
  // `memory` bounds the bytes of records held before they are spilled; `budget` what may be spilled: beyond it, records are dropped, which the
  // budget tells.
  explicit SpanSorter(Budget* budget = nullptr, size_t memory = 256u << 20) : budget_(budget), memory_(memory) {}

  void spans(const std::vector<Span>& batch) override;
  // Documents that are `presorted` (profiles) keep the order of their records: it is the order of their rows.
  void header(const SpanHeader& header) override { keep_order_ = header.presorted; }
  // Calls `take` with all records in order of start, then duration, then CPU, then arrival, until it returns false. Call once.
  void drain(const std::function<bool(const Span&)>& take);
  // The same, into a sink, in batches.
  void drain_to(SpanSink& sink);

 private:
  struct Run {
    std::vector<Span> spans;  // all of it, or the window read back from the file
    size_t at = 0;
    uint64_t offset = 0;  // of the rest in the file
    size_t rest = 0;      // records still in the file
  };
  void end_run();
  void add_run(std::vector<Span> spans);
  void spill();
  bool refill(Run& run);

  Budget* budget_;
  size_t memory_;
  bool keep_order_ = false;
  std::vector<Span> current_;
  std::vector<Run> runs_;
  size_t held_ = 0;  // records in runs_ in memory
  Fd file_;
  uint64_t file_size_ = 0;
};

}  // namespace kutrace
