// SPDX-License-Identifier: BSD-3-Clause
#include "json/json_scanner.h"

#include <algorithm>

namespace kutrace {
namespace {

// So much may always be read in vain, and a value of this length is read even then.
constexpr size_t kFreely = 1 << 16, kSoon = 1024;

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

}  // namespace

void JsonScanner::skip_space() {
  while (at_ < text_.size() && is_space(text_[at_])) ++at_;
}

size_t JsonScanner::line_end() {
  // Kept, so that many broken records of one line do not each cost the line.
  if (at_ < line_begin_ || at_ > line_end_) {
    line_begin_ = at_;
    line_end_ = std::min(text_.find('\n', at_), text_.size());
  }
  return line_end_;
}

bool JsonScanner::string_token(std::string_view& raw) {
  if (at_ >= text_.size() || text_[at_] != '"') return false;
  const bool hurry = in_vain_ > at_ + kFreely;
  const size_t line = hurry ? std::min(line_end(), at_ + kSoon) : line_end();
  size_t end = at_ + 1;
  while (end < line && text_[end] != '"') end += text_[end] == '\\' ? 2 : 1;
  if (end >= line) {
    if (!hurry) in_vain_ += line - at_;
    return false;
  }
  raw = text_.substr(at_ + 1, end - at_ - 1);
  at_ = end + 1;
  return true;
}

bool JsonScanner::value_token(std::string_view& raw) {
  const size_t start = at_;
  const bool hurry = in_vain_ > start + kFreely;
  const size_t limit = hurry ? start + std::min(kSoon, text_.size() - start) : text_.size();
  int depth = 0;
  while (at_ < limit) {
    char c = text_[at_];
    if (c == '"') {
      std::string_view skipped;
      if (!string_token(skipped)) {
        if (!hurry) in_vain_ += at_ - start;
        return false;
      }
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
  if (depth != 0 && !hurry) in_vain_ += at_ - start;
  raw = text_.substr(start, at_ - start);
  while (!raw.empty() && is_space(raw.back())) raw.remove_suffix(1);
  return depth == 0 && !raw.empty();
}

size_t JsonScanner::element_end() const {
  int depth = 0;
  for (size_t i = at_; i < text_.size(); ++i) {
    const char c = text_[i];
    if (c == '"') {
      for (++i; i < text_.size() && text_[i] != '"' && text_[i] != '\n'; ++i) i += text_[i] == '\\' ? 1 : 0;
      if (i < text_.size() && text_[i] == '\n') return i;
    } else if (c == '[' || c == '{') {
      if (c == '[' && i > at_) return i;
      ++depth;
    } else if (c == ']' || c == '}') {
      if (depth == 0) return i;
      --depth;
    } else if (c == ',' && depth == 0) {
      return i;
    }
  }
  return text_.size();
}

void JsonScanner::resync() {
  constexpr std::string_view kNext = "], [";
  const size_t line = line_end();
  const size_t next = text_.substr(0, line).find(kNext, at_);
  at_ = next != std::string_view::npos ? next + 1 : line;
}

}  // namespace kutrace
