// SPDX-License-Identifier: BSD-3-Clause
// What `kutrace why` prints of answers: text of at most 100 columns for a person, JSON with every number in ns for a program.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "analysis/why_steps.h"

namespace kutrace {

struct WhyAnswer {
  Window window;
  WhyPath path;
  WhySums sums;
  std::shared_ptr<const WhyOthers> others;
  std::optional<WhyCauseKey> named;
};

// Answers for windows, in their order.
std::vector<WhyAnswer> why_answers(const WhyRecords& records, const std::vector<Window>& windows, Diagnostics& diagnostics);

struct WhyReport {
  const WhyRecords& records;
  const std::vector<WhyAnswer>& answers;
  std::string file;
  size_t rows = 15;  // of each table; 0: all
};
std::string why_text(const WhyReport& report);
std::string why_json(const WhyReport& report);

// "RPC 58512 (read) of thread client.75"
std::string why_title(const WhyRecords& records, const Window& window);

}  // namespace kutrace
