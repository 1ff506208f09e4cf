// SPDX-License-Identifier: BSD-3-Clause
// From the machine in the field to the one where somebody looks. All throw capture::Failure.
#pragma once

#include <string>

#include "field/trace_folder.h"

namespace kutrace::field {

// Copies into `to` the traces of `from` that are not there: a folder (a card, a stick), or HOST:FOLDER by ssh. An existing file is never changed. Prints the
// names of those that came. `from` may hold anything: only names that a recorder gives are taken.
void pull(const std::string& from, const std::string& to);

// Runs `kutrace report` of a trace, or of a folder's latest, to open at the moment when it was asked for, and says what that was.
// Its status.
int report(const std::string& trace, const std::string& page);

}  // namespace kutrace::field
