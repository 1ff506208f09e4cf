// SPDX-License-Identifier: BSD-3-Clause
// A program of eight sections of arithmetic, each in a phase of its own: how does one find one's own code in a picture?
#include <cmath>

#include "workload.h"

using namespace kutrace::workload;

namespace {

// Each is another mixture of what old benchmarks of arithmetic do; the result keeps the compiler from leaving it out.
double section(int which, long n) {
  double x = 0.5, y = 1.5, list[4] = {1, -1, -1, -1};
  for (long k = 0; k < n; ++k) {
    switch (which) {
      case 0: x = (x + y) * 0.499975; break;
      case 1: list[k & 3] = (list[0] + list[1] - list[2] + list[3]) * 0.499975; break;
      case 2: y = std::sqrt(x + y); break;
      case 3: x = k % 3 == 0 ? 1 - x : x * 0.75; break;
      case 4: x += static_cast<double>((k * 7) & 15); break;
      case 5: x = std::sin(x) + std::cos(y); break;
      case 6: y = y / (x + 1.01); break;
      default: x = std::exp(std::log(x + 1.5) * 0.99); break;
    }
  }
  return x + y + list[0];
}

}  // namespace

KUTRACE_WORKLOAD(whet) {
  const Options o(argc, argv, "Eight sections of arithmetic (phases wh1 to wh8 in whet), round and round.",
                  {{"loops", "20", "rounds"}, {"n", "20000", "steps of a section"}});
  static const char* const names[] = {"wh1", "wh2", "wh3", "wh4", "wh5", "wh6", "wh7", "wh8"};
  const long loops = o.number("loops", 1, 1000), n = o.number("n", 1, 10000000);
  double sum = 0;
  const Phase whole("whet");
  for (long k = 0; k < loops; ++k) {
    for (int which = 0; which < 8; ++which) {
      const Phase phase(names[which]);
      sum += section(which, n);
    }
  }
  volatile double kept = sum;
  (void)kept;
}
