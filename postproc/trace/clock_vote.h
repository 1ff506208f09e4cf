// SPDX-License-Identifier: BSD-3-Clause
// The clock of a trace whose start and stop pair contradict each other: counters and wall clocks that were read together
// vote, so that one wrong clock never outvotes those that agree.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

namespace kutrace {

struct ClockPoint {
  uint64_t counter = 0, us = 0;
};

// The two of `points` through whose line the most others go, the earlier first; of several such, the two furthest apart.
// `plausible` tells whether a line can be a clock. Both points are the same when no line can.
struct ClockLine {
  ClockPoint from, to;
  size_t votes = 0;  // points on the line, these two counted
};
ClockLine vote_for_clock(const std::vector<ClockPoint>& points, double tolerance_us,
                         const std::function<bool(const ClockPoint&, const ClockPoint&)>& plausible);

}  // namespace kutrace
