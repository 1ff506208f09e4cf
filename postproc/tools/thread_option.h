// SPDX-License-Identifier: BSD-3-Clause
// The thread that an option names.
#pragma once

#include <map>
#include <string>

#include "base/string_pool.h"

namespace kutrace {

// A thread's number, or the only one of `names` with this name. Throws Error.
int32_t find_thread(const std::string& wanted, const std::map<int32_t, NameId>& names, const StringPool& pool, const std::string& file);

}  // namespace kutrace
