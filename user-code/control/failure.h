// SPDX-License-Identifier: BSD-3-Clause
// The one way the capture code reports that it cannot go on: what happened and what to do.
#pragma once

#include <stdexcept>
#include <string>

namespace kutrace::capture {

// what() is one line: "CAUSE; ADVICE".
class Failure : public std::runtime_error {
 public:
  Failure(const std::string& cause, const std::string& advice) : std::runtime_error(cause + "; " + advice) {}
  // Of the shared library's errors, which are such lines already.
  explicit Failure(const std::exception& error) : std::runtime_error(error.what()) {}
};

}  // namespace kutrace::capture
