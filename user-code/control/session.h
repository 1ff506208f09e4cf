// SPDX-License-Identifier: BSD-3-Clause
// Go and stop, as steps over the control call. Knows nothing of arguments or terminals.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "control/control.h"
#include "control/machine.h"
#include "control/names.h"
#include "control/read_out.h"

namespace kutrace::capture {

struct GoOptions {
  bool ipc = false, llc = false, wrap = false, force = false;
};

struct GoReport {
  uint32_t names = 0;
  uint32_t threads_left_out = 0;
  bool threads_unknown = false;
  uint32_t refused = 0;  // names that the module had no room for
};

struct StopOptions {
  std::string path;  // empty: the default name in the working directory, made now
  bool overwrite = false;
};

struct Losses {
  uint64_t total = 0;
  std::vector<std::pair<uint32_t, uint64_t>> per_cpu;  // those with any
  uint64_t full_us = 0;                                // when the buffer was full; 0: never, or not told
};

struct StopReport {
  std::string path;
  TraceSummary trace;
  Losses losses;
};

struct Stat {
  bool tracing = false;
  uint64_t blocks = 0;
  uint64_t version = 0;
  std::optional<Losses> losses;  // nothing: a module that does not count them
};

class Session {
 public:
  Session(Control& control, const Machine& machine) : control_(control), machine_(machine) {}

  bool tracing();
  Stat stat();

  // RESET, names, ON. Refuses while something traces, and over a trace that nobody saved, unless forced.
  GoReport go(const GoOptions& options);
  // The same without ON.
  GoReport init(const GoOptions& options);
  // The file first: what is wrong with it is found before tracing ends. Then save().
  StopReport stop(const StopOptions& options);
  // The file that `options` mean.
  TraceFile open_file(const StopOptions& options) const;
  // OFF, FLUSH, the file, RESET. If the file cannot be written, the trace stays in the kernel.
  StopReport save(TraceFile& file);

  void on();
  void off();
  uint64_t flush();
  void reset();
  // Throws Failure if nothing traces. `event` is KUTRACE_MARKA..KUTRACE_MARKD.
  void mark(uint32_t event, const std::string& text);

 private:
  uint64_t ask(uint64_t command, uint64_t argument, const std::string& what);
  Losses losses();
  GoReport insert_names();

  Control& control_;
  const Machine& machine_;
};

// Lines for people, without the program's name.
std::vector<std::string> describe(const GoReport& report);
std::vector<std::string> describe(const StopReport& report);
// "3 events lost on CPU 0 ..." and when the buffer was full; nothing if nothing was lost.
std::vector<std::string> describe(const Losses& losses, uint64_t start_us);

}  // namespace kutrace::capture
