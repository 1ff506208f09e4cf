// SPDX-License-Identifier: BSD-3-Clause
// kutrace symbols: what is needed to name the samples of a trace, saved beside it; and the trace with their names.
#include <fstream>
#include <set>

#include "base/error.h"
#include "base/output.h"
#include "span/span_sorter.h"
#include "symbols/kernel_symbols.h"
#include "symbols/process_maps.h"
#include "symbols/sample_names.h"
#include "tools/commands.h"
#include "tools/documents.h"
#include "tools/tool.h"

namespace kutrace {
namespace {

constexpr char kKernelList[] = "/proc/kallsyms";

// Where samples of a trace lie.
struct Sampled : SpanSink {
  explicit Sampled(const StringPool& p) : pool(p) {}
  void spans(const std::vector<Span>& batch) override {
    for (const Span& s : batch) {
      if (s.event != KUTRACE_PC_K && s.event != KUTRACE_PC_U) continue;
      const auto address = sample_address(pool[s.name]);
      if (s.event == KUTRACE_PC_U) threads.insert(s.pid);
      if (s.event == KUTRACE_PC_K && address) kernel.insert(*address);
    }
  }
  const StringPool& pool;
  std::set<uint64_t> kernel;
  std::set<int32_t> threads;
};

// The functions that samples fell into, and those behind them, which tell where they end.
std::string kernel_part(const std::set<uint64_t>& addresses, Diagnostics& diagnostics) {
  std::string out = "==== kernel\n";
  if (addresses.empty()) return out;
  const SymbolTable table = read_kernel_symbols(kKernelList, diagnostics);
  std::set<uint64_t> written;
  for (const uint64_t address : addresses) {
    const SymbolTable::Symbol* s = table.find(address);
    if (s == nullptr || s->name.empty() || !written.insert(s->address).second) continue;
    char line[64];
    std::snprintf(line, sizeof(line), "%016llx t ", static_cast<unsigned long long>(s->address));
    out += line + s->name + "\n";
    std::snprintf(line, sizeof(line), "%016llx d -end-\n", static_cast<unsigned long long>(s->end));
    out += line;
  }
  return out;
}

// What the threads that are alive have mapped.
std::string maps_of_living(const std::set<int32_t>& threads) {
  std::string out;
  for (const int32_t thread : threads) {
    std::ifstream in("/proc/" + std::to_string(thread) + "/maps");
    const std::string text(std::istreambuf_iterator<char>(in), {});
    if (!text.empty()) out += "==== /proc/" + std::to_string(thread) + "/maps\n" + text;
  }
  return out + "==== build-ids\n";
}

std::string symbols_name(const SymbolArguments& a) { return a.from.empty() ? a.file + ".symbols" : a.from; }

}  // namespace

void save_symbols(const std::string& trace, const std::string& to, const std::optional<std::string>& maps, Diagnostics& diagnostics) {
  StringPool pool;
  MappedInput input(trace, diagnostics.budget());
  Sampled sampled(pool);
  Diagnostics found(diagnostics.budget());
  read_spans(input, pool, sampled, found);
  const std::string text = kernel_part(sampled.kernel, diagnostics) + (maps ? *maps : maps_of_living(sampled.threads));
  OutputFile out(to, {OutputKind::kCapture, true, {trace}});
  out.write(text);
  out.finish();
}

CLI::App* add_symbols(CLI::App& app, SymbolArguments& a) {
  CLI::App* c = app.add_subcommand("symbols", "name the functions that samples fell into");
  c->add_option("FILE", a.file, "any input that report takes")->required();
  c->add_flag("--save", a.save, "save what is needed for that, on the machine that was traced, as soon as it was");
  c->add_option("--from", a.from, "what was saved (FILE.symbols if not given)");
  c->add_option("--root", a.root, "folder that has the files of the machine that was traced");
  c->add_option("--debug", a.folders, "folders that have files of debugging symbols by build-id (/usr/lib/debug if not given)");
  c->add_option("-o,--output", a.output, "span JSON to write (standard output if not given)");
  return c;
}

int symbols(const SymbolArguments& a, Diagnostics& diagnostics) {
  if (a.save) {
    save_symbols(a.file, symbols_name(a), std::nullopt, diagnostics);
    std::fprintf(stderr, "kutrace symbols: wrote %s\n", terminal_text(symbols_name(a)).c_str());
    return report_damage("kutrace symbols", diagnostics);
  }
  const SymbolTable kernel = read_kernel_symbols(symbols_name(a), diagnostics);
  ProcessMaps processes(a.root, a.folders);
  processes.read(symbols_name(a), diagnostics);
  StringPool pool;
  MappedInput input(a.file, diagnostics.budget());
  SpanSorter sorter(diagnostics.budget());
  SampleNames of_users(sorter, pool, false, [&](int32_t thread, uint64_t address) { return processes.name(thread, address, diagnostics); });
  SampleNames of_kernel(of_users, pool, true, [&](int32_t, uint64_t address) {
    const SymbolTable::Symbol* symbol = kernel.find(address);
    return symbol == nullptr ? std::string() : symbol->name;
  });
  SpanHeader header = read_spans(input, pool, of_kernel, diagnostics).header;
  complete_header(header, "", a.file);
  write_document(a.output, header, pool, sorter, diagnostics, {a.file, symbols_name(a)});
  std::fprintf(stderr, "kutrace symbols: named %llu samples of the kernel and %llu of programs; %llu and %llu have no name\n",
               static_cast<unsigned long long>(of_kernel.named()), static_cast<unsigned long long>(of_users.named()),
               static_cast<unsigned long long>(of_kernel.left()), static_cast<unsigned long long>(of_users.left()));
  for (const std::string& line : processes.report()) std::fprintf(stderr, "  %s\n", terminal_text(line).c_str());
  return report_damage("kutrace symbols", diagnostics);
}

}  // namespace kutrace
