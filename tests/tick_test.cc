// SPDX-License-Identifier: BSD-3-Clause
// The module's arithmetic of ticks, compiled for user space: every boundary that passes is due, and is taken or skipped.
#include <gtest/gtest.h>

#include <random>

#include "support/kernel_types.h"

inline u64 div_u64(u64 a, u32 b) { return a / b; }
inline u64 div64_u64(u64 a, u64 b) { return a / b; }

#include "tick_math.h"

namespace {

constexpr u64 kMs = 1'000'000;

// A tick in the plainest way: boundary by boundary.
struct Plain {
  u64 interval, offset, next;
  Plain(u64 interval_of, u64 offset_of, u64 now) : interval(interval_of), offset(offset_of), next(offset_of) {
    next += (now - now % interval);
    while (next > now) next -= interval;
    while (next <= now) next += interval;
  }
  u64 passed(u64 now) const {
    u64 n = 0;
    for (u64 at = next; at <= now; at += interval) ++n;
    return n;
  }
};

TEST(Tick, BoundariesAreMultiplesOfTheInterval) {
  kutrace_tick_state s{};
  kutrace_tick_begin(&s, kMs, 0, 5 * kMs - 1);
  EXPECT_EQ(s.next, 5 * kMs);
  kutrace_tick_begin(&s, kMs, 0, 5 * kMs);
  EXPECT_EQ(s.next, 6 * kMs);
}

TEST(Tick, StaggeredCpusDivideTheInterval) {
  for (u32 cpu = 0; cpu < 4; ++cpu) {
    kutrace_tick_state s{};
    kutrace_tick_begin(&s, kMs, kutrace_tick_offset(kMs, cpu, 4), 5 * kMs);
    EXPECT_EQ(s.next, 5 * kMs + (cpu == 0 ? kMs : cpu * kMs / 4)) << cpu;
  }
}

TEST(Tick, ACpuThatStoodFor37IntervalsSkips37) {
  kutrace_tick_state s{};
  kutrace_tick_begin(&s, kMs, 0, 99 * kMs + 1);
  kutrace_tick_moment m{};
  kutrace_tick_take(&s, 137 * kMs + 5, &m);
  EXPECT_EQ(m.boundary, 100 * kMs);
  EXPECT_EQ(m.late, 37 * kMs + 5);
  EXPECT_EQ(m.skipped, 37u);
  EXPECT_EQ(s.next, 138 * kMs);
}

TEST(Tick, MillionRandomStepsAgreeWithThePlainWay) {
  std::mt19937_64 random(1);
  u64 steps = 0;
  while (steps < 1'000'000) {
    const u64 interval = 50'000 + random() % (100 * kMs - 50'000 + 1);
    const u32 cpus = 1 + static_cast<u32>(random() % 512), cpu = static_cast<u32>(random() % cpus);
    const u64 offset = kutrace_tick_offset(interval, cpu, cpus);
    ASSERT_LT(offset, interval);
    u64 now = interval + random() % (u64{1} << 60);
    const Plain plain(interval, offset, now);
    const u64 first = plain.next;
    kutrace_tick_state s{};
    kutrace_tick_begin(&s, interval, offset, now);
    ASSERT_EQ(s.next, first);
    u64 taken = 0, skipped = 0;
    for (int i = 0; i < 1000; ++i, ++steps) {
      // Mostly on time, sometimes late by a little, rarely by many intervals.
      const u64 kind = random() % 16;
      now = s.next + (kind < 12 ? random() % 1000 : kind < 15 ? random() % (2 * interval) : random() % (40 * interval));
      const u64 before = s.next;
      Plain rest = plain;
      rest.next = before;
      const u64 passed = rest.passed(now);
      ASSERT_EQ(kutrace_tick_passed(&s, now), passed);
      kutrace_tick_moment m{};
      kutrace_tick_take(&s, now, &m);
      ASSERT_EQ(m.boundary, before);
      ASSERT_EQ(m.late, now - before);
      ASSERT_EQ(m.skipped, passed - 1);
      ASSERT_GT(s.next, now);
      ASSERT_LE(s.next - now, interval);
      ASSERT_EQ(kutrace_tick_passed(&s, now), 0u);
      ++taken;
      skipped += m.skipped;
      ASSERT_EQ((s.next - first) / interval, taken + skipped);
      ASSERT_EQ((s.next - first) % interval, 0u);
    }
  }
}

}  // namespace
