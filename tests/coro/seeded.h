// SPDX-License-Identifier: BSD-3-Clause
// A program of coroutines, on one to eight threads, that is made from a seed and knows what is wrong with itself. Its threads run in
// turns that the seed decides, and its clock counts events: the same seed is the same recording.
#pragma once

#include <cstdint>
#include <set>
#include <string>

namespace kutrace::rings {
class Area;
}

namespace kutrace::test {

struct SeededTruth {
  // "lost wakeup A 17", "wait cycle 3 4", "illegal step 9", "leak 12 13": with the numbers of the coroutines.
  std::set<std::string> findings;
  unsigned workers = 0;
};

enum class Faults { kNone, kSeeded };

// Runs the program of this seed, recorded into `area`, to its end. Afterwards nothing records, and all memory is free again.
SeededTruth run_seeded(uint64_t seed, Faults faults, rings::Area& area);

}  // namespace kutrace::test
