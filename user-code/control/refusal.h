// SPDX-License-Identifier: BSD-3-Clause
// Why the kernel did not do what was asked, in words that say what to do.
#pragma once

#include <cstdint>
#include <string>

#include "control/failure.h"
#include "control/machine.h"

namespace kutrace::capture {

// True if `result` of the control call is no answer: all ones or a negative errno.
bool is_refusal(uint64_t result);

// The failure for a refused call. `what` is what was tried ("start tracing").
Failure explain_refusal(uint64_t result, const std::string& what, const Machine& machine);

// The failure for /dev/kutrace: `error` is an errno.
Failure explain_device(int error);

}  // namespace kutrace::capture
