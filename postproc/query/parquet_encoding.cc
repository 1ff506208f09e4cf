// SPDX-License-Identifier: BSD-3-Clause
#include "query/parquet_encoding.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "query/thrift_compact.h"

namespace kutrace {
namespace {

constexpr size_t kBlock = 128, kMiniblock = 32, kGroup = 8;

// `width` bits of each value, from the lowest up. Together they fill whole bytes.
template <typename T>
void pack_bits(std::span<const T> values, unsigned width, std::string& out) {
  const size_t bytes = (values.size() * width + 7) / 8, at = out.size();
  out.resize(at + bytes);
  char* to = out.data() + at;
  char* const end = to + bytes;
  uint64_t word = 0;
  unsigned filled = 0;
  for (const T value : values) {
    const uint64_t bits = value;
    word |= bits << filled;
    if (filled + width < 64) {
      filled += width;
      continue;
    }
    std::memcpy(to, &word, sizeof(word));
    to += sizeof(word);
    word = filled == 0 ? 0 : bits >> (64 - filled);
    filled = filled + width - 64;
  }
  std::memcpy(to, &word, static_cast<size_t>(end - to));
}

}  // namespace

static_assert(std::endian::native == std::endian::little, "values are written as they lie in memory");

unsigned bits_of(uint64_t largest) { return static_cast<unsigned>(std::bit_width(largest)); }

void pack_differences(std::span<const int64_t> values, std::string& out) {
  put_varint(out, kBlock);
  put_varint(out, kBlock / kMiniblock);
  put_varint(out, values.size());
  put_varint(out, zigzag(values.empty() ? 0 : values[0]));
  std::array<uint64_t, kBlock> rest{};
  for (size_t at = 1; at < values.size(); at += kBlock) {
    const size_t count = std::min(kBlock, values.size() - at);
    int64_t least = INT64_MAX;
    for (size_t i = 0; i < count; ++i) {
      rest[i] = static_cast<uint64_t>(values[at + i]) - static_cast<uint64_t>(values[at + i - 1]);
      least = std::min(least, static_cast<int64_t>(rest[i]));
    }
    std::array<uint8_t, kBlock / kMiniblock> widths{};
    for (size_t i = 0; i < count; ++i) rest[i] -= static_cast<uint64_t>(least);
    std::fill(rest.begin() + static_cast<ptrdiff_t>(count), rest.end(), 0);
    for (size_t m = 0; m < widths.size(); ++m) {
      uint64_t all = 0;
      for (size_t i = 0; i < kMiniblock; ++i) all |= rest[m * kMiniblock + i];
      widths[m] = static_cast<uint8_t>(bits_of(all));
    }
    put_varint(out, zigzag(least));
    out.append(reinterpret_cast<const char*>(widths.data()), widths.size());
    for (size_t m = 0; m < widths.size() && m * kMiniblock < count; ++m) {
      pack_bits(std::span<const uint64_t>(rest).subspan(m * kMiniblock, kMiniblock), widths[m], out);
    }
  }
}

namespace {

void put_run(uint32_t value, size_t count, unsigned bits, std::string& out) {
  put_varint(out, count << 1);
  out.append(reinterpret_cast<const char*>(&value), (bits + 7) / 8);
}

void put_groups(std::span<const uint32_t> values, unsigned bits, std::string& out) {
  if (values.empty()) return;
  put_varint(out, (values.size() + kGroup - 1) / kGroup << 1 | 1);
  const size_t whole = values.size() / kGroup * kGroup;
  pack_bits(values.first(whole), bits, out);
  if (whole == values.size()) return;
  std::array<uint32_t, kGroup> last{};
  std::copy(values.begin() + static_cast<ptrdiff_t>(whole), values.end(), last.begin());
  pack_bits(std::span<const uint32_t>(last), bits, out);
}

}  // namespace

void pack_runs(std::span<const uint32_t> values, unsigned bits, std::string& out) {
  size_t begun = 0;  // of what goes into groups
  for (size_t at = 0; at < values.size();) {
    size_t end = at + 1;
    while (end < values.size() && values[end] == values[at]) ++end;
    // Groups are whole but for the last.
    const size_t group_end = begun + (at - begun + kGroup - 1) / kGroup * kGroup;
    if (end >= group_end + kGroup) {
      put_groups(values.subspan(begun, group_end - begun), bits, out);
      put_run(values[at], end - group_end, bits, out);
      begun = end;
    }
    at = end;
  }
  put_groups(values.subspan(begun), bits, out);
}

// ---- dictionary ---------------------------------------------------------------------------------------------

void Dictionary::clear() {
  values_.clear();
  if (++age_ != 0) return;
  std::fill(slots_.begin(), slots_.end(), Slot{});
  age_ = 1;
}

uint32_t Dictionary::find(int64_t value) {
  size_t at = place(value);
  while (slots_[at].age == age_ && slots_[at].value != value) at = (at + 1) & (slots_.size() - 1);
  if (slots_[at].age != age_) {
    slots_[at] = {value, static_cast<uint32_t>(values_.size()), age_};
    values_.push_back(value);
  }
  latest_ = value;
  latest_number_ = slots_[at].number;
  if (values_.size() * 2 > slots_.size()) grow();
  return latest_number_;
}

void Dictionary::grow() {
  slots_.assign(slots_.size() * 2, Slot{});
  --shift_;
  for (uint32_t number = 0; number < values_.size(); ++number) {
    size_t at = place(values_[number]);
    while (slots_[at].age == age_) at = (at + 1) & (slots_.size() - 1);
    slots_[at] = {values_[number], number, age_};
  }
}

}  // namespace kutrace
