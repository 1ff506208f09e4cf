// SPDX-License-Identifier: BSD-3-Clause
// The invariants of a trace, measured on its records (docs/architecture.md, "Truth"): each CPU's execution spans tile
// its time, each thread's running, ready and waiting times tile its life, each recorded context switch is an edge, nobody is woken
// while in user code, arcs point forward, sums agree.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "check/edges.h"
#include "span/span.h"

namespace kutrace {

struct RowCheck {
  Ticks first = 0, last = 0;
  uint64_t spans = 0;
  Ticks user = 0, kernel = 0, idle = 0;  // CPUs
  Ticks running = 0, ready = 0, waiting = 0;  // threads
  uint64_t gaps = 0, overlaps = 0;
  Ticks gap_time = 0, overlap_time = 0;
  std::string first_fault;
};

class Checker : public SpanSink {
 public:
  // `pool` gives the names in messages.
  // `diagnostics`, if given, has the budget that rows are taken from.
  explicit Checker(const StringPool& pool, Diagnostics* diagnostics = nullptr) : pool_(pool), diagnostics_(diagnostics) {}
  void spans(const std::vector<Span>& batch) override;
  void switched(int32_t cpu, Ticks t, int32_t pid) override { edges_.switched(cpu, t, pid); }

  // Broken invariants, in words; empty when all hold.
  std::vector<std::string> faults(const TimeBase& time) const;
  const std::map<int32_t, RowCheck>& cpus() const { return cpus_; }
  const std::map<int32_t, RowCheck>& threads() const { return threads_; }
  uint64_t records() const { return records_; }
  uint64_t arcs() const { return arcs_; }
  uint64_t inferred() const { return inferred_; }
  uint64_t switches() const { return edges_.switches(); }

 private:
  void extend(RowCheck& row, const Span& span);

  RowCheck& row(std::map<int32_t, RowCheck>& rows, int32_t id);

  const StringPool& pool_;
  Diagnostics* diagnostics_;
  std::map<int32_t, RowCheck> cpus_, threads_;
  EdgeCheck edges_;
  uint64_t records_ = 0, arcs_ = 0, inferred_ = 0, backward_arcs_ = 0, negative_ = 0;
};

// A document beside or instead of the records (contents.h).
struct CheckedDocument {
  const char* kind;
  std::string title;
  uint64_t records;
};

// The whole report of `kutrace check`, for a person or as JSON. `sound` says whether nothing was found.
std::string check_text(const Checker& checker, const SpanHeader& header, const Diagnostics& diagnostics, bool all_rows,
                       const std::vector<CheckedDocument>& documents = {});
std::string check_json(const Checker& checker, const SpanHeader& header, const Diagnostics& diagnostics,
                       const std::vector<CheckedDocument>& documents = {});
bool is_sound(const Checker& checker, const SpanHeader& header, const Diagnostics& diagnostics);

}  // namespace kutrace
