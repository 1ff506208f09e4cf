// SPDX-License-Identifier: BSD-3-Clause
// Thrift's compact protocol, as much of it as Parquet's headers need, written into a string.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kutrace {

inline void put_varint(std::string& out, uint64_t value) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  out += static_cast<char>(value);
}
constexpr uint64_t zigzag(int64_t value) { return static_cast<uint64_t>(value) << 1 ^ static_cast<uint64_t>(value >> 63); }

// Fields of a structure in rising order of their numbers. A structure, and a list of them, ends with end().
class ThriftWriter {
 public:
  explicit ThriftWriter(std::string& out) : out_(out) {}

  void i32(int field, int32_t value) { number(field, kI32, value); }
  void i64(int field, int64_t value) { number(field, kI64, value); }
  void boolean(int field, bool value) { begin(field, value ? kTrue : kFalse); }
  void text(int field, std::string_view value) {
    begin(field, kBinary);
    item(value);
  }
  void structure(int field) {
    begin(field, kStruct);
    item();
  }
  void end() {
    out_ += '\0';
    last_.pop_back();
  }
  // Then as many items.
  void structures(int field, size_t count) { list(field, kStruct, count); }
  void numbers(int field, size_t count) { list(field, kI32, count); }
  void texts(int field, size_t count) { list(field, kBinary, count); }
  void item() { last_.push_back(0); }
  void item(int32_t value) { put_varint(out_, zigzag(value)); }
  void item(std::string_view value) {
    put_varint(out_, value.size());
    out_ += value;
  }

 private:
  enum Type : uint8_t { kTrue = 1, kFalse = 2, kI32 = 5, kI64 = 6, kBinary = 8, kList = 9, kStruct = 12 };
  // All numbers of Parquet's fields lie closer than 16 to each other.
  void begin(int field, Type type) {
    out_ += static_cast<char>((field - last_.back()) << 4 | type);
    last_.back() = field;
  }
  void number(int field, Type type, int64_t value) {
    begin(field, type);
    put_varint(out_, zigzag(value));
  }
  void list(int field, Type of, size_t count) {
    begin(field, kList);
    if (count < 15) {
      out_ += static_cast<char>(count << 4 | of);
    } else {
      out_ += static_cast<char>(0xf0 | of);
      put_varint(out_, count);
    }
  }

  std::string& out_;
  std::vector<int> last_ = {0};
};

}  // namespace kutrace
