// SPDX-License-Identifier: BSD-3-Clause
#include "control/interactive.h"

#include <time.h>

#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <sstream>

#include "base/terminal.h"
#include "control/failure.h"

namespace kutrace::capture {
namespace {

// go, init and their endings: what to record besides events.
std::optional<GoOptions> mode_of(std::string word, const std::string& verb) {
  if (!word.starts_with(verb)) return std::nullopt;
  word.erase(0, verb.size());
  GoOptions options;
  for (const auto& [ending, flag] : {std::pair{"ipc", &GoOptions::ipc}, {"llc", &GoOptions::llc}, {"wrap", &GoOptions::wrap}}) {
    if (!word.starts_with(ending)) continue;
    options.*flag = true;
    word.erase(0, std::string_view(ending).size());
  }
  return word.empty() ? std::optional(options) : std::nullopt;
}

std::string trimmed_rest(std::istream& in) {
  std::string rest;
  std::getline(in >> std::ws, rest);
  while (!rest.empty() && (rest.back() == ' ' || rest.back() == '\r' || rest.back() == '\t')) rest.pop_back();
  return rest;
}

std::optional<uint32_t> mark_of(const std::string& word) {
  if (word == "mark") return KUTRACE_MARKA;
  if (word.size() == 5 && word.starts_with("mark") && word[4] >= 'a' && word[4] <= 'd') {
    return static_cast<uint32_t>(KUTRACE_MARKA + (word[4] - 'a'));
  }
  return std::nullopt;
}

double seconds_of(const std::string& text) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || !(value >= 0 && value < 1e7)) {
    throw Failure("wait takes seconds, not `" + text + "`", "for example: wait 2.5");
  }
  return value;
}

}  // namespace

void say_lines(const std::vector<std::string>& lines) {
  for (const std::string& line : lines) std::fprintf(stderr, "kutrace_control: %s\n", terminal_text(line).c_str());
}

void sleep_seconds(double seconds) {
  const double whole = std::floor(seconds);
  timespec left{static_cast<time_t>(whole), static_cast<long>((seconds - whole) * 1e9)};
  while (nanosleep(&left, &left) != 0 && errno == EINTR) {
  }
}

void print_stat(const Stat& s) {
  std::printf("tracing: %s\nblocks: %llu (%.1f MB)\ninterface version: %llu\n", s.tracing ? "on" : "off",
              static_cast<unsigned long long>(s.blocks), static_cast<double>(s.blocks) * KUTRACE_BLOCK_BYTES / 1e6,
              static_cast<unsigned long long>(s.version));
  std::printf("events lost: %llu\n", static_cast<unsigned long long>(s.losses.total));
  if (s.losses.refused > 0) std::printf("marks refused: %llu\n", static_cast<unsigned long long>(s.losses.refused));
  for (const auto& [cpu, n] : s.losses.per_cpu) {
    std::printf("  CPU %u: %llu\n", cpu, static_cast<unsigned long long>(n));
  }
  if (s.losses.full_us > 0) {
    std::printf("buffer full at: %.6f s since 1970\n", static_cast<double>(s.losses.full_us) / 1e6);
  }
}

const char* Interactive::help() {
  return "go goipc gollc goipcllc, with wrap behind (gowrap goipcwrap gollcwrap goipcllcwrap): start\n"
         "stop [NAME]: stop and save; dump [NAME] is the same\n"
         "mark[a|b|c] LABEL, markd NUMBER: insert a mark\n"
         "wait SECONDS, test, stat, quit, exit\n"
         "init[ipc][llc][wrap] (reset and insert names), on, off, flush, reset: single steps\n";
}

bool Interactive::knows(const std::string& word) {
  for (const char* w : {"on", "off", "flush", "reset", "stat", "dump", "stop", "wait", "test", "quit", "exit", "help", "1", "0"}) {
    if (word == w) return true;
  }
  return mode_of(word, "go") || mode_of(word, "init") || mark_of(word);
}

void Interactive::save(const std::string& name) {
  StopOptions options;
  options.path = name;
  if (!name.empty() && name != "-" && !name.ends_with(".trace") && !name.starts_with("/dev/")) options.path += ".trace";
  const StopReport report = session_.stop(options);
  say_lines(describe(report));
  if (report.losses.total > 0) status_ = std::max(status_, 1);
}

bool Interactive::obey(const std::string& line) {
  std::istringstream in(line);
  std::string word;
  if (!(in >> word)) return true;
  const std::string rest = trimmed_rest(in);
  if (word == "1") word = "go";
  if (word == "0") word = "stop";
  if (word == "quit" || word == "exit") return false;
  if (auto options = mode_of(word, "go")) {
    options->force = force_;
    say_lines(describe(session_.go(*options)));
  } else if (options = mode_of(word, "init"); options) {
    options->force = force_;
    say_lines(describe(session_.init(*options)));
  } else if (word == "stop" || word == "dump") {
    save(rest);
  } else if (const auto mark = mark_of(word)) {
    if (rest.empty()) throw Failure(word + " needs a label", "for example: marka parse");
    session_.mark(*mark, rest);
  } else if (word == "on") {
    session_.on();
  } else if (word == "off") {
    session_.off();
  } else if (word == "flush") {
    session_.off();  // which completes the blocks
  } else if (word == "reset") {
    session_.reset();
  } else if (word == "stat") {
    print_stat(session_.stat());
  } else if (word == "test") {
    std::printf("tracing: %s\n", session_.tracing() ? "on" : "off");
  } else if (word == "wait") {
    sleep_seconds(seconds_of(rest));
  } else if (word == "help") {
    std::fputs(help(), stdout);
  } else {
    throw Failure("no command `" + word + "`", "help lists them");
  }
  return true;
}

int Interactive::loop(std::istream& in, bool prompt) {
  std::string line;
  for (;;) {
    std::fflush(stdout);
    if (prompt) std::fputs("control> ", stderr);
    if (!std::getline(in, line)) break;
    try {
      if (!obey(line)) break;
    } catch (const std::exception& e) {
      say_lines({e.what()});
      status_ = 2;
    }
  }
  return status_;
}

}  // namespace kutrace::capture
