// SPDX-License-Identifier: BSD-3-Clause
#include "control/control.h"

#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>

#include "kutrace.h"

namespace kutrace::capture {
namespace {

// Readings of the counter this far apart are close enough: at 50 counts/us, 6 us.
constexpr uint64_t kCloseCounts = 320;

uint64_t wall_clock_us() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1000000 + static_cast<uint64_t>(now.tv_nsec) / 1000;
}

}  // namespace

uint64_t KernelControl::call(uint64_t command, uint64_t argument) { return kutrace_control(command, argument); }

int KernelControl::open_device() { return kutrace_open_device(); }

int KernelControl::command(int device, unsigned long request, uint64_t argument) {
  const int result = ioctl(device, request, static_cast<uintptr_t>(argument));
  return result >= 0 ? result : -errno;
}

TimePair KernelControl::time_pair() { return read_time_pair(trace_counter); }

uint64_t trace_counter() {
#if defined(__x86_64__)
  return __builtin_ia32_rdtsc() >> 6;
#elif defined(__aarch64__)
  uint64_t value;
  __asm__ volatile("isb; mrs %0, cntvct_el0" : "=r"(value));
  return value;
#else
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1000000000 + static_cast<uint64_t>(now.tv_nsec);
#endif
}

TimePair read_time_pair(uint64_t (*counter)(), int tries) {
  TimePair best;
  uint64_t closest = UINT64_MAX;
  for (int k = 0; k < tries && closest > kCloseCounts; ++k) {
    const uint64_t before = counter();
    const uint64_t us = wall_clock_us();
    const uint64_t apart = counter() - before;
    if (apart >= closest) continue;
    closest = apart;
    best = {before, us};
  }
  return best;
}

}  // namespace kutrace::capture
