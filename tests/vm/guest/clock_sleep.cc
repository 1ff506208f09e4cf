// SPDX-License-Identifier: BSD-3-Clause
// clock_sleep STATE SECONDS FILE: traces itself while the machine sleeps (STATE of /sys/power/state) until its clock of real time
// rings after so many seconds; writes the trace. Prints, for tests/vm/clock_check --slept, in microseconds: the least and the most
// that can be between its two marks on the clock of the trace, the processor's counter, whose rate it takes from the time awake before;
// and the least and the most by which the wall clock moved meanwhile. If the module was told to take another clock, that one is used.
// STATE pause: asks vm/run to stop the whole machine, and sets the wall clock by the clock of real time then, as a host's agent does.
#include <cstdlib>
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

std::string text_of(const char* path) {
  char text[64] = {};
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  const ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);
  if (fd >= 0) close(fd);
  return std::string(text, n > 0 ? static_cast<size_t>(n) : 0);
}

// Whether the module was told to take the kernel's clock.
bool monotonic() { return text_of("/sys/module/kutrace_mod/parameters/clock").starts_with("mono"); }

struct Moment {
  uint64_t counter;
  int64_t raw, real;
};
Moment now() {
  return {monotonic() ? static_cast<uint64_t>(us_of(CLOCK_MONOTONIC)) : counter(), us_of(CLOCK_MONOTONIC_RAW), us_of(CLOCK_REALTIME)};
}

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

int64_t real_time_clock() { return std::atoll(text_of("/sys/class/rtc/rtc0/since_epoch").c_str()); }

// That it was stopped shows in that the clock of real time is further than the others: at least half of what was asked for.
bool be_paused(int seconds) {
  const auto ahead = [] { return real_time_clock() * 1000000 - us_of(CLOCK_MONOTONIC); };
  const int64_t before = ahead();
  std::fprintf(stderr, "pause %d\n", seconds);
  while (ahead() < before + seconds * 500000) usleep(10000);
  const timespec real{static_cast<time_t>(real_time_clock()), 0};
  return clock_settime(CLOCK_REALTIME, &real) == 0;
}

bool sleep_until_it_rings(const std::string& state, int seconds) {
  write_text("/sys/class/rtc/rtc0/wakealarm", "0");  // of before
  return write_text("/sys/class/rtc/rtc0/wakealarm", "+" + std::to_string(seconds)) && write_text("/sys/power/state", state);
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
  const Moment before_first = now();
  if (mark(device, 1) != 1) return fail("mark");
  const Moment after_first = now();
  const int seconds = std::atoi(arguments[2]);
  const std::string state = arguments[1];
  if (!(state == "pause" ? be_paused(seconds) : sleep_until_it_rings(state, seconds))) return fail(arguments[1]);
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
