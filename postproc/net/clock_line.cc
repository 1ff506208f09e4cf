// SPDX-License-Identifier: BSD-3-Clause
#include "net/clock_line.h"

#include <algorithm>
#include <cmath>

#include "trace/time_base.h"

namespace kutrace {
namespace {

struct Point {
  double x, y;
};

// The part of the convex hull that faces the other bounds: of lower bounds that above, `side` 1; of upper ones that below, -1.
std::vector<Point> hull(std::vector<Point> points, double side) {
  std::sort(points.begin(), points.end(), [&](const Point& a, const Point& b) { return a.x != b.x ? a.x < b.x : side * a.y < side * b.y; });
  std::vector<Point> out;
  for (const Point& p : points) {
    auto hidden = [&] {
      const Point &a = out[out.size() - 2], &b = out.back();
      return side * ((b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x)) >= 0;
    };
    while (out.size() >= 2 && hidden()) out.pop_back();
    if (out.size() == 1 && out[0].x == p.x) out.pop_back();
    out.push_back(p);
  }
  return out;
}

// Lines of one drift: they lie between the hulls where their height at x = 0 is from low() to high().
struct Between {
  std::vector<Point> lower, upper;

  double low(double drift) const {
    double most = -HUGE_VAL;
    for (const Point& p : lower) most = std::max(most, p.y - drift * p.x);
    return most;
  }
  double high(double drift) const {
    double least = HUGE_VAL;
    for (const Point& p : upper) least = std::min(least, p.y - drift * p.x);
    return least;
  }
  double room(double drift) const { return high(drift) - low(drift); }
};

// Halvings after which nothing changes any more.
constexpr int kSteps = 120;

// Where a function with one summit in [from, to] is highest.
template <typename Function>
double summit(double from, double to, Function&& f) {
  for (int i = 0; i < kSteps; ++i) {
    const double a = from + (to - from) / 3, b = to - (to - from) / 3;
    const bool rises = f(a) < f(b);
    (rises ? from : to) = rises ? a : b;
  }
  return (from + to) / 2;
}

// The drift farthest from `inside`, towards `limit`, that leaves room.
double farthest(const Between& between, double inside, double limit) {
  if (between.room(limit) >= 0) return limit;
  for (int i = 0; i < kSteps; ++i) {
    const double middle = (inside + limit) / 2;
    (between.room(middle) >= 0 ? inside : limit) = middle;
  }
  return inside;
}

}  // namespace

int64_t ClockLine::map(int64_t t) const {
  return add_clamped(t, std::llround(at_origin + drift * static_cast<double>(t - origin)));
}

ClockLine ClockLine::inverse() const { return {origin + std::llround(at_origin), -at_origin, 1 / (1 + drift) - 1}; }

ClockLine ClockLine::then(const ClockLine& next) const {
  const double behind = static_cast<double>(origin - next.origin) + at_origin;
  return {origin, at_origin + next.at_origin + next.drift * behind, (1 + drift) * (1 + next.drift) - 1};
}

ClockEstimate ClockFitter::estimate() const {
  ClockEstimate e;
  e.lower = lower_.size();
  e.upper = upper_.size();
  if (lower_.empty() || upper_.empty()) {
    e.reason = lower_.empty() && upper_.empty() ? "no message was seen on both sides"
               : upper_.empty() ? "messages seen on both sides go in one direction only (from the first to the second), which bounds the difference "
                                  "of the clocks on one side"
                                : "messages seen on both sides go in one direction only (from the second to the first), which bounds the difference "
                                  "of the clocks on one side";
    return e;
  }
  e.first = INT64_MAX;
  e.last = INT64_MIN;
  for (const auto* bounds : {&lower_, &upper_}) {
    for (const Bound& b : *bounds) e.first = std::min(e.first, b.t), e.last = std::max(e.last, b.t);
  }
  // Small numbers, so that doubles are exact.
  const int64_t origin = e.first + (e.last - e.first) / 2, base = lower_[0].offset;
  auto points = [&](const std::vector<Bound>& bounds) {
    std::vector<Point> out;
    for (const Bound& b : bounds) out.push_back({static_cast<double>(b.t - origin), static_cast<double>(static_cast<__int128>(b.offset) - base)});
    return out;
  };
  const Between between{hull(points(lower_), 1), hull(points(upper_), -1)};
  const double widest = summit(-kMaxDrift, kMaxDrift, [&](double drift) { return between.room(drift); });
  double least = widest, most = widest;
  if (between.room(widest) < 0) {
    e.contradiction = -between.room(widest) / 2;
  } else {
    least = farthest(between, widest, -kMaxDrift);
    most = farthest(between, widest, kMaxDrift);
  }
  const double drift = (least + most) / 2;
  e.line = {origin, static_cast<double>(base) + (between.low(drift) + between.high(drift)) / 2, drift};
  e.drift_error = (most - least) / 2;
  auto error = [&](double x) {
    const double top_drift = summit(least, most, [&](double d) { return between.high(d) + d * x; });
    const double bottom_drift = summit(least, most, [&](double d) { return -between.low(d) - d * x; });
    const double top = between.high(top_drift) + top_drift * x, bottom = between.low(bottom_drift) + bottom_drift * x;
    const double line = e.line.at_origin - static_cast<double>(base) + drift * x;
    return std::max({top - line, line - bottom, e.contradiction});
  };
  const double first = static_cast<double>(e.first - origin), last = static_cast<double>(e.last - origin);
  e.error_first = error(first);
  e.error_last = error(last);
  e.error_least = error(summit(first, last, [&](double x) { return -error(x); }));
  e.possible = true;
  return e;
}

}  // namespace kutrace
