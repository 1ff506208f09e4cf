// SPDX-License-Identifier: BSD-3-Clause
// samptoname_k ALLSYMS: PC samples of the kernel in a span document by the names of functions.
#include "symbols/kernel_symbols.h"
#include "symbols/sample_names.h"
#include "tools/documents.h"
#include "tools/tool.h"

int main(int argc, char** argv) {
  using namespace kutrace;
  CLI::App app{"Gives PC samples of the kernel the names of its functions.", "samptoname_k"};
  std::string symbols, file = "-", output = "-";
  app.add_option("ALLSYMS", symbols, "copy of /proc/kallsyms of the kernel that was traced")->required();
  app.add_option("-i,--input", file, "span JSON; - is standard input");
  app.add_option("-o,--output", output, "where to write");
  return run_tool(app, argc, argv, [&](Diagnostics& diagnostics) {
    const SymbolTable table = read_kernel_symbols(symbols, diagnostics);
    StringPool pool;
    MappedInput input(file, diagnostics.budget());
    SpanSorter sorter(diagnostics.budget());
    SampleNames names(sorter, pool, true, [&](int32_t, uint64_t address) {
      const SymbolTable::Symbol* symbol = table.find(address);
      return symbol == nullptr ? std::string() : symbol->name;
    });
    const SpanHeader header = read_spans(input, pool, names, diagnostics).header;
    write_document(output, header, pool, sorter, diagnostics, {file, symbols});
    std::fprintf(stderr, "samptoname_k: %llu samples have names, %llu have none\n", static_cast<unsigned long long>(names.named()),
                 static_cast<unsigned long long>(names.left()));
    return report_damage("samptoname_k", diagnostics);
  });
}
