// SPDX-License-Identifier: BSD-3-Clause
// What /proc says, as the names of a trace: whatever it holds, names are few, and fit into the entries that carry them.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "control/machine.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace kutrace::capture;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto interrupts = parse_interrupts(text);
  size_t bytes = parse_cpuinfo(text).size();
  for (const Numbered& name : interrupts) bytes += name.second.size();
  // Two files in one input, at its first zero.
  const size_t end = std::min(text.find('\0'), size);
  const KernelIds ids = parse_kernel_ids(text.substr(0, end), end < size ? text.substr(end + 1) : std::string_view());
  if (ids.own && !ids.in_proc) std::abort();
  // A processor without a model name is called by its numbers, with a few words of ours.
  constexpr size_t kOwnWords = 32;
  if (bytes <= 2 * size + kOwnWords && interrupts.size() <= size) return 0;
  std::fprintf(stderr, "%zu names of %zu bytes from %zu\n", interrupts.size(), bytes, size);
  std::abort();
}
