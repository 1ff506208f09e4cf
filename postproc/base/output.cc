// SPDX-License-Identifier: BSD-3-Clause
#include "base/output.h"

#include <algorithm>

#include "base/error.h"

namespace kutrace {
namespace {

constexpr size_t kBuffer = 1u << 18;
// What goes to memory is copied once more, from a cache.
constexpr size_t kMemoryBuffer = 4 * Output::kMaxReserve;

struct DigitPairs {
  char text[200];
  constexpr DigitPairs() : text() {
    for (int i = 0; i < 100; ++i) {
      text[2 * i] = static_cast<char>('0' + i / 10);
      text[2 * i + 1] = static_cast<char>('0' + i % 10);
    }
  }
};
constexpr DigitPairs kPairs;

char* put_pair(char* p, uint64_t value) {
  std::memcpy(p, kPairs.text + 2 * value, 2);
  return p + 2;
}

}  // namespace

Output::Output(const std::string& path, const std::vector<std::string>& inputs, const Budget* budget)
    : file_(std::make_unique<OutputFile>(path, OutputRules{OutputKind::kDocument, true, inputs})), budget_(budget), buffer_(kBuffer) {
  at_ = buffer_.data();
  limit_ = at_ + buffer_.size();
}

Output::Output(std::string* memory) : memory_(memory), buffer_(kMemoryBuffer) {
  at_ = buffer_.data();
  limit_ = at_ + buffer_.size();
}

void Output::flush() {
  const std::span<const char> bytes(buffer_.data(), static_cast<size_t>(at_ - buffer_.data()));
  at_ = buffer_.data();
  if (memory_ != nullptr) {
    memory_->append(bytes.data(), bytes.size());
    return;
  }
  written_ += bytes.size();
  if (budget_ != nullptr && written_ > budget_->most(Limit::output)) {
    throw Error(file_->name(), std::nullopt, "would have more than " + std::to_string(budget_->most(Limit::output)) + " bytes",
                limit_info(Limit::output).remedy);
  }
  file_->write(bytes);
}

void Output::write_slow(std::string_view text) {
  while (!text.empty()) {
    if (at_ == limit_) flush();
    size_t n = std::min(text.size(), static_cast<size_t>(limit_ - at_));
    std::memcpy(at_, text.data(), n);
    at_ += n;
    text.remove_prefix(n);
  }
}

void Output::close() {
  flush();
  if (file_) file_->finish();
}

char* put_long(char* p, uint64_t value) {
  int digits = 1;
  for (uint64_t limit = 10; digits < 20 && value >= limit; limit *= 10) ++digits;
  char* end = p + digits;
  char* at = end;
  while (value >= 100) {
    at -= 2;
    put_pair(at, value % 100);
    value /= 100;
  }
  if (value >= 10) {
    put_pair(at - 2, value);
  } else {
    *--at = static_cast<char>('0' + value);
  }
  return end;
}

char* put_hex(char* p, uint64_t value, int digits) {
  for (int i = digits - 1; i >= 0; --i) *p++ = "0123456789abcdef"[(value >> (4 * i)) & 15];
  return p;
}

char* put_seconds(char* p, int64_t units, int width) {
  bool negative = units < 0;
  uint64_t magnitude = negative ? 0 - static_cast<uint64_t>(units) : static_cast<uint64_t>(units);
  const uint64_t whole = magnitude / 100000000;
  const auto part = static_cast<uint32_t>(magnitude % 100000000);
  int digits = 1;
  for (uint64_t limit = 10; digits < 20 && whole >= limit; limit *= 10) ++digits;
  for (int pad = width - 9 - digits - (negative ? 1 : 0); pad > 0; --pad) *p++ = ' ';
  if (negative) *p++ = '-';
  p = put_unsigned(p, whole);
  *p++ = '.';
  const uint32_t high = part / 10000, low = part % 10000;
  p = put_pair(p, high / 100);
  p = put_pair(p, high % 100);
  p = put_pair(p, low / 100);
  return put_pair(p, low % 100);
}

}  // namespace kutrace
