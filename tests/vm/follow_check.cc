// SPDX-License-Identifier: BSD-3-Clause
// follow_check TRACE STORED LOST: the trace that was read while it was recorded has each of the marks that were stored, once
// and in order, and counts what was lost.
#include <algorithm>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "check.h"
#include "trace/entry_walker.h"

int main(int argc, char** argv) {
  using namespace kutrace;
  return check::run(argc, argv, "follow_check TRACE STORED LOST", [&](check::Report& report, TraceReader& trace, Diagnostics& diagnostics) {
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
    report("in order, and once", std::is_sorted(marks.begin(), marks.end(), std::less_equal<>()), "they are not");
    report("what was lost is counted", lost == counted, std::to_string(lost) + " in the file, " + std::to_string(counted) + " counted");
  });
}
