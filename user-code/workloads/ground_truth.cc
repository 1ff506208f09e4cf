// SPDX-License-Identifier: BSD-3-Clause
// ground_truth FILE: does known things, each bracketed by marks, and writes to FILE what it did (format: truth.h), so
// that a trace of it can be checked against the truth.
//
//   kutrace_control run -o truth.trace -- ground_truth truth.txt
//
// Phases: calls (calls with results of all sorts), sleep, fork, sig (a signal to itself), fault (page faults), move (from
// CPU to CPU), pipe (two threads pinned to two CPUs pass a byte), cpu (no call at all). `move` needs two CPUs. With
// --compat in front also old32: system calls of 32-bit programs, on an x86-64 kernel that has them.
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <ctime>
#include <thread>
#include <vector>

#include "workloads/truth.h"

namespace {

using kutrace::truth::Life;

constexpr int kRepeats = 20;
enum : size_t { kMain, kChild, kPing, kPong, kLives };
Life* signal_life = nullptr;  // for the handler only

// The CPUs that this process may use.
std::vector<int> allowed_cpus() {
  cpu_set_t set;
  std::vector<int> cpus;
  if (sched_getaffinity(0, sizeof(set), &set) != 0) return cpus;
  for (int k = 0; k < CPU_SETSIZE; ++k) {
    if (CPU_ISSET(static_cast<size_t>(k), &set)) cpus.push_back(k);
  }
  return cpus;
}

void pin_to(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<size_t>(cpu), &set);
  sched_setaffinity(0, sizeof(set), &set);
}

void calls_phase(Life& life) {
  life.begin("calls");
  for (int k = 0; k < kRepeats; ++k) CALL(life, getpid);
  for (long k = 0; k < kRepeats; ++k) CALL(life, close, 10000 + k);      // EBADF
  CALL(life, openat, AT_FDCWD, "/no/such/file", O_RDONLY);               // ENOENT
  const long fd = CALL(life, openat, AT_FDCWD, "/dev/zero", O_RDONLY);
  static char buffer[4096];
  for (long size : {1, 127, 128, 255, 4096}) CALL(life, read, fd, buffer, size);  // results on both sides of a fold's range
  CALL(life, close, fd);
  CALL(life, read, -1L, buffer, 1);
  CALL(life, getpriority, static_cast<long>(PRIO_PROCESS), 0);
  life.end("calls");
}

void sleep_phase(Life& life) {
  timespec time{0, 10000000};
  life.begin("sleep");
  for (int k = 0; k < 3; ++k) CALL(life, nanosleep, reinterpret_cast<long>(&time), 0L);
  life.end("sleep");
  life.expect("sleep", "sleep_us", "least", 30000);
  life.expect("sleep", "wakeups", "least", 3);
  life.expect("sleep", "switches", "least", 3);
}

void fork_phase(Life& life, Life& child) {
  life.begin("fork");
  const long pid = CALL(life, clone, static_cast<long>(SIGCHLD), 0L, 0L, 0L, 0L);
  if (pid == 0) {
    child.start("truth-child");
    prctl(PR_SET_NAME, "truth-child");
    child.begin("child");
    for (int k = 0; k < 5; ++k) CALL(child, getppid);
    child.end("child");
    child.exits(7);
    syscall(SYS_exit_group, 7);
  }
  int status = 0;
  CALL(life, wait4, pid, &status, 0L, 0L);
  life.end("fork");
}

void on_signal(int) { CALL(*signal_life, getppid); }

void signal_phase(Life& life) {
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigaction(SIGUSR1, &action, nullptr);
  signal_life = &life;
  life.begin("sig");
  for (int k = 0; k < 3; ++k) {
    CALL(life, kill, static_cast<long>(life.tid()), static_cast<long>(SIGUSR1));
    life.unseen_call("rt_sigreturn", SYS_rt_sigreturn);
  }
  life.end("sig");
}

void fault_phase(Life& life) {
  constexpr long kPages = 64;
  const long page = sysconf(_SC_PAGESIZE);
  life.begin("fault");
  const long at = CALL(life, mmap, 0L, kPages * page, static_cast<long>(PROT_READ | PROT_WRITE),
                       static_cast<long>(MAP_PRIVATE | MAP_ANONYMOUS), -1L, 0L);
  if (at > 0 || at < -4095) {
    CALL(life, madvise, at, kPages * page, static_cast<long>(MADV_NOHUGEPAGE));
    for (long k = 0; k < kPages; ++k) *reinterpret_cast<volatile char*>(at + k * page) = 1;
    CALL(life, munmap, at, kPages * page);
  }
  life.end("fault");
  life.expect("fault", "faults", "least", kPages);
}

