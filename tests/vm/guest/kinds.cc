// SPDX-License-Identifier: BSD-3-Clause
// kinds EXPECTED: calls and traps of every kind that a program can cause, a known number of each, written to EXPECTED as
// lines `EVENT HOW-OFTEN NAME`: so often has each to begin, and so often to end, in a trace of this.
// `kinds leaf` does nothing: it is what is executed. Beside it: exec32, on x86-64 (a 32-bit program that executes its arguments).
#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>

#include "kutrace/abi.h"

namespace {

constexpr const char* kSelf = "/bin/kinds";
constexpr int kTimes = 20;
FILE* expected = nullptr;

void expect(unsigned event, int times, const char* name) { std::fprintf(expected, "%u %d %s\n", event, times, name); }

void in_child(const std::function<void()>& work) {
  const pid_t child = fork();
  if (child == 0) {
    work();
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
}

// The number of a call in the registers says execve after every exec, of whatever kind.
void execs() {
  int execve_calls = 0;
  for (int i = 0; i < kTimes; ++i) {
    in_child([] {
      char* arguments[] = {const_cast<char*>(kSelf), const_cast<char*>("leaf"), nullptr};
      char* environment[] = {nullptr};
      syscall(SYS_execveat, AT_FDCWD, kSelf, arguments, environment, 0);
    });
  }
  expect(KUTRACE_SYSCALL64 + SYS_execveat, kTimes, "execveat");
#if defined(__x86_64__)
  for (int i = 0; i < kTimes; ++i) {
    in_child([] {
      char* arguments[] = {const_cast<char*>("/bin/exec32"), const_cast<char*>(kSelf), const_cast<char*>("leaf"), nullptr};
      char* environment[] = {nullptr};
      execve(arguments[0], arguments, environment);
    });
  }
  execve_calls += kTimes;
  expect(KUTRACE_SYSCALL32 + 11, kTimes, "32-bit execve, which returns to 64-bit code");
#endif
  // A protocol family that nobody knows: the kernel runs its helper for modules.
  if (FILE* path = std::fopen("/proc/sys/kernel/modprobe", "w")) {
    std::fputs("/bin/kinds", path);
    std::fclose(path);
    for (int i = 0; i < kTimes; ++i) close(socket(40, SOCK_STREAM, 0));
    execve_calls += kTimes;
  }
  // An exec that fails returns, too.
  char* nothing[] = {nullptr};
  for (int i = 0; i < kTimes; ++i) execve("/nothing", nothing, nothing);
  execve_calls += kTimes;
  expect(KUTRACE_SYSCALL64 + SYS_execve, execve_calls, "execve, that of helpers included");
}

// The signal ends the child.
void trap(unsigned event, int times, const char* name, const std::function<void()>& cause) {
  for (int i = 0; i < times; ++i) in_child(cause);
  expect(event, times, name);
}

void traps() {
  constexpr int n = 5;
#if defined(__x86_64__)
  // Not those of the floating point units: QEMU raises none for SIMD, and two for one of the x87.
  trap(KUTRACE_TRAP + 0, n, "divide error", [] { __asm__ volatile("xor %%edx, %%edx; mov $1, %%eax; xor %%ecx, %%ecx; div %%ecx" ::: "eax", "ecx", "edx"); });
  trap(KUTRACE_TRAP + 1, n, "debug", [] { __asm__ volatile("pushfq; orq $0x100, (%rsp); popfq; nop"); });
  trap(KUTRACE_TRAP + 3, n, "breakpoint", [] { __asm__ volatile("int3"); });
  trap(KUTRACE_TRAP + 4, n, "overflow", [] { __asm__ volatile("int $4"); });
  trap(KUTRACE_TRAP + 6, n, "invalid opcode", [] { __asm__ volatile("ud2"); });
  trap(KUTRACE_TRAP + 13, n, "general protection", [] { __asm__ volatile("hlt"); });
#elif defined(__aarch64__)
  // Not undefined instructions: the C library has some emulated at the start of each program. Nor a misaligned stack pointer, which
  // QEMU lets pass.
  trap(KUTRACE_TRAP_CLASS + 0x3c, n, "brk", [] { __asm__ volatile("brk #1"); });
  trap(KUTRACE_TRAP_CLASS + 0x22, n, "PC alignment", [] { __asm__ volatile("adr x0, .; add x0, x0, #2; br x0" ::: "x0"); });
#endif
}

// Payloads shorter than what the filter looks at.
void packets() {
  const int receiver = socket(AF_INET, SOCK_DGRAM, 0), sender = socket(AF_INET, SOCK_DGRAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  if (bind(receiver, reinterpret_cast<sockaddr*>(&address), length) != 0 ||
      getsockname(receiver, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    std::exit(2);
  }
  for (int i = 0; i < kTimes; ++i) {
    char room[8];
    const auto bytes = static_cast<size_t>(i % 5);  // none, too
    sendto(sender, "abcd", bytes, 0, reinterpret_cast<sockaddr*>(&address), length);
    if (recv(receiver, room, sizeof(room), 0) != static_cast<ssize_t>(bytes)) std::exit(2);
  }
  expect(KUTRACE_TX_PKT, kTimes, "packets sent");
  expect(KUTRACE_RX_PKT, kTimes, "packets received");
}

}  // namespace

int main(int argc, char** argv) {
  // `leaf`, or what the kernel tells its helper for modules.
  if (argc != 2 || argv[1][0] != '/') return 0;
  expected = std::fopen(argv[1], "w");
  if (expected == nullptr) return 2;
  execs();
  traps();
  packets();
  std::fclose(expected);
  return 0;
}
