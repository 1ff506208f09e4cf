// SPDX-License-Identifier: BSD-3-Clause
// What the programs that read and write span documents share.
#pragma once

#include <string>
#include <vector>

#include "chain.h"
#include "json/span_json_writer.h"
#include "span/span_sorter.h"

namespace kutrace {

// Writes a whole span document from a sorter's records, or as much as the budget of `diagnostics` allows; `inputs` are the files that they came from.
inline void write_document(const std::string& path, const SpanHeader& header, const StringPool& pool, SpanSorter& sorter,
                           Diagnostics& diagnostics, const std::vector<std::string>& inputs) {
  Output out(path, inputs);
  SpanJsonWriter writer(out, pool, header.time);
  writer.begin(header, diagnostics);
  const uint64_t most = diagnostics.budget() != nullptr ? diagnostics.budget()->most(Limit::output) : UINT64_MAX;
  bool cut = false;
  sorter.drain([&](const Span& span) {
    writer.record(span);
    cut = writer.bytes() >= most;
    return !cut;
  });
  if (cut) diagnostics.take(Limit::output, UINT64_MAX);
  writer.end(header, cut);
  out.close();
}

}  // namespace kutrace
