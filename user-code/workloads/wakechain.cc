// SPDX-License-Identifier: BSD-3-Clause
// Threads in a ring that wake each other, one after another.
#include <sys/eventfd.h>
#include <unistd.h>

#include <semaphore>
#include <vector>

#include "workload.h"

using namespace kutrace::workload;

namespace {

// What the thread before hands over, by one of three means.
struct Link {
  int in = -1, out = -1;
  std::counting_semaphore<> count{0};
};

void give(Link& link, const std::string& via) {
  const uint64_t one = 1;
  if (via == "futex") link.count.release();
  else must(write(link.out, &one, sizeof one), "write");
}

void take(Link& link, const std::string& via) {
  uint64_t got;
  if (via == "futex") link.count.acquire();
  else must(read(link.in, &got, sizeof got), "read");
}

}  // namespace

KUTRACE_WORKLOAD(wakechain) {
  const Options o(argc, argv, "Threads in a ring: each waits for the one before it and wakes the next (phase ring).",
                  {{"threads", "2", "threads"}, {"via", "pipe", "futex, pipe or event"}, {"n", "30", "rounds"}});
  const int threads = static_cast<int>(o.number("threads", 2, 64));
  const long n = o.number("n", 1, 10000);
  const std::string via = o.words("via", {"futex", "pipe", "event"}).front();
  std::vector<Link> links(static_cast<size_t>(threads));
  for (Link& link : links) {
    int ends[2] = {-1, -1};
    if (via == "pipe") must(pipe(ends), "pipe");
    if (via == "event") ends[0] = ends[1] = static_cast<int>(must(eventfd(0, 0), "eventfd"));
    link.in = ends[0];
    link.out = ends[1];
  }
  const int cpus = cpus_here();
  run_threads(
      threads,
      [&](int k) {
        const Phase phase("ring");
        for (long i = 0; i < n; ++i) {
          if (k != 0 || i != 0) take(links[static_cast<size_t>(k)], via);
          give(links[static_cast<size_t>((k + 1) % threads)], via);
        }
      },
      [&](int k) { return k % cpus; });
}
