// SPDX-License-Identifier: BSD-3-Clause
// A small life from exec to exit; and what the same lines cost on a terminal and on nothing.
#include <fcntl.h>
#include <unistd.h>

#include "workload.h"

using namespace kutrace::workload;

KUTRACE_WORKLOAD(hello_world) {
  const Options o(argc, argv, "Prints lines: to standard output in phase hello, or to the console (tty) and to nothing (null).",
                  {{"lines", "1", "lines to print"}, {"to", "hello", "hello, tty, null: in this order"}});
  const long lines = o.number("lines", 1, 1000);
  for (const std::string& to : o.words("to", {"hello", "tty", "null"})) {
    const bool tty = to == "tty", null = to == "null";
    const int fd = tty || null ? open(tty ? "/dev/console" : "/dev/null", O_WRONLY | O_CLOEXEC | O_NOCTTY) : STDOUT_FILENO;
    must(fd, "the console");
    static const char line[] = "hello world\n";
    const Phase phase(tty ? "tty" : null ? "null" : "hello");
    for (long k = 0; k < lines; ++k) must(write(fd, line, sizeof line - 1), "write");
  }
}
