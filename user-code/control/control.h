// SPDX-License-Identifier: BSD-3-Clause
// The kernel as the capture code sees it: one device. Tests put a model in its place.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <span>

namespace kutrace::capture {

class Control {
 public:
  virtual ~Control() = default;
  // A descriptor of /dev/kutrace that the caller closes, or a negative errno.
  virtual int open_device() = 0;
  // A command of the device (docs/control.md), KUTRACE_IOC_*: its result, or a negative errno. `argument` is an address
  // or a number.
  virtual int command(int device, unsigned long request, uint64_t argument) = 0;
  // Bytes of the trace, 0 at its end, or a negative errno.
  virtual ssize_t read(int device, std::span<char> to) = 0;
};

class KernelControl final : public Control {
 public:
  int open_device() override;
  int command(int device, unsigned long request, uint64_t argument) override;
  ssize_t read(int device, std::span<char> to) override;
};

}  // namespace kutrace::capture
