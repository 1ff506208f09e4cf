// SPDX-License-Identifier: BSD-3-Clause
// `kutrace coro record` and `kutrace coro harvest`: the records of programs that were built with the SDK, into a file.
#pragma once

#include <string>
#include <vector>

#include "control/identity.h"
#include "rings/area.h"

namespace kutrace::rings {

struct CoroOptions {
  std::string output;  // empty: a name of the time and the host
  bool overwrite = false;
  AreaSize size;
  capture::IdentityChoice who;
  std::vector<std::string> command;
};

struct CoroResult {
  int status = 0;  // the command's, as a shell says it
  std::string file;
  bool lost = false;
};

// Both throw capture::Failure, and say on stderr what was recorded.
CoroResult record_coroutines(const CoroOptions& options);
// Ends the recording that a killed collector has left as `part`, into `output` (empty: its name without .part).
CoroResult harvest(const std::string& part, const std::string& output, bool overwrite);

}  // namespace kutrace::rings
