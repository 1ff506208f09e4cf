// SPDX-License-Identifier: BSD-3-Clause
// `kutrace record`: records while a command runs, for some seconds, or until it is interrupted. Gives lines for people;
// knows nothing of how arguments are written.
#pragma once

#include <string>
#include <vector>

#include "control/identity.h"
#include "record/mapping_watch.h"

namespace kutrace::record {

struct RecordOptions {
  std::string output;  // empty: a name of the time and the host
  bool overwrite = false;
  double seconds = 0;  // 0: until the command ends or an interrupt
  uint32_t buffer_kb = 2048;  // of each CPU
  uint32_t sample_hz = 0;
  capture::IdentityChoice who;  // of the command
  std::vector<std::string> command;
};

struct RecordResult {
  int status = 0;     // the command's, as a shell says it
  std::string trace;  // the file
  bool lost = false;
  MappingBook mappings;  // with samples: what was mapped while it recorded
};

// Throws capture::Failure. Says on stderr when it is ready, and what was recorded.
RecordResult record(const RecordOptions& options);

}  // namespace kutrace::record
