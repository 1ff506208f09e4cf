// SPDX-License-Identifier: BSD-3-Clause
// The names that stand at the start of a trace, packed as entries, in the order in which they are inserted. All come
// from the running machine or the headers this was built with; the module itself adds traps and system vectors.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "control/machine.h"
#include "kutrace/abi.h"

namespace kutrace::capture {

struct NameEntry {
  uint32_t kind = 0;  // without length bits
  uint32_t number = 0;
  std::string text;
};

// Words of a block that names may take. A wrapping buffer keeps its first block only, so names must fit there, with
// those that the module adds.
constexpr uint32_t kNameWords = KUTRACE_BLOCK_WORDS - KUTRACE_FIRST_ENTRY_BLOCK0 - 512;

struct NameList {
  std::vector<NameEntry> entries;
  uint32_t words = 0;
  uint32_t threads_left_out = 0;     // did not fit
  bool threads_unknown = false;      // /proc shows ids that are not the kernel's: none is named
};

// All names of `machine`. Threads come last in importance: what does not fit into kNameWords is left out of them.
NameList gather_names(const Machine& machine);

// Generated from the system's headers when this was built (system_tables.cc).
std::vector<Numbered> system_call_names();
std::vector<Numbered> system_call_names_32();  // x86-64 only, else empty
std::vector<Numbered> errno_names();

// The number that a name of system call `n` carries: those of 512 and more move up (trace-format.md, 1.9).
constexpr uint32_t name_number(uint32_t n) { return n + (n & 0x200); }

}  // namespace kutrace::capture
