// SPDX-License-Identifier: BSD-3-Clause
#include "trace/event.h"

#include <algorithm>

#include "base/terminal.h"

namespace kutrace {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

constexpr char kBase40[] = "\0abcdefghijklmnopqrstuvwxyz0123456789-./";

}  // namespace

std::string clean_name(std::string_view raw) {
  std::string out;
  out.reserve(raw.size());
  for (size_t i = 0; i < raw.size();) {
    const char c = raw[i];
    const bool inner = raw.size() >= 3 && i > 0 && i + 1 < raw.size();
    if (c == ' ' && inner && (!is_digit(raw[i - 1]) || !is_digit(raw[i + 1]))) {
      ++i;
      continue;
    }
    char32_t code = 0;
    const size_t size = utf8_character(raw.substr(i), code);
    const bool letter = size > 0 && code > ' ' && c != '"' && c != '\\' && code != 0xa0 && !is_control_character(code);
    if (letter) {
      out += raw.substr(i, size);
    } else {
      out += '_';
    }
    i += std::max<size_t>(size, 1);
  }
  return out;
}

std::string base40_text(uint32_t value) {
  std::string out;
  for (; value != 0; value /= 40) out += kBase40[value % 40] == '\0' ? '.' : kBase40[value % 40];
  return out;
}

uint64_t base40_value(std::string_view text) {
  uint64_t value = 0;
  if (text.size() > 6) text = text.substr(0, 6);
  for (size_t i = text.size(); i-- > 0;) {
    char c = text[i];
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    uint64_t code = 38;
    for (uint64_t k = 1; k < 40; ++k) {
      if (kBase40[k] == c) code = k;
    }
    value = value * 40 + code;
  }
  return value;
}

}  // namespace kutrace
