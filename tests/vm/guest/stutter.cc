// SPDX-License-Identifier: BSD-3-Clause
// stutter MS: works, stalls once for so long between the marks stall and /stall, and asks the field recorder to save that.
#include <ctime>

#include <cstdlib>

#include "kutrace.h"

int main(int count, char** arguments) {
  if (count != 2) return 2;
  const long ms = std::strtol(arguments[1], nullptr, 10);
  kutrace_attach();
  for (int i = 0; i < 20; ++i) {
    const timespec turn{0, 1000000};
    kutrace_mark_a("turn");
    nanosleep(&turn, nullptr);
    if (i != 10) continue;
    const timespec stall{ms / 1000, ms % 1000 * 1000000};
    kutrace_mark_a("stall");
    nanosleep(&stall, nullptr);
    kutrace_mark_a("/stall");
  }
  return kutrace_trigger(nullptr, "stall") == 0 ? 0 : 1;
}
