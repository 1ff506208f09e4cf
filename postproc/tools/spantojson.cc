// SPDX-License-Identifier: BSD-3-Clause
// spantojson [FILE]: span records in any order, from any of our or the reference's documents, to one sorted,
// valid span JSON document.
#include "tools/documents.h"
#include "tools/tool.h"

int main(int argc, char** argv) {
  using namespace kutrace;
  CLI::App app{"Turns span records (unsorted JSON, HTML pages, event text, raw traces) into sorted span JSON.", "spantojson"};
  std::string title, file = "-", output = "-";
  app.add_option("FILE", file, "input, plain or gzip; - is standard input");
  app.add_option("-o,--output", output, "where to write");
  app.add_option("-t,--title", title, "title of the picture");
  return run_tool(app, argc, argv, [&](Diagnostics& diagnostics) {
    StringPool pool;
    SpanSorter sorter(diagnostics.budget());
    MappedInput input(file, diagnostics.budget());
    ChainResult result = read_spans(input, pool, sorter, diagnostics);
    complete_header(result.header, title, file);
    write_document(output, result.header, pool, sorter, diagnostics, {file});
    return report_damage("spantojson", diagnostics);
  });
}
