// SPDX-License-Identifier: BSD-3-Clause
// kutrace_record TRACE COMMAND...: `kutrace record -o TRACE -- COMMAND...` for guests, linked statically.
#include <cstdio>
#include <exception>

#include "record/record.h"

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fputs("usage: kutrace_record TRACE COMMAND...\n", stderr);
    return 2;
  }
  try {
    kutrace::record::RecordOptions options;
    options.output = argv[1];
    options.command.assign(argv + 2, argv + argc);
    const auto result = kutrace::record::record(options);
    return result.lost ? 1 : result.status;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "kutrace_record: %s\n", e.what());
    return 2;
  }
}
