// SPDX-License-Identifier: BSD-3-Clause
// The arguments of kutrace_control.
#pragma once

#include "control/control.h"
#include "control/machine.h"

namespace kutrace::capture {

// Exit status: 0 done, 1 done but events were lost, 2 not done; `run` gives the command's.
int run_command_line(int argc, char** argv, Control& control, const Machine& machine);

}  // namespace kutrace::capture
