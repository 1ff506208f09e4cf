// SPDX-License-Identifier: BSD-3-Clause
#include "base/terminal.h"

#include <cstdint>
#include <cstdio>
#include <iostream>

namespace kutrace {

bool is_control_character(char32_t c) {
  if (c < 0x20 || (c >= 0x7f && c <= 0x9f)) return true;
  return c == 0x061c || c == 0x180e || (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) ||
         c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) || (c >= 0xe0000 && c <= 0xe007f);
}

size_t utf8_character(std::string_view text, char32_t& c) {
  if (text.empty()) return 0;
  auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t first = byte(0);
  if (first < 0x80) {
    c = first;
    return 1;
  }
  const size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < size) return 0;
  c = first & (0xff >> (size + 1));
  for (size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
    c = c << 6 | (byte(i) & 0x3f);
  }
  constexpr char32_t kLeast[5] = {0, 0, 0x80, 0x800, 0x10000};
  if (c < kLeast[size] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff)) return 0;
  return size;
}

std::string terminal_text(std::string_view text, bool lines) {
  std::string out;
  out.reserve(text.size());
  char code[16];
  while (!text.empty()) {
    char32_t c = 0;
    const size_t size = utf8_character(text, c);
    const bool plain = size > 0 && (!is_control_character(c) || (lines && (c == '\n' || c == '\t')));
    if (plain) {
      out += text.substr(0, size);
    } else if (size > 1) {
      std::snprintf(code, sizeof(code), "\\u{%x}", static_cast<unsigned>(c));
      out += code;
    } else {
      std::snprintf(code, sizeof(code), "\\x%02x", static_cast<unsigned>(static_cast<uint8_t>(text[0])));
      out += code;
    }
    text.remove_prefix(size > 0 ? size : 1);
  }
  return out;
}

bool standard_output_is_whole() {
  std::cout.flush();
  return std::fflush(stdout) == 0 && std::ferror(stdout) == 0 && std::cout.good();
}

}  // namespace kutrace
