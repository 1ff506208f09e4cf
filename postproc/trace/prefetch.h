// SPDX-License-Identifier: BSD-3-Clause
// Runs another event source on a thread of its own, a few batches ahead.
#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "trace/event.h"

namespace kutrace {

class Prefetch : public EventSource {
 public:
  // `source` must outlive this object; its name_text() must be safe to call while next() runs.
  explicit Prefetch(EventSource& source);
  ~Prefetch() override;

  const TraceInfo& info() override { return source_.info(); }
  // Rethrows what the source threw.
  const std::vector<Event>& next() override;
  std::string name_text(const Event& event) const override { return source_.name_text(event); }

 private:
  void run();

  EventSource& source_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::vector<Event>> ready_, spare_;
  std::vector<Event> current_;
  std::exception_ptr error_;
  bool done_ = false, stop_ = false;
  std::thread thread_;
};

}  // namespace kutrace
