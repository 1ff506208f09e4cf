// SPDX-License-Identifier: BSD-3-Clause
// kutrace_control: starts and stops tracing, and saves the trace.
#include "control/command_line.h"

int main(int argc, char** argv) {
  kutrace::capture::KernelControl control;
  return kutrace::capture::run_command_line(argc, argv, control, kutrace::capture::Machine());
}
