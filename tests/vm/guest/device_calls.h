// SPDX-License-Identifier: BSD-3-Clause
// The device as the guests' tests use it: its commands, their results as numbers, and processes of other people.
#pragma once

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <vector>

#include "kutrace.h"

inline constexpr gid_t kMarkers = 4242;
inline constexpr unsigned kAllRights = KUTRACE_RIGHT_CONTROL | KUTRACE_RIGHT_MARK | KUTRACE_RIGHT_ADDRESSES;

inline void check(const char* name, bool good) {
  std::printf("%s %s\n", good ? "ok" : "FAILED", name);
  std::fflush(stdout);
}

inline int open_device(int flags = O_RDONLY) { return open(KUTRACE_DEVICE, flags | O_CLOEXEC); }

// The command's result, or -errno.
template <typename T>
int ask(int fd, unsigned long request, T argument) {
  const int result = ioctl(fd, request, argument);
  return result < 0 ? -errno : result;
}
inline int ask(int fd, unsigned long request) { return ask(fd, request, 0ul); }

inline kutrace_status status(int fd) {
  kutrace_status s{};
  if (ask(fd, KUTRACE_IOC_STATUS, &s) != 0) s.size = 0;
  return s;
}
inline bool tracing(int fd) { return (status(fd).state & KUTRACE_STATE_TRACING) != 0; }
inline int reset(int fd, unsigned flags, unsigned reserved = 0) {
  kutrace_reset r{flags, reserved};
  return ask(fd, KUTRACE_IOC_RESET, &r);
}
inline int restrict_to(int fd, unsigned rights, unsigned rate = 0) {
  kutrace_restrict r{rights, rate};
  return ask(fd, KUTRACE_IOC_RESTRICT, &r);
}
inline int mark(int fd, uint32_t value) { return ask(fd, KUTRACE_IOC_MARK(KUTRACE_MARKD), static_cast<unsigned long>(value)); }
inline int insert(int fd, const std::vector<uint64_t>& words, unsigned flags = 0) {
  kutrace_insert in{reinterpret_cast<uintptr_t>(words.data()), static_cast<unsigned>(words.size()), flags};
  return ask(fd, KUTRACE_IOC_INSERT, &in);
}
inline uint64_t name_word(uint64_t kind, uint64_t words) { return (kind | words << 4) << KUTRACE_EVENT_SHIFT | 5; }

// In a process of its own.
inline void apart(const char* name, const std::function<void()>& what) {
  std::fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    what();
    std::fflush(stdout);
    _exit(0);
  }
  int result = 1;
  waitpid(child, &result, 0);
  if (result != 0) check(name, false);
}

inline void become_nobody() {
  if (setgroups(0, nullptr) != 0 || setgid(65534) != 0 || setuid(65534) != 0) _exit(1);
}

// Nobody with this one capability.
inline void become_capable(unsigned capability) {
  if (prctl(PR_SET_KEEPCAPS, 1) != 0) _exit(1);
  become_nobody();
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2]{};
  data[capability / 32].effective = data[capability / 32].permitted = 1u << capability % 32;
  if (syscall(SYS_capset, &header, data) != 0) _exit(1);
}
