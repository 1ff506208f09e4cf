// SPDX-License-Identifier: BSD-3-Clause
// hotplug_check TRACE CPU: the CPU has entries before mark a `gone` and after mark a `back`, and none between.
#include <cstdlib>
#include <string>

#include "check.h"
#include "trace/decoder.h"

int main(int argc, char** argv) {
  using namespace kutrace;
  return check::run(argc, argv, "hotplug_check TRACE CPU", [&](check::Report& report, TraceReader& trace, Diagnostics& diagnostics) {
    Decoder decoder(trace, diagnostics);
    const int cpu = std::atoi(argv[2]);
    enum Part { kBefore, kWhile, kAfter } part = kBefore;
    uint64_t entries[3] = {};
    for_each_event(
        decoder, [](const Event&, const std::string&) {},
        [&](const Event& e) {
          if (e.num == KUTRACE_MARKA && base40_text(e.arg) == "gone") part = kWhile;
          if (e.num == KUTRACE_MARKA && base40_text(e.arg) == "back") part = kAfter;
          if (e.cpu == cpu) ++entries[part];
        });
    report("a CPU is traced before it leaves", entries[kBefore] > 1000, std::to_string(entries[kBefore]) + " entries");
    report("it has no entry while it is away", entries[kWhile] == 0, std::to_string(entries[kWhile]) + " entries");
    report("it is traced when it is back", entries[kAfter] > 1000, std::to_string(entries[kAfter]) + " entries");
  });
}
