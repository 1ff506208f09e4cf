// SPDX-License-Identifier: BSD-3-Clause
// Where a page opens that is to show what a mark was made for.
#pragma once

#include <string>

#include "base/diagnostics.h"

namespace kutrace {

// The view, as the page's address has it, of the second before the last mark with this label and 50 ms after it, a cursor at the mark. Pinned and
// highlighted are the thread that made it and, before that, the one that woke that thread last before it: who asked a field recorder to
// save. "": the trace has no such mark.
std::string mark_view(const std::string& file, const std::string& label, Diagnostics& diagnostics);

}  // namespace kutrace
