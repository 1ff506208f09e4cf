// SPDX-License-Identifier: BSD-3-Clause
// One input through the whole chain in memory, and the promises that must hold whatever the input is. Used by the
// robustness tests and the fuzz targets.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "chain.h"
#include "span/span.h"

namespace kutrace::robust {

struct Outcome {
  std::string refused;  // the Error's message; empty when the input was read
  InputKind kind = InputKind::kRawTrace;
  Diagnostics diagnostics;
  SpanHeader header;
  uint64_t records = 0;
  Ticks first = INT64_MAX, last = INT64_MIN;  // of execution spans
  std::vector<Span> spans;                    // in order of start
  std::vector<std::string> names;             // of `spans`
  std::vector<std::string> faults;            // broken invariants
  std::string json, page;
  std::string broken_text;  // what is wrong with the event text of a raw trace

  uint64_t count(Finding finding) const { return diagnostics.count(finding); }
  uint64_t damage() const { return diagnostics.total(Severity::kDamage); }
  uint64_t repairs() const { return diagnostics.total(Severity::kRepair); }
};

// A page with the placeholders of the viewer's template and nothing else.
extern const char kTinyTemplate[];

// Any input; lets only exceptions other than Error through.
Outcome run_chain(std::span<const uint8_t> bytes, const std::string& name = "input");
Outcome run_chain(const std::string& text, const std::string& name = "input");

// What is wrong with a run; empty when all promises hold:
//  - a refusal names the input and a cause;
//  - the JSON is valid and re-reads with the same number of records and the same findings, the page too;
//  - the event text of a raw trace re-reads with the same number of events and the same findings;
//  - nothing in the page opens or ends an element;
//  - the records made of a raw trace or event text break an invariant only where damage or a repair was counted.
std::string broken_promise(const Outcome& run);

// How often `what` stands in `text`.
size_t occurrences(std::string_view text, std::string_view what);

}  // namespace kutrace::robust
