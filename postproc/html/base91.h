// SPDX-License-Identifier: BSD-3-Clause
// Bytes as text of a page: 13 bits in two letters (docs/payload-format.md, "Bytes as text").
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/output.h"

namespace kutrace {

// Encodes several pieces as if they were one.
class Base91Writer {
 public:
  explicit Base91Writer(Output& out) : out_(out) {}
  void put(std::string_view bytes);
  void end();

 private:
  Output& out_;
  uint64_t bits_ = 0;
  unsigned held_ = 0;
};

struct Base91Decoded {
  std::string bytes;
  bool sound = true;  // false: something was not of this code, and stands as other bytes
};

// White space is passed over.
Base91Decoded decode_base91(std::string_view text);

}  // namespace kutrace
