// SPDX-License-Identifier: BSD-3-Clause
// The module through one descriptor of its device (docs/control.md), opened with the first command. All throw Failure.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/fd.h"
#include "control/control.h"
#include "control/machine.h"
#include "kutrace/memory.h"

namespace kutrace::capture {

class Module {
 public:
  Module(Control& control, const Machine& machine) : control_(control), machine_(machine) {}

  kutrace_status status(const std::string& why);
  bool tracing() { return (status("ask whether something traces").state & KUTRACE_STATE_TRACING) != 0; }
  // False: it cannot count instructions or cache misses, and has changed nothing.
  bool reset(unsigned flags);
  // What start() is to sample.
  void sample(const kutrace_memory& memory);
  void start();
  void stop();
  // Whatever ends this process, what start() starts ends with it.
  void stop_with_us();
  // Words of these entries that were stored, before the start.
  size_t insert_before(std::span<const uint64_t> words);
  bool mark(uint32_t event, uint32_t argument);
  uint64_t lost_on(uint32_t cpu);
  // The trace, which is complete, from its beginning on; read() gives 0 at its end.
  void rewind() { seek(0); }
  // From this byte on; the first read after a RESET is from the beginning.
  void seek(uint64_t byte);
  size_t read(std::span<char> to);
  // A descriptor by which marks can be made and nothing else, for another program. None where there cannot be one.
  Fd for_marks();

 private:
  int device();
  int ask(unsigned long request, uint64_t argument, const std::string& what);

  Control& control_;
  const Machine& machine_;
  Fd device_;
};

}  // namespace kutrace::capture
