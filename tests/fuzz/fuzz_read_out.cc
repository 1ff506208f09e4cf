// SPDX-License-Identifier: BSD-3-Clause
// What kutrace_control reads from the module, whatever that gives: the same blocks whatever the pieces are that it comes in, no byte more than
// came, and a trace that ends in a block is refused.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include "control/failure.h"
#include "control/read_out.h"
#include "support/raw_layout.h"

namespace {

using namespace kutrace;
using namespace kutrace::capture;

// Nothing: refused.
std::optional<TraceSummary> written(std::span<const char> bytes, size_t piece) {
  TraceFile nowhere("/dev/null", true);
  FileSink sink(nowhere);
  BlockWriter writer(sink);
  for (size_t at = 0; at < bytes.size(); at += piece) writer.take(bytes.subspan(at, std::min(piece, bytes.size() - at)));
  try {
    return writer.finish();
  } catch (const Failure&) {
    return std::nullopt;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::vector<uint8_t> file = robust::laid_out(data, size);
  const std::span<const char> bytes(reinterpret_cast<const char*>(file.data()), file.size());
  const auto whole = written(bytes, std::max<size_t>(bytes.size(), 1)), pieces = written(bytes, 1 + data[0] * 97u);
  const bool same = whole.has_value() == pieces.has_value() &&
                    (!whole || (whole->blocks == pieces->blocks && whole->bytes == pieces->bytes && whole->first_us == pieces->first_us));
  if (same && (!whole || whole->bytes == bytes.size())) return 0;
  std::fprintf(stderr, "%zu bytes: %s\n", bytes.size(), same ? "not all of them are written" : "pieces make another trace");
  std::abort();
}
