// SPDX-License-Identifier: BSD-3-Clause
// hotplug_check TRACE CPU: the CPU has entries before mark a `gone` and after mark a `back`, and none between. A line
// `ok NAME` or `FAILED NAME: why` each.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/error.h"
#include "trace/decoder.h"

int main(int argc, char** argv) {
  using namespace kutrace;
  if (argc != 3) {
    std::fputs("usage: hotplug_check TRACE CPU\n", stderr);
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
  } catch (const std::exception& e) {
    std::printf("FAILED hotplug_check: %s\n", e.what());
    return 2;
  }
  return failures == 0 ? 0 : 1;
}
