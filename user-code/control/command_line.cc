// SPDX-License-Identifier: BSD-3-Clause
#include "control/command_line.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <iostream>

#include "base/a_name.h"
#include "base/a_number.h"
#include "base/terminal.h"
#include "control/failure.h"
#include "control/identity.h"
#include "control/interactive.h"
#include "control/run.h"
#include "control/session.h"
#include "trace/used.h"

namespace kutrace::capture {
namespace {

constexpr int kDone = 0, kLost = 1, kNotDone = 2;

// Samples of what each CPU uses.
struct SampleOptions {
  uint32_t tick_ns = 0;
  bool staggered = false;
  std::vector<std::string> used;
};

struct Arguments {
  GoOptions go;
  SampleOptions sample;
  StopOptions stop;
  IdentityChoice who;
  std::vector<std::string> command;
  std::string text;
  char mark = 'a';
  double seconds = 0;
};

std::vector<std::string> words_of_used() {
  std::vector<std::string> out;
  for (const Used& u : kUsed) out.emplace_back(u.word);
  return out;
}

// What is true on every machine, if nothing is said.
std::optional<kutrace_memory> memory_of(const SampleOptions& o) {
  if (o.tick_ns == 0) return std::nullopt;
  kutrace_memory m{o.tick_ns, o.staggered ? KUTRACE_MEMORY_STAGGERED : 0u, 0, 0};
  for (const Used& u : kUsed) {
    const bool wanted = o.used.empty() ? std::string_view("soft") == u.source : std::find(o.used.begin(), o.used.end(), u.word) != o.used.end();
    if (wanted) m.used |= KUTRACE_USED_BIT(u.kind);
  }
  return m;
}

void add_sample_options(CLI::App* app, SampleOptions& o) {
  app->add_option("--tick", o.tick_ns, "sample what each CPU uses each so many ns, at the same moments on all, and at each switch")
      ->check(CLI::Range(KUTRACE_TICK_SHORTEST, KUTRACE_TICK_LONGEST));
  app->add_flag("--staggered", o.staggered, "each CPU has its ticks at another part of the interval");
  app->add_option("--used", o.used, "what is sampled, with commas between (what the kernel counts by itself, if not given)")
      ->delimiter(',')
      ->check(CLI::IsMember(words_of_used()));
}

void add_go_options(CLI::App* app, GoOptions& o, SampleOptions& sample) {
  app->add_flag("--ipc", o.ipc, "record instructions per cycle of every interval");
  app->add_flag("--llc", o.llc, "record last-level cache misses of every interval");
  app->add_flag("--wrap", o.wrap, "when the buffer is full, go on and keep the latest (flight recorder)");
  app->add_flag("--force,-f", o.force, "throw away what is being traced or not saved");
  add_sample_options(app, sample);
}

void add_stop_options(CLI::App* app, StopOptions& o) {
  app->add_option("-o,--output", o.path, "file to write (ku_DATE_TIME_HOST_PID.trace if not given); - is standard output")->check(a_name);
  app->add_flag("--overwrite", o.overwrite, "replace FILE if it exists");
}

int report(const StopReport& r) {
  say_lines(describe(r));
  return r.losses.total > 0 ? kLost : kDone;
}

// What cannot be done is found before the command starts: who it is to be, where the trace is to go, whether there is one.
int run(Session& session, const Arguments& a) {
  const Identity who = choose_identity(a.who);
  TraceFile file = session.open_file(a.stop);
  Run guard;
  file.let_in(guard.waiting_mask());
  GoOptions options = a.go;
  options.stop_with_us = true;
  const Fd marks = session.for_marks();
  const RunResult result = guard(a.command, who, marks.get(), [&] {
    say_lines(describe(session.go(options)));
    say_lines({a.command[0] + " runs as " + who.description});
  });
  if (result.still_running) say_lines({"interrupted; the command goes on, the trace ends here"});
  try {
    report(session.save(file));
  } catch (const std::exception& e) {
    say_lines({e.what()});
    return result.status == 0 ? kNotDone : result.status;
  }
  return result.status;
}

const char* kind_text(uint32_t kind) {
  switch (kind) {
    case KUTRACE_KERNEL_VERSION: return "kernel";
    case KUTRACE_MODEL_NAME: return "model";
    case KUTRACE_HOST_NAME: return "host";
    case KUTRACE_PIDNAME: return "thread";
    case KUTRACE_INTERRUPTNAME: return "interrupt";
    case KUTRACE_SYSCALL64NAME: return "syscall";
    case KUTRACE_SYSCALL32NAME: return "syscall32";
    case KUTRACE_ERRNONAME: return "errno";
    default: return "name";
  }
}

int print_names(const Machine& machine) {
  const NameList names = gather_names(machine);
  for (const NameEntry& n : names.entries) std::printf("%s %u %s\n", kind_text(n.kind), n.number, terminal_text(n.text).c_str());
  GoReport left_out;
  left_out.threads_left_out = names.threads_left_out;
  left_out.threads_unknown = names.threads_unknown;
  say_lines({std::to_string(names.entries.size()) + " names, " + std::to_string(names.words) + " words"});
  say_lines(describe(left_out));
  return kDone;
}

// The reference's way: words that are commands of the interactive kind, and -force in front.
bool is_old_way(const std::vector<std::string>& words) {
  if (words.empty()) return true;
  if (words.size() > 2 || !Interactive::knows(words[0])) return false;
  for (const char* ours : {"go", "stop", "mark", "stat", "test", "wait", "reset"}) {
    if (words[0] == ours) return false;
  }
  return true;
}

int old_way(Session& session, const std::vector<std::string>& words, bool force) {
  Interactive interactive(session, force);
  if (words.empty()) return interactive.loop(std::cin, isatty(STDIN_FILENO) != 0);
  std::string line;
  for (const std::string& w : words) line += w + " ";
  interactive.obey(line);
  return interactive.status();
}

int run_command(int argc, char** argv, Control& control, const Machine& machine) {
  Session session(control, machine);
  std::vector<std::string> words(argv + 1, argv + argc);
  bool force = false;
  while (!words.empty() && (words[0] == "-force" || words[0] == "--force")) {
    force = true;
    words.erase(words.begin());
  }

  Arguments a;
  // What is behind -- is not ours to parse.
  const auto dashes = std::find(words.begin(), words.end(), "--");
  if (!words.empty() && words[0] == "run" && dashes != words.end()) {
    a.command.assign(dashes + 1, words.end());
    words.erase(dashes, words.end());
  }

  CLI::App app{"Records a trace of everything that every CPU does. Without arguments it takes commands, one a line (`help`).",
               "kutrace_control"};
  app.set_version_flag("--version", KUTRACE_VERSION);
  app.require_subcommand(1);
  a.go.force = force;
  CLI::App* go = app.add_subcommand("go", "start tracing");
  add_go_options(go, a.go, a.sample);
  CLI::App* stop = app.add_subcommand("stop", "stop tracing and save the trace");
  add_stop_options(stop, a.stop);
  stop->add_option("FILE", a.stop.path, "the same as -o FILE")->check(a_name);
  CLI::App* run_app = app.add_subcommand("run", "trace while a command runs: run [options] -- COMMAND [ARGUMENT...]");
  add_go_options(run_app, a.go, a.sample);
  add_stop_options(run_app, a.stop);
  run_app->add_option("--as", a.who.as_user, "run the command as this user (under sudo: as who called it, if not given)");
  run_app->add_flag("--as-root", a.who.as_root, "run the command as root though sudo was used");
  run_app->prefix_command();  // what is not an option of ours begins the command
  CLI::App* mark = app.add_subcommand("mark", "insert a mark into the running trace");
  mark->add_option("-k,--kind", a.mark, "a, b, c (label of up to 6 characters) or d (number)")->check(CLI::IsMember({'a', 'b', 'c', 'd'}));
  mark->add_option("TEXT", a.text, "label or number")->required();
  CLI::App* stat = app.add_subcommand("stat", "state of the buffer, and events lost");
  CLI::App* test = app.add_subcommand("test", "say whether something traces");
  CLI::App* wait = app.add_subcommand("wait", "wait so many seconds");
  wait->add_option("SECONDS", a.seconds, "how long")->required()->check(a_number)->check(CLI::Range(0.0, 1e7));
  CLI::App* reset = app.add_subcommand("reset", "stop, and throw away what was traced");
  CLI::App* names = app.add_subcommand("names", "print the names that `go` would insert");

  try {
    if (is_old_way(words)) return old_way(session, words, force);
    try {
      // CLI11 takes its arguments last first.
      app.parse(std::vector<std::string>(words.rbegin(), words.rend()));
    } catch (const CLI::ParseError& e) {
      return app.exit(e) == 0 ? kDone : kNotDone;
    }
    a.go.memory = memory_of(a.sample);
    if (*go) say_lines(describe(session.go(a.go)));
    if (*stop) return report(session.stop(a.stop));
    if (*run_app) {
      const std::vector<std::string> rest = run_app->remaining();
      a.command.insert(a.command.begin(), rest.begin(), rest.end());
      if (a.command.empty()) throw Failure("run needs a command", "for example: kutrace_control run -o slow.trace -- ./slow");
      return run(session, a);
    }
    if (*mark) session.mark(static_cast<uint32_t>(KUTRACE_MARKA + (a.mark - 'a')), a.text);
    if (*stat) {
      const Stat s = session.stat();
      print_stat(s);
      return s.losses.total > 0 ? kLost : kDone;
    }
    if (*test) std::printf("tracing: %s\n", session.tracing() ? "on" : "off");
    if (*wait) sleep_seconds(a.seconds);
    if (*reset) session.reset();
    if (*names) return print_names(machine);
  } catch (const std::bad_alloc&) {
    say_lines({"out of memory"});
    return kNotDone;
  } catch (const std::exception& e) {
    say_lines({e.what()});
    return kNotDone;
  }
  return kDone;
}

}  // namespace

int run_command_line(int argc, char** argv, Control& control, const Machine& machine) {
  const int status = run_command(argc, argv, control, machine);
  if (status == kNotDone || standard_output_is_whole()) return status;
  say_lines({"standard output: cannot write; make room, or give another place"});
  return kNotDone;
}

}  // namespace kutrace::capture
