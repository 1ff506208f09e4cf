// SPDX-License-Identifier: BSD-3-Clause
#include "symbols/kernel_symbols.h"

#include <charconv>

#include "base/error.h"
#include "base/input.h"
#include "base/utf8.h"

namespace kutrace {
namespace {

// How far the last function may reach, whose end nobody says.
constexpr uint64_t kBehindLast = 4096;

struct Line {
  uint64_t address = 0;
  char type = 0;
  std::string_view name;
};

bool parse(std::string_view text, Line& line) {
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), line.address, 16);
  const size_t at = static_cast<size_t>(stop - text.data());
  if (error != std::errc{} || at + 4 > text.size() || text[at] != ' ' || text[at + 2] != ' ') return false;
  line.type = text[at + 1];
  line.name = text.substr(at + 3);
  line.name = line.name.substr(0, line.name.find_first_of("\t "));
  return !line.name.empty();
}

bool is_function(char type) { return type == 't' || type == 'T' || type == 'w' || type == 'W'; }

}  // namespace

SymbolTable read_kernel_symbols(const std::string& path, Diagnostics& diagnostics) {
  LineReader lines(path, diagnostics.budget());
  SymbolTable table;
  bool hidden = false, sections = false, skipped = false;
  uint64_t last = 0, functions = 0;
  for (std::string_view text; lines.next(text) && !diagnostics.spent();) {
    Line line;
    if (text.starts_with("==== ")) {
      sections = true;
      skipped = text != "==== kernel";
    }
    if (text.empty() || skipped || text.starts_with("==== ")) continue;
    if (!parse(text, line)) {
      diagnostics.add_at(Finding::kBadLine, [&] { return lines.name() + " at offset " + std::to_string(lines.offset()); });
      continue;
    }
    hidden = hidden || line.address == 0;
    if (line.address == 0) continue;
    last = std::max(last, line.address);
    diagnostics.take(Limit::memory, sizeof(SymbolTable::Symbol) + line.name.size());
    // Data and marks of the linker end the function before them: without a name.
    functions += is_function(line.type);
    table.add({line.address, 0, is_function(line.type) ? std::string(line.name) : std::string()});
  }
  if (functions == 0 && !sections) {
    throw Error(lines.name(), std::nullopt, hidden ? "has zeros for all addresses: the kernel hid them" : "has no function of a kernel",
                hidden ? "read /proc/kallsyms as root, with kernel.kptr_restrict at 0 or 1" : "give a copy of /proc/kallsyms");
  }
  table.finish(last + kBehindLast);
  return table;
}

}  // namespace kutrace
