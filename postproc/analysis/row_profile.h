// SPDX-License-Identifier: BSD-3-Clause
// Rows of a timeline as profiles: what each CPU, thread and RPC did, added up by name and laid end to end from time 0 (trace-format.md, 4.5).
#pragma once

#include <array>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/diagnostics.h"
#include "span/span.h"

namespace kutrace {

enum class RowIds { kOwn, kRows, kGroups };
enum class ItemOrder { kTime, kCount };

class RowProfile : public SpanSink {
 public:
  // Memory for rows is taken from the budget of `diagnostics`.
  RowProfile(StringPool& pool, Diagnostics& diagnostics) : pool_(pool), diagnostics_(diagnostics) {}
  void header(const SpanHeader& header) override { time_ = header.time; }
  void spans(const std::vector<Span>& batch) override;

  struct Options {
    RowIds ids = RowIds::kOwn;
    ItemOrder order = ItemOrder::kTime;
    bool all = false;  // of groups: those of one row, too
  };
  // The records of all rows, in the order of the rows. Of a document that is `presorted`.
  void write(const Options& options, SpanSink& sink);

 private:
  enum Kind : size_t { kCpu, kThread, kRpc, kKinds };
  struct Item {
    Span first;
    Ticks time = 0;
    double ipc = 0;  // sum of the middles of what each code means, times ticks
    uint64_t count = 0;
  };
  struct Row {
    std::string name;
    Ticks elapsed = 0;
    uint64_t rows = 0;  // of a group: that were merged
    std::unordered_map<NameId, Item> items;
  };
  struct Placed {
    const Row* row;
    int32_t id;
  };
  static void name_row(std::string& name, std::string_view text);
  Row& row(Kind kind, int32_t id);
  void add(Kind kind, int32_t id, const Span& s, NameId name);
  NameId item_name(const Span& s);
  std::vector<Row> groups(Kind kind, bool all) const;
  void put_row(Kind kind, const Row& row, int32_t id, ItemOrder order, std::vector<Span>& out);
  static std::vector<Placed> ordered(Kind kind, const std::unordered_map<int32_t, Row>& rows);

  StringPool& pool_;
  Diagnostics& diagnostics_;
  TimeBase time_;
  std::array<std::unordered_map<int32_t, Row>, kKinds> rows_;
};

}  // namespace kutrace
