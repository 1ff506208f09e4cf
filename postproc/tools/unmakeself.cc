// SPDX-License-Identifier: BSD-3-Clause
// unmakeself [FILE]: the span JSON inside a page, ours or the reference's.
#include "html/html_packer.h"
#include "tools/documents.h"
#include "tools/tool.h"

int main(int argc, char** argv) {
  using namespace kutrace;
  CLI::App app{"Takes the span JSON out of an HTML page made by makeself or kutrace report.", "unmakeself"};
  std::string file = "-", output = "-";
  app.add_option("FILE", file, "page; - is standard input");
  app.add_option("-o,--output", output, "where to write");
  return run_tool(app, argc, argv, [&] {
    Diagnostics diagnostics;
    StringPool pool;
    SpanSorter sorter;
    MappedInput input(file);
    if (detect_input(input) != InputKind::kPage) {
      throw Error(input.name(), 0, "is not an HTML page", "give a page made by makeself or kutrace report");
    }
    ChainResult result = read_spans(input, pool, sorter, diagnostics);
    write_document(output, result.header, pool, sorter, diagnostics);
    return report_damage("unmakeself", diagnostics);
  });
}
