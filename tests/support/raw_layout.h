// SPDX-License-Identifier: BSD-3-Clause
// The file that an input of the fuzz targets for raw traces stands for. Its first byte tells how the rest is laid out: 0, it is the file; k,
// every 64 * k bytes begin a block of their own (with a byte area where the block's flags ask for one), so that few bytes make many blocks.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "kutrace/abi.h"

namespace kutrace::robust {

inline std::vector<uint8_t> laid_out(const uint8_t* data, size_t size) {
  const std::span<const uint8_t> rest(data + 1, size - 1);
  const size_t step = 64u * (data[0] & 15);
  if (step == 0) return {rest.begin(), rest.end()};
  std::vector<uint8_t> file;
  for (size_t at = 0; at + 16 <= rest.size() && file.size() < 8 * KUTRACE_BLOCK_BYTES; at += step) {
    const auto piece = rest.subspan(at, std::min(step, rest.size() - at));
    const size_t begin = file.size();
    file.insert(file.end(), piece.begin(), piece.end());
    file.resize(begin + KUTRACE_BLOCK_BYTES + ((piece[15] & 0xa0) != 0 ? KUTRACE_BYTE_AREA_BYTES : 0));
  }
  return file;
}

}  // namespace kutrace::robust
