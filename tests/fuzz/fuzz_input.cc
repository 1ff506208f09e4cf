// SPDX-License-Identifier: BSD-3-Clause
// Files as they come: compressed, cut, with marks and other bytes. Mapped and line by line they hold the same bytes, or are refused alike; and
// nothing inflates beyond its budget.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/error.h"
#include "base/input.h"

namespace {

using namespace kutrace;

constexpr uint64_t kMost = 1 << 20;

std::string mapped(const std::string& path, std::string& refused) {
  Budget budget;
  budget.allow_memory(kMost);
  try {
    const MappedInput input(path, &budget);
    return std::string(input.text());
  } catch (const Error& e) {
    refused = e.what();
    return {};
  }
}

std::string by_lines(const std::string& path, std::string& refused) {
  Budget budget;
  budget.allow_memory(kMost);
  std::string out;
  try {
    LineReader lines(path, &budget);
    std::string_view line;
    while (lines.next(line)) {
      out += line;
      out += '\n';
    }
  } catch (const Error& e) {
    refused = e.what();
  }
  return out;
}

// Without what a reader of lines takes away.
std::string plain(const std::string& text) {
  std::string out;
  for (char c : text) {
    if (c != '\r' && c != '\n') out += c;
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Fd file(::memfd_create("input", 0));
  if (file.get() < 0 || ::write(file.get(), data, size) != static_cast<ssize_t>(size)) return 0;
  const std::string path = "/proc/self/fd/" + std::to_string(file.get());
  std::string refused, refused_lines;
  const std::string whole = mapped(path, refused), lines = by_lines(path, refused_lines);
  const bool limited = size > 0 && whole.size() > kMost + (1 << 18);
  if (refused != refused_lines || limited || (refused.empty() && whole.size() < LineReader::kMaxLine && plain(whole) != plain(lines))) {
    std::fprintf(stderr, "mapped %zu bytes (%s), lines %zu bytes (%s)\n", whole.size(), refused.c_str(), lines.size(), refused_lines.c_str());
    std::abort();
  }
  return 0;
}
