// SPDX-License-Identifier: BSD-3-Clause
// Writes event text (docs/trace-format.md, section 2), in time order already.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "base/output.h"
#include "base/string_pool.h"
#include "trace/name_table.h"
#include "trace/trace_reader.h"

namespace kutrace {

class EventTextWriter {
 public:
  EventTextWriter(Output& out, const TraceInfo& info);

  // The comment lines of the head; `reader` gives the blocks.
  void begin(const TraceReader& reader);
  void name(const Event& event, const std::string& text);
  void event(const Event& event);
  // The closing comments; what was found so far goes with the text.
  void end(const Diagnostics& diagnostics);

  // Bytes of names and events so far.
  uint64_t bytes() const { return bytes_; }
  uint64_t events() const { return events_; }
  int64_t first_units() const { return first_; }
  int64_t last_units() const { return last_; }

 private:
  std::string_view name_column(const Event& e);

  Output& out_;
  const TraceInfo& info_;
  StringPool pool_;
  NameTable names_;
  std::unordered_map<uint32_t, std::string> pid_names_;
  std::vector<uint32_t> rpc_;                    // by CPU
  std::string scratch_;
  uint64_t events_ = 0, bytes_ = 0;
  int64_t first_ = INT64_MAX, last_ = INT64_MIN;
};

}  // namespace kutrace
