// SPDX-License-Identifier: BSD-3-Clause
// Functions of a kernel from the lines of /proc/kallsyms.
#pragma once

#include <string>

#include "base/diagnostics.h"
#include "symbols/symbol_table.h"

namespace kutrace {

// "ffffffff81000000 T _text" a line, with the module in brackets behind it. Throws Error when the kernel hid its addresses (kptr_restrict), or when
// no line has a function. Lines that are none are findings. Of a file
// with sections ("==== NAME") only the one named kernel counts, which may be empty.
SymbolTable read_kernel_symbols(const std::string& path, Diagnostics& diagnostics);

}  // namespace kutrace
