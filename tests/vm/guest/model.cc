// SPDX-License-Identifier: BSD-3-Clause
// model THREADS ROUNDS: threads that say to the module's model how much memory they use, on one CPU and the next, in forks, in
// what they execute, and in threads that take the places of ended ones. Prints `THREAD BYTES` for each, with all its bytes.
// model --burst BYTES: one more thread of that, which ends at once.
#include <fcntl.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "device_calls.h"
#include "kutrace/memory.h"

namespace {

void use(int fd, uint64_t bytes) {
  if (ask(fd, KUTRACE_IOC_MODEL, bytes) != 0) _exit(2);
}

// One write, so that lines of several processes stay whole.
void tell(uint64_t bytes) {
  char line[64];
  const int length = std::snprintf(line, sizeof(line), "%d %llu\n", gettid(), static_cast<unsigned long long>(bytes));
  if (write(STDOUT_FILENO, line, static_cast<size_t>(length)) != length) _exit(2);
}

void go_to(long cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<size_t>(cpu), &set);
  sched_setaffinity(0, sizeof(set), &set);
}

uint64_t wander(int fd, unsigned seed, int rounds) {
  std::minstd_rand random(seed + 1);
  const long cpus = sysconf(_SC_NPROCESSORS_ONLN);
  uint64_t bytes = 0;
  for (int i = 0; i < rounds; ++i) {
    if (random() % 4 == 0) go_to(static_cast<long>(random()) % cpus);
    // Now and then more than 32 bits.
    const uint64_t more = random() % 64 == 0 ? uint64_t{random()} << 8 : random() % 100000;
    use(fd, more);
    bytes += more;
    if (random() % 2 == 0) sched_yield();
  }
  return bytes;
}

// The child uses some, executes this program, and that uses more: one thread all the while.
void fork_and_execute(int fd, const char* program, uint64_t bytes) {
  const pid_t child = fork();
  if (child == 0) {
    use(fd, bytes);
    const std::string text = std::to_string(bytes);
    execl("/proc/self/exe", program, "--burst", text.c_str(), nullptr);
    _exit(2);
  }
  int status = 1;
  waitpid(child, &status, 0);
  if (status != 0) _exit(2);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const int fd = open_device();
  if (fd < 0) return 2;
  if (std::strcmp(argv[1], "--burst") == 0) {
    const uint64_t bytes = std::strtoull(argv[2], nullptr, 10);
    use(fd, bytes);
    tell(2 * bytes);  // and those from before
    return 0;
  }
  const int threads = std::atoi(argv[1]), rounds = std::atoi(argv[2]);
  for (int generation = 0; generation < 3; ++generation) {
    std::vector<std::thread> all;
    for (int i = 0; i < threads; ++i) {
      all.emplace_back([=] { tell(wander(fd, static_cast<unsigned>(generation * 100 + i), rounds)); });
    }
    for (std::thread& t : all) t.join();
    for (int i = 0; i < threads; ++i) fork_and_execute(fd, argv[0], 1000 + static_cast<uint64_t>(i));
  }
  return 0;
}
