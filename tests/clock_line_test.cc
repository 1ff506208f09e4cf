// SPDX-License-Identifier: BSD-3-Clause
// Clocks of two machines from what they sent each other: the truth lies within the stated error, whatever the network did.
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "net/clock_line.h"

namespace kutrace::test {
namespace {

constexpr int64_t kSecond = 1000000000;

struct World {
  double offset, drift;  // A's clock = B's + offset + drift * (B's - 100 s)
  int64_t a(int64_t b) const { return b + std::llround(offset + drift * static_cast<double>(b - 100 * kSecond)); }
};

// Messages both ways in ten seconds, each at least 20 us on its way and often much longer.
ClockFitter exchange(const World& world, uint64_t seed, int messages) {
  std::mt19937_64 random(seed);
  std::exponential_distribution<double> queue(1.0 / 200000);
  std::uniform_int_distribution<int64_t> when(0, 10 * kSecond);
  ClockFitter fitter;
  for (int i = 0; i < messages; ++i) {
    const int64_t sent = 100 * kSecond + when(random), there = sent + 20000 + std::llround(queue(random));
    if (i % 2 == 0) {
      fitter.to_b(world.a(sent), there);
    } else {
      fitter.to_a(sent, world.a(there));
    }
  }
  return fitter;
}

TEST(ClockLine, OffsetAndDriftAreFoundAndTheTruthIsWithinTheError) {
  for (uint64_t seed = 0; seed < 40; ++seed) {
    SCOPED_TRACE(seed);
    const World world{(seed % 2 == 0 ? 0.5 : -0.5) * kSecond, (seed % 3 == 0 ? 200e-6 : -200e-6)};
    const ClockEstimate e = exchange(world, seed, 400).estimate();
    ASSERT_TRUE(e.possible);
    EXPECT_EQ(e.contradiction, 0);
    EXPECT_NEAR(e.line.drift, world.drift, 5e-6);
    EXPECT_LE(std::abs(e.line.drift - world.drift), e.drift_error + 1e-12);
    for (const auto& [t, error] : {std::pair{e.first, e.error_first}, {e.last, e.error_last}}) {
      const auto wrong = static_cast<double>(std::abs(e.line.map(t) - world.a(t)));
      EXPECT_LE(wrong, error + 2);
      EXPECT_LE(wrong, 50000);
    }
    EXPECT_LE(e.error_least, std::min(e.error_first, e.error_last));
  }
}

TEST(ClockLine, AFewMessagesTellLittleAndSaySo) {
  const ClockEstimate e = exchange({0.5 * kSecond, 200e-6}, 7, 2).estimate();
  ASSERT_TRUE(e.possible);
  EXPECT_GT(e.drift_error, 100e-6);
  EXPECT_TRUE(std::isfinite(e.line.at_origin));
}

TEST(ClockLine, OneDirectionOrNoneIsRefusedWithTheReason) {
  ClockFitter fitter;
  EXPECT_EQ(fitter.estimate().reason, "no message was seen on both sides");
  fitter.to_b(1, 2);
  EXPECT_FALSE(fitter.estimate().possible);
  EXPECT_NE(fitter.estimate().reason.find("one direction only (from the first"), std::string::npos);
}

TEST(ClockLine, AClockThatWasSetContradictsEveryLine) {
  ClockFitter fitter;
  for (int i = 0; i < 100; ++i) {
    const int64_t b = i * kSecond / 10, a = b + (i < 50 ? 0 : kSecond);
    fitter.to_b(a, b + 30000);
    fitter.to_a(b, a + 30000);
  }
  const ClockEstimate e = fitter.estimate();
  ASSERT_TRUE(e.possible);
  EXPECT_GT(e.contradiction, kSecond / 4.0);
  EXPECT_GE(e.error_first, e.contradiction);
}

TEST(ClockLine, ThereAndBackIsTheSame) {
  const ClockLine line{1000 * kSecond, -0.25 * kSecond, 150e-6}, back = line.inverse();
  for (const int64_t t : {900 * kSecond, 1000 * kSecond, 1100 * kSecond}) {
    EXPECT_NEAR(static_cast<double>(back.map(line.map(t))), static_cast<double>(t), 2);
    EXPECT_NEAR(static_cast<double>(line.then(back).map(t)), static_cast<double>(t), 2);
  }
}

}  // namespace
}  // namespace kutrace::test
