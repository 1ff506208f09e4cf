// SPDX-License-Identifier: BSD-3-Clause
// Raw traces, as laid_out() makes them, through the whole chain.
#include <cstdio>
#include <cstdlib>

#include "support/raw_layout.h"
#include "support/robust_run.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::vector<uint8_t> file = kutrace::robust::laid_out(data, size);
  const kutrace::robust::Outcome run = kutrace::robust::run_chain(file);
  std::string broken = kutrace::robust::broken_promise(run);
  if (broken.empty() && run.refused.empty() && run.kind == kutrace::InputKind::kRawTrace) broken = kutrace::robust::broken_event_text(file);
  if (broken.empty()) return 0;
  std::fprintf(stderr, "%s\n", broken.c_str());
  std::abort();
}
