// SPDX-License-Identifier: BSD-3-Clause
#include "html/base91.h"

#include <algorithm>
#include <array>

namespace kutrace {
namespace {

constexpr unsigned kBase = 91;
constexpr unsigned kPairBits = 13;
constexpr unsigned kPairLimit = 1u << kPairBits;
constexpr unsigned kLastBits = 6;  // what a single letter at the end holds

// Printable ASCII without what means something in HTML.
constexpr std::array<char, kBase> kLetters = [] {
  std::array<char, kBase> letters{};
  size_t n = 0;
  for (char c = '!'; c <= '~'; ++c) {
    if (c != '&' && c != '<' && c != '>') letters[n++] = c;
  }
  return letters;
}();

struct Pair {
  char first, second;
};
constexpr std::array<Pair, kPairLimit> kPairs = [] {
  std::array<Pair, kPairLimit> pairs{};
  for (unsigned v = 0; v < kPairLimit; ++v) pairs[v] = {kLetters[v % kBase], kLetters[v / kBase]};
  return pairs;
}();

constexpr uint8_t kSpace = 254, kNoLetter = 255;
constexpr std::array<uint8_t, 256> kValues = [] {
  std::array<uint8_t, 256> values{};
  for (auto& v : values) v = kNoLetter;
  for (uint8_t i = 0; i < kBase; ++i) values[static_cast<uint8_t>(kLetters[i])] = i;
  for (char c : {' ', '\t', '\n', '\f', '\r'}) values[static_cast<uint8_t>(c)] = kSpace;
  return values;
}();

}  // namespace

void Base91Writer::put(std::string_view bytes) {
  constexpr size_t kPiece = Output::kMaxReserve / 2;  // a byte makes less than two letters
  while (!bytes.empty()) {
    char* p = out_.reserve(Output::kMaxReserve);
    for (char c : bytes.substr(0, kPiece)) {
      bits_ |= static_cast<uint64_t>(static_cast<uint8_t>(c)) << held_;
      held_ += 8;
      if (held_ < kPairBits) continue;
      const Pair& pair = kPairs[bits_ & (kPairLimit - 1)];
      *p++ = pair.first;
      *p++ = pair.second;
      bits_ >>= kPairBits;
      held_ -= kPairBits;
    }
    out_.commit(p);
    bytes.remove_prefix(std::min(bytes.size(), kPiece));
  }
}

void Base91Writer::end() {
  if (held_ == 0) return;
  const Pair& pair = kPairs[bits_];
  const char text[2] = {pair.first, pair.second};
  out_.write({text, held_ > kLastBits ? 2u : 1u});
  bits_ = 0;
  held_ = 0;
}

Base91Decoded decode_base91(std::string_view text) {
  Base91Decoded out;
  out.bytes.reserve(text.size() / 16 * kPairBits + kPairBits);
  unsigned bits = 0, held = 0;
  int first = -1;
  for (char c : text) {
    unsigned value = kValues[static_cast<uint8_t>(c)];
    if (value == kSpace) continue;
    if (value == kNoLetter) {
      out.sound = false;
      value = 0;
    }
    if (first < 0) {
      first = static_cast<int>(value);
      continue;
    }
    const unsigned pair = static_cast<unsigned>(first) + value * kBase;
    first = -1;
    if (pair >= kPairLimit) out.sound = false;
    bits |= (pair & (kPairLimit - 1)) << held;
    for (held += kPairBits; held >= 8; held -= 8, bits >>= 8) out.bytes += static_cast<char>(bits);
  }
  if (first >= 0 && held + kLastBits >= 8) out.bytes += static_cast<char>(bits | static_cast<unsigned>(first) << held);
  return out;
}

}  // namespace kutrace
