// SPDX-License-Identifier: BSD-3-Clause
// `kutrace dump` of raw traces: it ends, or refuses with a cause, and prints printable text only.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/budget.h"
#include "base/diagnostics.h"
#include "base/error.h"
#include "base/fd.h"
#include "support/raw_layout.h"
#include "tools/commands.h"

namespace {

using namespace kutrace;

// What it printed, which goes to descriptor 1.
std::string printed(const std::string& path) {
  const Fd text(::memfd_create("text", 0)), before(::dup(1)), nothing(::open("/dev/null", O_WRONLY)), messages(::dup(2));
  ::dup2(text.get(), 1);
  ::dup2(nothing.get(), 2);
  Budget budget;
  budget.allow_output(8 << 20);
  Diagnostics diagnostics(&budget);
  try {
    dump({path, -1, -1, true}, diagnostics);
  } catch (const Error&) {
  }
  ::dup2(before.get(), 1);
  ::dup2(messages.get(), 2);
  std::string out(static_cast<size_t>(::lseek(text.get(), 0, SEEK_END)), '\0');
  if (::pread(text.get(), out.data(), out.size(), 0) != static_cast<ssize_t>(out.size())) std::abort();
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::vector<uint8_t> bytes = robust::laid_out(data, size);
  const Fd file(::memfd_create("trace", 0));
  if (::write(file.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) return 0;
  for (const char c : printed("/proc/self/fd/" + std::to_string(file.get()))) {
    if (c == '\n' || static_cast<unsigned char>(c) >= 0x20) continue;
    std::fprintf(stderr, "dump prints a control character: %02x\n", static_cast<unsigned char>(c));
    std::abort();
  }
  return 0;
}
