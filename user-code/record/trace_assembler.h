// SPDX-License-Identifier: BSD-3-Clause
// Entries of all CPUs into the blocks of a raw trace (docs/trace-format.md): headers, steps in time, folded returns,
// losses, names. Gives whole blocks to a BlockSink; knows nothing of where entries come from.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "record/entry.h"

namespace kutrace::record {

class BlockSink {
 public:
  virtual ~BlockSink() = default;
  // Block `index` of the file, KUTRACE_BLOCK_WORDS long. Each index comes once, in any order.
  virtual void block(uint64_t index, std::span<const uint64_t> words) = 0;
};

// Same moment on the trace's counter and on the wall clock.
struct Moment {
  uint64_t counter = 0;
  uint64_t us = 0;
};

struct Name {
  uint32_t kind = 0;  // without length bits
  uint32_t number = 0;
  std::string text;
};

class TraceAssembler {
 public:
  // `shift`: a count is 2^shift ns of the monotonic clock. Block 0 belongs to `first_cpu` and holds names only.
  TraceAssembler(BlockSink& sink, uint32_t cpus, uint32_t shift, Moment start, uint32_t first_cpu);
  ~TraceAssembler();
  TraceAssembler(const TraceAssembler&) = delete;
  TraceAssembler& operator=(const TraceAssembler&) = delete;

  // Goes to block 0; false if it is full. Until finish().
  bool name(const Name& name);
  // In order of time on each CPU.
  void put(uint32_t cpu, const Entry& entry);
  // The thread that ran on a CPU when its row began.
  void running(uint32_t cpu, uint32_t thread);
  // `lost_elsewhere`: losses that no CPU can be named for.
  void finish(Moment stop, uint64_t lost_elsewhere);

  uint64_t blocks() const { return next_index_; }
  uint64_t entries() const { return entries_; }

 private:
  struct Cpu;

  void open(uint32_t cpu, Cpu& c, uint64_t time);
  void close(Cpu& c);
  void header(std::vector<uint64_t>& words, uint32_t cpu, uint64_t time, bool first);
  uint64_t wall_us(uint64_t counter) const;
  bool fold(Cpu& c, const Entry& entry);
  void remember(uint32_t thread, uint64_t first, uint64_t second);

  BlockSink& sink_;
  uint32_t shift_;
  Moment start_;
  uint32_t first_cpu_;
  uint64_t next_index_ = 1;
  uint64_t entries_ = 0;
  std::vector<uint64_t> names_;  // block 0
  size_t names_end_;
  std::vector<std::unique_ptr<Cpu>> cpus_;
  std::unordered_map<uint32_t, std::array<uint64_t, 2>> thread_names_;  // for headers
};

}  // namespace kutrace::record
