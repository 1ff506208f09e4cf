// SPDX-License-Identifier: BSD-3-Clause
#include "query/parquet_writer.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

#include "base/error.h"
#include "query/thrift_compact.h"

namespace kutrace {
namespace {

// The numbers of Parquet's own definition (parquet.thrift).
enum Type : int32_t { kInt64 = 2, kByteArray = 6 };
enum Encoding : int32_t { kPlain = 0, kRle = 3, kDeltaBinaryPacked = 5, kRleDictionary = 8 };
enum PageType : int32_t { kDictionaryPage = 2, kDataPageV2 = 3 };
constexpr int32_t kOptional = 1, kUtf8 = 0, kFormatVersion = 2;
constexpr std::string_view kMagic = "PAR1";

constexpr size_t kFirstRoom = 256;
// Columns lie not at one distance from each other that all sets of a cache share.
constexpr size_t kSkew = 40;
// More different numbers than this are kept as differences.
constexpr size_t kMostNumbers = 4096;
// A longer text bounds nothing: then the file says no bounds.
constexpr size_t kLongestBound = 256;

int32_t size_of_page(size_t bytes) {
  if (bytes > INT32_MAX) throw Error("the Parquet file", std::nullopt, "would have a page of more than 2 GB", "write a part of the trace");
  return static_cast<int32_t>(bytes);
}

std::string_view bytes_of(const int64_t& value) { return {reinterpret_cast<const char*>(&value), sizeof(value)}; }

}  // namespace

ParquetWriter::ParquetWriter(const TableInfo& table, const StringPool& pool, Diagnostics& diagnostics, Write write)
    : table_(table), pool_(pool), diagnostics_(diagnostics), write_(std::move(write)) {
  write_(kMagic);
  at_ = kMagic.size();
}

void ParquetWriter::make_room() {
  if (room_ == kGroupRows) return write_group();
  const size_t room = room_ == 0 ? kFirstRoom : std::min(kGroupRows, room_ * 8), stride = room + kSkew;
  std::vector<int64_t> cells(stride * table_.columns.size());
  for (size_t c = 0; c < table_.columns.size() && rows_ > 0; ++c) std::copy_n(cells_.data() + c * stride_, rows_, cells.data() + c * stride);
  cells_ = std::move(cells);
  room_ = room;
  stride_ = stride;
}

// ---- a column of a group --------------------------------------------------------------------------------------

// Numbers the different values. False: there are too many for numbers to be shorter than differences.
bool ParquetWriter::number_all(const ColumnInfo& column) {
  const size_t most = column.type == CellType::Text ? SIZE_MAX : std::min(kMostNumbers, values_.size() / 4);
  dictionary_.clear();
  numbers_.resize(values_.size());
  for (size_t i = 0; i < values_.size(); ++i) {
    numbers_[i] = dictionary_.number(values_[i]);
    if (dictionary_.values().size() > most) return false;
  }
  return !values_.empty();
}

void ParquetWriter::pack_values(const ColumnInfo& column, bool numbered) {
  raw_.clear();
  if (numbered) {
    const unsigned bits = bits_of(dictionary_.values().size() - 1);
    raw_ += static_cast<char>(bits);
    pack_runs(numbers_, bits, raw_);
  } else if (column.type == CellType::Integer && !values_.empty()) {
    pack_differences(values_, raw_);
  }
}

// Header, what stands before the packed part, and that.
void ParquetWriter::write_page(std::string_view header, std::string_view first, std::string_view rest) {
  for (const std::string_view part : {header, first, rest}) {
    if (!part.empty()) write_(part);
    at_ += part.size();
  }
}

void ParquetWriter::write_dictionary(const ColumnInfo& column) {
  raw_.clear();
  for (const int64_t value : dictionary_.values()) {
    if (column.type == CellType::Integer) {
      raw_ += bytes_of(value);
      continue;
    }
    const std::string_view text = pool_[static_cast<NameId>(value)];
    const auto length = static_cast<uint32_t>(text.size());
    raw_.append(reinterpret_cast<const char*>(&length), sizeof(length));
    raw_ += text;
  }
  packed_.clear();
  packer_.pack(raw_, packed_);
  header_.clear();
  ThriftWriter page(header_);
  page.i32(1, kDictionaryPage);
  page.i32(2, size_of_page(raw_.size()));
  page.i32(3, size_of_page(packed_.size()));
  page.structure(7);
  page.i32(1, static_cast<int32_t>(dictionary_.values().size()));
  page.i32(2, kPlain);
  page.end();
  page.end();
  write_page(header_, {}, packed_);
  raw_bytes_ += header_.size() + raw_.size();
}

void ParquetWriter::write_column(const ColumnInfo& column, std::span<const int64_t> cells) {
  values_.clear();
  levels_.clear();
  for (const int64_t cell : cells) {
    if (cell != kNull) values_.push_back(cell);
  }
  const size_t nulls = cells.size() - values_.size();
  for (const int64_t cell : cells) {
    if (nulls > 0) levels_.push_back(cell == kNull ? 0 : 1);
  }
  if (nulls == 0) levels_.assign(cells.size(), 1);
  packed_levels_.clear();
  pack_runs(levels_, 1, packed_levels_);

  const uint64_t begin = at_;
  raw_bytes_ = 0;
  const bool numbered = number_all(column);
  if (numbered) write_dictionary(column);
  const uint64_t data = at_;
  pack_values(column, numbered);
  packed_.clear();
  packer_.pack(raw_, packed_);
  const bool shorter = packed_.size() < raw_.size();
  const int32_t encoding = numbered ? kRleDictionary : values_.empty() ? kPlain : kDeltaBinaryPacked;
  header_.clear();
  ThriftWriter page(header_);
  page.i32(1, kDataPageV2);
  page.i32(2, size_of_page(packed_levels_.size() + raw_.size()));
  page.i32(3, size_of_page(packed_levels_.size() + (shorter ? packed_ : raw_).size()));
  page.structure(8);
  page.i32(1, static_cast<int32_t>(cells.size()));
  page.i32(2, static_cast<int32_t>(nulls));
  page.i32(3, static_cast<int32_t>(cells.size()));
  page.i32(4, encoding);
  page.i32(5, static_cast<int32_t>(packed_levels_.size()));
  page.i32(6, 0);
  page.boolean(7, shorter);
  page.end();
  page.end();
  raw_bytes_ += header_.size() + packed_levels_.size() + raw_.size();
  write_page(header_, packed_levels_, shorter ? packed_ : raw_);

  ThriftWriter chunk(columns_);
  chunk.i64(2, 0);
  chunk.structure(3);
  chunk.i32(1, column.type == CellType::Text ? kByteArray : kInt64);
  chunk.numbers(2, numbered ? 3 : 2);
  chunk.item(static_cast<int32_t>(kRle));
  chunk.item(encoding);
  if (numbered) chunk.item(static_cast<int32_t>(kPlain));
  chunk.texts(3, 1);
  chunk.item(column.name);
  chunk.i32(4, PagePacker::codec());
  chunk.i64(5, static_cast<int64_t>(cells.size()));
  chunk.i64(6, static_cast<int64_t>(raw_bytes_));
  chunk.i64(7, static_cast<int64_t>(at_ - begin));
  chunk.i64(9, static_cast<int64_t>(data));
  if (numbered) chunk.i64(11, static_cast<int64_t>(begin));
  put_statistics(column, nulls, numbered, chunk);
  chunk.end();
  chunk.end();
  group_raw_ += raw_bytes_;
}

// Texts are compared by their bytes.
void ParquetWriter::put_statistics(const ColumnInfo& column, uint64_t nulls, bool numbered, ThriftWriter& to) const {
  to.structure(12);
  to.i64(3, static_cast<int64_t>(nulls));
  if (!values_.empty() && column.type == CellType::Integer) {
    const auto [least, most] = std::minmax_element(numbered ? dictionary_.values().begin() : values_.begin(), numbered ? dictionary_.values().end() : values_.end());
    to.text(5, bytes_of(*most));
    to.text(6, bytes_of(*least));
  } else if (!values_.empty()) {
    std::string_view least = pool_[static_cast<NameId>(dictionary_.values()[0])], most = least;
    for (const int64_t value : dictionary_.values()) {
      const std::string_view text = pool_[static_cast<NameId>(value)];
      least = std::min(least, text);
      most = std::max(most, text);
    }
    if (most.size() <= kLongestBound) to.text(5, most);
    if (least.size() <= kLongestBound) to.text(6, least);
  }
  to.end();
}

// ---- the file ---------------------------------------------------------------------------------------------------

void ParquetWriter::write_group() {
  const uint64_t begin = at_;
  columns_.clear();
  group_raw_ = 0;
  for (size_t c = 0; c < table_.columns.size(); ++c) write_column(table_.columns[c], {cells_.data() + c * stride_, rows_});
  diagnostics_.take(Limit::memory, columns_.size());
  // The entries of the list, which are whole already, then what follows them.
  ThriftWriter group(groups_);
  group.structures(1, table_.columns.size());
  groups_ += columns_;
  group.i64(2, static_cast<int64_t>(group_raw_));
  group.i64(3, static_cast<int64_t>(rows_));
  group.i64(5, static_cast<int64_t>(begin));
  group.i64(6, static_cast<int64_t>(at_ - begin));
  group.end();
  ++group_count_;
  all_rows_ += rows_;
  rows_ = 0;
}

void ParquetWriter::put_schema(ThriftWriter& to) const {
  to.structures(2, table_.columns.size() + 1);
  to.item();
  to.text(4, table_.name);
  to.i32(5, static_cast<int32_t>(table_.columns.size()));
  to.end();
  for (const ColumnInfo& column : table_.columns) {
    const bool text = column.type == CellType::Text;
    to.item();
    to.i32(1, text ? kByteArray : kInt64);
    to.i32(3, kOptional);
    to.text(4, column.name);
    if (text) {
      to.i32(6, kUtf8);
      to.structure(10);
      to.structure(1);
      to.end();
      to.end();
    }
    to.end();
  }
}

void ParquetWriter::finish() {
  if (rows_ > 0) write_group();
  std::string foot;
  ThriftWriter to(foot);
  to.i32(1, kFormatVersion);
  put_schema(to);
  to.i64(3, static_cast<int64_t>(all_rows_));
  to.structures(4, group_count_);
  foot += groups_;
  // What each column is, for who opens the file without us: "ns: start of the execution span".
  to.structures(5, table_.columns.size() + 1);
  auto say = [&](std::string_view key, const std::string& value) {
    to.item();
    to.text(1, key);
    to.text(2, value);
    to.end();
  };
  say("kutrace", std::string(table_.words));
  for (const ColumnInfo& column : table_.columns) {
    say(column.name, (column.unit.empty() ? "" : std::string(column.unit) + ": ") + std::string(column.words));
  }
  to.text(6, "kutrace");
  to.structures(7, table_.columns.size());
  for (size_t c = 0; c < table_.columns.size(); ++c) {
    to.item();
    to.structure(1);
    to.end();
    to.end();
  }
  to.end();
  const auto length = static_cast<uint32_t>(foot.size());
  foot.append(reinterpret_cast<const char*>(&length), sizeof(length));
  foot += kMagic;
  write_(foot);
}

}  // namespace kutrace
