// SPDX-License-Identifier: BSD-3-Clause
// kutrace_control with the model of the module behind it, for tests that need it as a process.
#include "control/command_line.h"
#include "support/fake_module.h"

int main(int argc, char** argv) {
  kutrace::test::FakeModule module;
  return kutrace::capture::run_command_line(argc, argv, module, kutrace::capture::Machine());
}
