// SPDX-License-Identifier: BSD-3-Clause
// Event text, as `eventtospan` reads it; a line of comment makes sure that it is taken for that.
#include <cstdio>
#include <cstdlib>

#include "support/robust_run.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string text = "#\n";
  text.append(reinterpret_cast<const char*>(data), size);
  const std::string broken = kutrace::robust::broken_promise(kutrace::robust::run_chain(text));
  if (broken.empty()) return 0;
  std::fprintf(stderr, "%s\n", broken.c_str());
  std::abort();
}
