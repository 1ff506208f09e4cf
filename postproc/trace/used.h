// SPDX-License-Identifier: BSD-3-Clause
// What samples of a CPU are of (KUTRACE_USED_*): the rows KUTRACE_QUANTITY of kinds.def.
#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string_view>

#include "kutrace/memory.h"

namespace kutrace {

struct Used {
  uint16_t kind;
  const char *word, *source, *unit;
};

inline constexpr Used kUsed[] = {
#define KUTRACE_QUANTITY(name, source, word, unit) {KUTRACE_USED_##name, word, #source, unit},
#include "kutrace/kinds.def"
};

// nullptr: none.
constexpr const Used* find_used(uint32_t kind) {
  const auto* found = std::find_if(std::begin(kUsed), std::end(kUsed), [&](const Used& u) { return u.kind == kind; });
  return found == std::end(kUsed) ? nullptr : found;
}
constexpr const Used* find_used(std::string_view word) {
  const auto* found = std::find_if(std::begin(kUsed), std::end(kUsed), [&](const Used& u) { return u.word == word; });
  return found == std::end(kUsed) ? nullptr : found;
}

}  // namespace kutrace
