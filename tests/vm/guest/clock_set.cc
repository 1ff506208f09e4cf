// SPDX-License-Identifier: BSD-3-Clause
// clock_set SECONDS FILE: traces itself while the wall clock is moved by so many seconds; writes the trace. Prints the least
// and the most that can be between its two marks by the clock that cannot be set, in microseconds, for tests/vm/clock_check.
// clock_set SECONDS: the same with a ring, until the entry that says so is overwritten; prints a line `ok` or `FAILED`.
#include <fcntl.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/timex.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <vector>

#include "kutrace/abi.h"

namespace {

int64_t raw_us() {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC_RAW, &t);
  return static_cast<int64_t>(t.tv_sec) * 1000000 + t.tv_nsec / 1000;
}

bool mark(int device, uint32_t value) {
  return ioctl(device, KUTRACE_IOC_MARK(KUTRACE_MARKD), static_cast<unsigned long>(value)) == 1;
}

// Exactly so much, whatever the time is.
bool move_clock(long seconds) {
  timex t{};
  t.modes = ADJ_SETOFFSET;
  t.time.tv_sec = seconds;
  return adjtimex(&t) >= 0;
}

int fail(const char* what) {
  std::perror(what);
  return 1;
}

kutrace_status status(int device) {
  kutrace_status s{};
  ioctl(device, KUTRACE_IOC_STATUS, &s);
  return s;
}

// Until the module has seen that the clock was set, which it looks for every second.
void wait_for_setting(int device) {
  while (status(device).sets == 0) usleep(10000);
}

// So many marks from each CPU that everything before is overwritten.
void overwrite(int device) {
  const long cpus = sysconf(_SC_NPROCESSORS_ONLN);
  for (long cpu = 0; cpu < cpus; ++cpu) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(static_cast<size_t>(cpu), &set);
    sched_setaffinity(0, sizeof(set), &set);
    const uint64_t before = status(device).reused, blocks = status(device).blocks;
    while (status(device).reused < before + 2 * blocks) {
      for (uint32_t i = 0; i < 5000; ++i) mark(device, i);
    }
  }
}

// A ring that has forgotten when the clock was set has times of day of after that.
int ring(int device, long seconds) {
  kutrace_reset reset{KUTRACE_RESET_WRAP, 0};
  if (ioctl(device, KUTRACE_IOC_RESET, &reset) != 0 || ioctl(device, KUTRACE_IOC_START) != 0) return fail("start");
  const uint64_t before = status(device).start_us;
  if (!move_clock(seconds)) return fail("adjtimex");
  wait_for_setting(device);
  overwrite(device);
  if (ioctl(device, KUTRACE_IOC_STOP) != 0) return fail("stop");
  const bool good = status(device).start_us - before == static_cast<uint64_t>(seconds) * 1000000;
  std::printf("%s a ring has the time of day of what is left in it\n", good ? "ok" : "FAILED");
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 2) return 2;
  const long seconds = std::atol(arguments[1]);
  const int device = open(KUTRACE_DEVICE, O_RDONLY | O_CLOEXEC);
  if (device < 0) return fail(KUTRACE_DEVICE);
  if (count == 2) return ring(device, seconds);
  kutrace_reset reset{0, 0};
  if (ioctl(device, KUTRACE_IOC_RESET, &reset) != 0 || ioctl(device, KUTRACE_IOC_START) != 0) return fail("start");
  const int64_t before_first = raw_us();
  if (!mark(device, 1)) return fail("mark");
  const int64_t after_first = raw_us();
  if (!move_clock(seconds)) return fail("adjtimex");
  wait_for_setting(device);
  const int64_t before_second = raw_us();
  if (!mark(device, 2)) return fail("mark");
  const int64_t after_second = raw_us();
  if (ioctl(device, KUTRACE_IOC_STOP) != 0) return fail("stop");
  FILE* out = std::fopen(arguments[2], "w");
  if (out == nullptr) return fail(arguments[2]);
  std::vector<char> block(KUTRACE_BLOCK_BYTES);
  ssize_t n;
  while ((n = read(device, block.data(), block.size())) > 0) std::fwrite(block.data(), 1, static_cast<size_t>(n), out);
  if (n < 0 || std::fclose(out) != 0) return fail("read");
  std::printf("%lld %lld\n", static_cast<long long>(before_second - after_first), static_cast<long long>(after_second - before_first));
  return 0;
}
