// SPDX-License-Identifier: BSD-3-Clause
// The tables of a trace as C++: a row type each, and their columns as data, all made from schema.def.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/string_pool.h"

namespace kutrace {

enum class Table : uint8_t {
#define KUTRACE_TABLE(Row, name, words) name,
#define KUTRACE_COLUMN(name, type, unit, words)
#define KUTRACE_TABLE_END(Row)
#include "query/schema.def"
};

constexpr size_t kTables = 0
#define KUTRACE_TABLE(Row, name, words) +1
#define KUTRACE_COLUMN(name, type, unit, words)
#define KUTRACE_TABLE_END(Row)
#include "query/schema.def"
    ;

enum class CellType : uint8_t { Integer, Text };

struct ColumnInfo {
  std::string_view name;
  CellType type;
  std::string_view unit, words;
};
struct TableInfo {
  Table table;
  std::string_view name, words;
  std::vector<ColumnInfo> columns;
};
// In the order of schema.def, which is that of Table.
const std::vector<TableInfo>& tables();
const TableInfo& table_info(Table table);
// The table of that name, or nullptr.
const TableInfo* find_table(std::string_view name);

// A cell is a number, or the NameId of a text, or this.
constexpr int64_t kNull = INT64_MIN;

#define KUTRACE_TABLE(Row, name, words) \
  struct Row {                          \
    static constexpr Table kTable = Table::name;
#define KUTRACE_COLUMN(name, type, unit, words) int64_t name = kNull;
#define KUTRACE_TABLE_END(Row) \
  };
#include "query/schema.def"

// The row that these cells of its table are; the reverse of RowSink::put().
template <typename Row>
Row as_row(std::span<const int64_t> cells) {
  std::array<int64_t, sizeof(Row) / sizeof(int64_t)> fixed;
  std::copy_n(cells.begin(), fixed.size(), fixed.begin());
  return std::bit_cast<Row>(fixed);
}

// Takes rows as they become known, in no order that one may count on.
class RowSink {
 public:
  virtual ~RowSink() = default;
  // As many cells as the table has columns, valid during the call.
  virtual void row(Table table, std::span<const int64_t> cells) = 0;

  template <typename Row>
  void put(const Row& row_of) {
    const auto cells = std::bit_cast<std::array<int64_t, sizeof(Row) / sizeof(int64_t)>>(row_of);
    row(Row::kTable, cells);
  }
};

}  // namespace kutrace
