// SPDX-License-Identifier: BSD-3-Clause
// spantospan US: a coarser span document: on each CPU, time shorter than US microseconds is gathered by event until it
// amounts to that (docs/trace-format.md, 4.4). 0 copies.
#include <algorithm>
#include <map>

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
    Span& held = row.deferred.try_emplace(s.event, s).first->second;
    Ticks& sum = row.sums[s.event];
    sum += s.dur;
    row.deferred_total += s.dur;
    if (sum < grain_) return;
    row.deferred_total -= sum;
    flush(row, grain_, s.event);
    emit(row, held, sum);
    row.deferred.erase(s.event);
    row.sums.erase(s.event);
  }
  void finish() {
    for (auto& [cpu, row] : rows_) {
      row.deferred_total += grain_ / 2;
      flush(row, 1, INT32_MIN);
      end_pending(row);
    }
  }

 private:
  struct Row {
    bool begun = false;
    Ticks at = 0;
    Ticks deferred_total = 0;
    std::map<int32_t, Span> deferred;
    std::map<int32_t, Ticks> sums;
    Span pending;
    bool has_pending = false;
  };
  // Largest first while at least `least` is held back.
  void flush(Row& row, Ticks least, int32_t except) {
    while (row.deferred_total >= least) {
      auto best = row.sums.end();
      for (auto it = row.sums.begin(); it != row.sums.end(); ++it) {
        if (it->first != except && (best == row.sums.end() || it->second > best->second)) best = it;
      }
      if (best == row.sums.end()) return;
      emit(row, row.deferred[best->first], best->second);
      row.deferred_total -= best->second;
      row.deferred.erase(best->first);
      row.sums.erase(best);
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
  app.add_option("US", grain_us, "granularity in microseconds; 0 copies")->required()->check(CLI::Range(0.0, 1e12));
  app.add_option("-i,--input", file, "span JSON; - is standard input");
  app.add_option("-o,--output", output, "where to write");
  return run_tool(app, argc, argv, [&] {
    Diagnostics diagnostics;
    StringPool pool;
    MappedInput input(file);
    SpanSorter sorted;
    ChainResult result = read_spans(input, pool, sorted, diagnostics);
    if (grain_us <= 0) {
      write_document(output, result.header, pool, sorted, diagnostics, {file});
    } else {
      SpanSorter coarse;
      Coarsener coarsener(result.header.time.from_ns(grain_us * 1000), coarse);
      sorted.drain([&](const Span& span) { coarsener.take(span); });
      coarsener.finish();
      write_document(output, result.header, pool, coarse, diagnostics, {file});
    }
    return report_damage("spantospan", diagnostics);
  });
}
