// SPDX-License-Identifier: BSD-3-Clause
// The few forms of protobuf's wire format that a profile of pprof needs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kutrace {

class Protobuf {
 public:
  void number(uint32_t field, uint64_t value) {
    varint(field << 3);
    varint(value);
  }
  void bytes(uint32_t field, std::string_view value) {
    varint(field << 3 | 2);
    varint(value.size());
    out_ += value;
  }
  void message(uint32_t field, const Protobuf& value) { bytes(field, value.out_); }
  void packed(uint32_t field, const std::vector<uint64_t>& values) {
    Protobuf all;
    for (const uint64_t value : values) all.varint(value);
    message(field, all);
  }
  const std::string& text() const { return out_; }

 private:
  void varint(uint64_t value) {
    for (; value >= 0x80; value >>= 7) out_ += static_cast<char>(value | 0x80);
    out_ += static_cast<char>(value);
  }
  std::string out_;
};

}  // namespace kutrace
