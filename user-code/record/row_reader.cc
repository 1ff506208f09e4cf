// SPDX-License-Identifier: BSD-3-Clause
#include "record/row_reader.h"

namespace kutrace::record {
namespace {

// Entries that an interrupt can put between the claim of a program and its look at the clock: all that one interrupt
// with its softirqs records, and far more.
constexpr size_t kHeld = 8192;

// Words of an entry as they stand in a row (rows.h); 0 or more than an entry can have: it is none.
uint32_t row_words(uint32_t event) {
  if (event == KUTRACE_TSDELTA || event == KUTRACE_PC_U) return 2;
  if (kutrace_is_name(event)) return KUTRACE_EVENT_LENGTH(event) < 2 ? 0 : KUTRACE_EVENT_LENGTH(event);
  return 1;
}

}  // namespace

uint64_t RowReader::peek(uint64_t index) const { return __atomic_load_n(&at_[index & (words_ - 1)], __ATOMIC_ACQUIRE); }

void RowReader::consume(uint32_t words) {
  for (uint32_t k = 0; k < words; ++k) __atomic_store_n(&at_[(tail_ + k) & (words_ - 1)], 0, __ATOMIC_RELAXED);
  tail_ += words;
}

// From the back: nearly always the last place.
void RowReader::insert(const Entry& entry) {
  auto place = held_.end();
  while (place != held_.begin() && (place - 1)->time > entry.time) --place;
  held_.insert(place, entry);
}

// One entry; false if it is not all there yet.
bool RowReader::parse(uint64_t head) {
  const uint64_t word = peek(tail_);
  if (word == 0) return false;
  const uint32_t event = static_cast<uint32_t>(word >> KUTRACE_EVENT_SHIFT) & KUTRACE_EVENT_MASK;
  const uint32_t words = row_words(event);
  if (words == 0 || words > KUTRACE_MAX_ENTRY_WORDS) {
    ++unfinished_;
    consume(1);
    return true;
  }
  if (head - tail_ < words) return false;
  Entry entry;
  entry.words = words;
  entry.word = word & ~(KUTRACE_TS_MASK << KUTRACE_TS_SHIFT);
  for (uint32_t k = 1; k < words; ++k) {
    entry.more[k - 1] = peek(tail_ + k);
    if (entry.more[k - 1] == 0) return false;
  }
  consume(words);
  if (event == KUTRACE_TSDELTA) {
    full_ = entry.more[0];
    return true;
  }
  if (kutrace_is_name(event)) entry.more[words - 2] &= ~KUTRACE_ROW_NAME_MARK;
  // Where the time stamp lies next to the entry before.
  const int64_t half = int64_t{1} << (KUTRACE_TS_BITS - 1);
  const auto step = static_cast<int64_t>(((word >> KUTRACE_TS_SHIFT) - full_) & KUTRACE_TS_MASK);
  full_ += static_cast<uint64_t>(step >= half ? step - 2 * half : step);
  entry.time = full_;
  insert(entry);
  return true;
}

void RowReader::give(const Take& take, size_t keep) {
  while (held_.size() > keep) {
    take(held_.front());
    held_.pop_front();
  }
}

uint64_t RowReader::drain(const Take& take) {
  const uint64_t head = __atomic_load_n(&row_.head, __ATOMIC_ACQUIRE);
  const uint64_t before = tail_;
  while (tail_ != head && parse(head)) {
    if (held_.size() > 2 * kHeld) give(take, kHeld);
  }
  __atomic_store_n(&row_.tail, tail_, __ATOMIC_RELEASE);
  return tail_ - before;
}

void RowReader::finish(const Take& take) {
  // No program runs any more: what is still zero never will be stored.
  for (;;) {
    drain(take);
    if (tail_ == row_.head) break;
    ++unfinished_;
    consume(1);
  }
  give(take, 0);
}

}  // namespace kutrace::record
