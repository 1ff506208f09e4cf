// SPDX-License-Identifier: BSD-3-Clause
#include "analysis/text_table.h"

#include <algorithm>

#include "base/terminal.h"

namespace kutrace {
namespace {

constexpr size_t kGap = 2;

size_t columns_of(std::string_view text) {
  size_t n = 0;
  for (const char c : text) n += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  return n;
}

// The first `most` characters, the last of them `~` when there are more.
std::string shortened(const std::string& text, size_t most) {
  if (columns_of(text) <= most) return text;
  size_t at = 0;
  for (size_t n = 0; at < text.size(); ++at) {
    if ((static_cast<unsigned char>(text[at]) & 0xc0) != 0x80 && ++n == most) break;
  }
  return text.substr(0, at) + "~";
}

}  // namespace

std::string TextTable::text(size_t width) const {
  std::vector<std::vector<std::string>> rows = rows_;
  std::vector<size_t> widths(rows_.front().size());
  for (auto& row : rows) {
    for (size_t c = 0; c < row.size(); ++c) {
      row[c] = terminal_text(row[c]);
      widths[c] = std::max(widths[c], columns_of(row[c]));
    }
  }
  size_t all = kGap * (widths.size() - 1);
  for (const size_t w : widths) all += w;
  if (all > width) widths[0] -= std::min(widths[0] - 1, all - width);
  std::string out;
  for (const auto& row : rows) {
    std::string line;
    for (size_t c = 0; c < row.size(); ++c) {
      const std::string cell = shortened(row[c], widths[c]);
      const std::string space(widths[c] - std::min(widths[c], columns_of(cell)), ' ');
      line += (c > 0 ? std::string(kGap, ' ') : "") + (c < left_ ? cell + space : space + cell);
    }
    while (line.ends_with(' ')) line.pop_back();
    out += line + "\n";
  }
  return out;
}

}  // namespace kutrace
