// SPDX-License-Identifier: BSD-3-Clause
// Sub-commands of kutrace that have a file of their own.
#pragma once

#include <string>

#include "base/diagnostics.h"

namespace kutrace {

struct DumpArguments {
  std::string file = "-";
  int cpu = -1, block = -1;
  bool hex = false;
};
int dump(const DumpArguments& arguments, Diagnostics& diagnostics);

}  // namespace kutrace
