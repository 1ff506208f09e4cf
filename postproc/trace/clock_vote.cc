// SPDX-License-Identifier: BSD-3-Clause
#include "trace/clock_vote.h"

#include <algorithm>
#include <cmath>

namespace kutrace {
namespace {

// Each pair of these is tried: enough that most of them are right, few enough for a file of any size.
constexpr size_t kMostPoints = 48;

std::vector<ClockPoint> some_of(const std::vector<ClockPoint>& points) {
  if (points.size() <= kMostPoints) return points;
  std::vector<ClockPoint> out;
  for (size_t i = 0; i < kMostPoints; ++i) out.push_back(points[i * (points.size() - 1) / (kMostPoints - 1)]);
  return out;
}

double difference(uint64_t a, uint64_t b) { return static_cast<double>(a) - static_cast<double>(b); }

}  // namespace

ClockLine vote_for_clock(const std::vector<ClockPoint>& all, double tolerance_us,
                         const std::function<bool(const ClockPoint&, const ClockPoint&)>& plausible) {
  std::vector<ClockPoint> points = some_of(all);
  std::stable_sort(points.begin(), points.end(), [](const ClockPoint& a, const ClockPoint& b) { return a.counter < b.counter; });
  ClockLine best;
  for (size_t i = 0; i < points.size(); ++i) {
    for (size_t j = i + 1; j < points.size(); ++j) {
      const ClockPoint &from = points[i], &to = points[j];
      if (!plausible(from, to)) continue;
      const double slope = difference(to.us, from.us) / difference(to.counter, from.counter);
      const auto votes = static_cast<size_t>(std::count_if(points.begin(), points.end(), [&](const ClockPoint& p) {
        return std::abs(difference(from.us, 0) + difference(p.counter, from.counter) * slope - difference(p.us, 0)) <= tolerance_us;
      }));
      const bool longer = to.counter - from.counter > best.to.counter - best.from.counter;
      if (votes > best.votes || (votes == best.votes && longer)) best = {from, to, votes};
    }
  }
  return best;
}

}  // namespace kutrace
