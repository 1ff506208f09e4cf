// SPDX-License-Identifier: BSD-3-Clause
// Who was next door: of the programs that used something while a part of a trace was slow, which did so more than chance
// explains. A coincidence with counts, no cause.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace kutrace {

constexpr int kShuffles = 2000;
constexpr uint64_t kShuffleSeed = 1;       // the same answer every time
constexpr double kNamedBelow = 0.05;       // the chance that any at all is named when nothing coincides
constexpr double kSlowFactor = 2;          // slow: longer than so many medians
constexpr double kMuch = 0.9;              // used much: more than in such a share of the parts that were not slow

// One program beside the parts: what it used in each, by second.
struct Neighbour {
  std::string name;
  std::vector<double> rates;
};

struct Coincidence {
  std::string name;
  uint64_t slow = 0, much = 0;  // parts that were slow; in how many of those it used much
  double slow_rate = 0, other_rate = 0;
  double p = 1;  // corrected for how many were asked (Holm)
  bool named() const { return p < kNamedBelow; }
};

// Whether each part is slow, by the lengths of all.
std::vector<bool> slow_parts(const std::vector<double>& lengths);

// Of each neighbour, those that coincide most first. Parts depend on those before them, so what is shuffled is the order of the runs of slow
// parts and of those between: runs stay as long as they are.
std::vector<Coincidence> coincidences(const std::vector<bool>& slow, const std::vector<Neighbour>& neighbours);

}  // namespace kutrace
