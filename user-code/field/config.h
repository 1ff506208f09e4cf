// SPDX-License-Identifier: BSD-3-Clause
// The configuration file of kutrace-field: `NAME = VALUE` lines, # begins a comment. The one table of what may stand there.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "kutrace.h"

namespace kutrace::field {

struct Config {
  std::string folder = "/var/lib/kutrace-field";        // of the traces and of the file `state`
  std::string trigger = KUTRACE_TRIGGER_PIPE;           // a pipe: each line written to it saves what was recorded
  std::string group;                                    // whose members may write to it, too; "": root alone
  std::string led;                                      // of /sys/class/leds: on while it records
  uint64_t files = 20;                                  // traces that are kept; the oldest goes first
  uint64_t quota = 1'000'000'000;                       // bytes of them
  uint64_t after_ms = 500;                              // goes on recording so long after a trigger
};

// `name` is for messages. Throws capture::Failure with the line and what is allowed there.
Config parse_config(std::string_view text, const std::string& name);
// The same of a file.
Config read_config(const std::string& path);

}  // namespace kutrace::field
