// SPDX-License-Identifier: BSD-3-Clause
// A neighbour that computes.
#include <sys/resource.h>
#include <unistd.h>

#include "workload.h"

using namespace kutrace::workload;

namespace {

void hog(long ms, long on, long off) {
  const uint64_t end = now_ns() + static_cast<uint64_t>(ms) * 1000000;
  while (now_ns() < end) {
    work_us(off > 0 ? on * 1000 : 1000);
    if (off > 0) sleep_us(off * 1000);
  }
}

}  // namespace

KUTRACE_WORKLOAD(cpu_hog) {
  const Options o(argc, argv, "Computes for some time (phase hog), at a nice value (n0, n10), or now and then.",
                  {{"threads", "1", "threads"}, {"ms", "400", "how long"}, {"policy", "other", "other, batch, idle, fifo or rr"}, {"prio", "10", "of fifo and rr"}, {"nice", "0", "nice value; 0,10: two threads"}, {"on", "20", "ms of computing, if --off is given"}, {"off", "0", "ms of rest in between"}});
  const long ms = o.number("ms", 1, 5000), on = o.number("on", 1, 1000), off = o.number("off", 0, 1000);
  const auto nice = o.words("nice", {"0", "5", "10", "19"});
  const std::string policy = o.words("policy", {"other", "batch", "idle", "fifo", "rr"}).front();
  const int prio = static_cast<int>(o.number("prio", 1, 99));
  const int threads = nice.size() > 1 ? static_cast<int>(nice.size()) : static_cast<int>(o.number("threads", 1, 64));
  run_threads(threads, [&](int k) {
    const std::string& value = nice[static_cast<size_t>(k) % nice.size()];
    if (value != "0") must(setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), std::stoi(value)), "--nice");
    if (!set_policy(policy, prio)) fail("--policy");
    const Phase phase(nice.size() == 1 ? "hog" : value == "0" ? "n0" : value == "10" ? "n10" : "nx");
    hog(ms, on, off);
  });
}
