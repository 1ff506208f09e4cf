// SPDX-License-Identifier: BSD-3-Clause
// spantospan US: a coarser span document: on each CPU, time shorter than US microseconds is gathered by event until it
// amounts to that (docs/trace-format.md, 4.4). 0 copies.
#include <algorithm>
#include <map>
#include <set>

#include "base/a_number.h"
#include "tools/documents.h"
#include "tools/tool.h"

namespace {

using namespace kutrace;

class Coarsener {
 public:
  Coarsener(Ticks grain, SpanSink& next) : grain_(grain), next_(next) {}

  void take(const Span& s) {
    if (s.event == KUTRACE_MARKA) {
      put(s);
      return;
    }
    if (!is_execution(s)) return;
    Row& row = rows_[s.cpu];
    if (!row.begun) {
      row.begun = true;
      row.at = s.start;
      row.deferred_total = grain_ / 2;
    }
    const auto [place, fresh] = row.deferred.try_emplace(s.event, Deferred{s, 0});
    Deferred& held = place->second;
    if (!fresh) row.by_sum.erase({held.sum, s.event});
    held.sum = add_clamped(held.sum, s.dur);
    row.deferred_total = add_clamped(row.deferred_total, s.dur);
    if (held.sum < grain_) {
      row.by_sum.insert({held.sum, s.event});
      return;
    }
    row.deferred_total -= held.sum;
    flush(row, grain_);
    emit(row, held.span, held.sum);
    row.deferred.erase(place);
  }
  void finish() {
    for (auto& [cpu, row] : rows_) {
      row.deferred_total += grain_ / 2;
      flush(row, 1);
      end_pending(row);
    }
  }

 private:
  struct Deferred {
    Span span;
    Ticks sum;
  };
  using BySum = std::pair<Ticks, int32_t>;  // and the event
  struct LargestFirst {
    bool operator()(const BySum& a, const BySum& b) const { return a.first != b.first ? a.first > b.first : a.second < b.second; }
  };
  struct Row {
    bool begun = false;
    Ticks at = 0;
    Ticks deferred_total = 0;
    std::map<int32_t, Deferred> deferred;  // by event
    std::set<BySum, LargestFirst> by_sum;
    Span pending;
    bool has_pending = false;
  };
  // Largest first while at least `least` is held back.
  void flush(Row& row, Ticks least) {
    while (row.deferred_total >= least && !row.by_sum.empty()) {
      const auto [sum, event] = *row.by_sum.begin();
      row.by_sum.erase(row.by_sum.begin());
      const auto place = row.deferred.find(event);
      emit(row, place->second.span, sum);
      row.deferred_total -= sum;
      row.deferred.erase(place);
    }
  }
  void emit(Row& row, const Span& like, Ticks dur) {
    if (dur <= 0) return;
    if (row.has_pending && row.pending.event == like.event) {
      row.pending.dur += dur;
    } else {
      end_pending(row);
      row.pending = like;
      row.pending.start = row.at;
      row.pending.dur = dur;
      row.has_pending = true;
    }
    row.at += dur;
  }
  void end_pending(Row& row) {
    if (row.has_pending) put(row.pending);
    row.has_pending = false;
  }
  void put(const Span& s) {
    one_[0] = s;
    next_.spans(one_);
  }

  Ticks grain_;
  SpanSink& next_;
  std::map<int32_t, Row> rows_;
  std::vector<Span> one_{1};
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Makes a coarser span document: short times are gathered by event.", "spantospan"};
  double grain_us = 0;
  std::string file = "-", output = "-";
  app.add_option("US", grain_us, "granularity in microseconds; 0 copies")->required()->check(a_number)->check(CLI::Range(0.0, 1e12));
  app.add_option("-i,--input", file, "span JSON; - is standard input");
  app.add_option("-o,--output", output, "where to write");
  return run_tool(app, argc, argv, [&](Diagnostics& diagnostics) {
    StringPool pool;
    MappedInput input(file, diagnostics.budget());
    SpanSorter sorted(diagnostics.budget());
    ChainResult result = read_spans(input, pool, sorted, diagnostics);
    if (grain_us <= 0) {
      write_document(output, result.header, pool, sorted, diagnostics, {file});
    } else {
      SpanSorter coarse(diagnostics.budget());
      Coarsener coarsener(result.header.time.from_ns(grain_us * 1000), coarse);
      sorted.drain([&](const Span& span) {
        coarsener.take(span);
        return true;
      });
      coarsener.finish();
      write_document(output, result.header, pool, coarse, diagnostics, {file});
    }
    return report_damage("spantospan", diagnostics);
  });
}
