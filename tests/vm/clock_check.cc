// SPDX-License-Identifier: BSD-3-Clause
// clock_check TRACE SECONDS LEAST MOST: the wall clock was set by SECONDS while the trace was recorded: the trace says so, once
// and exactly, and the time between its marks is what another clock has measured: LEAST to MOST microseconds.
// clock_check --slept TRACE LEAST MOST REAL_LEAST REAL_MOST: the machine slept between the marks: their distance is what the
// processor's counter has counted, and what the trace says of the wall clock is where it is: it moved by REAL_LEAST to REAL_MOST.
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "check.h"
#include "trace/entry_walker.h"

namespace {

struct Found {
  int64_t mark[3] = {};
  std::vector<int64_t> settings, when;
};

Found look(const kutrace::TraceReader& trace, kutrace::Diagnostics& diagnostics) {
  Found found;
  for (const kutrace::Block& block : trace.blocks()) {
    kutrace::EntryWalker walker(trace, block, diagnostics, false);
    kutrace::Entry e;
    while (walker.next(e)) {
      const auto argument = static_cast<uint32_t>(e.word);
      if (e.num == KUTRACE_MARKD && argument <= 2) found.mark[argument] = e.counter;
      if (e.num != (KUTRACE_CLOCK_SET | 2 << 4)) continue;
      int64_t us;
      std::memcpy(&us, trace.data() + block.offset + 8 * (static_cast<uint64_t>(e.index) + 1), 8);
      found.settings.push_back(us);
      found.when.push_back(e.counter);
    }
  }
  return found;
}

using kutrace::check::Report;

// A thousandth for the pairs, whose two clocks are read one after the other.
void judge_length(Report& report, double apart, double least, double most) {
  report("lengths are those of a clock that nobody sets", least > 0 && apart >= least * 0.999 && apart <= most * 1.001,
         std::to_string(apart) + " us, measured " + std::to_string(least) + " to " + std::to_string(most));
}

double between_marks(const kutrace::TraceReader& trace, const Found& found) {
  return static_cast<double>(found.mark[2] - found.mark[1]) * trace.pairs().us_per_count();
}

int slept(int argc, char** argv) {
  using namespace kutrace;
  return check::run(argc, argv, "clock_check TRACE LEAST MOST REAL_LEAST REAL_MOST", [&](Report& report, TraceReader& trace, Diagnostics& diagnostics) {
    const Found found = look(trace, diagnostics);
    const double apart = between_marks(trace, found);
    judge_length(report, apart, std::atof(argv[2]), std::atof(argv[3]));
    int64_t set = 0;
    for (int64_t us : found.settings) set += us;
    const double moved = apart + static_cast<double>(set), least = std::atof(argv[4]), most = std::atof(argv[5]);
    report("after a sleep the time of day is the machine's", moved >= least - apart * 0.001 && moved <= most + apart * 0.001,
           std::to_string(moved) + " us, the machine's wall clock moved by " + std::to_string(least) + " to " + std::to_string(most));
  });
}

}  // namespace

int main(int argc, char** argv) {
  using namespace kutrace;
  if (argc > 1 && std::string(argv[1]) == "--slept") return slept(argc - 1, argv + 1);
  return check::run(argc, argv, "clock_check TRACE SECONDS LEAST MOST", [&](check::Report& report, TraceReader& trace, Diagnostics& diagnostics) {
    const Found found = look(trace, diagnostics);
    const int64_t wanted = std::atoll(argv[2]) * 1000000;
    const double least = std::atof(argv[3]), most = std::atof(argv[4]);
    report("the trace says once that the clock was set", found.settings.size() == 1, std::to_string(found.settings.size()) + " entries");
    report("by as much as it was", !found.settings.empty() && found.settings[0] == wanted,
           found.settings.empty() ? "nothing" : std::to_string(found.settings[0]) + " us");
    report("after it was", !found.when.empty() && found.mark[1] != 0 && found.when[0] > found.mark[1], "before the first mark");
    judge_length(report, between_marks(trace, found), least, most);
  });
}
