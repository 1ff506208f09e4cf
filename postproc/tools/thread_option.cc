// SPDX-License-Identifier: BSD-3-Clause
#include "tools/thread_option.h"

#include <vector>

#include "base/error.h"

namespace kutrace {

int32_t find_thread(const std::string& wanted, const std::map<int32_t, NameId>& names, const StringPool& pool, const std::string& file) {
  if (!wanted.empty() && wanted.find_first_not_of("0123456789") == std::string::npos && wanted.size() < 10) return std::stoi(wanted);
  std::vector<int32_t> found;
  for (const auto& [tid, name] : names) {
    if (pool[name] == wanted || pool[name] == wanted + "." + std::to_string(tid)) found.push_back(tid);
  }
  if (found.size() == 1) return found[0];
  std::string numbers;
  for (const int32_t tid : found) numbers += (numbers.empty() ? "" : ", ") + std::to_string(tid);
  if (found.empty()) throw Error(file, std::nullopt, "has no thread " + wanted, "give its number or its name as the timeline has it");
  throw Error(file, std::nullopt, "has several threads " + wanted, "give the number of one: " + numbers);
}

}  // namespace kutrace
