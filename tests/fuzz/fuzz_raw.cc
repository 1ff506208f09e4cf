// SPDX-License-Identifier: BSD-3-Clause
// Raw traces. The first byte tells how the rest is laid out: 0, it is the file; k, every 64 * k bytes begin a block of
// their own (with a byte area where the block's flags ask for one), so that few bytes make many blocks.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <vector>

#include "kutrace/abi.h"
#include "support/robust_run.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  std::span<const uint8_t> rest(data + 1, size - 1);
  std::vector<uint8_t> file(rest.begin(), rest.end());
  if (const size_t step = 64u * (data[0] & 15); step != 0) {
    file.clear();
    for (size_t at = 0; at + 16 <= rest.size() && file.size() < 8 * KUTRACE_BLOCK_BYTES; at += step) {
      const auto piece = rest.subspan(at, std::min(step, rest.size() - at));
      const size_t begin = file.size();
      file.insert(file.end(), piece.begin(), piece.end());
      file.resize(begin + KUTRACE_BLOCK_BYTES + ((piece[15] & 0xa0) != 0 ? KUTRACE_BYTE_AREA_BYTES : 0));
    }
  }
  const kutrace::robust::Outcome run = kutrace::robust::run_chain(file);
  std::string broken = kutrace::robust::broken_promise(run);
  if (broken.empty() && run.refused.empty() && run.kind == kutrace::InputKind::kRawTrace) broken = kutrace::robust::broken_event_text(file);
  if (broken.empty()) return 0;
  std::fprintf(stderr, "%s\n", broken.c_str());
  std::abort();
}
