// SPDX-License-Identifier: BSD-3-Clause
// What a file is by its first bytes (file_kinds.def).
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace kutrace {

enum class FileHow { packed, mark, refused };

struct FileKind {
  enum class Id {
#define KUTRACE_FILE_KIND(id, offset, magic, how, words, remedy) id,
#include "base/file_kinds.def"
#undef KUTRACE_FILE_KIND
  };
  Id id;
  size_t offset;
  std::string_view magic;  // hex digits, `?` for any
  FileHow how;
  const char* words;
  const char* remedy;
};

// Bytes at the beginning of a file that tell its kind.
constexpr size_t kFileHead = 512;

std::span<const FileKind> file_kinds();
// The kind of a file that begins with `head`; nullptr when its bytes tell none: text, or a raw trace, which has no mark.
const FileKind* file_kind(std::string_view head);
// Whether `text` is the magic of `kind`.
bool has_magic(const FileKind& kind, std::string_view head);

}  // namespace kutrace
