// SPDX-License-Identifier: BSD-3-Clause
// What a file holds besides or instead of spans: RPC logs and scatter plots, as JSON, in a page of the reference's kind, or
// as tabs of a page of ours. The programs take them through here, so that all know the same.
#pragma once

#include <vector>

#include "chain.h"
#include "html/payload_writer.h"
#include "json/side_document.h"

namespace kutrace {

// The JSON of an input that is one document: the input itself, or what a page of the reference's kind holds. Empty when it
// is none.
std::string document_json(const MappedInput& input);

// The documents of an input; none when it holds spans only. What is wrong with them is counted, but not again for a page
// of ours, whose findings stand in it (read_spans reads those).
std::vector<SideDocument> read_documents(const MappedInput& input, Diagnostics& diagnostics);

// Everything that an input holds, for a page: its records go to `sink`, if it has any, its documents to `documents`. The
// header of a file that is a document is made from that.
ChainResult read_all(const MappedInput& input, StringPool& pool, SpanSink& sink, std::vector<SideDocument>& documents,
                     Diagnostics& diagnostics, const ChainOptions& options = {});

}  // namespace kutrace
