// SPDX-License-Identifier: BSD-3-Clause
// from_base40 [NUMBER...]: the labels that marks hold as numbers. Without arguments: words of standard input.
#include <charconv>

#include "base/output.h"
#include "tools/tool.h"
#include "tools/words.h"
#include "trace/event.h"

namespace {

using namespace kutrace;

// Decimal, or hex behind 0x. Throws Error.
uint32_t number(const std::string& text) {
  const bool hex = text.starts_with("0x") || text.starts_with("0X");
  const char *begin = text.data() + (hex ? 2 : 0), *end = text.data() + text.size();
  uint32_t value = 0;
  const auto [stop, error] = std::from_chars(begin, end, value, hex ? 16 : 10);
  if (error != std::errc{} || stop != end || begin == end)
    throw Error("from_base40", std::nullopt, "is no number of 32 bits: " + text, "give the number of a mark");
  return value;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Turns numbers of marks into their labels.", "from_base40"};
  std::vector<std::string> numbers;
  std::string output = "-";
  app.add_option("NUMBER", numbers, "decimal, or hex behind 0x; words of standard input if none is given");
  app.add_option("-o,--output", output, "where to write");
  return run_tool(app, argc, argv, [&](Diagnostics& diagnostics) {
    Output out(output, {}, diagnostics.budget());
    auto print = [&](const std::string& word) {
      const uint32_t value = number(word);
      out.write(std::to_string(value) + " \"" + base40_text(value) + "\"\n");
    };
    for (const std::string& word : numbers) print(word);
    if (numbers.empty()) {
      LineReader lines("-", diagnostics.budget());
      for_each_word(lines, print);
    }
    out.close();
    return report_damage("from_base40", diagnostics);
  });
}
