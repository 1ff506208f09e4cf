// SPDX-License-Identifier: BSD-3-Clause
// kutrace coro: recordings of coroutines. Arguments and exit statuses.
#include <bit>

#include "base/input.h"
#include "base/output.h"
#include "coro/coro_check.h"
#include "coro/coro_import.h"
#include "rings/record_coroutines.h"
#include "tools/commands.h"
#include "tools/tool.h"

namespace kutrace {
namespace {

CoroFile read_file(const std::string& name, Diagnostics& diagnostics) {
  const MappedInput input(name, diagnostics.budget());
  if (!is_coro_file(input.bytes())) throw Error(name, 0, "it is no recording of coroutines", "make one with kutrace coro record");
  CoroFile file = read_coro_file(input.bytes(), diagnostics);
  if (!input.damage().empty()) file.damage.push_back(input.damage());
  if (diagnostics.spent()) file.damage.push_back("it is larger than --max-memory allows: the rest was not read");
  return file;
}

void print(const std::string& text, const std::string& input, Diagnostics& diagnostics) {
  Output out("-", {input}, diagnostics.budget());
  out.write(text);
  out.close();
}

int check(const CoroArguments& a, Diagnostics& diagnostics) {
  const CoroFile file = read_file(a.file, diagnostics);
  const CoroCheck found(file);
  print(a.format == "json" ? found.json(a.file) : a.format == "markdown" ? found.markdown() : terminal_text(found.text(), true), a.file, diagnostics);
  return found.is_clean() ? kSound : kFindings;
}

// A line an event, in order of time: counter, thread, kind, argument, coroutine, site and value, - where it has none.
int dump(const CoroArguments& a, Diagnostics& diagnostics) {
  const CoroFile file = read_file(a.file, diagnostics);
  Output out("-", {a.file}, diagnostics.budget());
  for (const CoroEvent& e : file.events) {
    out.write(std::to_string(e.time) + " " + std::to_string(file.threads[e.thread].tid) + " " + coro_kind_name(e.kind) + " " + std::to_string(e.argument) + " " +
              std::to_string(e.id) + " " + (e.site == 0 ? "-" : terminal_text(coro_place(file.site(e.site)))) + " " +
              (e.has_value || e.kind == KUTRACE_RING_LOST ? std::to_string(e.value) : "-") + "\n");
  }
  out.close();
  for (const std::string& d : file.damage) std::fprintf(stderr, "kutrace coro: %s\n", terminal_text(d).c_str());
  return file.damage.empty() ? kSound : kFindings;
}

int import_file(const CoroArguments& a, Diagnostics& diagnostics) {
  const MappedInput input(a.file, diagnostics.budget());
  const ImportedCoros imported = import_coros(input, diagnostics);
  for (const std::string& note : imported.notes) std::fprintf(stderr, "kutrace coro: %s\n", terminal_text(note).c_str());
  Output out(a.output.empty() ? (a.file == "-" ? "-" : a.file + ".coro") : a.output, {a.file}, diagnostics.budget());
  out.write(imported.file);
  out.close();
  return kSound;
}

}  // namespace

CoroCommands add_coro(CLI::App& app, CoroArguments& a) {
  CoroCommands c;
  c.coro = app.add_subcommand("coro", "record coroutines of programs built with kutrace_coro.hpp, and find what went wrong with them");
  c.coro->require_subcommand(1);
  c.record = c.coro->add_subcommand("record", "record while COMMAND runs");
  c.record->add_option("-o,--output", a.output, "file to write (ku_TIME_HOST_PID.coro if not given)");
  c.record->add_flag("--overwrite", a.overwrite, "replace a file that exists");
  c.record->add_option("--ring", a.records, "records of each thread's ring (16384 if not given), rounded up to a power of 2")->check(CLI::Range(64, 1 << 24));
  c.record->add_option("--rings", a.rings, "threads that record at the same time (128 if not given)")->check(CLI::Range(1, 1 << 16));
  c.record->add_option("COMMAND", a.command, "what to run, and its arguments, behind --")->required();
  c.check = c.coro->add_subcommand("check", "find lost wakeups, cycles, illegal steps, leaks and starvation; 0 nothing found, 1 findings, 2 cannot read");
  c.check->add_option("FILE", a.file, "what record has written");
  c.check->add_option("--format", a.format, "text, json or markdown")->check(CLI::IsMember({"text", "json", "markdown"}));
  c.dump = c.coro->add_subcommand("dump", "print the events");
  c.dump->add_option("FILE", a.file, "what record has written");
  c.harvest = c.coro->add_subcommand("harvest", "end a recording whose collector was killed");
  c.harvest->add_option("FILE", a.file, "its .part")->required();
  c.harvest->add_option("-o,--output", a.output, "file to write (FILE without .part if not given)");
  c.harvest->add_flag("--overwrite", a.overwrite, "replace a file that exists");
  c.import = c.coro->add_subcommand("import", "make a recording of what coroTracer has recorded: its shared memory or its trace.jsonl");
  c.import->add_option("FILE", a.file, "its file");
  c.import->add_option("-o,--output", a.output, "file to write (FILE.coro if not given)");
  for (CLI::App* sub : c.coro->get_subcommands({})) sub->fallthrough();
  return c;
}

int run_coro(const CoroCommands& c, const CoroArguments& a, Diagnostics& diagnostics) {
  if (c.check->parsed()) return check(a, diagnostics);
  if (c.dump->parsed()) return dump(a, diagnostics);
  if (c.import->parsed()) return import_file(a, diagnostics);
  if (c.harvest->parsed()) return rings::harvest(a.file, a.output, a.overwrite).lost ? kFindings : kSound;
  rings::CoroOptions options;
  options.output = a.output;
  options.overwrite = a.overwrite;
  options.size.records = std::bit_ceil(a.records);
  options.size.slots = a.rings;
  options.command = a.command;
  return rings::record_coroutines(options).status;
}

}  // namespace kutrace
