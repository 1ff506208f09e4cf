// SPDX-License-Identifier: BSD-3-Clause
// follow_check TRACE STORED LOST: the trace that was read while it was recorded has each of the marks that were stored, once
// and in order, and counts what was lost. A line `ok NAME` or `FAILED NAME: why` each.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "base/error.h"
#include "trace/entry_walker.h"

int main(int argc, char** argv) {
  using namespace kutrace;
  if (argc != 4) {
    std::fputs("usage: follow_check TRACE STORED LOST\n", stderr);
    return 2;
  }
  int failures = 0;
  auto report = [&](const char* name, bool good, const std::string& why) {
    std::printf(good ? "ok %s\n" : "FAILED %s: %s\n", name, why.c_str());
    if (!good) ++failures;
  };
  try {
    Diagnostics diagnostics;
    MappedInput input(argv[1]);
    TraceReader trace(input, diagnostics);
    std::vector<uint32_t> marks;
    uint64_t lost = trace.word(trace.blocks().front(), KUTRACE_HDR0_LOST);
    for (const std::vector<uint32_t>& blocks : trace.per_cpu()) {
      for (uint32_t index : blocks) {
        EntryWalker walker(trace, trace.blocks()[index], diagnostics, false);
        Entry e;
        while (walker.next(e)) {
          if (e.num == KUTRACE_MARKD) marks.push_back(static_cast<uint32_t>(e.word));
          if (e.num == KUTRACE_LOST) lost += static_cast<uint32_t>(e.word);
        }
      }
    }
    const uint64_t stored = std::strtoull(argv[2], nullptr, 10), counted = std::strtoull(argv[3], nullptr, 10);
    report("every mark that was stored has come", marks.size() == stored && stored > 0,
           std::to_string(marks.size()) + " of " + std::to_string(stored));
    report("in order, and once", std::is_sorted(marks.begin(), marks.end(), std::less_equal<>()) , "they are not");
    report("what was lost is counted", lost == counted, std::to_string(lost) + " in the file, " + std::to_string(counted) + " counted");
  } catch (const std::exception& e) {
    std::printf("FAILED follow_check: %s\n", e.what());
    return 2;
  }
  return failures == 0 ? 0 : 1;
}
