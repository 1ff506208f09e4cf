// SPDX-License-Identifier: BSD-3-Clause
// What another tool, coroTracer, has recorded, as a recording of ours: its memory (version 1) or its trace.jsonl.
#pragma once

#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "base/input.h"

namespace kutrace {

struct ImportedCoros {
  std::string file;                // bytes of a recording
  std::vector<std::string> notes;  // what it does not tell, and what was passed over
};

// Throws Error when it is neither.
ImportedCoros import_coros(const MappedInput& input, Diagnostics& diagnostics);

}  // namespace kutrace
