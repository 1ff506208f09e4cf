// SPDX-License-Identifier: BSD-3-Clause
// spantoprof: a span document as profiles, a row for each CPU, thread and RPC, or for groups of similar ones.
#include "analysis/row_profile.h"
#include "tools/documents.h"
#include "tools/tool.h"

int main(int argc, char** argv) {
  using namespace kutrace;
  CLI::App app{"Turns a span document into profiles: what each row did, added up by name.", "spantoprof"};
  std::string file = "-", output = "-";
  bool rows = false, groups = false, by_count = false, verbose = false;
  RowProfile::Options options;
  auto* row_flag = app.add_flag("--row", rows, "number the rows, the reference's -row");
  app.add_flag("--group", groups, "merge rows of one name by their length, -group")->excludes(row_flag);
  app.add_flag("--all", options.all, "also groups of one row, -all");
  app.add_flag("--count", by_count, "put what occurred most often first in a row, not what took longest");
  app.add_flag("-v,--verbose", verbose, "also say what was found in the document");
  app.add_option("-i,--input", file, "span JSON; - is standard input");
  app.add_option("-o,--output", output, "where to write");
  return run_tool(app, argc, argv, {"-row", "-group", "-all"}, [&](Diagnostics& diagnostics) {
    options.ids = groups ? RowIds::kGroups : rows ? RowIds::kRows : RowIds::kOwn;
    options.order = by_count ? ItemOrder::kCount : ItemOrder::kTime;
    StringPool pool;
    MappedInput input(file, diagnostics.budget());
    RowProfile profile(pool, diagnostics);
    SpanHeader header = read_spans_in_order(input, pool, profile, diagnostics).header;
    header.presorted = true;
    SpanSorter as_it_is(diagnostics.budget());
    as_it_is.header(header);
    profile.write(options, as_it_is);
    write_document(output, header, pool, as_it_is, diagnostics, {file});
    if (verbose) std::fputs(diagnostics.summary(Severity::kInfo).c_str(), stderr);
    return report_damage("spantoprof", diagnostics);
  });
}
