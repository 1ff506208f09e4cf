// SPDX-License-Identifier: BSD-3-Clause
// Four times as much of an input takes at most about four times the steps and the memory. Steps are counted, not timed (steps.h).
#pragma once

#include <gtest/gtest.h>

#include <cstdio>
#include <functional>
#include <string>

#include "support/steps.h"

namespace kutrace::test {

struct Shape {
  const char* name;
  size_t n;
  std::function<std::string(size_t)> make;
  std::function<void(const std::string&)> read;
};

inline std::string repeat(size_t n, const std::function<std::string(size_t)>& piece) {
  std::string out;
  for (size_t i = 0; i < n; ++i) out += piece(i);
  return out;
}
inline std::string repeat(size_t n, const std::string& piece) {
  return repeat(n, [&](size_t) { return piece; });
}

inline void expect_linear(const Shape& shape) {
  // A factor that a sort may add, and what does not grow.
  constexpr double kGrowth = 1.25;
  constexpr uint64_t kSteps = 2'000'000, kMemory = 24u << 20;
  const auto cost = [&](size_t n) {
    const std::string input = shape.make(n);
    const CostMeter meter;
    shape.read(input);
    return meter.read();
  };
  cost(shape.n);  // what is made once and kept
  const Cost one = cost(shape.n), four = cost(4 * shape.n);
  std::printf("%-45s %11llu -> %11llu steps, %9llu -> %9llu bytes\n", shape.name, static_cast<unsigned long long>(one.steps),
              static_cast<unsigned long long>(four.steps), static_cast<unsigned long long>(one.memory), static_cast<unsigned long long>(four.memory));
  EXPECT_LE(static_cast<double>(four.steps), 4 * kGrowth * static_cast<double>(one.steps) + kSteps) << shape.name;
  EXPECT_LE(static_cast<double>(four.memory), 4 * kGrowth * static_cast<double>(one.memory) + kMemory) << shape.name;
  EXPECT_GT(one.steps, 1000u) << shape.name << ": nothing is counted";
}

}  // namespace kutrace::test
