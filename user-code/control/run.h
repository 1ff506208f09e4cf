// SPDX-License-Identifier: BSD-3-Clause
// A command traced from its first instruction to its end. The trace can be saved however it ends.
#pragma once

#include <signal.h>

#include <array>
#include <functional>
#include <string>
#include <vector>

#include "control/identity.h"

namespace kutrace::capture {

struct RunResult {
  int status = 0;              // as a shell says it: exit status, 128 + signal, 126/127 not run
  bool still_running = false;  // we were told to end and the command did not within kGraceSeconds
};

constexpr int kGraceSeconds = 5;

// Starts `command` as `who` in a child that waits; calls `go`; lets the child run; waits for it to end.
//
// Meanwhile no deadly signal ends this process but SIGKILL; those that were ignored when it began stay ignored, here and for the
// command. One that was sent to us alone is passed on; one that the terminal or somebody sent to our whole process group the
// command has already. After Ctrl-C and Ctrl-\ we wait for what the command makes of it; after any other signal for kGraceSeconds,
// or until the next one. If `go` throws, the command never runs.
//
// The caller then stops tracing and saves; until this object is gone, signals do not end this process.
class Run {
 public:
  Run();
  ~Run();
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;
  // `marks`: a descriptor for marks that the command gets (libkutrace finds it), or -1.
  RunResult operator()(const std::vector<std::string>& command, const Identity& who, int marks, const std::function<void()>& go);

  // The mask with which to wait for somebody else while this object lives: signals that were let in before are.
  const sigset_t& waiting_mask() const { return waiting_; }

 private:
  void actions_for_command() const;

  sigset_t watched_;                          // deadly signals that are not ignored, and SIGCHLD
  sigset_t saved_;                            // the mask before
  sigset_t waiting_;                          // the same, deadly signals let in
  std::array<struct sigaction, NSIG> before_;  // their actions
};

}  // namespace kutrace::capture
