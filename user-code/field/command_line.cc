// SPDX-License-Identifier: BSD-3-Clause
#include "field/command_line.h"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "base/terminal.h"
#include "control/failure.h"
#include "field/home.h"
#include "field/recorder.h"
#include "field/service.h"
#include "field/trigger.h"

namespace kutrace::field {
namespace {

using capture::Failure;

constexpr char kConfigFile[] = "/etc/kutrace-field.conf";
constexpr int kDone = 0, kNotDone = 2;

uint64_t newest(const TraceFolder& folder) {
  const std::vector<SavedTrace> all = folder.traces();
  return all.empty() ? 0 : all.back().number;
}

// Asks, and waits until there is another trace.
void trigger(const Config& config, const std::string& reason, bool wait) {
  if (!wait) {
    ask_to_save(config.trigger, reason);
    return;
  }
  const TraceFolder folder(config.folder);
  const uint64_t before = newest(folder);
  const Fd watch(inotify_init1(IN_CLOEXEC));
  if (!watch || inotify_add_watch(watch.get(), config.folder.c_str(), IN_CREATE | IN_MOVED_TO) < 0) {
    throw Failure(config.folder + " cannot be watched", "wait by `kutrace-field status`");
  }
  ask_to_save(config.trigger, reason);
  while (newest(folder) == before) {
    char events[4096];
    if (read(watch.get(), events, sizeof(events)) <= 0) throw Failure(config.folder + " cannot be watched any more", "look at `kutrace-field status`");
  }
  std::printf("%s\n", terminal_text(folder.traces().back().name).c_str());
}

void status(const Config& config) {
  const TraceFolder folder(config.folder);
  const auto text = capture::read_text(folder.path_of(kStateFile));
  if (!text) throw Failure("no field recorder has run with the folder " + config.folder, "give its --config");
  std::fputs(terminal_text(*text, true).c_str(), stdout);
}

void list(const TraceFolder& folder) {
  for (const SavedTrace& t : folder.traces()) std::printf("%10llu %s\n", static_cast<unsigned long long>(t.bytes), terminal_text(folder.path_of(t.name)).c_str());
}

}  // namespace

int run_command_line(int argc, char** argv, capture::Control& control, const capture::Machine& machine) {
  CLI::App app{"Keeps the latest of everything in memory, for weeks, and saves it when something happens.", "kutrace-field"};
  app.set_version_flag("--version", KUTRACE_VERSION);
  app.require_subcommand(1);
  std::string config_file, reason, folder;
  bool wait = false;
  app.add_option("--config", config_file, "configuration file (" + std::string(kConfigFile) + ", if that is there)");
  CLI::App* run = app.add_subcommand("run", "record until SIGTERM; SIGUSR1 saves, SIGPWR saves at once");
  CLI::App* ask = app.add_subcommand("trigger", "save what was recorded");
  ask->add_option("REASON", reason, "a word for the name of the file");
  ask->add_flag("--wait", wait, "wait until it is saved, and print the name");
  CLI::App* state = app.add_subcommand("status", "what the recorder does, and what it has done");
  CLI::App* ls = app.add_subcommand("list", "the traces that it has saved, the oldest first");
  ls->add_option("FOLDER", folder, "where they are, if not where the configuration says: a card in this machine, say");
  std::string from, to, trace, page;
  CLI::App* fetch = app.add_subcommand("pull", "copy the traces that are not here yet");
  fetch->add_option("FROM", from, "a folder of a card or stick, or HOST:FOLDER by ssh")->required();
  fetch->add_option("TO", to, "the folder for them")->required();
  CLI::App* show = app.add_subcommand("report", "make the page of a trace, which opens where somebody asked to save");
  show->add_option("TRACE", trace, "a trace, or a folder, whose latest it is")->required();
  show->add_option("-o,--output", page, "page to write (TRACE.html if not given)");
  for (CLI::App* sub : {run, ask, state, ls, fetch, show}) sub->fallthrough();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? kDone : kNotDone;
  }
  try {
    // Where somebody looks, no recorder is configured.
    if (*show) return report(trace, page);
    if (*fetch) {
      pull(from, to);
      return kDone;
    }
    const bool usual = config_file.empty();
    const Config config = usual && access(kConfigFile, F_OK) != 0 ? Config{} : read_config(usual ? kConfigFile : config_file);
    if (*run) serve(control, machine, config);
    if (*ask) trigger(config, reason, wait);
    if (*state) status(config);
    if (*ls) list(TraceFolder(folder.empty() ? config.folder : folder));
  } catch (const std::exception& e) {
    std::fprintf(stderr, "kutrace-field: %s\n", terminal_text(e.what()).c_str());
    return kNotDone;
  }
  return kDone;
}

}  // namespace kutrace::field
