// SPDX-License-Identifier: BSD-3-Clause
// How one clock runs against another, from messages between two machines: the line between two convex hulls. A message from A to B bounds from
// below what must be added to B's clock to have A's, one from B to A bounds it from above, since none arrives before it was sent.
// All lines that lie between the bounds are possible; the one in their middle is taken, and how far the others go from it is its error.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace kutrace {

// B's clock plus offset(t) is A's, for t of B's clock. In any unit.
struct ClockLine {
  int64_t origin = 0;
  double at_origin = 0;  // what to add there
  double drift = 0;      // how much more a unit later

  int64_t map(int64_t t) const;
  // Of A's clock to B's.
  ClockLine inverse() const;
  // Of B's clock to that to which `next` takes A's.
  ClockLine then(const ClockLine& next) const;
};

struct ClockEstimate {
  ClockLine line;
  bool possible = false;  // else `reason`
  std::string reason;
  int64_t first = 0, last = 0;                              // B's time of the first and last bound
  double error_first = 0, error_last = 0, error_least = 0;  // half of what the possible lines span there, and where they are closest
  double drift_error = 0;                                   // the same of the drift
  double contradiction = 0;                                 // by how much bounds exclude every line: the clocks kept no one rate; 0: they do not
  uint64_t lower = 0, upper = 0;                            // bounds
};

class ClockFitter {
 public:
  // Clocks of machines differ by less than this in rate; what the bounds leave open beyond it is not possible.
  static constexpr double kMaxDrift = 1e-3;

  // A message from A to B: sent at A's time, received at B's. And the other way.
  void to_b(int64_t sent_a, int64_t received_b) { lower_.push_back({received_b, sent_a - received_b}); }
  void to_a(int64_t sent_b, int64_t received_a) { upper_.push_back({sent_b, received_a - sent_b}); }
  ClockEstimate estimate() const;

 private:
  struct Bound {
    int64_t t, offset;
  };
  std::vector<Bound> lower_, upper_;
};

}  // namespace kutrace
