// SPDX-License-Identifier: BSD-3-Clause
// The pipe by which programs and people ask a field recorder to save what it has: a line each, whose text is the reason.
#pragma once

#include <string>
#include <vector>

#include "base/fd.h"

namespace kutrace::field {

class TriggerPipe {
 public:
  // Makes it, with its folder; one of an earlier run is replaced. `group`: whose members may write, too. Throws capture::Failure.
  TriggerPipe(const std::string& path, const std::string& group);
  ~TriggerPipe();
  TriggerPipe(const TriggerPipe&) = delete;
  TriggerPipe& operator=(const TriggerPipe&) = delete;

  int fd() const { return fd_.get(); }
  // The reasons that are there; never waits. Text of anybody's.
  std::vector<std::string> take();

 private:
  std::string path_;
  Fd fd_;
  std::string held_;  // of a line that has not ended yet
};

// Asks the recorder whose pipe this is. Throws capture::Failure if none reads it.
void ask_to_save(const std::string& pipe, const std::string& reason);

}  // namespace kutrace::field
