// SPDX-License-Identifier: BSD-3-Clause
// For options that take a number: NaN lies in every range that CLI11 checks.
#pragma once

#include <cmath>
#include <cstdlib>
#include <string>

namespace kutrace {

// What is wrong with it; "" for a number.
inline std::string a_number(const std::string& text) {
  return std::isnan(std::strtod(text.c_str(), nullptr)) ? text + " is no number" : "";
}

}  // namespace kutrace
