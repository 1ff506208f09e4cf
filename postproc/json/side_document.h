// SPDX-License-Identifier: BSD-3-Clause
// Documents that stand beside a trace: RPC logs (records of 15 fields, as dumplogfile4 writes them) and scatter plots (points of
// two or three numbers, as mystery3 and tcpalign write them). They go into a page as JSON (docs/payload-format.md), checked.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"

namespace kutrace {

enum class DocumentKind { kSpans, kRpcLog, kPlot };
// What a JSON text is, from its header and first record. Anything unknown is taken for spans, whose reader says what is wrong.
DocumentKind detect_document(std::string_view text);

struct SideDocument {
  static constexpr size_t kPartRecords = 65536;
  struct Part {
    std::string json;  // a whole document with the header and up to kPartRecords records
    uint64_t records = 0;
  };
  std::string name;  // of its file, without folders
  DocumentKind kind = DocumentKind::kPlot;
  std::string title, tracebase, comment;
  std::string axis_label_x = "Time (sec)", axis_label_y;  // of an RPC log without them: one row each RPC
  std::vector<Part> parts;  // at least one

  uint64_t records() const {
    uint64_t n = 0;
    for (const Part& part : parts) n += part.records;
    return n;
  }
};

// "RPC log", "scatter plot".
const char* document_kind_name(DocumentKind kind);

// Reads and checks a document. Records that cannot be read are left out and counted, with their offset; so are RPCs whose times
// run backward, which stay. Throws Error when it is neither an RPC log nor a plot.
SideDocument read_side_document(std::string_view text, const std::string& name, Diagnostics& diagnostics);

// The text of a document from its parts, as they stand in a page. Parts that are no documents are left out and counted.
std::string join_parts(const std::vector<std::string>& parts, const std::string& name, Diagnostics& diagnostics);

}  // namespace kutrace
