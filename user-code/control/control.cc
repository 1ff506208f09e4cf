// SPDX-License-Identifier: BSD-3-Clause
#include "control/control.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>

#include "kutrace.h"

namespace kutrace::capture {

int KernelControl::open_device() { return kutrace_open_device(); }

int KernelControl::command(int device, unsigned long request, uint64_t argument) {
  const int result = ioctl(device, request, static_cast<uintptr_t>(argument));
  return result >= 0 ? result : -errno;
}

ssize_t KernelControl::read(int device, std::span<char> to) {
  const ssize_t n = ::read(device, to.data(), to.size());
  return n >= 0 ? n : -errno;
}

}  // namespace kutrace::capture
