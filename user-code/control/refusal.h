// SPDX-License-Identifier: BSD-3-Clause
// Why the kernel did not do what was asked, in words that say what to do.
#pragma once

#include <string>

#include "control/failure.h"
#include "control/machine.h"

namespace kutrace::capture {

// The failure for a device that could not be opened: `error` is an errno.
Failure explain_open(int error, const Machine& machine);

// The failure for a command of the device. `what` is what was tried ("start tracing").
Failure explain_command(int error, const std::string& what);

// The failure for reading the trace.
Failure explain_read(int error);

}  // namespace kutrace::capture
