// SPDX-License-Identifier: BSD-3-Clause
#include "base/utf8.h"

#include <simdjson.h>

namespace kutrace {

bool is_utf8(std::string_view text) { return simdjson::validate_utf8(text.data(), text.size()); }

std::string valid_utf8(std::string_view text) {
  if (is_utf8(text)) return std::string(text);
  std::string out;
  while (!text.empty()) {
    // The longest sequence is four bytes; anything that starts none is one bad byte.
    size_t good = 0;
    for (size_t n = 1; n <= 4 && n <= text.size() && good == 0; ++n) {
      if (is_utf8(text.substr(0, n))) good = n;
    }
    if (good == 0) {
      out += "\xef\xbf\xbd";
      text.remove_prefix(1);
    } else {
      out += text.substr(0, good);
      text.remove_prefix(good);
    }
  }
  return out;
}

}  // namespace kutrace
