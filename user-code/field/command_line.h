// SPDX-License-Identifier: BSD-3-Clause
// kutrace-field's arguments.
#pragma once

#include "control/control.h"
#include "control/machine.h"

namespace kutrace::field {

// Status: 0, or 2 if it could not be done, which stderr says.
int run_command_line(int argc, char** argv, capture::Control& control, const capture::Machine& machine);

}  // namespace kutrace::field
