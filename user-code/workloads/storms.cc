// SPDX-License-Identifier: BSD-3-Clause
// A process, or a thread, for each item of work.
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "workload.h"

using namespace kutrace::workload;

namespace {

void reap(pid_t child) {
  int status = 0;
  must(waitpid(child, &status, 0), "waitpid");
  if (status != 0) fail("an item's process did not end well");
}

// `self` is this program, which with --item does an item and ends.
void item_by(const std::string& kind, char* self) {
  char flag[] = "--item", one[] = "1";
  char* arguments[] = {self, flag, one, nullptr};
  if (kind == "spawn") {
    pid_t child = 0;
    if ((errno = posix_spawn(&child, "/proc/self/exe", nullptr, nullptr, arguments, environ)) != 0) fail("posix_spawn");
    reap(child);
  } else if (kind == "thread") {
    std::jthread([] { work_us(100); });
  } else {
    const pid_t child = fork();
    must(child, "fork");
    if (child == 0) {
      if (kind == "exec") execv("/proc/self/exe", arguments);
      work_us(100);
      _exit(kind == "exec" ? 1 : 0);
    }
    reap(child);
  }
}

}  // namespace

KUTRACE_WORKLOAD(storms) {
  const Options o(argc, argv, "Does n items, each in a process or thread of its own (phase spawn), then all by itself (lean).",
                  {{"kind", "spawn", "fork, spawn, thread or exec"}, {"n", "20", "items"}, {"item", "0", "1: do one item, nothing else"}});
  if (o.number("item", 0, 1) == 1) {
    work_us(100);
    return;
  }
  const long n = o.number("n", 1, 1000);
  const std::string kind = o.words("kind", {"fork", "spawn", "thread", "exec"}).front();
  {
    const Phase phase("spawn");
    for (long k = 0; k < n; ++k) item_by(kind, argv[0]);
  }
  const Phase phase("lean");
  for (long k = 0; k < n; ++k) work_us(100);
}
