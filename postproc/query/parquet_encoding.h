// SPDX-License-Identifier: BSD-3-Clause
// How Parquet packs the values of a page: the encodings DELTA_BINARY_PACKED and RLE (of levels and of a dictionary's indices).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace kutrace {

// Differences of neighbours, each 32 of them with as many bits as they need. Any 64-bit values.
void pack_differences(std::span<const int64_t> values, std::string& out);

// Runs of equal values, and groups of eight of `bits` each between them. `bits`: at most 32, enough for each value.
void pack_runs(std::span<const uint32_t> values, unsigned bits, std::string& out);

// Bits that the values 0 to `largest` need.
unsigned bits_of(uint64_t largest);

// Gives different values numbers from 0, in the order in which they come.
class Dictionary {
 public:
  // Forgets all.
  void clear();
  // The number of a value.
  uint32_t number(int64_t value) {
    if (value == latest_ && !values_.empty()) return latest_number_;
    return find(value);
  }
  const std::vector<int64_t>& values() const { return values_; }

 private:
  struct Slot {
    int64_t value;
    uint32_t number, age;
  };
  uint32_t find(int64_t value);
  void grow();
  size_t place(int64_t value) const { return static_cast<uint64_t>(value) * 0x9e3779b97f4a7c15u >> shift_; }

  unsigned shift_ = 64 - 10;
  std::vector<Slot> slots_{size_t{1} << 10};
  uint32_t age_ = 1;  // slots of another age are free
  std::vector<int64_t> values_;
  int64_t latest_ = 0;
  uint32_t latest_number_ = 0;
};

}  // namespace kutrace
