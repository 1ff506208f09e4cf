// SPDX-License-Identifier: BSD-3-Clause
// A program as others write them, linked with libkutrace: makes each kind of mark and says whether it sees tracing. With an argument
// it makes the control system call first.
#include <cerrno>
#include <cstdio>

#include "kutrace.hpp"

int main(int argc, char**) {
  if (argc > 1) kutrace_control(KUTRACE_CMD_TEST, 0);
  errno = 77;
  kutrace_mark_a("begin");
  kutrace_mark_d(7);
  kutrace_name_lock(1, "a lock");
  kutrace_rpc_request(1, 100);
  if (errno != 77) return 3;
  std::puts(kutrace_test() ? "on" : "off");
  return 0;
}
