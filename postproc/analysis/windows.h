// SPDX-License-Identifier: BSD-3-Clause
// Parts of a trace that programs mark: from a request to its response, from mark `x` to mark `/x` of one thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "span/span.h"

namespace kutrace {

struct Window {
  Ticks from, to;
  int32_t tid;
  int32_t rpc;       // 0: a pair of marks
  std::string name;  // method, or label of the marks
};

// Finds them in the records of a trace, in order.
class WindowFinder : public SpanSink {
 public:
  explicit WindowFinder(const StringPool& pool) : pool_(pool) {}
  void header(const SpanHeader& header) override { time_ = header.time; }
  void spans(const std::vector<Span>& batch) override {
    for (const Span& s : batch) take(s);
  }
  void take(const Span& s);
  // In the order in which they end.
  const std::vector<Window>& windows() const { return windows_; }
  const TimeBase& time() const { return time_; }

 private:
  const StringPool& pool_;
  TimeBase time_;
  std::map<std::pair<int32_t, std::string>, Ticks> marks_;   // open, by thread and label
  std::map<std::pair<int32_t, int32_t>, Window> requests_;  // open, by thread and id
  std::vector<Window> windows_;
};

// What statistics are of: the time in any of the windows, on behalf of one thread or of all.
struct Selection {
  bool all = true;  // the whole trace; else only the windows
  std::vector<std::pair<Ticks, Ticks>> windows;  // in order, without overlaps
  int32_t tid = -1;                              // -1: all

  // Puts windows in order, joins those that overlap, and cuts all to [from, to).
  void set(std::vector<std::pair<Ticks, Ticks>> given, Ticks from, Ticks to);
  Ticks inside(Ticks start, Ticks end) const;  // how much of [start, end)
  bool holds(Ticks t) const;
  Ticks length() const;
};

// "read.58512" of RPC 58512 is "read", "hello.123" of thread 123 "hello"; what does not end so is the same.
std::string without_number(std::string_view name, int32_t number);

// A mark's label without its slash; `ends` says whether it had one.
std::string mark_name(const std::string& label, bool& ends);

}  // namespace kutrace
