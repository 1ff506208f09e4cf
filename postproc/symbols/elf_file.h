// SPDX-License-Identifier: BSD-3-Clause
// What an ELF file says of its functions: from its symbol tables, and from the file of debugging symbols that has the same build-id.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "symbols/symbol_table.h"

namespace kutrace {

// Whether this build can read ELF files (libelf).
bool can_read_elf();

class ElfFile {
 public:
  // `debug_folders`: where files stand by build-id (FOLDER/.build-id/ab/cdef.debug). Throws Error when it is no ELF file.
  ElfFile(const std::string& path, const std::vector<std::string>& debug_folders, Diagnostics& diagnostics);

  const std::string& build_id() const { return build_id_; }  // in hex; "" when it has none
  const SymbolTable& symbols() const { return symbols_; }
  // The address that the file's own tables use for a byte of the file; none when no part of it is loaded from there.
  std::optional<uint64_t> address_of(uint64_t file_offset) const;

 private:
  struct Segment {
    uint64_t offset, bytes, address;
  };
  std::string build_id_;
  std::vector<Segment> segments_;  // in order of offset; those of a program do not overlap
  SymbolTable symbols_;
};

}  // namespace kutrace
