// SPDX-License-Identifier: BSD-3-Clause
#include "model/reading.h"

#include "kutrace/abi.h"
#include "model/machine.h"
#include "model/module.h"

namespace model {
namespace {

uint32_t low(uint64_t counter) { return static_cast<uint32_t>(counter & KUTRACE_TS_MASK); }

class BlockReader {
 public:
  BlockReader(uint32_t index, Reading& to) : block_(model_block(index)), index_(index), to_(to) {}

  void run() {
    cpu_ = static_cast<unsigned>(block_[KUTRACE_HDR_COUNTER] >> 56);
    time_ = block_[KUTRACE_HDR_COUNTER] & KUTRACE_LOW56;
    if (cpu_ >= kCpus) return wrong("is of no CPU");
    uint32_t at = index_ == 0 ? KUTRACE_FIRST_ENTRY_BLOCK0 : KUTRACE_FIRST_ENTRY_OTHER;
    while (at < kBlockWords && block_[at] != ~0ULL) at += block_[at] == 0 ? 1 : entry(block_[at]);
    if (at > kBlockWords) wrong("has an entry that crosses its end");
  }

 private:
  void wrong(const std::string& what) {
    if (to_.wrong.empty()) to_.wrong = "block " + std::to_string(index_) + " " + what;
  }

  void advance(uint32_t stamp) {
    const uint32_t step = (stamp - low(time_)) & KUTRACE_TS_MASK;
    const uint64_t most = first_ ? 1ULL << 19 : KUTRACE_TS_MAX_STEP;
    time_ += step <= most ? step : step - (KUTRACE_TS_MASK + 1);
  }

  uint32_t entry(uint64_t word) {
    const auto number = static_cast<uint32_t>(word >> KUTRACE_EVENT_SHIFT & KUTRACE_EVENT_MASK);
    const auto argument = static_cast<uint32_t>(word);
    const auto stamp = static_cast<uint32_t>(word >> KUTRACE_TS_SHIFT);
    if (number == KUTRACE_TSDELTA) {
      if (first_) wrong("begins with TSDELTA, whose step readers cannot take");
      time_ += argument < 2'000'000'000 ? argument : argument - (1ULL << 32);
      if (low(time_) != stamp) wrong("has a TSDELTA that says another time than its stamp");
      return 1;
    }
    advance(stamp);
    first_ = false;
    Entry e{cpu_, index_, time_, number, argument, 0, 0};
    if (kutrace_is_call(number)) {
      e.delta = argument >> KUTRACE_DELTA_SHIFT;
      e.value = static_cast<int8_t>(argument >> KUTRACE_RETVAL_SHIFT & 0xff);
      e.argument = argument & 0xffff;
    }
    if (number == KUTRACE_LOST) to_.lost += argument;
    to_.entries.push_back(e);
    if (kutrace_is_name(number)) return KUTRACE_EVENT_LENGTH(number);
    return number == KUTRACE_PC_U ? 2 : 1;
  }

  const uint64_t* block_;
  uint32_t index_;
  Reading& to_;
  unsigned cpu_ = 0;
  uint64_t time_ = 0;
  bool first_ = true;
};

}  // namespace

Reading read() {
  Reading result;
  for (uint32_t i = 0; i < model_used(); ++i) BlockReader(i, result).run();
  result.lost += model_header_lost();
  return result;
}

}  // namespace model
