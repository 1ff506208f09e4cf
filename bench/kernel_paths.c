// SPDX-License-Identifier: BSD-3-Clause
/*
 * How long common paths of the kernel take, in ticks of the raw counter: least and median of short runs. Under
 * `vm/run --icount` a tick is an instruction. With --ns, in nanoseconds. Usage: kernel_paths [--ns]
 *
 *   getpid      a system call that does nothing
 *   mark        the control call that stores a mark (refused when nothing traces)
 *   fault       the first touch of a page of anonymous memory
 *   switch      two threads on one CPU hand a byte back and forth: two switches, two wakeups, four system calls
 *   tick        the shortest of many steps of a loop that an interrupt of the timer has interrupted: a tick and nothing else
 *   timer       the longest: with what softirqs it happened to have, and threads that these woke
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "kutrace/abi.h"

enum { kRuns = 41, kCalls = 200, kPages = 64 };

static uint64_t ticks(void) {
#if defined(__x86_64__)
  uint32_t low, high;
  __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
  return (uint64_t)high << 32 | low;
#else
  uint64_t value;
  __asm__ volatile("mrs %0, cntvct_el0" : "=r"(value));
  return value;
#endif
}

/* Ticks of what is reported. */
static double unit = 1;

/* Ticks of the counter in a nanosecond, over a tenth of a second. */
static double ticks_in_ns(void) {
  struct timespec from, to;
  clock_gettime(CLOCK_MONOTONIC, &from);
  const uint64_t begin = ticks();
  double ns;
  do {
    clock_gettime(CLOCK_MONOTONIC, &to);
    ns = (double)(to.tv_sec - from.tv_sec) * 1e9 + (double)(to.tv_nsec - from.tv_nsec);
  } while (ns < 1e8);
  return (double)(ticks() - begin) / ns;
}

static int compare(const void* a, const void* b) {
  const uint64_t x = *(const uint64_t*)a, y = *(const uint64_t*)b;
  return x < y ? -1 : x > y;
}

static void report(const char* name, uint64_t* runs, unsigned per_run) {
  qsort(runs, kRuns, sizeof(*runs), compare);
  printf("%s %.1f %.1f\n", name, (double)runs[0] / per_run / unit, (double)runs[kRuns / 2] / per_run / unit);
}

static void calls(const char* name, long number, long a, long b) {
  uint64_t runs[kRuns];
  for (int run = 0; run < kRuns; ++run) {
    const uint64_t begin = ticks();
    for (int i = 0; i < kCalls; ++i) syscall(number, a, b);
    runs[run] = ticks() - begin;
  }
  report(name, runs, kCalls);
}

static void faults(void) {
  uint64_t runs[kRuns];
  const long page = sysconf(_SC_PAGESIZE);
  for (int run = 0; run < kRuns; ++run) {
    char* memory = mmap(NULL, (size_t)(kPages * page), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) exit(2);
    memory[0] = 1; /* page tables */
    const uint64_t begin = ticks();
    for (int i = 1; i < kPages; ++i) *(volatile char*)(memory + i * page) = 1;
    runs[run] = ticks() - begin;
    munmap(memory, (size_t)(kPages * page));
  }
  report("fault", runs, kPages - 1);
}

static int there[2], back[2];

static void* echo(void* unused) {
  char byte;
  while (read(there[0], &byte, 1) == 1) {
    if (write(back[1], &byte, 1) != 1) break;
  }
  return unused;
}

static void switches(void) {
  uint64_t runs[kRuns];
  pthread_t thread;
  char byte = 0;
  if (pipe(there) != 0 || pipe(back) != 0 || pthread_create(&thread, NULL, echo, NULL) != 0) exit(2);
  for (int run = 0; run < kRuns; ++run) {
    const uint64_t begin = ticks();
    for (int i = 0; i < 20; ++i) {
      if (write(there[1], &byte, 1) != 1 || read(back[0], &byte, 1) != 1) exit(2);
    }
    runs[run] = ticks() - begin;
  }
  close(there[1]);
  pthread_join(thread, NULL);
  report("switch", runs, 20);
}

/* Steps of a loop. Those that an interrupt of the timer has interrupted are many times as long as the others. */
static void timer(void) {
  uint64_t shortest[kRuns], longest[kRuns], usual = UINT64_MAX, last = ticks();
  for (int i = 0; i < 1000; ++i) {
    const uint64_t now = ticks();
    if (now - last < usual) usual = now - last;
    last = now;
  }
  for (int run = 0; run < kRuns; ++run) {
    shortest[run] = UINT64_MAX;
    longest[run] = 0;
    last = ticks();
    for (int i = 0; i < 1000000; ++i) {
      const uint64_t now = ticks(), step = now - last;
      if (step > longest[run]) longest[run] = step;
      if (step > 16 * (usual + 1) && step < shortest[run]) shortest[run] = step;
      last = now;
    }
  }
  report("tick", shortest, 1);
  report("timer", longest, 1);
}

int main(int argc, char** argv) {
  cpu_set_t one;
  if (argc > 1) {
    if (strcmp(argv[1], "--ns") != 0) return 2;
    unit = ticks_in_ns();
  }
  CPU_ZERO(&one);
  CPU_SET(0, &one);
  if (sched_setaffinity(0, sizeof(one), &one) != 0) return 2;
  calls("getpid", SYS_getpid, 0, 0);
  calls("mark", KUTRACE_CONTROL_SYSCALL, KUTRACE_CMD_INSERT1, (long)((unsigned long)KUTRACE_MARKD << KUTRACE_EVENT_SHIFT | 7));
  faults();
  switches();
  timer();
  return 0;
}
