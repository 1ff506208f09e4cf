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

// Where blocks go.
class BlockSink {
 public:
  virtual ~BlockSink() = default;
  // The block that is the `index`th of the trace. Throws Failure.
  virtual void put(uint64_t index, std::span<const char> block) = 0;
};

// Writes them one after another.
class FileSink : public BlockSink {
 public:
  explicit FileSink(TraceFile& file) : file_(file) {}
  void put(uint64_t, std::span<const char> block) override { file_.write(block); }

 private:
  TraceFile& file_;
};

// Takes a trace in pieces of any size, hands on whole blocks.
class BlockWriter {
 public:
  explicit BlockWriter(BlockSink& sink) : sink_(sink) {}
  void take(std::span<const char> bytes);
  // From here on comes the block that is the `index`th of the trace.
  void at(uint64_t index) { index_ = index; }
  // Throws Failure if the last block is not whole.
  TraceSummary finish();

 private:
  void block();
  uint64_t word(size_t index) const;

  BlockSink& sink_;
  std::vector<char> held_;
  TraceSummary summary_;
  uint64_t index_ = 0;
};

// Reads all of it into `file`. Throws Failure.
TraceSummary read_out(Module& module, TraceFile& file);

// Hands `sink` the first of these many blocks, which tells of the whole trace, and then the others, the newest first: what is read before something cuts it
// off is what one wants to have. A trace without the areas of IPC and LLC only. Throws Failure.
TraceSummary read_out_newest_first(Module& module, uint64_t blocks, BlockSink& sink);

}  // namespace kutrace::capture
