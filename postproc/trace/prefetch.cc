// SPDX-License-Identifier: BSD-3-Clause
#include "trace/prefetch.h"

namespace kutrace {
namespace {

constexpr size_t kAhead = 8;

}  // namespace

Prefetch::Prefetch(EventSource& source) : source_(source) {
  thread_ = std::thread([this] { run(); });
}

Prefetch::~Prefetch() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Prefetch::run() {
  try {
    for (;;) {
      const std::vector<Event>& batch = source_.next();
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return stop_ || ready_.size() < kAhead; });
      if (stop_ || batch.empty()) break;
      std::vector<Event> copy;
      if (!spare_.empty()) {
        copy = std::move(spare_.back());
        spare_.pop_back();
      }
      copy.assign(batch.begin(), batch.end());
      ready_.push_back(std::move(copy));
      changed_.notify_all();
    }
  } catch (...) {
    std::lock_guard lock(mutex_);
    error_ = std::current_exception();
  }
  std::lock_guard lock(mutex_);
  done_ = true;
  changed_.notify_all();
}

const std::vector<Event>& Prefetch::next() {
  std::unique_lock lock(mutex_);
  if (current_.capacity() > 0) spare_.push_back(std::move(current_));
  current_ = std::vector<Event>();
  changed_.wait(lock, [&] { return done_ || !ready_.empty(); });
  if (!ready_.empty()) {
    current_ = std::move(ready_.front());
    ready_.pop_front();
    changed_.notify_all();
  } else if (error_) {
    std::rethrow_exception(error_);
  }
  return current_;
}

}  // namespace kutrace
