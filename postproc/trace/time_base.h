// SPDX-License-Identifier: BSD-3-Clause
// Time inside the tools is counted in ticks: of the trace's own counter when a raw trace is read, of 10 ns when
// event text or span JSON is read. Tick 0 is the base minute. Keeping ticks makes sums exact and files small; a time in
// nanoseconds is always floor(tick * ns_per_tick), the same IEEE double here and in the viewer.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>

namespace kutrace {

using Ticks = int64_t;

// Times further than this from the base minute are no times: 22 years for an event; it may last as long again, so
// that a span in a document ends within 50 years. All sums in nanoseconds then fit 64 bits.
constexpr double kMaxEventSeconds = 7e8;
constexpr double kMaxSpanSeconds = 1.6e9;

struct TimeBase {
  static constexpr int64_t kUnknownMinute = INT64_MIN;
  double ns_per_tick = 10.0;
  int64_t minute_us = kUnknownMinute;  // wall clock of tick 0, us since 1970 UTC; always a whole minute

  // Clamped: sums of a hostile file's durations may be too long for it.
  int64_t ns(Ticks t) const {
    const double value = std::floor(static_cast<double>(t) * ns_per_tick);
    return static_cast<int64_t>(value < -9.2e18 ? -9.2e18 : value > 9.2e18 ? 9.2e18 : value);
  }
  // 10 ns units, as the event text and the span JSON print them (trace-format.md, 2.2).
  int64_t units(Ticks t) const {
    return static_cast<int64_t>(std::floor(static_cast<double>(t) * (ns_per_tick / 10.0)));
  }
  // A number of ticks that lasts `ns` nanoseconds, rounded to nearest.
  Ticks from_ns(double ns) const { return static_cast<Ticks>(std::llround(ns / ns_per_tick)); }
};

// a + b, or the nearest value there is: sums over a hostile file's times may not fit.
inline Ticks add_clamped(Ticks a, Ticks b) {
  Ticks sum;
  if (!__builtin_add_overflow(a, b, &sum)) return sum;
  return b > 0 ? INT64_MAX : INT64_MIN;
}

// "YYYY-MM-DD_HH:MM:SS.uuuuuu" in UTC; `unknown` for 0. Any year from 1970 on.
std::string format_utc(int64_t us);
// "YYYY-MM-DD_HH:MM:00", the JSON's tracebase; empty when it is not known.
std::string format_minute(int64_t minute_us);
// The opposite of format_minute; kUnknownMinute when the text is not of that form.
int64_t parse_minute(const std::string& text);
// Microseconds as seconds with their sign: "+5.000000".
std::string signed_seconds(int64_t us);

}  // namespace kutrace
