// SPDX-License-Identifier: BSD-3-Clause
// Was a signal sent to this process alone, or to its whole process group, so that others in the group have it already? The kernel
// does not say. A child that does nothing and blocks everything has the same signal pending if it went to the group.
#pragma once

#include <sys/types.h>

namespace kutrace::capture {

class GroupWitness {
 public:
  GroupWitness() : pid_(start()) {}
  ~GroupWitness() { end(pid_); }
  GroupWitness(const GroupWitness&) = delete;
  GroupWitness& operator=(const GroupWitness&) = delete;

  // For a signal that this process has received. False also where it cannot be found out (no /proc, no more processes).
  bool saw(int signal);

 private:
  static pid_t start();
  static void end(pid_t pid);
  pid_t pid_;
};

}  // namespace kutrace::capture
