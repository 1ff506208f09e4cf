// SPDX-License-Identifier: BSD-3-Clause
// The file a trace is saved in: its name, and the rules of traces for what an OutputFile does: readable by its owner alone, not
// through a symbolic link, an existing file only when told to.
#pragma once

#include <signal.h>
#include <sys/types.h>

#include <cstdint>
#include <ctime>
#include <span>
#include <string>

#include "base/output_file.h"

namespace kutrace::capture {

// ku_YYYYMMDD_HHMMSS_HOST_PID.trace, the time in UTC; characters of the host that do not belong into a name become _.
std::string default_trace_name(std::time_t now, const std::string& host, pid_t pid);

// `path` or, if it exists, the first of NAME_2.trace, NAME_3.trace ... that does not.
std::string free_trace_name(const std::string& path);

class TraceFile {
 public:
  // "-" is standard output. Devices and pipes are written as they are. Throws Failure for all that can be known to be wrong now.
  TraceFile(const std::string& path, bool overwrite);

  void write(std::span<const char> bytes);  // all of them; throws Failure
  void copy(int fd);                        // all that this file holds, from its beginning; throws Failure
  void finish();                            // makes it durable and gives it its name; throws Failure
  // See OutputFile.
  void let_in(const sigset_t& mask) { file_.let_in(mask); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  OutputFile file_;
};

}  // namespace kutrace::capture