void move_phase(Life& life, const std::vector<int>& cpus) {
  if (cpus.size() < 2) return;
  cpu_set_t before, one;
  sched_getaffinity(0, sizeof(before), &before);
  life.begin("move");
  for (int k = 0; k < 6; ++k) {
    CPU_ZERO(&one);
    CPU_SET(static_cast<size_t>(cpus[static_cast<size_t>(k % 2)]), &one);
    CALL(life, sched_setaffinity, 0L, sizeof(one), &one);
    unsigned cpu = 0;
    CALL(life, getcpu, reinterpret_cast<long>(&cpu), 0L, 0L);
  }
  CALL(life, sched_setaffinity, 0L, sizeof(before), &before);
  life.end("move");
  life.expect("move", "cpus", "least", 2);
}

void pass_bytes(Life& life, const char* name, int cpu, int from, int to, bool first) {
  life.start(name);
  prctl(PR_SET_NAME, name);
  if (cpu >= 0) pin_to(cpu);
  char byte = 0;
  life.begin(first ? "ping" : "pong");
  for (int k = 0; k < kRepeats; ++k) {
    if (first) CALL(life, write, static_cast<long>(to), &byte, 1L);
    CALL(life, read, static_cast<long>(from), &byte, 1L);
    if (!first) CALL(life, write, static_cast<long>(to), &byte, 1L);
  }
  life.end(first ? "ping" : "pong");
  if (cpu >= 0) life.expect(first ? "ping" : "pong", "cpus", "exactly", 1);
  life.exits(0);
}

void pipe_phase(Life& ping, Life& pong, const std::vector<int>& cpus) {
  int there[2], back[2];
  if (pipe(there) != 0 || pipe(back) != 0) return;
  const int a = cpus.empty() ? -1 : cpus[0];
  const int b = cpus.size() < 2 ? a : cpus[1];
  std::thread second(pass_bytes, std::ref(pong), "truth-pong", b, there[0], back[1], false);
  std::thread first(pass_bytes, std::ref(ping), "truth-ping", a, back[0], there[1], true);
  first.join();
  second.join();
}

#ifdef __x86_64__
void compat_phase(Life& life) {
  constexpr int kGetpid = 20, kClose = 6, kGetppid = 64;
  life.begin("old32");
  for (int k = 0; k < 5; ++k) {
    life.compat_call("getpid", kGetpid, 0);
    life.compat_call("close", kClose, 10000 + k);  // EBADF
    CALL(life, getppid);
    life.compat_call("getppid", kGetppid, 0);
  }
  life.end("old32");
}
#endif

void cpu_phase(Life& life) {
  life.begin("cpu");
  volatile uint64_t value = 1;
  for (int k = 0; k < 3000000; ++k) value = value * 6364136223846793005u + 1;
  life.end("cpu");
}

int write_truth(const char* path, const Life* lives) {
  std::FILE* out = std::fopen(path, "we");
  if (out == nullptr) {
    std::perror(path);
    return 2;
  }
  std::fprintf(out, "kutrace-truth 1\nprocess %d\n", lives[kMain].tid());
  bool full = false;
  for (size_t k = 0; k < kLives; ++k) {
    if (lives[k].used()) lives[k].write(out);
    full = full || lives[k].full();
  }
  std::fprintf(out, "end-of-truth\n");
  if (std::fclose(out) != 0 || full) {
    std::fprintf(stderr, "ground_truth: %s is not complete: %s\n", path, full ? "too many notes" : std::strerror(errno));
    return 2;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const bool compat = argc == 3 && std::strcmp(argv[1], "--compat") == 0;
  if (argc != (compat ? 3 : 2) || argv[argc - 1][0] == '-') {
    std::fputs("usage: ground_truth [--compat] FILE\nDoes known things and writes to FILE what it did.\n", stderr);
    return argc == 2 && std::strcmp(argv[1], "-h") == 0 ? 0 : 2;
  }
  Life* lives = kutrace::truth::shared_lives(kLives);
  if (lives == nullptr) {
    std::perror("ground_truth: no memory");
    return 2;
  }
  const std::vector<int> cpus = allowed_cpus();
  Life& life = lives[kMain];
  life.start("ground_truth");
  prctl(PR_SET_NAME, "ground_truth");
  calls_phase(life);
  sleep_phase(life);
  fork_phase(life, lives[kChild]);
  signal_phase(life);
  fault_phase(life);
  move_phase(life, cpus);
  pipe_phase(lives[kPing], lives[kPong], cpus);
  cpu_phase(life);
#ifdef __x86_64__
  if (compat) compat_phase(life);
#endif
  return write_truth(argv[argc - 1], lives);
}
