// SPDX-License-Identifier: BSD-3-Clause
// `kutrace doctor`: what this machine allows a recorder, and what to do about what it does not. Looks and tries; changes nothing.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "control/machine.h"

namespace kutrace::record {

struct Ability {
  enum State { kYes, kNo, kNote };  // kNote: recording works, something is less
  std::string what;
  State state = kYes;
  std::string found;
  std::string remedy;  // of what is not kYes
};

// What is tried on the running kernel; tests put their own in its place.
struct Trials {
  std::function<int()> bpf;                   // 0: the system call is let through, or an errno
  std::function<int()> cycles;                // the same: a counter of processor cycles
  std::function<std::vector<std::string>()> load;  // loads the programs; what cannot be recorded; throws capture::Failure
};
Trials trials_here();

// `root` is "" on a machine and a folder in tests.
std::vector<Ability> examine(const std::string& root, const Trials& trials);

bool can_record(const std::vector<Ability>& abilities);
std::string describe(const std::vector<Ability>& abilities);

}  // namespace kutrace::record
