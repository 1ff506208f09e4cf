// SPDX-License-Identifier: BSD-3-Clause
// Which part of a trace a command is about, as its options say: a range, a thread, RPCs, what lies between marks.
#pragma once

#include <CLI/CLI.hpp>
#include <cmath>
#include <string>

#include "analysis/windows.h"
#include "base/diagnostics.h"
#include "base/input.h"

namespace kutrace {

struct SelectionArguments {
  std::string thread, method, mark;
  double from = -INFINITY, to = INFINITY;
  int32_t rpc = 0;
};

void add_selection(CLI::App& command, SelectionArguments& a);

struct Chosen {
  Selection selection;
  std::string what;  // in words; empty: all
};

// Reads the input once if there is something to be found in it. Throws Error when a thread, RPC or mark is not there.
Chosen choose(const SelectionArguments& a, const MappedInput& input, Budget* budget);

}  // namespace kutrace
