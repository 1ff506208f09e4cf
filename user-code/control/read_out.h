// SPDX-License-Identifier: BSD-3-Clause
// From the device to the file, and what the blocks say while they pass. Tracing is off before; nothing here changes the module's state.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "control/module.h"
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
};

// Takes a trace in pieces of any size, hands on whole blocks.
class BlockWriter {
 public:
  explicit BlockWriter(TraceFile& file) : file_(file) {}
  void take(std::span<const char> bytes);
  // Throws Failure if the last block is not whole.
  TraceSummary finish();

 private:
  void block();
  uint64_t word(size_t index) const;

  TraceFile& file_;
  std::vector<char> held_;
  TraceSummary summary_;
};

// Reads all of it into `file`. Throws Failure.
TraceSummary read_out(Module& module, TraceFile& file);

}  // namespace kutrace::capture
