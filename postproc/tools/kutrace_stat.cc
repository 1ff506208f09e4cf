// SPDX-License-Identifier: BSD-3-Clause
// kutrace stat: what one asks of a trace first, in text or JSON.
#include "analysis/statistics_report.h"
#include "base/output.h"
#include "chain.h"
#include "tools/commands.h"
#include "tools/tool.h"

namespace kutrace {

int stat(const StatArguments& a, Diagnostics& diagnostics) {
  StringPool pool;
  MappedInput input(a.file, diagnostics.budget());
  const Chosen chosen = choose(a, input, diagnostics.budget());
  Statistics statistics(pool, chosen.selection, diagnostics);
  const ChainResult result = read_spans_in_order(input, pool, statistics, diagnostics, {a.threads, -INFINITY, INFINITY});
  statistics.finish();
  const StatisticsReport report{statistics, chosen.selection, result.header, diagnostics, pool, a.file, chosen.what, a.rows};
  Output out("-", {a.file}, diagnostics.budget());
  out.write(a.json ? statistics_json(report) : statistics_text(report));
  out.close();
  return report_damage("kutrace stat", diagnostics);
}

}  // namespace kutrace
