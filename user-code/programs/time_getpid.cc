// SPDX-License-Identifier: BSD-3-Clause
// time_getpid: what one system call costs, with and without tracing. The least of several short loops counts: interrupts
// only ever add. --ticks prints the raw counter as well, which is what counts instructions under an emulator.
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "kutrace.h"

namespace {

uint64_t raw_counter() {
#if defined(__x86_64__)
  return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
  uint64_t value;
  __asm__ volatile("isb; mrs %0, cntvct_el0" : "=r"(value));
  return value;
#else
  return 0;
#endif
}

uint64_t now_ns() {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<uint64_t>(t.tv_sec) * 1000000000 + static_cast<uint64_t>(t.tv_nsec);
}

struct Cost {
  double ns, ticks;  // per call
};

template <typename Call>
Cost least(long calls, int rounds, Call&& call) {
  Cost best{1e18, 1e18};
  for (int r = 0; r < rounds; ++r) {
    const uint64_t ns = now_ns(), ticks = raw_counter();
    for (long k = 0; k < calls; ++k) call(k);
    const uint64_t ticks_end = raw_counter(), ns_end = now_ns();
    best.ns = std::min(best.ns, static_cast<double>(ns_end - ns) / static_cast<double>(calls));
    best.ticks = std::min(best.ticks, static_cast<double>(ticks_end - ticks) / static_cast<double>(calls));
  }
  return best;
}

void print(const char* what, const Cost& cost, bool ticks) {
  std::printf("%-10s %10.1f ns/call", what, cost.ns);
  if (ticks) std::printf(" %10.1f ticks/call", cost.ticks);
  std::printf("\n");
}

void print_all(const char* state, long calls, int rounds, bool ticks) {
  std::printf("tracing %s, least of %d x %ld calls\n", state, rounds, calls);
  print("loop", least(calls, rounds, [](long) { __asm__ volatile("" ::: "memory"); }), ticks);
  print("getpid", least(calls, rounds, [](long) { syscall(SYS_getpid); }), ticks);
  print("mark_d", least(calls, rounds, [](long k) { kutrace_mark_d(static_cast<uint32_t>(k)); }), ticks);
  std::fflush(stdout);
}

constexpr char kUsage[] =
    "usage: time_getpid [-n CALLS] [-r ROUNDS] [--ticks] [--both]\n"
    "  -n CALLS   calls a loop (100000)     -r ROUNDS  loops of which the least counts (10)\n"
    "  --ticks    raw counter, too          --both     also with tracing on (throws that trace away)\n";

}  // namespace

int main(int argc, char** argv) {
  long calls = 100000;
  int rounds = 10;
  bool ticks = false, both = false;
  for (int k = 1; k < argc; ++k) {
    const char* a = argv[k];
    if (std::strcmp(a, "-n") == 0 && k + 1 < argc) {
      calls = std::atol(argv[++k]);
    } else if (std::strcmp(a, "-r") == 0 && k + 1 < argc) {
      rounds = std::atoi(argv[++k]);
    } else if (std::strcmp(a, "--ticks") == 0) {
      ticks = true;
    } else if (std::strcmp(a, "--both") == 0) {
      both = true;
    } else {
      const bool help = std::strcmp(a, "-h") == 0 || std::strcmp(a, "--help") == 0;
      std::fputs(kUsage, help ? stdout : stderr);
      return help ? 0 : 2;
    }
  }
  if (calls < 1 || rounds < 1) {
    std::fputs(kUsage, stderr);
    return 2;
  }
  print_all(kutrace_test() ? "on" : "off", calls, rounds, ticks);
  if (!both) return 0;
  // Only where it throws nothing away that is someone else's.
  const int device = kutrace_open_device();
  kutrace_status status{};
  if (device < 0 || ioctl(device, KUTRACE_IOC_STATUS, &status) != 0 || status.used != 0 || kutrace_go(KUTRACE_RESET_WRAP) != 0) {
    std::fputs("time_getpid: cannot trace: no module, no privilege, or a trace is there; see `kutrace_control stat`\n", stderr);
    return 2;
  }
  print_all("on", calls, rounds, ticks);
  const kutrace_reset stop{KUTRACE_RESET_STOP, 0};
  ioctl(device, KUTRACE_IOC_RESET, &stop);
  close(device);
  return 0;
}
