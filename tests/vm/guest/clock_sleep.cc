// SPDX-License-Identifier: BSD-3-Clause
// clock_sleep STATE SECONDS FILE: traces itself while the machine sleeps (STATE of /sys/power/state) until its clock of real time
// rings after so many seconds; writes the trace. Prints, for tests/vm/clock_check --slept, in microseconds: the least and the most
// that can be between its two marks on the processor's counter, whose rate it takes from the time awake before; and the least
// and the most by which the wall clock moved meanwhile.
#include <ctime>
#include <string>

#include "device_calls.h"

namespace {

uint64_t counter() {
#ifdef __x86_64__
  unsigned low, high;
  asm volatile("rdtsc" : "=a"(low), "=d"(high));
  return static_cast<uint64_t>(high) << 32 | low;
#else
  uint64_t value;
  asm volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(value));
  return value;
#endif
}

int64_t us_of(clockid_t clock) {
  timespec t{};
  clock_gettime(clock, &t);
  return static_cast<int64_t>(t.tv_sec) * 1000000 + t.tv_nsec / 1000;
}

struct Moment {
  uint64_t counter;
  int64_t raw, real;
};
Moment now() { return {counter(), us_of(CLOCK_MONOTONIC_RAW), us_of(CLOCK_REALTIME)}; }

bool write_text(const char* path, const std::string& text) {
  const int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool good = write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  close(fd);
  return good;
}

int fail(const char* what) {
  std::perror(what);
  return 1;
}

// Counts in a microsecond, from a second awake: the counter runs before a sleep as it does after it.
double rate() {
  const Moment begin = now();
  const timespec second{1, 0};
  nanosleep(&second, nullptr);
  const Moment end = now();
  return static_cast<double>(end.counter - begin.counter) / static_cast<double>(end.raw - begin.raw);
}

bool save(int device, const char* path) {
  FILE* out = std::fopen(path, "w");
  if (out == nullptr) return false;
  std::vector<char> block(KUTRACE_BLOCK_BYTES);
  ssize_t n;
  while ((n = read(device, block.data(), block.size())) > 0) std::fwrite(block.data(), 1, static_cast<size_t>(n), out);
  return std::fclose(out) == 0 && n == 0;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 4) return 2;
  const int device = open_device();
  if (device < 0) return fail(KUTRACE_DEVICE);
  if (reset(device, KUTRACE_RESET_STOP) != 0 || ask(device, KUTRACE_IOC_START) != 0) return fail("start");
  const double counts_per_us = rate();
  write_text("/sys/class/rtc/rtc0/wakealarm", "0");  // of before
  if (!write_text("/sys/class/rtc/rtc0/wakealarm", std::string("+") + arguments[2])) return fail("wakealarm");
  const Moment before_first = now();
  if (mark(device, 1) != 1) return fail("mark");
  const Moment after_first = now();
  if (!write_text("/sys/power/state", arguments[1])) return fail("/sys/power/state");
  const Moment before_second = now();
  if (mark(device, 2) != 1) return fail("mark");
  const Moment after_second = now();
  if (ask(device, KUTRACE_IOC_STOP) != 0) return fail("stop");
  if (!save(device, arguments[3])) return fail(arguments[3]);
  std::printf("%.0f %.0f %lld %lld\n", static_cast<double>(before_second.counter - after_first.counter) / counts_per_us,
              static_cast<double>(after_second.counter - before_first.counter) / counts_per_us,
              static_cast<long long>(before_second.real - after_first.real), static_cast<long long>(after_second.real - before_first.real));
  return 0;
}
