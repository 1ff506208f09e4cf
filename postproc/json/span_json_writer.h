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
// An array of such strings.
std::string json_strings(const std::vector<std::string>& texts);

class SpanJsonWriter {
 public:
  // `pool` holds the names of the records to come.
  SpanJsonWriter(Output& out, const StringPool& pool, const TimeBase& time) : out_(out), pool_(pool), time_(time) {}

  // Header lines in byte order, so that a `sort` behind keeps them in place.
  // `diagnostics`: what was found in the trace, which goes with it.
  void begin(const SpanHeader& header, const Diagnostics& diagnostics);
  void record(const Span& span);
  // Terminator and the optional parts. A document that is `cut`, since not all of its records were to be written, has no terminator, which
  // readers notice.
  void end(const SpanHeader& header, bool cut = false);

  // Bytes of records so far.
  uint64_t bytes() const { return bytes_; }

  uint64_t records() const { return records_; }

 private:
  const std::string& escaped(NameId id);

  Output& out_;
  const StringPool& pool_;
  TimeBase time_;
  std::vector<std::string> escaped_;  // by NameId, without quotes; filled on demand
  std::vector<bool> has_escaped_;
  uint64_t records_ = 0, bytes_ = 0;
};

}  // namespace kutrace
