// SPDX-License-Identifier: BSD-3-Clause
// For options that take the name of a file: what a script gives when its variable is not set is no name, and not the same as no option.
#pragma once

#include <string>

namespace kutrace {

// What is wrong with it; "" for a name.
inline std::string a_name(const std::string& text) { return text.empty() ? "the name is empty" : ""; }

}  // namespace kutrace
