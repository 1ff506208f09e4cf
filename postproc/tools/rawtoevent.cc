// SPDX-License-Identifier: BSD-3-Clause
// rawtoevent [FILE]: a raw trace to event text, in time order.
#include "base/input.h"
#include "chain.h"
#include "tools/tool.h"
#include "trace/decoder.h"
#include "trace/event_text_writer.h"

int main(int argc, char** argv) {
  using namespace kutrace;
  CLI::App app{"Turns a raw KUtrace trace into event text, in time order.", "rawtoevent"};
  std::string file = "-", output = "-";
  bool verbose = false;
  app.add_option("FILE", file, "raw trace, plain or gzip; - is standard input");
  app.add_option("-o,--output", output, "where to write");
  app.add_flag("-v,--verbose", verbose, "also say what was repaired or inferred");
  return run_tool(app, argc, argv, [&](Diagnostics& diagnostics) {
    MappedInput input(file, diagnostics.budget());
    require_raw(input);
    TraceReader reader(input, diagnostics);
    Decoder decoder(reader, diagnostics);
    const uint64_t most = diagnostics.budget()->most(Limit::output);
    Output out(output, {file});
    EventTextWriter writer(out, reader.info());
    writer.begin(reader);
    for_each_event(
        decoder, [&](const Event& e, const std::string& text) { writer.name(e, text); },
        [&](const Event& e) { writer.event(e); }, [&] { return writer.bytes() >= most || diagnostics.spent(); });
    if (writer.bytes() >= most) diagnostics.take(Limit::output, UINT64_MAX);
    diagnostics.budget()->tell(diagnostics);
    writer.end(diagnostics);
    out.close();
    std::fprintf(stderr, "rawtoevent: %llu events\n", static_cast<unsigned long long>(writer.events()));
    if (verbose) std::fputs(diagnostics.summary(Severity::kInfo).c_str(), stderr);
    return report_damage("rawtoevent", diagnostics);
  });
}
