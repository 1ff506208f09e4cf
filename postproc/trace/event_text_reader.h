// SPDX-License-Identifier: BSD-3-Clause
// Reads event text, ours or the reference's, sorted by time (docs/trace-format.md, sections 2 and 3.1).
// Lines that cannot be read, or whose time goes back, are skipped and counted.
#pragma once

#include <bitset>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/diagnostics.h"
#include "base/input.h"
#include "base/string_pool.h"
#include "trace/event.h"

namespace kutrace {

class EventTextReader : public EventSource {
 public:
  static constexpr uint32_t kMaxCpu = 16383;

  // Reads up to the first event, so that info() is complete. Throws Error when there is no line of event text at all.
  EventTextReader(LineReader& lines, Diagnostics& diagnostics);

  const TraceInfo& info() override { return info_; }
  const std::vector<Event>& next() override;
  std::string name_text(const Event& event) const override { return std::string(pool_[static_cast<NameId>(event.extra)]); }

 private:
  bool next_line(std::string_view& text);
  bool line(std::string_view text);
  bool in_order(Ticks t);
  void settle_last_names();
  void comment(std::string_view text);
  bool name_line(const int64_t* fields, std::string_view text);
  bool event_line(std::string_view text, const int64_t* first, size_t at);
  bool wants_more(size_t batch) const;
  void first_name(Event event);
  NameId intern(std::string_view text);
  void imply_name(uint32_t num, std::string_view name, Ticks t);

  LineReader& lines_;
  Diagnostics& diagnostics_;
  TraceInfo info_;
  StringPool pool_;
  std::vector<Event> batch_;
  std::vector<Event> names_first_;  // of the "-1" lines
  std::unordered_map<uint64_t, size_t> first_at_;  // where a kind and number stands in it
  std::bitset<4096> named_;
  Ticks last_ = INT64_MIN, before_last_ = INT64_MIN;  // times of the latest two events
  uint64_t good_lines_ = 0;
  bool have_base_ = false;
  bool started_ = false;
  bool ended_ = false;
  bool has_ipc_ = true;
};

}  // namespace kutrace
