// SPDX-License-Identifier: BSD-3-Clause
// Takes what the eBPF programs stored in one CPU's row and gives its entries in order of time. Believes nothing: a word
// that cannot be is counted and passed over. Knows nothing of files.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>

#include "record/bpf/rows.h"
#include "record/entry.h"

namespace kutrace::record {

class RowReader {
 public:
  using Take = std::function<void(const Entry&)>;

  // `words` of memory at `at`, a power of two; both outlive the reader.
  RowReader(kutrace_row& row, uint64_t* at, uint32_t words) : row_(row), at_(at), words_(words) {}

  // Takes all words that are stored; gives the entries that nothing can precede any more. Returns words taken.
  uint64_t drain(const Take& take);
  // Gives the rest. Words claimed and never stored are passed over and counted in `unfinished`.
  void finish(const Take& take);

  // An entry of the recorder's own, at its place in time.
  void add(const Entry& entry) { insert(entry); }

  uint64_t waiting() const { return row_.head - tail_; }  // words to take
  uint64_t lost() const { return row_.lost; }
  uint64_t attempted() const { return row_.lost + row_.stored; }
  uint64_t unfinished() const { return unfinished_; }

 private:
  bool parse(uint64_t head);
  uint64_t peek(uint64_t index) const;
  void consume(uint32_t words);
  void insert(const Entry& entry);
  void give(const Take& take, size_t keep);

  kutrace_row& row_;
  uint64_t* at_;
  uint32_t words_;
  uint64_t tail_ = 0;
  uint64_t full_ = 0;  // counter of the latest entry in order of claims
  uint64_t unfinished_ = 0;
  std::deque<Entry> held_;  // sorted by time
};

}  // namespace kutrace::record
