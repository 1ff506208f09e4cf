// SPDX-License-Identifier: BSD-3-Clause
// The man pages and the shell completion say what the programs' --help says, and the man page of the library what its
// header declares.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>

#include "support/chain_run.h"
#include "support/temp_dir.h"

namespace {

using kutrace::test::shell;

std::string read_file(const std::string& path) {
  std::ifstream in(path);
  EXPECT_TRUE(in) << path;
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string manual(const std::string& name) {
  return std::regex_replace(read_file(std::string(KUTRACE_SOURCE) + "/docs/man/" + name), std::regex(R"(\\-)"), "-");
}

std::string completion(const std::string& name) {
  return read_file(std::string(KUTRACE_SOURCE) + "/scripts/completion/" + name);
}

std::set<std::string> all_matches(const std::string& text, const char* pattern) {
  const std::regex regex(pattern);
  std::set<std::string> found;
  for (std::sregex_iterator it(text.begin(), text.end(), regex), end; it != end; ++it) found.insert(it->str(it->size() - 1));
  return found;
}

class Manual : public kutrace::test::TempDir {
 protected:
  std::set<std::string> options(const std::string& program, const std::string& verb = "") {
    EXPECT_EQ(shell(program + " " + verb + " --help >" + dir_ + "help"), 0);
    std::set<std::string> found = all_matches(read_file(dir_ + "help"), "--[a-z0-9][a-z0-9-]*");
    found.erase("--");
    return found;
  }
  void expect_all(const std::set<std::string>& words, const std::string& text, const std::string& where) {
    for (const std::string& word : words) EXPECT_NE(text.find(word), std::string::npos) << word << " is not in " << where;
  }
};

TEST_F(Manual, KutraceControl) {
  for (const char* verb : {"run", "go", "stop", "mark", "stat", "test", "wait", "reset", "names", ""}) {
    const std::set<std::string> words = options(KUTRACE_CONTROL, verb);
    EXPECT_GE(words.size(), 1u);
    expect_all(words, manual("kutrace_control.1"), "kutrace_control.1");
    expect_all(words, completion("kutrace_control"), "completion/kutrace_control");
    expect_all({verb}, completion("kutrace_control"), "completion/kutrace_control");
  }
}

TEST_F(Manual, KutraceField) {
  for (const char* verb : {"run", "trigger", "status", "list", ""}) {
    std::set<std::string> words = options(KUTRACE_FIELD, verb);
    words.insert(verb);
    expect_all(words, manual("kutrace-field.1"), "kutrace-field.1");
    expect_all(words, completion("kutrace-field"), "completion/kutrace-field");
  }
  // Each name of the configuration.
  for (const std::string& name : all_matches(read_file(std::string(KUTRACE_SOURCE) + "/user-code/field/kutrace-field.conf"), "\n([a-z-]+) =")) {
    expect_all({".BR " + name}, manual("kutrace-field.1"), "kutrace-field.1");
  }
}

TEST_F(Manual, Kutrace) {
  const std::string program = std::string(KUTRACE_TOOLS) + "/kutrace";
  for (const char* verb : {"report", "view", "check", "stat", "why", "memory", "profile", "align", "symbols", "query", "record", "dump", "coro record", "coro check", "coro dump", "coro harvest", "coro import"}) {
    const std::set<std::string> words = options(program, verb);
    expect_all(words, manual("kutrace.1"), "kutrace.1");
    expect_all(words, completion("kutrace"), "completion/kutrace");
  }
  expect_all({"--max-memory", "--max-output"}, manual("kutrace.1"), "kutrace.1");
  expect_all({"--max-memory", "--max-output"}, completion("kutrace"), "completion/kutrace");
  // Each verb that there is.
  EXPECT_EQ(shell(program + " --help >" + dir_ + "help"), 0);
  const std::string help = read_file(dir_ + "help");
  const std::string verbs = help.substr(help.find("Subcommands:"));
  expect_all(all_matches(verbs, "\n  ([a-z]+)"), completion("kutrace"), "completion/kutrace");
  for (const std::string& verb : all_matches(verbs, "\n  ([a-z]+)")) {
    EXPECT_NE(manual("kutrace.1").find(".B " + verb + "\n"), std::string::npos) << verb << " is not in kutrace.1";
  }
}

TEST_F(Manual, Filters) {
  for (const char* name : {"rawtoevent", "eventtospan", "spantojson", "makeself", "unmakeself", "spantotrim", "spantospan",
                           "checktrace"}) {
    expect_all({name}, manual("kutrace-filters.7"), "kutrace-filters.7");
  }
  for (const char* name : {"spantoprof", "samptoname_k", "samptoname_u", "kuod", "dumplogfile", "timealign", "pcaptojson", "base40", "from_base40"}) {
    std::set<std::string> words = options(std::string(KUTRACE_TOOLS) + "/" + name);
    words.insert(name);
    for (const char* everywhere : {"--help", "--version", "--input", "--output", "--verbose"}) words.erase(everywhere);
    if (std::string(name) == "timealign") words.erase("--all");  // has no effect
    expect_all(words, manual("kutrace-filters.7"), "kutrace-filters.7");
  }
  expect_all({"--nopf", "--library", "--threads", "--max-memory", "--max-output"}, manual("kutrace-filters.7"), "kutrace-filters.7");
}

TEST_F(Manual, Module) {
  std::set<std::string> parameters;
  for (const auto& file : std::filesystem::directory_iterator(std::string(KUTRACE_SOURCE) + "/loadable-module")) {
    if (file.path().extension() == ".c") parameters.merge(all_matches(read_file(file.path()), R"(\nmodule_param(?:_named)?\(([a-z]+),)"));
  }
  EXPECT_GT(parameters.size(), 6u);
  expect_all(parameters, manual("kutrace_mod.4"), "kutrace_mod.4");
}

TEST_F(Manual, Library) {
  const std::string header = read_file(std::string(KUTRACE_SOURCE) + "/user-code/lib/kutrace.h");
  std::set<std::string> functions = all_matches(header, "\\b(kutrace_[a-z0-9_]*[a-z0-9])\\(");
  functions.erase("kutrace_pack_name");  // for our own programs
  EXPECT_GT(functions.size(), 25u);
  expect_all(functions, manual("libkutrace.3"), "libkutrace.3");
}

}  // namespace
