// SPDX-License-Identifier: BSD-3-Clause
// The kernel as the capture code sees it: one system call, one device, one counter. Tests put a model in its place.
#pragma once

#include <cstdint>

namespace kutrace::capture {

// The trace counter and the wall clock, read together.
struct TimePair {
  uint64_t counter = 0;
  uint64_t us = 0;  // since 1970 UTC
};

class Control {
 public:
  virtual ~Control() = default;
  // The control system call (abi.h): its result, all ones, or a negative errno.
  virtual uint64_t call(uint64_t command, uint64_t argument) = 0;
  // A descriptor of /dev/kutrace that the caller closes, or a negative errno.
  virtual int open_device() = 0;
  // A command of the device (docs/control.md), KUTRACE_IOC_*: its result, or a negative errno. `argument` is an address
  // or a number.
  virtual int command(int device, unsigned long request, uint64_t argument) = 0;
  virtual TimePair time_pair() = 0;
};

class KernelControl final : public Control {
 public:
  uint64_t call(uint64_t command, uint64_t argument) override;
  int open_device() override;
  int command(int device, unsigned long request, uint64_t argument) override;
  TimePair time_pair() override;
};

// The counter that traces count with on this machine: TSC/64, cntvct_el0.
uint64_t trace_counter();

// Wall clock between two readings of the counter. Of at most `tries` readings the closest one: on a loaded virtual
// machine there may be no close one. `counter` is a parameter for the tests.
TimePair read_time_pair(uint64_t (*counter)(), int tries = 1000);

}  // namespace kutrace::capture
