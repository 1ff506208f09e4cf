// SPDX-License-Identifier: BSD-3-Clause
// Names are stored once and carried as ids. Id 0 is the empty string.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>

namespace kutrace {

using NameId = uint32_t;

class StringPool {
 public:
  StringPool() { intern(""); }
  StringPool(const StringPool&) = delete;
  StringPool& operator=(const StringPool&) = delete;

  NameId intern(std::string_view text) {
    auto found = ids_.find(text);
    if (found != ids_.end()) return found->second;
    strings_.emplace_back(text);
    NameId id = static_cast<NameId>(strings_.size() - 1);
    ids_.emplace(strings_.back(), id);
    return id;
  }
  // The text of an id; a view that stays valid as long as the pool.
  std::string_view operator[](NameId id) const { return strings_[id]; }
  size_t size() const { return strings_.size(); }
  // Bytes of memory that a new text takes, about.
  static size_t cost(std::string_view text) { return text.size() + 96; }

 private:
  std::deque<std::string> strings_;
  std::unordered_map<std::string_view, NameId> ids_;
};

}  // namespace kutrace
