// SPDX-License-Identifier: BSD-3-Clause
#include "tools/selection.h"

#include <algorithm>
#include <map>

#include "base/error.h"
#include "chain.h"
#include "tools/thread_option.h"

namespace kutrace {
namespace {

// What to find out before anything is counted: windows by their names, a thread by its name.
class Scout : public SpanSink {
 public:
  explicit Scout(const StringPool& pool) : windows(pool) {}
  void header(const SpanHeader& header) override { windows.header(header); }
  void spans(const std::vector<Span>& batch) override {
    windows.spans(batch);
    for (const Span& s : batch) {
      first = std::min(first, s.start);
      last = std::max(last, s.end());
      if (s.pid > 0 && is_execution(s) && is_user(s)) names[s.pid] = s.name;
    }
  }
  WindowFinder windows;
  std::map<int32_t, NameId> names;
  Ticks first = INT64_MAX, last = INT64_MIN;
};

void narrow(const SelectionArguments& a, const Scout& scout, const StringPool& pool, const std::string& file, Chosen& chosen) {
  auto say = [&](const std::string& words) { chosen.what += (chosen.what.empty() ? "" : ", ") + words; };
  const Ticks from = first_tick(scout.windows.time(), a.from), to = first_tick(scout.windows.time(), a.to);
  if (!a.thread.empty()) {
    chosen.selection.tid = find_thread(a.thread, scout.names, pool, file);
    say("thread " + a.thread);
  }
  const bool ranged = !std::isinf(a.from) || !std::isinf(a.to);
  std::vector<std::pair<Ticks, Ticks>> windows;
  if (a.rpc > 0 || !a.method.empty() || !a.mark.empty()) {
    for (const Window& w : scout.windows.windows()) {
      const bool wanted = a.rpc > 0 ? w.rpc == a.rpc : !a.method.empty() ? w.rpc != 0 && w.name == a.method : w.rpc == 0 && w.name == a.mark;
      if (wanted && (chosen.selection.tid < 0 || w.tid == chosen.selection.tid)) windows.emplace_back(w.from, w.to);
    }
    const std::string name = a.rpc > 0           ? "RPC " + std::to_string(a.rpc)
                             : !a.method.empty() ? "RPCs " + a.method
                                                 : "marks " + a.mark + " to /" + a.mark;
    if (windows.empty()) throw Error(file, std::nullopt, "has no " + name + " with both ends", "`kutrace stat` without it lists what there is");
    say(std::to_string(windows.size()) + " x " + name);
  } else if (ranged) {
    windows.emplace_back(from, to);
  }
  if (ranged && scout.first <= scout.last && (to <= scout.first || from > scout.last)) {
    refuse_range(file, scout.windows.time(), scout.first, scout.last);
  }
  if (ranged) {
    char range[80];
    std::snprintf(range, sizeof(range), "from %g to %g s", a.from, a.to);
    say(range);
  }
  if (ranged || !windows.empty()) chosen.selection.set(windows, from, to);
}

}  // namespace

void add_selection(CLI::App& command, SelectionArguments& a) {
  command.add_option("--from", a.from, "first second to count, since the base minute");
  command.add_option("--to", a.to, "last second to count");
  command.add_option("--thread", a.thread, "only this thread: its number or name");
  command.add_option("--rpc", a.rpc, "only the time of this RPC")->check(CLI::Range(1, 65535));
  command.add_option("--method", a.method, "only the time of RPCs of this method");
  command.add_option("--mark", a.mark, "only the time from marks of this name to those with a slash before it");
}

Chosen choose(const SelectionArguments& a, const MappedInput& input, Budget* budget) {
  check_range(a.from, a.to);
  Chosen chosen;
  if (a.rpc == 0 && a.method.empty() && a.mark.empty() && a.thread.empty() && std::isinf(a.from) && std::isinf(a.to)) return chosen;
  StringPool pool;
  Scout scout(pool);
  Diagnostics found(budget);
  read_spans_in_order(input, pool, scout, found);
  narrow(a, scout, pool, input.name(), chosen);
  return chosen;
}

}  // namespace kutrace
