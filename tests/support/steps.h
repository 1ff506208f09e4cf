// SPDX-License-Identifier: BSD-3-Clause
// Counts what code does instead of how long it takes: basic blocks run by the library, built with -fsanitize-coverage=trace-pc, bytes moved by
// it (64 are a step), and the most memory it held. The same on every machine and in every hour.
#pragma once

#include <cstdint>

namespace kutrace::test {

struct Cost {
  uint64_t steps = 0;
  uint64_t memory = 0;  // bytes at the peak, beyond what was held before
};

class CostMeter {
 public:
  CostMeter();  // begins
  Cost read() const;

 private:
  uint64_t steps_, held_;
};

}  // namespace kutrace::test
