// SPDX-License-Identifier: BSD-3-Clause
// rawtoevent [FILE]: a raw trace to event text, in time order.
#include "chain.h"
#include "tools/tool.h"

int main(int argc, char** argv) {
  using namespace kutrace;
  CLI::App app{"Turns a raw KUtrace trace into event text, in time order.", "rawtoevent"};
  std::string file = "-", output = "-";
  bool verbose = false;
  app.add_option("FILE", file, "raw trace, plain or gzip; - is standard input");
  app.add_option("-o,--output", output, "where to write");
  app.add_flag("-v,--verbose", verbose, "also say what was repaired or inferred");
  return run_tool(app, argc, argv, [&] {
    Diagnostics diagnostics;
    MappedInput input(file);
    Output out(output);
    const uint64_t events = write_event_text(input, out, diagnostics);
    out.close();
    std::fprintf(stderr, "rawtoevent: %llu events\n", static_cast<unsigned long long>(events));
    if (verbose) std::fputs(diagnostics.summary(Severity::kInfo).c_str(), stderr);
    return report_damage("rawtoevent", diagnostics);
  });
}
