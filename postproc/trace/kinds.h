// SPDX-License-Identifier: BSD-3-Clause
// The table of kinds (include/kutrace/kinds.def) for the programs: what an event number is, and which number is none.
#pragma once

#include <cstdint>
#include <string>

#include "kutrace/kinds.h"

namespace kutrace {

// What the time of a record, or its moment, counts as.
enum class KindClass : uint8_t { user, syscall, irq, fault, sched, idle, wait, point, none };
enum class KindCategory : uint8_t { call, point, span, name, synthesized };

struct Kind {
  int32_t first, last;  // numbers of events; of names without their length bits
  const char* name;     // as in kinds.def
  const char* label;    // of records, or its beginning
  const char* words;
  KindClass kind_class;
  KindCategory category;
};

// The row of a number, calls without their return bit; nullptr: no row has it.
const Kind* find_kind(int32_t number);
// How a number is shown that no row has: "event 0x27b".
std::string unknown_label(int32_t number);
// Whether records of this number are points in time: in JSON they last 10 ns. Of ENQUEUE, that which has a CPU.
inline bool is_point_event(int32_t number) {
  if (number < KUTRACE_USERPID || number > KUTRACE_SPECIAL_LAST || number == KUTRACE_ENQUEUE) return false;
  const Kind* kind = find_kind(number);
  return kind == nullptr || kind->kind_class == KindClass::point;
}

// Name of a wait, by its letter: "wait_disk".
const char* wait_label(char letter);
// Behind "BH:"; "" for a number that has none.
const char* softirq_label(uint32_t number);

}  // namespace kutrace
