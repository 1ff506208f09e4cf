// SPDX-License-Identifier: BSD-3-Clause
// Sub-commands of kutrace that have a file of their own.
#pragma once

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

namespace kutrace {

struct DumpArguments {
  std::string file = "-";
  int cpu = -1, block = -1;
  bool hex = false;
};
int dump(const DumpArguments& arguments);

struct RecordArguments {
  std::string output;
  bool overwrite = false;
  double seconds = 0;
  unsigned buffer_kb = 2048, sample_hz = 0;
  std::vector<std::string> command;
};
CLI::App* add_record(CLI::App& app, RecordArguments& a);
int run_record(const RecordArguments& a);

}  // namespace kutrace
