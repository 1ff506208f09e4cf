// SPDX-License-Identifier: BSD-3-Clause
// clock_set SECONDS FILE: traces itself while the wall clock is moved by so many seconds; writes the trace. Prints the time
// between its two marks by the clock that cannot be set, in microseconds, for tests/vm/clock_check.
#include <fcntl.h>
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

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) return 2;
  const long seconds = std::atol(arguments[1]);
  const int device = open(KUTRACE_DEVICE, O_RDONLY | O_CLOEXEC);
  if (device < 0) return fail(KUTRACE_DEVICE);
  kutrace_reset reset{0, 0};
  if (ioctl(device, KUTRACE_IOC_RESET, &reset) != 0 || ioctl(device, KUTRACE_IOC_START) != 0) return fail("start");
  const int64_t begin = raw_us();
  if (!mark(device, 1)) return fail("mark");
  usleep(300000);
  if (!move_clock(seconds)) return fail("adjtimex");
  usleep(300000);
  if (!mark(device, 2)) return fail("mark");
  const int64_t end = raw_us();
  if (ioctl(device, KUTRACE_IOC_STOP) != 0) return fail("stop");
  FILE* out = std::fopen(arguments[2], "w");
  if (out == nullptr) return fail(arguments[2]);
  std::vector<char> block(KUTRACE_BLOCK_BYTES);
  ssize_t n;
  while ((n = read(device, block.data(), block.size())) > 0) std::fwrite(block.data(), 1, static_cast<size_t>(n), out);
  if (n < 0 || std::fclose(out) != 0) return fail("read");
  std::printf("%lld\n", static_cast<long long>(end - begin));
  return 0;
}
