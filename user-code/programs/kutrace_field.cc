// SPDX-License-Identifier: BSD-3-Clause
// kutrace-field: records for weeks, and saves the latest when something happens.
#include "field/command_line.h"

int main(int argc, char** argv) {
  kutrace::capture::KernelControl control;
  return kutrace::field::run_command_line(argc, argv, control, kutrace::capture::Machine());
}
