// SPDX-License-Identifier: BSD-3-Clause
// Equal work for several threads on few CPUs.
#include <unistd.h>

#include "workload.h"

using namespace kutrace::workload;

KUTRACE_WORKLOAD(sched_mix) {
  const Options o(argc, argv, "Threads with the same to compute, begun at once, on so many CPUs; one run for each number of CPUs (phase work, or tight and wide).",
                  {{"threads", "4", "threads"}, {"cpus", "1", "CPUs; 1,2: first on one, then on two"}, {"policy", "other", "other, batch, idle, fifo or rr"}, {"prio", "10", "of fifo and rr"}, {"units", "100", "ms of computing each"}});
  const auto runs = o.words("cpus", {"1", "2", "3", "4"});
  const std::string policy = o.words("policy", {"other", "batch", "idle", "fifo", "rr"}).front();
  const int threads = static_cast<int>(o.number("threads", 1, 64)), prio = static_cast<int>(o.number("prio", 1, 99));
  const long units = o.number("units", 1, 10000);
  const int here = cpus_here();
  for (const std::string& cpus : runs) {
    const int most = std::stoi(cpus);
    if (most > here) o.refuse("there are only " + std::to_string(here) + " CPUs here");
    const char* name = runs.size() == 1 ? "work" : &cpus == &runs.front() ? "tight" : "wide";
    Barrier ready(threads);
    run_threads(
        threads,
        [&](int) {
          if (!set_policy(policy, prio)) fail("--policy");
          // All stand here before one begins: the first would else be done before the last is there.
          ready.wait();
          const Phase phase(name);
          work_us(units * 1000);
        },
        [&](int k) { return k % most; });
  }
}
