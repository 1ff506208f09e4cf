// SPDX-License-Identifier: BSD-3-Clause
// Bytes in: a file (mapped), a pipe or a gzip file (spooled), as one read-only range; and text line by line
// with bounded memory.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/budget.h"
#include "base/fd.h"

namespace kutrace {

class Diagnostics;

// An unlinked file in $TMPDIR or /tmp. `purpose` is used in messages. Throws Error.
Fd temporary_file(const std::string& purpose);
// Writes all bytes to a temporary file, or throws Error.
void write_all(int fd, const char* data, size_t size, const std::string& purpose);

// A whole input as a read-only byte range. Plain files are mapped. What comes from a pipe or is
// compressed (gzip, zstd, xz) is spooled to an unlinked temporary file in $TMPDIR (or /tmp) and mapped, so memory stays
// bounded by the page cache; inputs up to 64 MB stay in memory. A UTF-8 byte order mark is passed over.
class MappedInput {
 public:
  // `path` "-" is standard input. `budget` bounds what is inflated and spooled. Throws Error when it cannot be opened or
  // read, and when it is of a kind that is none of ours (file_kinds.def), with what to do.
  explicit MappedInput(const std::string& path, Budget* budget = nullptr);
  // Bytes of the caller, which must outlive this object, plain as they are. `name` is used in messages.
  MappedInput(std::span<const uint8_t> bytes, std::string name);
  MappedInput(const MappedInput&) = delete;
  MappedInput& operator=(const MappedInput&) = delete;
  ~MappedInput();

  std::span<const uint8_t> bytes() const { return bytes_; }
  std::string_view text() const { return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()}; }
  const std::string& name() const { return name_; }
  // Set when a compressed stream ended early, failed its checksum or has other bytes behind it; bytes() holds what came before.
  const std::string& damage() const { return damage_; }
  // What it was inflated from (file_kinds.def); "" when it came as it is.
  const std::string& packed() const { return packed_; }
  // Counts the damage as a finding.
  void tell(Diagnostics& diagnostics) const;

 private:
  void map_plain(int fd, size_t size);
  void spool(int fd, Budget* budget);
  void map(int fd, size_t size, const char* what);

  std::string name_;
  std::span<const uint8_t> bytes_;
  std::vector<uint8_t> memory_;
  void* mapping_ = nullptr;
  size_t mapping_size_ = 0;
  std::string damage_, packed_;
};

// Lines from a file or standard input ("-"), plain or compressed, through a fixed window.
class LineReader {
 public:
  static constexpr size_t kMaxLine = 1 << 20;

  explicit LineReader(const std::string& path, Budget* budget = nullptr);
  LineReader(std::span<const uint8_t> bytes, std::string name);
  ~LineReader();
  LineReader(const LineReader&) = delete;
  LineReader& operator=(const LineReader&) = delete;

  // The next line without its end (CR LF or LF); false at the end of input. A line longer than
  // kMaxLine sets too_long() and gives its first kMaxLine bytes; the rest is skipped.
  bool next(std::string_view& line);
  bool too_long() const { return too_long_; }
  // Byte offset of the line just returned, in the decompressed input.
  uint64_t offset() const { return line_offset_; }
  // As MappedInput's; known once next() has returned false.
  std::string damage() const;
  const std::string& name() const { return name_; }

 private:
  bool fill();

  struct Source;
  std::unique_ptr<Source> source_;
  std::string name_;
  std::vector<char> buffer_;
  size_t begin_ = 0;
  size_t end_ = 0;
  uint64_t base_ = 0;  // input offset of buffer_[0]
  uint64_t line_offset_ = 0;
  std::string kept_;  // first part of a line that was too long
  bool too_long_ = false;
  bool eof_ = false;
};

}  // namespace kutrace
