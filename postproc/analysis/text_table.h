// SPDX-License-Identifier: BSD-3-Clause
// Rows of text in columns of equal width, for a person.
#pragma once

#include <string>
#include <vector>

namespace kutrace {

class TextTable {
 public:
  // `left`: how many columns are left aligned, from the first on; the others are numbers.
  TextTable(std::vector<std::string> heads, size_t left = 1) : left_(left) { rows_.push_back(std::move(heads)); }
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  bool empty() const { return rows_.size() == 1; }
  // Lines of at most `width` columns: the first column gives way.
  std::string text(size_t width = 100) const;

 private:
  size_t left_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace kutrace
