// SPDX-License-Identifier: BSD-3-Clause
// A test encoder: writes raw blocks as the kernel module would, entry by entry in the order of storing. It knows the
// format (docs/trace-format.md, section 1) and nothing of the decoder.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "kutrace/abi.h"

namespace kutrace::test {

struct EncoderOptions {
  uint64_t start_counter = 0x1'2345'6789;
  uint64_t start_us = 1795229448519597;  // 2026-11-21 02:50:48.519597
  double counts_per_us = 40.0;
  uint32_t flags = 0;            // KUTRACE_FLAG_IPC, _LLC, _WRAP
  uint32_t ring_blocks = 0;      // with _WRAP: blocks behind block 0 that are used again and again
  uint64_t open_delay = 3;       // counts from an entry's time stamp to the opening of the block it needs
};

class Encoder {
 public:
  explicit Encoder(const EncoderOptions& options);

  // The thread that runs on a CPU: for the headers of its blocks. Set before the CPU's first entry; an entry
  // KUTRACE_USERPID sets it afterwards.
  void running(uint32_t cpu, uint32_t pid, std::string_view name, uint32_t mhz = 0);
  void thread_name(uint32_t pid, std::string_view name) { thread_names_[pid] = std::string(name); }

  // One word. A step of more than KUTRACE_TS_MAX_STEP, forward or back, gets its TSDELTA.
  void entry(uint32_t cpu, uint64_t counter, uint32_t event, uint32_t arg = 0, uint8_t ipc = 0);
  // A late store whose writer had decided, before the interrupt came, that no TSDELTA was needed.
  void unmarked(uint32_t cpu, uint64_t counter, uint32_t event, uint32_t arg = 0);
  // A return: folded into its call when the rules of section 1.11 allow it. Returns whether it was.
  bool leave(uint32_t cpu, uint64_t counter, uint32_t call, int64_t value = 0, uint8_t ipc = 0);
  void name(uint32_t cpu, uint64_t counter, uint32_t kind, uint32_t number, std::string_view text);
  void sample(uint32_t cpu, uint64_t counter, uint64_t address, uint32_t mhz = 0);
  // Words as they are, without any rule applied but the block's room.
  void raw(uint32_t cpu, uint64_t counter, const std::vector<uint64_t>& words);
  // Events that found no room: counted in the header of the CPU's next block.
  // Makes the CPU's next entry open a block.
  void end_block(uint32_t cpu) { state_of(cpu).block = kNone; }

  // The file; tracing stops at `stop_counter`. The time pairs agree with `counts_per_us` to the microsecond.
  std::vector<uint8_t> finish(uint64_t stop_counter);

  bool wrapped() const { return wrapped_; }
  size_t blocks() const { return blocks_.size(); }
  // Counter at which the oldest block of a CPU that is still there was opened; UINT64_MAX when there is none.
  // `with_block0` false leaves out block 0, as readers of a wrapped trace do.
  uint64_t oldest(uint32_t cpu, bool with_block0) const;

 private:
  static constexpr size_t kNone = SIZE_MAX;
  struct RawBlock {
    uint32_t cpu = 0;
    uint64_t counter = 0;
    std::array<uint64_t, KUTRACE_BLOCK_WORDS> words{};
    std::array<uint8_t, KUTRACE_BYTE_AREA_BYTES> bytes{};
  };
  struct CpuState {
    uint32_t pid = 0, mhz = 0;
    size_t block = kNone;
    uint32_t at = 0;        // next word
    uint32_t last_call = 0;  // index of the last word stored, 0 when nothing can be folded into it
    bool stored = false;    // `previous` is set
    uint64_t previous = 0;  // time stamp of the last stored entry
  };

  CpuState& state_of(uint32_t cpu) {
    if (cpu >= cpus_.size()) cpus_.resize(cpu + 1);
    return cpus_[cpu];
  }
  CpuState& room(uint32_t cpu, uint64_t counter, uint32_t words);
  size_t claim();
  void open(CpuState& state, uint32_t cpu, uint64_t counter);
  void store(uint32_t cpu, uint64_t counter, uint32_t event, uint32_t arg, uint8_t ipc, bool may_step,
             const std::vector<uint64_t>& more);

  EncoderOptions options_;
  std::deque<RawBlock> blocks_;
  std::vector<CpuState> cpus_;
  std::map<uint32_t, std::string> thread_names_;
  size_t cursor_ = 1;  // next block of the ring
  bool wrapped_ = false;
};

// The word of an entry.
constexpr uint64_t entry_word(uint64_t counter, uint32_t event, uint32_t arg) {
  return (counter & KUTRACE_TS_MASK) << KUTRACE_TS_SHIFT | static_cast<uint64_t>(event) << KUTRACE_EVENT_SHIFT | arg;
}

}  // namespace kutrace::test
