// SPDX-License-Identifier: BSD-3-Clause
// The names a trace gives to its numbers, and the names of events made from them
// (docs/trace-format.md, 1.9, 1.10, 2.4).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <unordered_map>

#include "base/string_pool.h"
#include "trace/event.h"

namespace kutrace {

class NameTable {
 public:
  explicit NameTable(StringPool& pool);

  // Takes a name event of any kind but thread names.
  void add(uint16_t kind, uint32_t number, const std::string& text);

  // Name of a call (trap, interrupt, system call, scheduler) without its return bit; softirqs by `arg`.
  NameId call(uint32_t num, uint32_t arg);
  // Name of a point event 0x201…0x2ff. `arg` is its argument.
  NameId special(uint32_t num, uint32_t arg);
  NameId method(uint32_t rpc) { return numbered(KUTRACE_METHODNAME, rpc & 0xffff, "", true); }
  NameId queue(uint32_t number) { return numbered(KUTRACE_QUEUE_NAME, number, "", false); }
  // `prefix` and the lock's name.
  NameId lock(uint32_t number, const char* prefix) { return numbered(KUTRACE_LOCKNAME, number, prefix, false); }
  NameId pc(uint64_t address);

  const std::string& kernel_version() const { return kernel_version_; }
  const std::string& cpu_model() const { return cpu_model_; }
  const std::string& host_name() const { return host_name_; }

 private:
  NameId numbered(uint16_t kind, uint32_t number, const char* prefix, bool append_number);
  const std::string* find(uint16_t kind, uint32_t number) const;

  StringPool& pool_;
  std::array<NameId, 4096> calls_{};
  std::array<NameId, 16> softirqs_{};
  std::unordered_map<uint64_t, std::string> texts_;   // kind << 32 | number
  std::unordered_map<uint64_t, NameId> made_;         // event << 32 | arg, cleared when a name changes
  std::string kernel_version_, cpu_model_, host_name_;
};

// Label of an event that is no call, e.g. "runnable"; "event 0x27b" of one that the table of kinds does not have.
std::string special_label(uint32_t num);
// Name of a call that has none: "sys#39".
std::string fallback_call_name(uint32_t num);

}  // namespace kutrace
