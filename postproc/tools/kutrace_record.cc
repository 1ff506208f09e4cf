// SPDX-License-Identifier: BSD-3-Clause
// kutrace record: arguments and exit status.
#include "record/record.h"
#include "tools/commands.h"
#include "tools/tool.h"

namespace kutrace {

CLI::App* add_record(CLI::App& app, RecordArguments& a) {
  CLI::App* r = app.add_subcommand("record", "record while COMMAND runs, for some seconds, or until Ctrl-C");
  r->add_option("-o,--output", a.output, "trace to write (ku_TIME_HOST_PID.trace if not given)");
  r->add_flag("--overwrite", a.overwrite, "replace a trace that exists");
  r->add_option("--seconds", a.seconds, "how long, if no COMMAND is given")->check(CLI::PositiveNumber);
  r->add_option("--buffer", a.buffer_kb, "KB of buffer of each CPU, rounded up to a power of 2")->check(CLI::Range(64, 65536));
  r->add_option("--sample", a.sample_hz, "PC samples a second on each CPU")->check(CLI::Range(1, 10000));
  r->add_option("COMMAND", a.command, "what to run, and its arguments, behind --");
  return r;
}

int run_record(const RecordArguments& a) {
  const record::RecordResult result =
      record::record({a.output, a.overwrite, a.seconds, a.buffer_kb, a.sample_hz, a.command});
  if (!a.command.empty()) return result.status;
  return result.lost ? kFindings : kSound;
}

}  // namespace kutrace
