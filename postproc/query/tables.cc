// SPDX-License-Identifier: BSD-3-Clause
#include "query/tables.h"

namespace kutrace {

const std::vector<TableInfo>& tables() {
  static const std::vector<TableInfo> list = {
#define KUTRACE_TABLE(Row, name, words) {Table::name, #name, words, {
#define KUTRACE_COLUMN(name, type, unit, words) {#name, CellType::type, unit, words},
#define KUTRACE_TABLE_END(Row) }},
#include "query/schema.def"
  };
  return list;
}

const TableInfo& table_info(Table table) { return tables()[static_cast<size_t>(table)]; }

const TableInfo* find_table(std::string_view name) {
  for (const TableInfo& table : tables()) {
    if (table.name == name) return &table;
  }
  return nullptr;
}

}  // namespace kutrace
