// SPDX-License-Identifier: BSD-3-Clause
// What a line of a log costs, by the way in which it is written.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "workload.h"

using namespace kutrace::workload;

namespace {

// Lines into `out`, with some work before each.
void lines(std::FILE* out, const char* name, long n, bool flush, bool sync) {
  const Phase phase(name);
  for (long k = 0; k < n; ++k) {
    work_us(20);
    std::fprintf(out, "%08ld something happened, and it is worth a line of about seventy characters\n", k);
    if (flush) std::fflush(out);
    if (sync) must(fdatasync(fileno(out)), "fdatasync");
  }
  std::fflush(out);
}

}  // namespace

KUTRACE_WORKLOAD(log_lines) {
  const Options o(argc, argv, "Writes n lines into a file without a name: each at once (line), through a buffer (buf), each down to the disk (sync); or none.",
                  {{"how", "line,buf", "none, line, buf, sync: in this order"}, {"n", "500", "lines"}, {"folder", "/tmp", "where the file is"}});
  const long n = o.number("n", 1, 100000);
  for (const std::string& how : o.words("how", {"none", "line", "buf", "sync"})) {
    if (how == "none") {
      const Phase phase("none");
      for (long k = 0; k < n; ++k) work_us(20);
      continue;
    }
    std::string path = o.text("folder") + "/log_lines-XXXXXX";
    const int fd = static_cast<int>(must(mkstemp(path.data()), path.c_str()));
    must(unlink(path.c_str()), path.c_str());
    std::FILE* out = fdopen(fd, "w");
    if (out == nullptr) fail("fdopen");
    std::setvbuf(out, nullptr, _IOFBF, 4096);
    lines(out, how == "line" ? "line" : how == "buf" ? "buf" : "sync", n, how != "buf", how == "sync");
    std::fclose(out);
  }
}
