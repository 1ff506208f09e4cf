// SPDX-License-Identifier: BSD-3-Clause
// kinds_check TRACE EXPECTED: does each kind of event begin and end as often as the guest's `kinds` says? And has every trap
// in the trace a name there?
// kinds_check --idle TRACE HINT: is that the only way of idling in the trace (the ends of what is recorded apart)?
// A line `ok NAME` or `FAILED NAME: why` each.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <set>
#include <string>

#include "base/error.h"
#include "trace/entry_walker.h"
#include "trace/trace_reader.h"

namespace {

using namespace kutrace;

int failures = 0;

void report(const std::string& name, bool good, const std::string& why) {
  std::printf("%s %s: %s\n", good ? "ok" : "FAILED", name.c_str(), why.c_str());
  if (!good) ++failures;
}

struct Seen {
  std::map<uint32_t, int> begun, ended, hints;
  std::set<uint32_t> named_traps;
};

Seen look(const char* path) {
  Seen seen;
  Diagnostics diagnostics;
  MappedInput input(path);
  TraceReader trace(input, diagnostics);
  for (const Block& block : trace.blocks()) {
    EntryWalker walker(trace, block, diagnostics, false);
    Entry e;
    while (walker.next(e)) {
      const uint32_t argument = static_cast<uint32_t>(e.word);
      if (kutrace_is_name(e.num) && (e.num & 0xf0fu) == KUTRACE_TRAPNAME) seen.named_traps.insert(argument + KUTRACE_TRAP);
      if (e.num == KUTRACE_MWAIT) ++seen.hints[argument];
      if (kutrace_is_return(e.num)) {
        ++seen.ended[e.num & ~static_cast<uint32_t>(KUTRACE_RETURN_BIT)];
        continue;
      }
      ++seen.begun[e.num];
      // Folded, or an event that has no end.
      if (!kutrace_is_call(e.num) || (e.word >> KUTRACE_DELTA_SHIFT & 0xff) != 0) ++seen.ended[e.num];
    }
  }
  return seen;
}

std::string counts(int begun, int ended, int expected) {
  return std::to_string(begun) + " begun and " + std::to_string(ended) + " ended of " + std::to_string(expected);
}

void check_kinds(const char* path, const char* expected) {
  const Seen seen = look(path);
  std::ifstream in(expected);
  uint32_t event = 0;
  int times = 0, kinds = 0;
  std::string name;
  while (in >> event >> times && std::getline(in, name)) {
    const auto b = seen.begun.find(event), e = seen.ended.find(event);
    const int begun = b == seen.begun.end() ? 0 : b->second, ended = e == seen.ended.end() ? 0 : e->second;
    // The shell runs `kinds` and `kutrace_control stop`.
    const int more = name.starts_with(" execve,") ? 2 : 0;
    report(name.substr(1), begun == times + more && ended == times + more, counts(begun, ended, times + more));
    ++kinds;
  }
  report("kinds are expected", kinds >= 6, std::to_string(kinds));
  std::string nameless;
  for (const auto& [n, count] : seen.begun) {
    if (n >= KUTRACE_TRAP && n < KUTRACE_IRQ && !seen.named_traps.contains(n)) nameless += " " + std::to_string(n - KUTRACE_TRAP);
  }
  report("every trap has a name", nameless.empty(), "without:" + nameless);
}

void check_idle(const char* path, uint32_t hint) {
  std::string others;
  int right = 0;
  for (const auto& [h, count] : look(path).hints) {
    if (h == hint) right = count;
    else if (h != KUTRACE_IDLE_OFFLINE) others += " " + std::to_string(h);
  }
  report("idle CPUs poll", right > 0 && others.empty(), std::to_string(right) + " times, other hints:" + others);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc == 4 && std::strcmp(argv[1], "--idle") == 0) {
      check_idle(argv[2], static_cast<uint32_t>(std::atoi(argv[3])));
    } else if (argc == 3) {
      check_kinds(argv[1], argv[2]);
    } else {
      std::fputs("usage: kinds_check TRACE EXPECTED | --idle TRACE HINT\n", stderr);
      return 2;
    }
  } catch (const std::exception& e) {
    std::printf("FAILED kinds_check: %s\n", e.what());
    return 2;
  }
  return failures == 0 ? 0 : 1;
}
