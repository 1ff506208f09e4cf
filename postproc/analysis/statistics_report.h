// SPDX-License-Identifier: BSD-3-Clause
// What `kutrace stat` prints of statistics: text of at most 100 columns for a person, JSON with every number in ns for a program.
#pragma once

#include <string>

#include "analysis/statistics.h"
#include "base/diagnostics.h"

namespace kutrace {

struct StatisticsReport {
  const Statistics& statistics;
  const Selection& selection;
  const SpanHeader& header;
  const Diagnostics& diagnostics;
  const StringPool& pool;
  std::string file;
  std::string what;  // of which part of the trace, in words; empty: of all
  size_t rows = 15;  // of each table; 0: all
};

std::string statistics_text(const StatisticsReport& report);
std::string statistics_json(const StatisticsReport& report);

}  // namespace kutrace
