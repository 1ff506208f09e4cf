// SPDX-License-Identifier: BSD-3-Clause
// A command traced from its first instruction to its end. The trace is saved however it ends.
#pragma once

#include <signal.h>

#include <functional>
#include <string>
#include <vector>

namespace kutrace::capture {

struct RunResult {
  int status = 0;             // as a shell says it: exit status, 128 + signal, 126/127 not run
  bool still_running = false;  // we were interrupted and the command did not end within a second
};

// Starts `command` in a child that waits; calls `go`; lets the child run; waits for it to end, or for SIGINT, SIGTERM or
// SIGHUP, which are passed on. If `go` throws, the command never runs. The caller stops tracing afterwards; until the
// guard it made is gone, those signals do not end this process.
class Run {
 public:
  Run();
  ~Run();
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;
  RunResult operator()(const std::vector<std::string>& command, const std::function<void()>& go);

 private:
  sigset_t saved_;  // the mask before
};

}  // namespace kutrace::capture
