// SPDX-License-Identifier: BSD-3-Clause
// Which rate the counter of a raw trace has, and when the wall clock was set. Start pair, stop pair and every block header hold a
// counter with a wall clock. A clock that is set moves by a step and keeps its rate: so the slopes between neighbours vote,
// and what the winner does not explain is a step. Rules: docs/trace-format.md section 1.6.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace kutrace {

// A counter and a wall clock that were read together.
struct ClockPoint {
  uint64_t counter = 0;
  uint64_t us = 0;
};

// The wall clock was set by `us` between two points.
struct ClockStep {
  uint64_t after = 0, before = 0;  // counters
  int64_t us = 0;
  int64_t total_us = 0;  // by all steps so far
};

struct ClockFit {
  double us_per_count = 0;
  ClockPoint first;              // the earliest point that it explains
  uint64_t last = 0;             // counter of the latest one
  std::vector<ClockStep> steps;  // in order
  uint32_t votes = 0;            // neighbours, a millisecond or more apart, that agree on the rate
  bool majority = false;         // they cover more than half of the time
};

// Wall clock minus counter may jitter by this much over a stretch of `us` microseconds.
double clock_tolerance_us(double us);

// The rate on which most time agrees, among those from `least` to `most` counts per microsecond; nothing when no two points give such a rate.
std::optional<ClockFit> fit_clock(std::vector<ClockPoint> points, double least, double most);

}  // namespace kutrace
