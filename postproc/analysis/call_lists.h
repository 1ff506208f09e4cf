// SPDX-License-Identifier: BSD-3-Clause
// Calls and interrupts that mean something by their names (why_kinds.def).
#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string_view>
#include <utility>

namespace kutrace {

enum class CallList : uint8_t { makes_threads, has_timeout, between_cpus };
constexpr std::pair<CallList, std::string_view> kCallLists[] = {
#define KUTRACE_WHY_CALL(list, name) {CallList::list, name},
#include "analysis/why_kinds.def"
};

inline bool is_in(CallList list, std::string_view call) {
  return std::any_of(std::begin(kCallLists), std::end(kCallLists), [&](const auto& row) { return row.first == list && row.second == call; });
}
// An interrupt that another CPU sent: its name has such a word in it.
inline bool is_between_cpus(std::string_view interrupt) {
  return std::any_of(std::begin(kCallLists), std::end(kCallLists),
                     [&](const auto& row) { return row.first == CallList::between_cpus && interrupt.find(row.second) != std::string_view::npos; });
}

}  // namespace kutrace
