// SPDX-License-Identifier: BSD-3-Clause
// From the module to the file: through /dev/kutrace, or word by word from a module that has no device. Completes
// headers that are not complete. Tracing is off and flushed before; nothing here changes the module's state.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "control/control.h"
#include "control/machine.h"
#include "control/trace_file.h"
#include "kutrace/abi.h"

namespace kutrace::capture {

// What the block headers told while they passed.
struct TraceSummary {
  uint64_t blocks = 0;
  uint64_t bytes = 0;
  uint64_t start_us = 0, stop_us = 0;
  bool wrapped = false;
  std::map<uint32_t, uint64_t> first_us;  // by CPU: when its oldest block begins
  bool no_start_pair = false;             // start time guessed from the rate measured at the end
};

// Two time pairs; the wall clock of any counter follows.
struct ClockLine {
  TimePair start, stop;
  uint64_t us(uint64_t counter) const;
};

// Takes a trace in pieces of any size, hands on whole blocks with complete headers.
class BlockWriter {
 public:
  // `wrapped`: whether the buffer came round; as the module says, nothing if it does not.
  BlockWriter(TraceFile& file, std::optional<bool> wrapped) : file_(file), wrapped_(wrapped) {}
  void take(std::span<const char> bytes);
  // Throws Failure if the last block is not whole.
  TraceSummary finish();

 private:
  void block();
  uint64_t word(size_t index) const;
  void set_word(size_t index, uint64_t value);

  TraceFile& file_;
  std::optional<bool> wrapped_;
  std::vector<char> held_;
  TraceSummary summary_;
};

// Marks the start of a trace inside it, for modules that do not keep the start pair: an entry that every reader skips.
void insert_start_pair(Control& control);
// The pair in the words of block 0, if it has one.
std::optional<TimePair> find_start_pair(std::span<const uint64_t> block0);

// Fills in the pairs (block 0 only) and the wall clock of a header (trace-format.md, 1.6).
void complete_header(std::span<uint64_t> block, bool is_first, const ClockLine& clock);

// Reads all of it into `file`. Throws Failure.
TraceSummary read_out(Control& control, const Machine& machine, TraceFile& file);

}  // namespace kutrace::capture
