// SPDX-License-Identifier: BSD-3-Clause
// The bytes of a file of any kind, as they are: for readers of formats that MappedInput refuses (a packet capture), or whose first bytes
// may look like anything (a log of RPCs).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/diagnostics.h"

namespace kutrace {

class AnyInput {
 public:
  // `path` "-" is standard input. The bytes, or the first `most` of them, are held in memory, which is taken from the budget. Throws Error.
  AnyInput(const std::string& path, Diagnostics& diagnostics, size_t most = SIZE_MAX);

  std::span<const uint8_t> bytes() const { return bytes_; }
  const std::string& name() const { return name_; }

 private:
  std::string name_;
  std::vector<uint8_t> bytes_;
};

}  // namespace kutrace
