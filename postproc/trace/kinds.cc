// SPDX-License-Identifier: BSD-3-Clause
#include "trace/kinds.h"

#include <array>
#include <cstdio>

namespace kutrace {
namespace {

constexpr Kind kKinds[] = {
#define KUTRACE_RANGE(first, last, name, note, label, words, class, category, group, maker, argument, returned) \
  {first, last, #name, label, words, KindClass::class, KindCategory::category},
#define KUTRACE_KIND(number, ...) KUTRACE_RANGE(number, number, __VA_ARGS__)
#include "kutrace/kinds.def"
};

// Rows by number, from 1; 0: none. A row of one number goes before the row of many around it.
constexpr int32_t kSmall = 0x1000;
constexpr std::array<uint8_t, kSmall> by_number() {
  std::array<uint8_t, kSmall> out{};
  for (const bool single : {false, true}) {
    for (size_t i = 0; i < std::size(kKinds); ++i) {
      if ((kKinds[i].first == kKinds[i].last) != single) continue;
      for (int32_t n = kKinds[i].first; n >= 0 && n < kSmall && n <= kKinds[i].last; ++n) out[static_cast<size_t>(n)] = static_cast<uint8_t>(i + 1);
    }
  }
  return out;
}
static_assert(std::size(kKinds) < 255);
constexpr auto kByNumber = by_number();

struct Wait {
  char letter;
  const char* label;
};
constexpr Wait kWaits[] = {
#define KUTRACE_WAIT(letter, label, word, words, names) {letter, label},
#include "kutrace/kinds.def"
};
static_assert(std::size(kWaits) == KUTRACE_WAITZ - KUTRACE_WAITA + 1);
static_assert([] {
  for (size_t i = 0; i < std::size(kWaits); ++i) {
    if (kWaits[i].letter != static_cast<char>('a' + i)) return false;
  }
  return true;
}(), "one row a letter, in their order");

}  // namespace

const Kind* find_kind(int32_t number) {
  if (number >= 0 && number < kSmall) {
    const uint8_t row = kByNumber[static_cast<size_t>(number)];
    return row == 0 ? nullptr : &kKinds[row - 1];
  }
  const Kind* around = nullptr;
  for (const Kind& kind : kKinds) {
    if (number < kind.first || number > kind.last) continue;
    if (kind.first == kind.last) return &kind;
    around = &kind;
  }
  return around;
}

std::string unknown_label(int32_t number) {
  char text[24];
  std::snprintf(text, sizeof(text), number < 0 ? "event %d" : "event 0x%x", static_cast<unsigned>(number));
  return text;
}

const char* wait_label(char letter) { return kWaits[static_cast<size_t>(letter - 'a') % std::size(kWaits)].label; }

const char* softirq_label(uint32_t number) {
  switch (number) {
#define KUTRACE_SOFTIRQ(number, label) \
  case number:                         \
    return label;
#include "kutrace/kinds.def"
    default:
      return "";
  }
}

}  // namespace kutrace
