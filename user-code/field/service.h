// SPDX-License-Identifier: BSD-3-Clause
// A field recorder as a service: the pipe, signals and the clock tell it when to save.
#pragma once

#include "control/control.h"
#include "control/machine.h"
#include "field/config.h"

namespace kutrace::field {

// Returns after SIGTERM, SIGINT or SIGHUP. Throws capture::Failure.
void serve(capture::Control& control, const capture::Machine& machine, const Config& config);

}  // namespace kutrace::field
