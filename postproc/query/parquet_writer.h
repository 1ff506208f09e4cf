// SPDX-License-Identifier: BSD-3-Clause
// One table as a Parquet file, made row by row: pages of version 2, differences of numbers or dictionaries, texts as dictionaries straight from
// the ids of their pool. What it remembers is one group of rows, and where the groups before it lie. Knows nothing of files.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "query/page_packer.h"
#include "query/parquet_encoding.h"
#include "query/tables.h"

namespace kutrace {

class ParquetWriter {
 public:
  using Write = std::function<void(std::string_view)>;
  static constexpr size_t kGroupRows = 1u << 17;

  // All must outlive it; memory is taken from the budget of `diagnostics`. `write` takes the file's bytes in order.
  ParquetWriter(const TableInfo& table, const StringPool& pool, Diagnostics& diagnostics, Write write);

  void row(std::span<const int64_t> cells) {
    if (rows_ == room_) make_room();
    int64_t* to = cells_.data() + rows_;
    for (const int64_t cell : cells) {
      *to = cell;
      to += stride_;
    }
    ++rows_;
  }
  // Behind the last row.
  void finish();

 private:
  void make_room();
  void write_group();
  // One column of the group: its pages, and their entry in the group's list.
  void write_column(const ColumnInfo& column, std::span<const int64_t> cells);
  bool number_all(const ColumnInfo& column);
  void pack_values(const ColumnInfo& column, bool numbered);
  void write_dictionary(const ColumnInfo& column);
  void write_page(std::string_view header, std::string_view first, std::string_view rest);
  void put_statistics(const ColumnInfo& column, uint64_t nulls, bool numbered, class ThriftWriter& to) const;
  void put_schema(class ThriftWriter& to) const;

  const TableInfo& table_;
  const StringPool& pool_;
  Diagnostics& diagnostics_;
  Write write_;
  uint64_t at_ = 0;  // bytes written

  std::vector<int64_t> cells_;  // a column behind the other
  size_t rows_ = 0, room_ = 0, stride_ = 0;

  // Of the column that is written.
  std::vector<int64_t> values_;    // what is not NULL
  std::vector<uint32_t> levels_;   // a 0 for each NULL, else 1
  std::vector<uint32_t> numbers_;  // of the values in the dictionary
  Dictionary dictionary_;
  std::string packed_levels_, raw_, packed_, header_;
  uint64_t raw_bytes_ = 0;  // of the pages so far, as if nothing were packed

  PagePacker packer_;
  std::string columns_, groups_;  // what the file's end says of them
  size_t group_count_ = 0;
  uint64_t group_raw_ = 0, all_rows_ = 0;
};

}  // namespace kutrace
