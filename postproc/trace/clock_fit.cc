// SPDX-License-Identifier: BSD-3-Clause
#include "trace/clock_fit.h"

#include <algorithm>
#include <cmath>

namespace kutrace {
namespace {

// So many of the longest stretches are tried as the rate; all others only vote. Keeps the work linear.
constexpr size_t kCandidates = 32;

struct Stretch {
  size_t from = 0;  // index of its first point
  double counts = 0, us = 0;
  double slope() const { return us / counts; }
  bool agrees(double slope) const { return std::abs(us - slope * counts) <= clock_tolerance_us(slope * counts); }
};

Stretch between(const std::vector<ClockPoint>& points, size_t from, size_t to) {
  return {from, static_cast<double>(points[to].counter - points[from].counter),
          static_cast<double>(static_cast<int64_t>(points[to].us - points[from].us))};
}

std::vector<Stretch> stretches_of(const std::vector<ClockPoint>& points) {
  std::vector<Stretch> out;
  for (size_t i = 0; i + 1 < points.size(); ++i) out.push_back(between(points, i, i + 1));
  return out;
}

struct Vote {
  double counts = 0, us = 0;
  uint32_t votes = 0;
};

// Over less than this, reading two clocks one after the other says nothing of their rates.
constexpr double kShortUs = 1000;

Vote vote(const std::vector<Stretch>& stretches, double slope) {
  Vote sum;
  for (const Stretch& s : stretches) {
    if (!s.agrees(slope)) continue;
    sum.counts += s.counts;
    sum.us += s.us;
    if (slope * s.counts >= kShortUs) ++sum.votes;
  }
  return sum;
}

// A single point off the line that its neighbours are on is a damaged header, no setting of the clock.
void drop_outliers(std::vector<ClockPoint>& points, double slope) {
  std::vector<ClockPoint> kept;
  for (size_t i = 0; i < points.size(); ++i) {
    const bool inner = !kept.empty() && i + 1 < points.size();
    if (inner) {
      kept.push_back(points[i]);
      const std::vector<ClockPoint> three = {kept[kept.size() - 2], points[i], points[i + 1]};
      if (!between(three, 0, 1).agrees(slope) && !between(three, 1, 2).agrees(slope) && between(three, 0, 2).agrees(slope)) {
        kept.pop_back();
      }
      continue;
    }
    kept.push_back(points[i]);
  }
  points = std::move(kept);
}

// A point at an end of the file, behind `last` by a stretch that does not agree: a setting of the clock moved its clock, damage to
// its counter did not.
bool is_step(const Stretch& s, double slope) {
  constexpr double kNearUs = 2e6, kHourUs = 3.6e9;
  return std::abs(s.us) > kNearUs && slope * s.counts < kHourUs;
}

// Which points the fit is of, from the first to the last: those that agree with a neighbour, and those beyond a step.
void set_extent(ClockFit& fit, const std::vector<ClockPoint>& points) {
  const double slope = fit.us_per_count;
  const std::vector<Stretch> stretches = stretches_of(points);
  size_t lo = 0, hi = points.size() - 1;
  while (lo < hi && !stretches[lo].agrees(slope)) ++lo;
  while (hi > lo && !stretches[hi - 1].agrees(slope)) --hi;
  std::vector<ClockPoint> used(points.begin() + static_cast<ptrdiff_t>(lo), points.begin() + static_cast<ptrdiff_t>(hi) + 1);
  for (size_t i = hi + 1; i < points.size(); ++i) {
    const std::vector<ClockPoint> two = {used.back(), points[i]};
    if (is_step(between(two, 0, 1), slope)) used.push_back(points[i]);
  }
  std::vector<ClockPoint> before;  // latest first
  for (size_t i = lo; i-- > 0;) {
    const std::vector<ClockPoint> two = {points[i], before.empty() ? used.front() : before.back()};
    if (is_step(between(two, 0, 1), slope)) before.push_back(points[i]);
  }
  used.insert(used.begin(), before.rbegin(), before.rend());
  fit.first = used.front();
  fit.last = used.back().counter;
  int64_t total = 0;
  for (const Stretch& s : stretches_of(used)) {
    if (s.agrees(slope)) continue;
    const int64_t us = std::llround(s.us - slope * s.counts);
    total += us;
    fit.steps.push_back({used[s.from].counter, used[s.from + 1].counter, us, total});
  }
}

}  // namespace

double clock_tolerance_us(double us) {
  const double length = std::abs(us);
  return std::min(2000.0, 50 + 0.01 * length) + 1e-4 * length;
}

std::optional<ClockFit> fit_clock(std::vector<ClockPoint> points, double least, double most) {
  std::erase_if(points, [](const ClockPoint& p) { return p.us == 0; });
  std::stable_sort(points.begin(), points.end(), [](const ClockPoint& a, const ClockPoint& b) { return a.counter < b.counter; });
  points.erase(std::unique(points.begin(), points.end(), [](const ClockPoint& a, const ClockPoint& b) { return a.counter == b.counter; }),
               points.end());
  std::vector<Stretch> stretches = stretches_of(points);
  std::vector<Stretch> tried;
  for (const Stretch& s : stretches) {
    if (s.us > 0 && s.counts >= least * s.us && s.counts <= most * s.us) tried.push_back(s);
  }
  if (tried.empty()) return std::nullopt;
  const size_t n = std::min(kCandidates, tried.size());
  std::partial_sort(tried.begin(), tried.begin() + static_cast<ptrdiff_t>(n), tried.end(),
                    [](const Stretch& a, const Stretch& b) { return a.counts > b.counts; });
  Vote best;
  for (size_t i = 0; i < n; ++i) {
    const Vote v = vote(stretches, tried[i].slope());
    if (v.counts > best.counts && v.us > 0) best = v;
  }
  if (best.counts <= 0) return std::nullopt;
  double all = 0;
  for (const Stretch& s : stretches) all += s.counts;
  ClockFit fit;
  fit.us_per_count = best.us / best.counts;
  fit.votes = best.votes;
  fit.majority = best.counts > all / 2;
  drop_outliers(points, fit.us_per_count);
  set_extent(fit, points);
  return fit;
}

}  // namespace kutrace
