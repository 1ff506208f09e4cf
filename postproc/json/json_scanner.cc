// SPDX-License-Identifier: BSD-3-Clause
#include "json/json_scanner.h"

#include <algorithm>

namespace kutrace {
namespace {

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

}  // namespace

void JsonScanner::skip_space() {
  while (at_ < text_.size() && is_space(text_[at_])) ++at_;
}

bool JsonScanner::string_token(std::string_view& raw) {
  if (at_ >= text_.size() || text_[at_] != '"') return false;
  size_t end = at_ + 1;
  while (end < text_.size() && text_[end] != '"' && text_[end] != '\n') end += text_[end] == '\\' ? 2 : 1;
  if (end >= text_.size() || text_[end] != '"') return false;
  raw = text_.substr(at_ + 1, end - at_ - 1);
  at_ = end + 1;
  return true;
}

bool JsonScanner::value_token(std::string_view& raw) {
  const size_t start = at_;
  int depth = 0;
  while (at_ < text_.size()) {
    char c = text_[at_];
    if (c == '\n' && unclosed_) return false;
    if (c == '"') {
      std::string_view skipped;
      if (!string_token(skipped)) return false;
      if (depth == 0) break;
      continue;
    }
    if (c == '[' || c == '{') ++depth;
    if (c == ']' || c == '}') {
      if (depth == 0) break;
      ++at_;
      if (--depth == 0) break;
      continue;
    }
    if (c == ',' && depth == 0) break;
    ++at_;
  }
  if (depth != 0) unclosed_ = true;
  raw = text_.substr(start, at_ - start);
  while (!raw.empty() && is_space(raw.back())) raw.remove_suffix(1);
  return depth == 0 && !raw.empty();
}

void JsonScanner::resync() {
  // No further than the line's end is searched, so that many broken lines do not each cost the whole text.
  const size_t line = std::min(text_.find('\n', at_), text_.size());
  const size_t next = text_.substr(0, line).find("], [", at_);
  at_ = next != std::string_view::npos ? next + 1 : line;
}

}  // namespace kutrace
