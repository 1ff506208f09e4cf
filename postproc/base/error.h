// SPDX-License-Identifier: BSD-3-Clause
// The one way this library reports that it cannot go on: an exception with the file, the offset,
// the cause and what to do. Damage that can be passed over is counted instead (diagnostics.h).
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>

namespace kutrace {

// what() is one line: "FILE: at offset N: CAUSE; ADVICE".
class Error : public std::runtime_error {
 public:
  Error(const std::string& file, std::optional<uint64_t> offset, const std::string& cause,
        const std::string& advice)
      : std::runtime_error(join(file, offset, cause, advice)) {}

 private:
  static std::string join(const std::string& file, std::optional<uint64_t> offset,
                          const std::string& cause, const std::string& advice) {
    std::string text = file;
    if (offset) text += ": at offset " + std::to_string(*offset);
    text += ": " + cause;
    if (!advice.empty()) text += "; " + advice;
    return text;
  }
};

}  // namespace kutrace
