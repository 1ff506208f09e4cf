// SPDX-License-Identifier: BSD-3-Clause
// What the programs that read and write span documents share.
#pragma once

#include <string>
#include <vector>

#include "chain.h"
#include "json/span_json_writer.h"
#include "span/span_sorter.h"

namespace kutrace {

// Writes a whole span document from a sorter's records; `inputs` are the files that they came from.
inline void write_document(const std::string& path, const SpanHeader& header, const StringPool& pool, SpanSorter& sorter,
                           const Diagnostics& diagnostics, const std::vector<std::string>& inputs) {
  Output out(path, inputs);
  SpanJsonWriter writer(out, pool, header.time);
  writer.begin(header, diagnostics);
  sorter.drain([&](const Span& span) { writer.record(span); });
  writer.end(header);
  out.close();
}

}  // namespace kutrace
