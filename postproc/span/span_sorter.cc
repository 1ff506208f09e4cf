// SPDX-License-Identifier: BSD-3-Clause
#include "span/span_sorter.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/error.h"

namespace kutrace {
namespace {

constexpr size_t kWindow = 2048;
// A record this many places out of order is sorted apart.
constexpr size_t kNear = 8;

// Rows of equal records go in one order, whether they come in that of their ends or, from a page, row by row.
uint32_t row_of(const Span& s) { return static_cast<uint32_t>(s.cpu) * 2 + (is_execution(s) ? 0 : 1); }

bool before(const Span& a, const Span& b) {
  if (a.start != b.start) return a.start < b.start;
  return a.dur != b.dur ? a.dur < b.dur : row_of(a) < row_of(b);
}

}  // namespace

void SpanSorter::spans(const std::vector<Span>& batch) {
  current_.insert(current_.end(), batch.begin(), batch.end());
  if (current_.size() >= kRun) end_run();
}

void SpanSorter::end_run() {
  if (current_.empty()) return;
  if (keep_order_) {
    add_run(std::move(current_));
    current_.clear();
    return;
  }
  // Sort small keys, then move each record once.
  struct Key {
    Ticks start, dur;
    uint32_t row, at;
  };
  std::vector<Key> keys(current_.size());
  for (uint32_t i = 0; i < keys.size(); ++i) keys[i] = {current_[i].start, current_[i].dur, row_of(current_[i]), i};
  auto less = [](const Key& a, const Key& b) {
    if (a.start != b.start) return a.start < b.start;
    if (a.dur != b.dur) return a.dur < b.dur;
    return a.row != b.row ? a.row < b.row : a.at < b.at;
  };
  // Nearly sorted already: take out the few that start long before they end, sort them, merge.
  std::vector<Key> early;
  size_t kept = 0;
  for (const Key& key : keys) {
    size_t at = kept;
    size_t steps = 0;
    while (at > 0 && steps < kNear && less(key, keys[at - 1])) {
      --at;
      ++steps;
    }
    if (steps == kNear) {
      early.push_back(key);
      continue;
    }
    const Key moved = key;
    std::move_backward(keys.begin() + static_cast<ptrdiff_t>(at), keys.begin() + static_cast<ptrdiff_t>(kept),
                       keys.begin() + static_cast<ptrdiff_t>(kept) + 1);
    keys[at] = moved;
    ++kept;
  }
  std::sort(early.begin(), early.end(), less);
  std::copy(early.begin(), early.end(), keys.begin() + static_cast<ptrdiff_t>(kept));
  std::inplace_merge(keys.begin(), keys.begin() + static_cast<ptrdiff_t>(kept), keys.end(), less);
  std::vector<Span> sorted;
  sorted.reserve(keys.size());
  for (const Key& key : keys) sorted.push_back(current_[key.at]);
  current_.clear();
  add_run(std::move(sorted));
}

void SpanSorter::add_run(std::vector<Span> spans) {
  Run run;
  run.spans = std::move(spans);
  held_ += run.spans.size();
  runs_.push_back(std::move(run));
  if (held_ * sizeof(Span) > memory_) spill();
}

void SpanSorter::spill() {
  if (file_.get() < 0) file_ = temporary_file("span records");
  for (Run& run : runs_) {
    if (run.spans.empty()) continue;
    if (budget_ != nullptr && !budget_->take(Limit::temporary, run.spans.size() * sizeof(Span))) {
      run.spans = std::vector<Span>();
      continue;
    }
    run.offset = file_size_;
    run.rest = run.spans.size();
    write_all(file_.get(), reinterpret_cast<const char*>(run.spans.data()), run.rest * sizeof(Span), "span records");
    file_size_ += run.rest * sizeof(Span);
    run.spans = std::vector<Span>();
  }
  held_ = 0;
}

bool SpanSorter::refill(Run& run) {
  if (run.at < run.spans.size()) return true;
  if (run.rest == 0) {
    run.spans = std::vector<Span>();
    return false;
  }
  size_t n = std::min(run.rest, kWindow);
  run.spans.resize(n);
  run.at = 0;
  char* to = reinterpret_cast<char*>(run.spans.data());
  size_t want = n * sizeof(Span);
  for (size_t done = 0; done < want;) {
    ssize_t got = ::pread(file_.get(), to + done, want - done, static_cast<off_t>(run.offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) throw Error("temporary file", run.offset, "cannot read back sorted records", "check the disk of TMPDIR");
    done += static_cast<size_t>(got);
  }
  run.offset += want;
  run.rest -= n;
  return true;
}

void SpanSorter::drain(const std::function<bool(const Span&)>& take) {
  end_run();
  if (keep_order_) {
    for (Run& run : runs_) {
      while (refill(run)) {
        if (!take(run.spans[run.at++])) return;
      }
    }
    return;
  }
  auto later = [&](size_t a, size_t b) {
    const Span& x = runs_[a].spans[runs_[a].at];
    const Span& y = runs_[b].spans[runs_[b].at];
    if (before(y, x)) return true;
    return !before(x, y) && a > b;
  };
  std::vector<size_t> heap;
  for (size_t i = 0; i < runs_.size(); ++i) {
    if (refill(runs_[i])) heap.push_back(i);
  }
  std::make_heap(heap.begin(), heap.end(), later);
  while (!heap.empty()) {
    std::pop_heap(heap.begin(), heap.end(), later);
    const size_t i = heap.back();
    Run& run = runs_[i];
    // Runs overlap little: take from this one while it stays first.
    bool live = true;
    do {
      if (!take(run.spans[run.at++])) return;
      live = refill(run);
    } while (live && (heap.size() == 1 || !later(i, heap.front())));
    if (live) {
      std::push_heap(heap.begin(), heap.end(), later);
    } else {
      heap.pop_back();
    }
  }
}

void SpanSorter::drain_to(SpanSink& sink) {
  constexpr size_t kBatch = 4096;
  std::vector<Span> batch;
  batch.reserve(kBatch);
  drain([&](const Span& span) {
    batch.push_back(span);
    if (batch.size() == kBatch) {
      sink.spans(batch);
      batch.clear();
    }
    return true;
  });
  if (!batch.empty()) sink.spans(batch);
}

}  // namespace kutrace
