// SPDX-License-Identifier: BSD-3-Clause
// base40 [TEXT...]: labels of marks as the numbers that marks hold, as lines for a C program. Without arguments: words of standard input.
#include "base/output.h"
#include "tools/tool.h"
#include "tools/words.h"
#include "trace/event.h"

namespace {

using namespace kutrace;

void print(Output& out, const std::string& label) {
  const std::string kept = base40_text(static_cast<uint32_t>(base40_value(label)));
  std::string id;
  for (const char c : kept) id += c == '-' || c == '.' || c == '/' ? '_' : c;
  out.write("#define BASE40_" + id + " " + std::to_string(base40_value(label)) + " // \"" + kept + "\"\n");
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Turns labels of marks into their numbers.", "base40"};
  std::vector<std::string> labels;
  std::string output = "-";
  app.add_option("TEXT", labels, "up to six of a-z 0-9 - . / each; words of standard input if none is given");
  app.add_option("-o,--output", output, "where to write");
  return run_tool(app, argc, argv, [&](Diagnostics& diagnostics) {
    Output out(output, {}, diagnostics.budget());
    for (const std::string& label : labels) print(out, label);
    if (labels.empty()) {
      LineReader lines("-", diagnostics.budget());
      for_each_word(lines, [&](const std::string& word) { print(out, word); });
    }
    out.close();
    return report_damage("base40", diagnostics);
  });
}
