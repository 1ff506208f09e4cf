// SPDX-License-Identifier: BSD-3-Clause
// The file a trace is saved in: its name, written under another name until complete, never over an existing file
// unless told to.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <ctime>
#include <span>
#include <string>

namespace kutrace::capture {

// ku_YYYYMMDD_HHMMSS_HOST_PID.trace, the time in UTC; characters of the host that do not belong into a name become _.
std::string default_trace_name(std::time_t now, const std::string& host, pid_t pid);

// `path` or, if it exists, the first of NAME_2.trace, NAME_3.trace ... that does not.
std::string free_trace_name(const std::string& path);

class TraceFile {
 public:
  // "-" is standard output. Devices and pipes are written as they are. Throws Failure.
  TraceFile(const std::string& path, bool overwrite);
  TraceFile(const TraceFile&) = delete;
  TraceFile& operator=(const TraceFile&) = delete;
  ~TraceFile();  // removes what was not finished

  void write(std::span<const char> bytes);  // all of them; throws Failure
  void finish();                            // makes it durable and gives it its name; throws Failure

 private:
  [[noreturn]] void fail(const std::string& doing, int error) const;

  std::string path_;
  std::string partial_;  // empty: written directly
  bool overwrite_;
  int fd_ = -1;
};

// Throws Failure if `path` is a file that exists.
void refuse_existing(const std::string& path);

}  // namespace kutrace::capture
