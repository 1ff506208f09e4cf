// SPDX-License-Identifier: BSD-3-Clause
// What stands in the model's buffer, read by the rules of docs/trace-format.md (1.2 to 1.14) and by none of the module's code.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace model {

struct Entry {
  unsigned cpu;
  uint32_t block;
  uint64_t counter;
  uint32_t number, argument;
  uint32_t delta;  // of a folded return; else 0
  int value;
  bool is(uint32_t n) const { return number == n; }
};

struct Reading {
  std::vector<Entry> entries;  // without TSDELTA
  uint64_t lost = 0;           // by LOST entries and the header
  std::string wrong;           // what is against the format; empty if nothing
};

// All that is there; of a recording that has been stopped.
Reading read();

}  // namespace model
