// SPDX-License-Identifier: BSD-3-Clause
// Reads span documents: ours, the reference's version 2 and 3, sorted or not, on many lines or one.
// A record or header line that cannot be read is skipped and counted; the rest is used.
#pragma once

#include <string_view>

#include "base/diagnostics.h"
#include "base/input.h"
#include "base/string_pool.h"
#include "json/json_scanner.h"
#include "span/span.h"

namespace kutrace {

class SpanJsonReader : private JsonScanner {
 public:
  // All arguments must outlive the reader.
  SpanJsonReader(const MappedInput& input, StringPool& pool, Diagnostics& diagnostics)
      : SpanJsonReader(input.text(), input.name(), pool,
                       diagnostics) {}
  SpanJsonReader(std::string_view text, std::string name, StringPool& pool, Diagnostics& diagnostics)
      : JsonScanner(text), name_(std::move(name)), pool_(pool), diagnostics_(diagnostics) {}

  // Gives all records to `sink`, with times in 10 ns ticks; returns the header. Throws Error when the text is not a
  // span document at all. The terminator is not given on.
  SpanHeader read(SpanSink& sink);

 private:
  void header_value(SpanHeader& header, std::string_view key, std::string_view raw);
  bool number_follows() const;
  bool number(int64_t& value);
  bool seconds(int64_t& units);
  bool record(Span& span);
  bool element(Span& span);
  bool list_goes_on();
  NameId name_of(std::string_view raw, int32_t event);
  void bad(Finding finding);

  std::string name_;
  StringPool& pool_;
  Diagnostics& diagnostics_;
  struct Recent {
    std::string_view raw;
    NameId id = 0;
  };
  Recent recent_[1024];
};

}  // namespace kutrace
