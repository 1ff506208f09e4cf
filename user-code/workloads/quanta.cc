// SPDX-License-Identifier: BSD-3-Clause
// One computation again and again: what everything else on a machine disturbs.
#include <sys/mman.h>
#include <unistd.h>

#include "workload.h"

using namespace kutrace::workload;

namespace {

// A page each, so that the first pass is one fault each.
void pages(char* memory, long count, size_t page) {
  for (long k = 0; k < count; ++k) *static_cast<volatile char*>(memory + static_cast<size_t>(k) * page) = 1;
}

void cold(long n, long unit) {
  constexpr long kPages = 128;
  const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  void* memory = mmap(nullptr, kPages * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) fail("mmap");
  madvise(memory, kPages * page, MADV_NOHUGEPAGE);
  for (long k = 0; k < n; ++k) {
    const Phase phase(k == 0 ? "cold" : "warm");
    pages(static_cast<char*>(memory), kPages, page);
    work_us(unit);
  }
}

}  // namespace

KUTRACE_WORKLOAD(quanta) {
  const Options o(argc, argv, "The same computation again and again, each in a phase.",
                  {{"unit", "200", "us of computing in each"},
                   {"n", "100", "how often"},
                   {"threads", "1", "threads that do so"},
                   {"slow", "0", "every how many units one has more to do; 0: none"},
                   {"extra", "20000", "us of that more"},
                   {"cold", "0", "1: the first touches memory that is new (phases cold, warm)"},
                   {"phase", "unit", "name of the phase"}});
  const long unit = o.number("unit", 1, 1000000), n = o.number("n", 1, 100000), slow = o.number("slow", 0, 100000), extra = o.number("extra", 0, 1000000);
  static std::string name = o.text("phase");
  if (name.empty() || name.size() > 5) o.refuse("--phase takes five letters at most");
  { const Phase warm("start"); }
  if (o.number("cold", 0, 1) == 1) {
    cold(n, unit);
    return;
  }
  run_threads(static_cast<int>(o.number("threads", 1, 64)), [&](int) {
    for (long k = 1; k <= n; ++k) {
      const Phase phase(name.c_str());
      work_us(unit);
      if (slow > 0 && k % slow == 0) work_us(extra);
    }
  });
}
