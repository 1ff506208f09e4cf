// SPDX-License-Identifier: BSD-3-Clause
// Which tables a statement may ask: those whose names it has as words, or that a view or macro has whose name it has, and so on.
#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <string_view>
#include <utility>

#include "query/engine.h"

namespace kutrace {
namespace {

using Words = std::set<std::string, std::less<>>;

// Names are made of letters, digits and `_`, whatever quotes stand around them.
Words words_of(std::string_view text) {
  Words words;
  std::string word;
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) || c == '_') {
      word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    } else if (!word.empty()) {
      words.insert(std::exchange(word, ""));
    }
  }
  if (!word.empty()) words.insert(word);
  return words;
}

// What the views and macros are made of, by name: "CREATE MACRO name(" and "CREATE VIEW name AS", a line each.
std::map<std::string, Words, std::less<>> definitions() {
  std::map<std::string, Words, std::less<>> all;
  for (std::string_view rest = kViews; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    for (const std::string_view begin : {"CREATE MACRO ", "CREATE VIEW "}) {
      if (!line.starts_with(begin)) continue;
      const std::string_view name = line.substr(begin.size(), line.find_first_of(" (", begin.size()) - begin.size());
      all.emplace(name, words_of(line));
    }
  }
  return all;
}

// Names that are made while it runs, and what tells of all tables.
bool may_be_any(std::string_view word) {
  constexpr std::array<std::string_view, 5> kWords = {"query", "query_table", "show", "describe", "summarize"};
  constexpr std::array<std::string_view, 5> kBeginnings = {"duckdb_", "information_schema", "pragma", "pg_", "sqlite_"};
  return std::find(kWords.begin(), kWords.end(), word) != kWords.end() ||
         std::any_of(kBeginnings.begin(), kBeginnings.end(), [&](std::string_view begin) { return word.starts_with(begin); });
}

}  // namespace

std::set<Table> tables_named(const std::string& sql) {
  static const auto all = definitions();
  Words seen, open = words_of(sql);
  std::set<Table> named;
  while (!open.empty()) {
    const std::string word = *open.begin();
    open.erase(open.begin());
    if (!seen.insert(word).second) continue;
    if (const auto found = all.find(word); found != all.end()) open.insert(found->second.begin(), found->second.end());
    for (const TableInfo& table : tables()) {
      if (table.name == word || may_be_any(word)) named.insert(table.table);
    }
  }
  return named;
}

}  // namespace kutrace
