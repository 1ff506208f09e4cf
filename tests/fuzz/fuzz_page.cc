// SPDX-License-Identifier: BSD-3-Clause
// Pages. First byte 0: the rest is the page's text. Else the rest is the raw columns of chunks, which are compressed
// here, since no mutation finds a valid checksum: see made_page().
#include <cstdio>
#include <cstdlib>

#include "support/robust_run.h"
#include "support/made_page.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::string page = data[0] == 0 ? "<" + std::string(rest) : kutrace::robust::made_page(rest);
  const std::string broken = kutrace::robust::broken_promise(kutrace::robust::run_chain(page));
  if (broken.empty()) return 0;
  std::fprintf(stderr, "%s\n", broken.c_str());
  std::abort();
}
