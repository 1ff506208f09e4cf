// SPDX-License-Identifier: BSD-3-Clause
#include "analysis/why_report.h"

namespace kutrace {

std::string why_title(const WhyRecords& records, const Window& window) {
  const std::string thread = "thread " + records.thread_name(window.tid);
  if (window.rpc != 0) return "RPC " + std::to_string(window.rpc) + " (" + window.name + ") of " + thread;
  return window.name.empty() ? thread : "marks " + window.name + " to /" + window.name + " of " + thread;
}

std::vector<WhyAnswer> why_answers(const WhyRecords& records, const std::vector<Window>& windows, Diagnostics& diagnostics) {
  std::vector<WhyAnswer> answers;
  std::map<std::string, std::shared_ptr<const WhyOthers>> kinds;
  for (const Window& w : windows) {
    WhyAnswer answer{.window = w, .path = why_path(records, w.tid, w.from, w.to, diagnostics), .sums = {}, .others = nullptr, .named = {}};
    answer.sums = why_sums(records, answer.path);
    auto& others = kinds[(w.rpc != 0 ? "r" : "m") + w.name + "\n" + records.program(w.tid)];
    if (!others) others = std::make_shared<const WhyOthers>(records, w, diagnostics);
    answer.others = others;
    answer.named = why_named(answer.sums, records.time().ns(w.to) - records.time().ns(w.from), *others);
    answers.push_back(std::move(answer));
  }
  return answers;
}

}  // namespace kutrace
