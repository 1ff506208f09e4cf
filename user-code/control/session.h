// SPDX-License-Identifier: BSD-3-Clause
// Go and stop, as steps over commands of the device. Knows nothing of arguments or terminals.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "control/machine.h"
#include "control/module.h"
#include "control/names.h"
#include "control/read_out.h"
#include "kutrace/memory.h"

namespace kutrace::capture {

struct GoOptions {
  bool ipc = false, llc = false, wrap = false, force = false;
  std::optional<kutrace_memory> memory = std::nullopt;  // samples of what each CPU uses
  bool stop_with_us = false;  // whatever ends this process, tracing ends with it
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
  uint64_t refused = 0;                                // marks beyond a program's rate
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
  Losses losses;
};

class Session {
 public:
  Session(Control& control, const Machine& machine) : module_(control, machine), machine_(machine) {}

  bool tracing() { return module_.tracing(); }
  Stat stat();

  // RESET, names, START. Refuses while something traces, and over a trace that nobody saved, unless forced.
  GoReport go(const GoOptions& options);
  // The same without START.
  GoReport init(const GoOptions& options);
  // The file first: what is wrong with it is found before tracing ends. Then save().
  StopReport stop(const StopOptions& options);
  // The file that `options` mean.
  TraceFile open_file(const StopOptions& options) const;
  // STOP, the file, RESET. If the file cannot be written, the trace stays in the kernel.
  StopReport save(TraceFile& file);
  // The same into blocks, the newest first; `finish` makes whole and durable what they became.
  StopReport save_newest_first(BlockSink& sink, const std::string& path, const std::function<void()>& finish);

  void on();
  void off();
  void reset();
  // For the command of `run`: see Module.
  Fd for_marks() { return module_.for_marks(); }
  // Throws Failure if nothing traces. `event` is KUTRACE_MARKA..KUTRACE_MARKD.
  void mark(uint32_t event, const std::string& text);

 private:
  StopReport save_by(const std::string& path, const std::function<TraceSummary()>& read, const std::function<void()>& finish);
  Losses losses();
  GoReport insert_names();

  Module module_;
  const Machine& machine_;
};

// Lines for people, without the program's name.
std::vector<std::string> describe(const GoReport& report);
std::vector<std::string> describe(const StopReport& report);
// "3 events lost on CPU 0 ..." and when the buffer was full; nothing if nothing was lost.
std::vector<std::string> describe(const Losses& losses, uint64_t start_us);

}  // namespace kutrace::capture
