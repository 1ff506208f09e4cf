// SPDX-License-Identifier: BSD-3-Clause
// samptoname_u MAPS: PC samples of user code in a span document by the names of functions.
#include "symbols/process_maps.h"
#include "symbols/sample_names.h"
#include "tools/documents.h"
#include "tools/tool.h"

int main(int argc, char** argv) {
  using namespace kutrace;
  CLI::App app{"Gives PC samples of user code the names of functions.", "samptoname_u"};
  std::string maps, root, file = "-", output = "-";
  std::vector<std::string> folders{"/usr/lib/debug"};
  app.add_option("MAPS", maps, "copies of /proc/PID/maps, each behind a line ==== /proc/PID/maps")->required();
  app.add_option("--root", root, "folder that has the files of the machine that was traced");
  app.add_option("--debug", folders, "folders that have files of debugging symbols by build-id (/usr/lib/debug if not given)");
  app.add_option("-i,--input", file, "span JSON; - is standard input");
  app.add_option("-o,--output", output, "where to write");
  return run_tool(app, argc, argv, [&](Diagnostics& diagnostics) {
    if (!can_read_elf()) throw Error("samptoname_u", std::nullopt, "this build has no libelf", "build with libelf-dev installed");
    ProcessMaps processes(root, folders);
    processes.read(maps, diagnostics);
    StringPool pool;
    MappedInput input(file, diagnostics.budget());
    SpanSorter sorter(diagnostics.budget());
    SampleNames names(sorter, pool, false, [&](int32_t thread, uint64_t address) { return processes.name(thread, address, diagnostics); });
    const SpanHeader header = read_spans(input, pool, names, diagnostics).header;
    write_document(output, header, pool, sorter, diagnostics, {file, maps});
    std::fprintf(stderr, "samptoname_u: %llu samples have names, %llu have none\n", static_cast<unsigned long long>(names.named()),
                 static_cast<unsigned long long>(names.left()));
    for (const std::string& line : processes.report()) std::fprintf(stderr, "  %s\n", terminal_text(line).c_str());
    return report_damage("samptoname_u", diagnostics);
  });
}
