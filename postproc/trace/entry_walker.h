// SPDX-License-Identifier: BSD-3-Clause
// Steps through the entries of one block and unwraps their times. Used by the decoder, for names, and by the dump.
// Rules: docs/trace-format.md sections 1.7, 1.8, 1.13, 1.14.
#pragma once

#include <cstdint>
#include <string>

#include "base/diagnostics.h"
#include "trace/trace_reader.h"

namespace kutrace {

struct Entry {
  uint32_t index = 0;   // word index in the block
  uint32_t words = 1;   // with continuation words
  uint32_t num = 0;     // event number, with a name's length bits
  uint64_t word = 0;
  int64_t counter = 0;  // full counter value
};

class EntryWalker {
 public:
  static constexpr int64_t kPeriod = 1 << KUTRACE_TS_BITS;

  // `repair` drops entries whose time cannot be: those that would carry the rest of the block past its end.
  EntryWalker(const TraceReader& reader, const Block& block, Diagnostics& found, bool repair)
      : reader_(reader), block_(block), found_(found), data_(reader.data() + block.offset), repair_(repair),
        index_(block.first_entry()), low_bound_(static_cast<int64_t>(block.counter) - 2 * kPeriod),
        end_bound_(static_cast<int64_t>(block.end_bound)) {}

  // The next entry, TSDELTA entries included; false at the end of the block.
  bool next(Entry& entry) {
    while (index_ < block_.words) {
      const uint64_t word = word_at(index_);
      if (word == 0) {
        ++index_;
        continue;
      }
      if (word == ~0ULL) break;
      const uint32_t n = static_cast<uint32_t>(word >> KUTRACE_EVENT_SHIFT) & static_cast<uint32_t>(KUTRACE_EVENT_MASK);
      const uint32_t words = length(n);
      if (words == 0) {
        found_.add_at(Finding::kBadLength, [&] { return place(index_); });
        ++index_;
        continue;
      }
      if (index_ + words > block_.words) {
        found_.add_at(Finding::kEntryPastEnd, [&] { return place(index_); });
        break;
      }
      entry = {index_, words, n, word, 0};
      index_ += words;
      if (!unwrap(entry)) continue;
      entry.counter = late_counter_ != 0 ? late_counter_ : counter_;
      late_counter_ = 0;
      return true;
    }
    return false;
  }

  std::string place(uint32_t index) const {
    return reader_.name() + " at offset " + std::to_string(block_.offset + 8 * static_cast<uint64_t>(index)) + ", CPU " +
           std::to_string(block_.cpu);
  }

  // Words of an entry with event number `n`; 0 when its length nibble is impossible.
  static uint32_t length(uint32_t n) {
    if (n >= KUTRACE_USERPID && n != KUTRACE_PC_U && n != KUTRACE_PC_K) return 1;
    if (kutrace_is_name(n)) {
      uint32_t words = KUTRACE_EVENT_LENGTH(n);
      return words <= KUTRACE_MAX_ENTRY_WORDS ? words : 0;
    }
    return n == KUTRACE_PC_OLD || n == KUTRACE_PC_U || n == KUTRACE_PC_K ? 2 : 1;
  }

 private:
  uint64_t word_at(uint32_t index) const {
    uint64_t value;
    std::memcpy(&value, data_ + 8 * static_cast<uint64_t>(index), 8);
    return value;
  }

  bool unwrap(const Entry& entry) {
    const uint64_t ts = entry.word >> KUTRACE_TS_SHIFT;
    if (first_) {
      // Stamped at about the time the block was opened, most often a little before.
      first_ = false;
      previous_ = ts;
      const int64_t before = static_cast<int64_t>((block_.counter - ts) & KUTRACE_TS_MASK);
      counter_ = static_cast<int64_t>(block_.counter) - (before < kPeriod / 2 ? before : before - kPeriod);
      return true;
    }
    if (entry.num == KUTRACE_TSDELTA) {
      const int64_t moved = counter_ + static_cast<int32_t>(static_cast<uint32_t>(entry.word));
      if ((static_cast<uint64_t>(moved) & KUTRACE_TS_MASK) != ts || moved > end_bound_ || moved < low_bound_) {
        found_.add_at(Finding::kBadTsDelta, [&] { return place(entry.index); });
        return false;
      }
      counter_ = moved;
      previous_ = ts;
      return true;
    }
    const uint64_t step = (ts - previous_) & KUTRACE_TS_MASK;
    if (repair_ && step > kOutlierStep && next_is_before(step)) {
      if (!in_interrupt_) {
        found_.add_at(Finding::kOutlierDropped, [&] { return place(entry.index); });
        return false;
      }
      // Stamped before the interrupt whose entries precede it, stored behind them: the writer had already
      // decided that no TSDELTA was needed.
      const int64_t late = counter_ + static_cast<int64_t>(step) - kPeriod;
      if (late < low_bound_ || late > end_bound_) {
        found_.add_at(Finding::kOutlierDropped, [&] { return place(entry.index); });
        return false;
      }
      found_.add_at(Finding::kUnmarkedLateStore, [&] { return place(entry.index); });
      late_counter_ = late;
      return true;
    }
    in_interrupt_ = entry.num >> 8 == 0x7 || entry.num >> 8 == 0x5 ||
                    entry.num == KUTRACE_PC_U || entry.num == KUTRACE_PC_K || entry.num == KUTRACE_SCHED_SYSCALL_EXIT ||
                    entry.num == KUTRACE_SCHED_EXIT;
    counter_ += static_cast<int64_t>(step) - (step <= KUTRACE_TS_MAX_STEP ? 0 : kPeriod);
    previous_ = ts;
    if (repair_ && (counter_ > end_bound_ || counter_ < low_bound_)) {
      // Its time is followed all the same: behind it may come the rest of an earlier use of this block, all of it past
      // the end.
      found_.add_at(Finding::kOutlierDropped, [&] { return place(entry.index); });
      return false;
    }
    return true;
  }

  // Whether the entry behind the current one lies before it, seen from the one before both.
  bool next_is_before(uint64_t step) const {
    for (uint32_t i = index_; i < block_.words; ++i) {
      const uint64_t word = word_at(i);
      if (word == ~0ULL) break;
      if (word != 0) return (((word >> KUTRACE_TS_SHIFT) - previous_) & KUTRACE_TS_MASK) < step;
    }
    return false;
  }

  // In a block whose times run past its end, a step this long that the next entry takes back is an outlier.
  static constexpr uint64_t kOutlierStep = 1 << 17;

  const TraceReader& reader_;
  const Block& block_;
  Diagnostics& found_;
  const uint8_t* data_;
  bool repair_;
  bool first_ = true;
  uint32_t index_;
  uint64_t previous_ = 0;
  int64_t counter_ = 0;
  int64_t late_counter_ = 0;    // of an entry that does not move counter_
  bool in_interrupt_ = false;  // the previous entry may have been written by an interrupt
  int64_t low_bound_, end_bound_;
};

}  // namespace kutrace
