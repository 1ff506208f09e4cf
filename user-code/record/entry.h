// SPDX-License-Identifier: BSD-3-Clause
// One entry on its way from a row to a block. Times are whole counters: of 2^KUTRACE_ROW_SHIFT ns on the monotonic clock.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "kutrace/abi.h"

namespace kutrace::record {

struct Entry {
  uint64_t time = 0;
  uint64_t word = 0;  // event and argument; no time stamp
  std::array<uint64_t, KUTRACE_MAX_ENTRY_WORDS - 1> more{};
  uint32_t words = 1;

  uint32_t event() const { return static_cast<uint32_t>(word >> KUTRACE_EVENT_SHIFT) & KUTRACE_EVENT_MASK; }
  uint32_t argument() const { return static_cast<uint32_t>(word); }
};

}  // namespace kutrace::record
