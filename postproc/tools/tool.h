// SPDX-License-Identifier: BSD-3-Clause
// What every program shares: its version, how it ends, and how it reports what was found.
#pragma once

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "base/a_name.h"
#include "base/diagnostics.h"
#include "base/error.h"
#include "base/terminal.h"

namespace kutrace {

constexpr char kVersion[] = "0.1.0";

// Exit statuses of all programs.
constexpr int kSound = 0, kFindings = 1, kCannotRead = 2;

// Of a program and all its commands.
inline void check_output_names(CLI::App& app) {
  if (CLI::Option* output = app.get_option_no_throw("--output")) output->check(a_name);
  for (CLI::App* sub : app.get_subcommands({})) check_output_names(*sub);
}

// Parses the arguments and runs `body`, which counts into the findings it is given and has their budget; turns errors into a message
// on stderr and status 2.
inline int run_tool(CLI::App& app, int argc, char** argv, const std::function<int(Diagnostics&)>& body) {
  app.set_version_flag("--version", std::string(kVersion));
  uint64_t memory = 0, output = 0;
  app.add_option("--max-memory", memory, "most memory that reading may take, as 4G (1G, and as the input's size allows, if not given)")
      ->transform(CLI::AsSizeValue(false));
  app.add_option("--max-output", output, "most bytes to write, as 4G (512M and 256 times the input if not given)")->transform(CLI::AsSizeValue(false));
  for (CLI::App* sub : app.get_subcommands({})) sub->fallthrough();
  check_output_names(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 && standard_output_is_whole() ? kSound : kCannotRead;
  }
  Budget budget;
  if (memory > 0) budget.allow_memory(memory);
  if (output > 0) budget.allow_output(output);
  Diagnostics diagnostics(&budget);
  auto fail = [&](const char* cause) {
    std::fprintf(stderr, "%s: %s\n", app.get_name().c_str(), terminal_text(cause).c_str());
    return kCannotRead;
  };
  try {
    const int status = body(diagnostics);
    return standard_output_is_whole() ? status : fail("standard output: cannot write; make room, or give another place");
  } catch (const std::bad_alloc&) {
    return fail("out of memory; close other programs, or give a smaller --max-memory");
  } catch (const std::exception& e) {
    return fail(e.what());
  }
}

// The same; `one_dash` are options that the reference's scripts write with one dash ("-nopf" for --nopf).
inline int run_tool(CLI::App& app, int argc, char** argv, const std::vector<std::string>& one_dash, const std::function<int(Diagnostics&)>& body) {
  std::vector<std::string> arguments(argv, argv + argc);
  for (std::string& a : arguments) {
    if (std::find(one_dash.begin(), one_dash.end(), a) != one_dash.end()) a.insert(0, "-");
  }
  std::vector<char*> pointers;
  for (std::string& a : arguments) pointers.push_back(a.data());
  return run_tool(app, argc, pointers.data(), body);
}

// Damage goes to stderr with its first place; the status says whether there was any.
inline int report_damage(const char* tool, Diagnostics& diagnostics) {
  diagnostics.tell_limits();
  const std::string text = diagnostics.summary(Severity::kDamage);
  size_t at = 0;
  while (at < text.size()) {
    const size_t end = text.find('\n', at);
    std::fprintf(stderr, "%s: %s\n", tool, text.substr(at, end - at).c_str());
    at = end + 1;
  }
  return text.empty() ? kSound : kFindings;
}

}  // namespace kutrace
