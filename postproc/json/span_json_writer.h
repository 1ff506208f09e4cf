// SPDX-License-Identifier: BSD-3-Clause
// Writes a span document as the reference's tools and viewer read it (docs/trace-format.md, 4.1).
#pragma once

#include <string>
#include <vector>

#include "base/output.h"
#include "base/string_pool.h"
#include "span/span.h"

namespace kutrace {

// JSON text of a string, quotes included: control characters escaped, bytes that are not UTF-8 replaced.
std::string json_string(std::string_view text);

class SpanJsonWriter {
 public:
  // `pool` holds the names of the records to come.
  SpanJsonWriter(Output& out, const StringPool& pool, const TimeBase& time) : out_(out), pool_(pool), time_(time) {}

  // Header lines in byte order, so that a `sort` behind keeps them in place.
  // `diagnostics`: what was found in the trace, which goes with it.
  void begin(const SpanHeader& header, const Diagnostics& diagnostics);
  void record(const Span& span);
  // Terminator and the optional parts.
  void end(const SpanHeader& header);

  uint64_t records() const { return records_; }

 private:
  const std::string& escaped(NameId id);

  Output& out_;
  const StringPool& pool_;
  TimeBase time_;
  std::vector<std::string> escaped_;  // by NameId, without quotes; filled on demand
  std::vector<bool> has_escaped_;
  uint64_t records_ = 0;
};

}  // namespace kutrace
