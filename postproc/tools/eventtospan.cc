// SPDX-License-Identifier: BSD-3-Clause
// eventtospan [TITLE], also installed as eventtospan3, the reference's name: event text from standard input to span JSON, in order of start.
#include "base/input.h"
#include "chain.h"
#include "tools/documents.h"
#include "tools/tool.h"
#include "trace/event_text_reader.h"

int main(int argc, char** argv) {
  using namespace kutrace;
  CLI::App app{"Turns event text into span JSON, in order of start time.", "eventtospan"};
  std::string title, file = "-", output = "-";
  bool verbose = false, ignored = false;
  app.add_option("TITLE", title, "title of the picture");
  app.add_option("-i,--input", file, "event text, plain or gzip; - is standard input");
  app.add_option("-o,--output", output, "where to write");
  app.add_flag("--rel0,-t", ignored, "accepted for the reference's scripts, without effect");
  app.add_flag("-v,--verbose", verbose, "also say what was repaired or inferred");
  return run_tool(app, argc, argv, {"-rel0"}, [&](Diagnostics& diagnostics) {
    StringPool pool;
    SpanSorter sorter(diagnostics.budget());
    LineReader lines(file, diagnostics.budget());
    EventTextReader source(lines, diagnostics);
    SpanBuilder builder(source.info(), pool, sorter, diagnostics);
    build_spans(source, builder, sorter);
    SpanHeader header;
    builder.fill_header(header);
    diagnostics.tell_limits();
    if (builder.totals().spans == 0) diagnostics.add_at(Finding::kNoRecords, [&] { return lines.name(); });
    complete_header(header, title, file);
    write_document(output, header, pool, sorter, diagnostics, {file});
    const SpanTotals& t = builder.totals();
    const double all = std::max(1.0, static_cast<double>(t.user + t.system + t.idle));
    std::fprintf(stderr, "eventtospan: %llu spans, %.0f%% usr, %.0f%% sys, %.0f%% idle\n",
                 static_cast<unsigned long long>(t.spans), 100.0 * static_cast<double>(t.user) / all,
                 100.0 * static_cast<double>(t.system) / all, 100.0 * static_cast<double>(t.idle) / all);
    if (verbose) std::fputs(diagnostics.summary(Severity::kInfo).c_str(), stderr);
    return report_damage("eventtospan", diagnostics);
  });
}
