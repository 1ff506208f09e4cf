// SPDX-License-Identifier: BSD-3-Clause
// Words of an input, between blanks.
#pragma once

#include <string>
#include <string_view>

#include "base/input.h"

namespace kutrace {

template <typename Take>
void for_each_word(LineReader& lines, Take&& take) {
  std::string_view line;
  while (lines.next(line)) {
    for (size_t at = 0; (at = line.find_first_not_of(" \t", at)) != std::string_view::npos;) {
      const size_t end = std::min(line.find_first_of(" \t", at), line.size());
      take(std::string(line.substr(at, end - at)));
      at = end;
    }
  }
}

}  // namespace kutrace
