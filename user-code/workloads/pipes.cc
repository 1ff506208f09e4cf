// SPDX-License-Identifier: BSD-3-Clause
// A sender and a receiver with a pipe between them: what does a program do that waits for another?
#include <fcntl.h>
#include <unistd.h>

#include "workload.h"

using namespace kutrace::workload;

KUTRACE_WORKLOAD(pipes) {
  const Options o(argc, argv, "One thread writes messages into a pipe (phase send), another reads them (recv).",
                  {{"size", "64", "bytes of a message"}, {"n", "40", "messages"}, {"gap", "2000", "us between messages"}, {"nonblock", "0", "1: the reader asks again instead of waiting"}});
  const long size = o.number("size", 1, 4096), n = o.number("n", 1, 10000), gap = o.number("gap", 0, 100000);
  const bool nonblock = o.number("nonblock", 0, 1) == 1;
  int ends[2];
  must(pipe2(ends, nonblock ? O_NONBLOCK : 0), "pipe");
  run_threads(2, [&](int k) {
    char message[4096] = {};
    if (k == 0) {
      const Phase phase("send");
      for (long i = 0; i < n; ++i) {
        sleep_us(gap);
        must(write(ends[1], message, static_cast<size_t>(size)), "write");
      }
    } else {
      const Phase phase("recv");
      for (long got = 0; got < n * size;) {
        const ssize_t bytes = read(ends[0], message, static_cast<size_t>(size));
        if (bytes > 0) got += bytes;
        else if (nonblock) sleep_us(20);
        else must(-1, "read");
      }
    }
  });
}
