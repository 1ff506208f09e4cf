// SPDX-License-Identifier: BSD-3-Clause
// Did a quantity change between two recordings? What is compared is a ratio: of two sums for an amount of something (time on a CPU by
// second), of two medians for lengths (of waits). Neighbours in a trace depend on each other, so pieces of it are drawn, not single
// events: a part of the window for amounts, sqrt(n) lengths in a row for medians.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace kutrace {

constexpr int kDraws = 2000;         // of the bootstrap
constexpr uint64_t kDrawSeed = 1;    // the same answer every time
constexpr size_t kLeastValues = 20;  // with fewer lengths a side nothing is said
constexpr size_t kMostValues = 20000;  // of lengths a side, evenly taken from more
constexpr double kFalseAlarms = 0.05;  // the chance of any at all, when nothing changed by more than the margin

// What happened in each part of a window, and by what it is divided: seconds, or RPCs.
struct Amounts {
  std::vector<double> sum, base;
  // Of how many things it consists. One long wait lies in many parts and says no more than once what it says.
  uint64_t events = UINT64_MAX;
};

struct Comparison {
  enum class Verdict : uint8_t { kNoneShown, kChanged, kTooFew };
  double a = 0, b = 0;                  // amount by unit of base, or median
  double ratio = 1, low = 1, high = 1;  // b / a and its 95 % interval; 0 and infinity where one side has none
  double p = 1;                         // of a change beyond the margin; behind holm(): among all that were asked
  double error = 0;                     // of the ratio's logarithm
  int pieces = 0;                       // that say something each, on the side that has fewer
  uint64_t values_a = 0, values_b = 0;  // of lengths: how many there are
  Verdict verdict = Verdict::kNoneShown;

  // The smallest ratio above 1 that would have been shown, as far as `asked` questions go; infinity when none.
  double least_shown(double margin, size_t asked) const;
};

// `margin`: a ratio up to 1 + margin, or down to its inverse, is no change: recordings of one program differ among themselves, and
// no single recording tells by how much.
Comparison compare_amounts(const Amounts& a, const Amounts& b, double margin);
// Lengths in the order in which they happened.
Comparison compare_medians(const std::vector<int64_t>& a, const std::vector<int64_t>& b, double margin);

// Holm's correction over all that were asked, then the verdicts.
void judge(std::vector<Comparison*> all);

// One-sided tail of Student's t, by Wallace's approximation (1959): within 0.0005 for 5 or more degrees of freedom.
double student_tail(double t, double freedom);

}  // namespace kutrace
