// SPDX-License-Identifier: BSD-3-Clause
// kutrace why: where the time of an RPC, of a pair of marks or of a thread went, and what of it is unusual.
#include <algorithm>
#include <cmath>

#include "analysis/why_report.h"
#include "base/error.h"
#include "base/output.h"
#include "chain.h"
#include "tools/commands.h"
#include "tools/thread_option.h"
#include "tools/tool.h"

namespace kutrace {
namespace {

Ticks length(const Window& w) { return w.to - w.from; }

// The time of a thread, or of each, within what is recorded of it and was asked for.
std::vector<Window> thread_windows(const WhyRecords& records, int32_t tid, Ticks from, Ticks to) {
  std::vector<Window> windows;
  for (const auto& [number, thread] : records.threads()) {
    if ((tid >= 0 && number != tid) || thread.states.empty()) continue;
    const Ticks first = records[thread.states.front()].start, last = records[thread.states.back()].end();
    const Window w{std::max(first, from), std::min(last, to), number, 0, ""};
    if (w.from < w.to) windows.push_back(w);
  }
  return windows;
}

// Those that the arguments name. With no names: RPCs, else pairs of marks, else threads.
std::vector<Window> wanted(const WhyArguments& a, const WhyRecords& records, int32_t tid, Ticks from, Ticks to) {
  const bool ranged = !std::isinf(a.from) || !std::isinf(a.to);
  const bool named = a.rpc > 0 || !a.method.empty() || !a.mark.empty();
  std::vector<Window> found[2];  // RPCs, marks
  for (const Window& w : records.windows()) {
    if (length(w) <= 0 || (tid >= 0 && w.tid != tid) || w.from < from || w.to > to) continue;
    if (a.rpc > 0 && w.rpc != a.rpc) continue;
    if (!a.method.empty() && (w.rpc == 0 || w.name != a.method)) continue;
    if (!a.mark.empty() && (w.rpc != 0 || w.name != a.mark)) continue;
    found[w.rpc == 0].push_back(w);
  }
  if (!named && (tid >= 0 || ranged)) return thread_windows(records, tid, from, to);
  for (auto& windows : found) {
    if (!windows.empty()) return std::move(windows);
  }
  return named ? std::vector<Window>() : thread_windows(records, tid, from, to);
}

std::string name_of(const WhyArguments& a) {
  if (a.rpc > 0) return "RPC " + std::to_string(a.rpc) + " with both ends";
  if (!a.method.empty()) return "RPC " + a.method + " with both ends";
  if (!a.mark.empty()) return "marks " + a.mark + " to /" + a.mark + " of one thread";
  return "time of such a thread";
}

}  // namespace

int why(const WhyArguments& a, Diagnostics& diagnostics) {
  check_range(a.from, a.to);
  StringPool pool;
  MappedInput input(a.file, diagnostics.budget());
  WhyRecords records(pool, diagnostics);
  read_spans_in_order(input, pool, records, diagnostics, {a.threads, -INFINITY, INFINITY});
  records.finish();
  const Ticks from = first_tick(records.time(), a.from), to = first_tick(records.time(), a.to);
  if (records.first() <= records.last() && (to <= records.first() || from > records.last())) refuse_range(a.file, records.time(), records.first(), records.last());
  std::map<int32_t, NameId> names;
  for (const auto& [tid, thread] : records.threads()) {
    if (thread.name != 0) names[tid] = thread.name;
  }
  const int32_t tid = a.thread.empty() ? -1 : find_thread(a.thread, names, pool, a.file);
  std::vector<Window> windows = wanted(a, records, tid, from, to);
  if (windows.empty()) throw Error(a.file, std::nullopt, "has no " + name_of(a) + " in the time asked for", "`kutrace stat` lists what there is");
  std::stable_sort(windows.begin(), windows.end(), [](const Window& x, const Window& y) { return length(x) > length(y); });
  windows.resize(std::min<size_t>(windows.size(), a.slowest));
  const std::vector<WhyAnswer> answers = why_answers(records, windows, diagnostics);
  const WhyReport report{records, answers, a.file, a.rows};
  Output out("-", {a.file}, diagnostics.budget());
  out.write(a.json ? why_json(report) : why_text(report));
  out.close();
  return report_damage("kutrace why", diagnostics);
}

}  // namespace kutrace
