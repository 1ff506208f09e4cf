// SPDX-License-Identifier: BSD-3-Clause
// Bytes as hex digits, in their order: build-ids.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace kutrace {

inline std::string hex_text(std::span<const uint8_t> bytes) {
  std::string text;
  for (const uint8_t b : bytes) {
    text += "0123456789abcdef"[b >> 4];
    text += "0123456789abcdef"[b & 15];
  }
  return text;
}

}  // namespace kutrace
