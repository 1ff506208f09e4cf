// SPDX-License-Identifier: BSD-3-Clause
#include "field/config.h"

#include <charconv>
#include <set>
#include <vector>

#include "control/failure.h"
#include "control/machine.h"

namespace kutrace::field {
namespace {

using capture::Failure;

constexpr uint64_t kMostFiles = 1'000'000, kMostAfterMs = 60'000, kLeastQuota = 1'000'000, kMostQuota = 1'000'000'000'000'000;

struct Place {
  std::string file;
  size_t line;
};

[[noreturn]] void wrong(const Place& at, std::string_view value, const std::string& allowed) {
  throw Failure(at.file + ":" + std::to_string(at.line) + ": `" + std::string(value) + "` cannot be that", allowed);
}

std::string_view trim(std::string_view text) {
  const size_t from = text.find_first_not_of(" \t\r"), to = text.find_last_not_of(" \t\r");
  return from == std::string_view::npos ? std::string_view() : text.substr(from, to - from + 1);
}

struct Unit {
  std::string_view word;
  uint64_t times;
};

// A whole number with one of these units, in the range.
uint64_t number(const Place& at, std::string_view text, const std::vector<Unit>& units, uint64_t least, uint64_t most, const std::string& allowed) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const std::string_view word = trim(text.substr(static_cast<size_t>(end - text.data())));
  for (const Unit& unit : units) {
    if (error != std::errc() || word != unit.word || value > most / unit.times || value * unit.times < least) continue;
    return value * unit.times;
  }
  wrong(at, text, allowed);
}

std::string path(const Place& at, std::string_view text) {
  if (!text.starts_with('/') || text.find('\0') != std::string_view::npos) wrong(at, text, "give a path that begins with /");
  return std::string(text);
}

std::string word(const Place& at, std::string_view text, const std::string& allowed) {
  if (text.find_first_of("/ \t") != std::string_view::npos || text.starts_with('.')) wrong(at, text, allowed);
  return std::string(text);
}

void set(Config& c, const Place& at, std::string_view name, std::string_view value) {
  if (name == "folder") {
    c.folder = path(at, value);
  } else if (name == "trigger") {
    c.trigger = path(at, value);
  } else if (name == "trigger-group") {
    c.group = word(at, value, "give the name of a group, or nothing");
  } else if (name == "led") {
    c.led = word(at, value, "give a name that `ls /sys/class/leds` prints, or nothing");
  } else if (name == "files") {
    c.files = number(at, value, {{"", 1}}, 1, kMostFiles, "give a number from 1 to 1000000");
  } else if (name == "quota") {
    c.quota = number(at, value, {{"MB", 1'000'000}, {"GB", 1'000'000'000}}, kLeastQuota, kMostQuota, "give a size from 1 MB on, as 500 MB or 2 GB");
  } else if (name == "after") {
    c.after_ms = number(at, value, {{"ms", 1}, {"s", 1000}}, 0, kMostAfterMs, "give a time up to 60 s, as 500 ms or 2 s");
  } else {
    wrong(at, name, "names are folder, trigger, trigger-group, led, files, quota, after");
  }
}

}  // namespace

Config parse_config(std::string_view text, const std::string& name) {
  Config config;
  std::set<std::string, std::less<>> seen;
  for (Place at{name, 1}; !text.empty(); ++at.line) {
    const size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    line = trim(line.substr(0, line.find('#')));
    if (line.empty()) continue;
    const size_t equals = line.find('=');
    if (equals == std::string_view::npos) wrong(at, line, "a line is NAME = VALUE, or begins with #");
    const std::string_view key = trim(line.substr(0, equals));
    if (!seen.emplace(key).second) wrong(at, key, "each name may be given once");
    set(config, at, key, trim(line.substr(equals + 1)));
  }
  return config;
}

Config read_config(const std::string& path) {
  const auto text = capture::read_text(path);
  if (!text) throw Failure(path + " cannot be read", "see kutrace-field(1) for what stands in it");
  return parse_config(*text, path);
}

}  // namespace kutrace::field
