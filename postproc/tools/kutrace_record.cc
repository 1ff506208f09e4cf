// SPDX-License-Identifier: BSD-3-Clause
// kutrace record, mark and doctor: arguments and exit status.
#include <unistd.h>

#include <cstdlib>

#include "base/a_number.h"
#include "tools/commands.h"
#include "tools/tool.h"

#ifdef KUTRACE_RECORD
#include "kutrace.h"
#include "query/engine.h"
#include "record/doctor.h"
#include "record/record.h"
#endif

namespace kutrace {

CLI::App* add_record(CLI::App& app, RecordArguments& a) {
  CLI::App* r = app.add_subcommand("record", "record while COMMAND runs, for some seconds, or until Ctrl-C");
  r->add_option("-o,--output", a.output, "trace to write (ku_TIME_HOST_PID.trace if not given)");
  r->add_flag("--overwrite", a.overwrite, "replace a trace that exists");
  r->add_flag("--html", a.html, "make the page, too");
  r->add_option("--seconds", a.seconds, "how long, if no COMMAND is given")->check(a_number)->check(CLI::PositiveNumber)->check(CLI::Range(0.0, 1e7));
  r->add_option("--buffer", a.buffer_kb, "KB of buffer of each CPU, rounded up to a power of 2")->check(CLI::Range(64, 65536));
  r->add_option("--sample", a.sample_hz, "PC samples a second on each CPU")->check(CLI::Range(1, 10000));
  r->add_option("--as", a.as_user, "run COMMAND as this user (under sudo: as who called it, if not given)");
  r->add_flag("--as-root", a.as_root, "run COMMAND as root though sudo was used");
  r->add_option("COMMAND", a.command, "what to run, and its arguments, behind --");
  return r;
}

#ifdef KUTRACE_RECORD
namespace {

// The trace is there without its symbols, too.
void save_beside(const record::RecordResult& result, Diagnostics& diagnostics) {
  try {
    save_symbols(result.trace, result.trace + ".symbols", record::maps_text(result.mappings), diagnostics);
  } catch (const Error& e) {
    std::fprintf(stderr, "kutrace record: samples will have no names: %s\n", terminal_text(e.what()).c_str());
  }
}

}  // namespace

int run_record(const RecordArguments& a, Diagnostics& diagnostics) {
  if (a.html && a.output == "-") throw Error(a.output, std::nullopt, "there is no file to make the page of", "give one with -o");
  const record::RecordResult result =
      record::record({a.output, a.overwrite, a.seconds, a.buffer_kb, a.sample_hz, {a.as_user, a.as_root}, a.command});
  if (a.sample_hz > 0 && result.trace != "-") save_beside(result, diagnostics);
  if (a.html) {
    ReportArguments page;
    page.file = result.trace;
    report(page, diagnostics);
  }
  if (!a.command.empty()) return result.status;
  return result.lost ? kFindings : kSound;
}

int run_mark(const std::string& text) {
  const bool number = !text.empty() && text.size() <= 9 && text.find_first_not_of("0123456789") == std::string::npos;
  if (!number && (text.empty() || text.size() > 6 || text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-./") != std::string::npos)) {
    throw Error("mark", std::nullopt, "'" + text + "' is no mark", "give up to six of a-z 0-9 - . /, or a number");
  }
  // With the module by its device; otherwise so that a recorder sees the call, if there is one.
  setenv(KUTRACE_DESCRIPTOR_VARIABLE, KUTRACE_MARKS_BY_CALL, 0);
  if (access(KUTRACE_PAGE_FILE, R_OK) == 0) unsetenv(KUTRACE_DESCRIPTOR_VARIABLE);
  kutrace_attach();
  if (number) {
    kutrace_mark_d(static_cast<uint32_t>(std::stoul(text)));
  } else {
    kutrace_mark_a(text.c_str());
  }
  return kSound;
}

namespace {

record::Ability sql_engine() {
  try {
    return {"SQL", record::Ability::kYes, "DuckDB " + Engine::version(), ""};
  } catch (const Error& e) {
    return {"SQL", record::Ability::kNote, e.what(), ""};
  }
}

}  // namespace

int run_doctor() {
  std::vector<record::Ability> abilities = record::examine("", record::trials_here());
  abilities.push_back(sql_engine());
  std::fputs(terminal_text(record::describe(abilities), true).c_str(), stdout);
  return record::can_record(abilities) ? kSound : kFindings;
}
#else
namespace {

int without_bpf(const char* verb) {
  throw Error(verb, std::nullopt, "this kutrace was built without eBPF", "install clang and libbpf-dev, and build it again");
}

}  // namespace

int run_record(const RecordArguments&, Diagnostics&) { return without_bpf("record"); }
int run_mark(const std::string&) { return without_bpf("mark"); }
int run_doctor() { return without_bpf("doctor"); }
#endif

}  // namespace kutrace
