// SPDX-License-Identifier: BSD-3-Clause
#include "query/mark_view.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "chain.h"
#include "query/table_builder.h"
#include "query/tables.h"

namespace kutrace {
namespace {

constexpr int64_t kBefore = 1'000'000'000, kAfter = 50'000'000;  // ns

class Rows : public RowSink {
 public:
  Rows(const StringPool& pool, const std::string& label) : pool_(pool), label_(label) {}
  void row(Table table, std::span<const int64_t> cells) override {
    if (table == Table::points) point(as_row<PointRow>(cells));
    if (table == Table::wakeups) wakeup(as_row<WakeupRow>(cells));
  }

  PointRow mark;
  // The last wakeup of the marking thread that another thread made, up to the mark.
  WakeupRow cause() const {
    WakeupRow last;
    for (const WakeupRow& w : wakeups_) {
      if (w.tid == mark.tid && w.waker != mark.tid && w.ts <= mark.ts && w.ts > last.ts) last = w;
    }
    return last;
  }

 private:
  void point(const PointRow& p) {
    if (p.kind == kNull || p.label == kNull || p.ts <= mark.ts || !pool_[static_cast<NameId>(p.kind)].starts_with("mark_")) return;
    if (pool_[static_cast<NameId>(p.label)] == label_) mark = p;
  }
  void wakeup(const WakeupRow& w) {
    if (w.tid != kNull && w.waker != kNull && w.inferred != 1) wakeups_.push_back(w);
  }

  const StringPool& pool_;
  const std::string& label_;
  std::vector<WakeupRow> wakeups_;
};

}  // namespace

std::string mark_view(const std::string& file, const std::string& label, Diagnostics& diagnostics) {
  StringPool pool;
  const MappedInput input(file, diagnostics.budget());
  Rows rows(pool, label);
  read_tables(input, pool, rows, diagnostics, {1, -INFINITY, INFINITY});
  if (rows.mark.ts == kNull) return "";
  const WakeupRow cause = rows.cause();
  std::string threads;
  for (const int64_t tid : {cause.waker, rows.mark.tid}) {
    if (tid != kNull && tid > 0) threads += (threads.empty() ? "" : ",") + std::to_string(tid);
  }
  const std::string at = std::to_string(rows.mark.ts);
  std::string view = "t=" + std::to_string(std::max<int64_t>(0, rows.mark.ts - kBefore)) + "~" + std::to_string(rows.mark.ts + kAfter) + "&open=cpu+pid&cursors=" + at + "~";
  if (!threads.empty()) view += "&row.pid=p" + threads + "+l" + threads;
  return view;
}

}  // namespace kutrace
