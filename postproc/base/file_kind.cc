// SPDX-License-Identifier: BSD-3-Clause
#include "base/file_kind.h"

#include <cstdint>

namespace kutrace {
namespace {

constexpr FileKind kKinds[] = {
#define KUTRACE_FILE_KIND(id, offset, magic, how, words, remedy) \
  {FileKind::Id::id, offset, magic, FileHow::how, words, remedy},
#include "base/file_kinds.def"
#undef KUTRACE_FILE_KIND
};

constexpr bool fits_in_head() {
  for (const FileKind& kind : kKinds) {
    if (kind.offset + kind.magic.size() / 2 > kFileHead || kind.magic.size() % 2 != 0) return false;
  }
  return true;
}
static_assert(fits_in_head());

}  // namespace

std::span<const FileKind> file_kinds() { return kKinds; }

bool has_magic(const FileKind& kind, std::string_view head) {
  if (head.size() < kind.offset + kind.magic.size() / 2) return false;
  for (size_t i = 0; i < kind.magic.size(); ++i) {
    if (kind.magic[i] == '?') continue;
    const auto byte = static_cast<uint8_t>(head[kind.offset + i / 2]);
    if ("0123456789abcdef"[i % 2 == 0 ? byte >> 4 : byte & 15] != kind.magic[i]) return false;
  }
  return true;
}

const FileKind* file_kind(std::string_view head) {
  for (const FileKind& kind : kKinds) {
    if (has_magic(kind, head)) return &kind;
  }
  return nullptr;
}

}  // namespace kutrace
