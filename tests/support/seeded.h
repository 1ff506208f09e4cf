// SPDX-License-Identifier: BSD-3-Clause
// Whether the answers of why name the cause that slow_causes put into a trace, and none where there is none.
#pragma once

#include <fstream>
#include <string>
#include <vector>

#include "analysis/why_report.h"
#include "chain.h"

namespace kutrace::test {

struct SeededCause {
  const char* name;
  WhyCause cause;
  const char* object;   // of the answer; nullptr: any
  const char* details;  // what its words hold
};
constexpr SeededCause kSeededCauses[] = {
    {"lock", WhyCause::lock, nullptr, "waiting for a timer"},
    {"convoy", WhyCause::lock, nullptr, "threads in turn"},
    {"peer", WhyCause::peer, "peer", "waiting for a timer"},
    {"lost", WhyCause::timer, nullptr, "victim"},
    {"preempt", WhyCause::preempted, "urgent", "urgent"},
    {"inversion", WhyCause::lock, nullptr, "ready behind middle"},
    {"faults", WhyCause::faults, nullptr, "page_fault"},
};

struct Verdict {
  int seeded = 0, right = 0;
  int healthy = 0, named = 0;  // of a trace without a cause: its requests, and how many answers name one nevertheless
  std::string wrong;   // what was said instead
};

// `truth`: what slow_causes printed. Throws Error.
inline Verdict judge_seeded(const std::string& cause, const std::string& trace, const std::string& truth) {
  const SeededCause* want = nullptr;
  for (const SeededCause& c : kSeededCauses) {
    if (cause == c.name) want = &c;
  }
  StringPool pool;
  Diagnostics diagnostics;
  WhyRecords records(pool, diagnostics);
  MappedInput input(trace);
  read_spans_in_order(input, pool, records, diagnostics);
  records.finish();
  std::vector<Window> requests;
  for (const Window& w : records.windows()) {
    if (w.rpc == 0 && w.name == "req") requests.push_back(w);
  }
  const std::vector<WhyAnswer> answers = why_answers(records, requests, diagnostics);
  Verdict verdict;
  std::ifstream lines(truth);
  std::string word;
  for (size_t number; lines >> word >> number;) {
    ++verdict.seeded;
    if (number >= answers.size()) continue;
    const WhyAnswer& a = answers[number];
    const WhySentences words(records, a.path);
    std::string said = "nothing";
    if (a.named) said = words.cause(*a.named) + " (" + words.actors(*a.named, a.sums.at(*a.named)) + "): " + words.details(a.sums.at(*a.named), 1);
    const bool right = want != nullptr && a.named && a.named->cause == want->cause && (want->object == nullptr || a.named->object == want->object) &&
                       said.find(want->details) != std::string::npos;
    verdict.right += right;
    if (!right) verdict.wrong += "request " + std::to_string(number) + ": " + said + "\n";
  }
  if (want == nullptr) {
    verdict.healthy = static_cast<int>(answers.size());
    for (const WhyAnswer& a : answers) verdict.named += a.named.has_value();
  }
  return verdict;
}

}  // namespace kutrace::test
