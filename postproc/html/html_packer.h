// SPDX-License-Identifier: BSD-3-Clause
// Puts a trace into a page: our template with a payload, or a template of the reference's kind with JSON text;
// and takes it out again. Nothing from a trace can end the element or string it stands in.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "base/output.h"
#include "base/string_pool.h"
#include "span/span.h"

namespace kutrace {

// Of docs/payload-format.md. Readers take no other.
inline constexpr int kPayloadVersion = 3;

// The viewer's template that is built into the program.
std::string_view builtin_template();

// Whether a template is of the reference's kind (it has its selfcontained1 marker).
bool is_reference_template(std::string_view page);

// Writes our page. Throws Error when `page` lacks the two placeholders.
void pack_page(std::string_view page, const std::string& meta, const std::vector<std::string>& data, Output& out);
// Writes a page of the reference's kind: `library` (its d3) goes in at selfcontained0, the JSON as a quoted
// string at selfcontained1.
void pack_reference_page(std::string_view page, std::string_view library, std::string_view json, Output& out);

// Records and header of a page written by pack_page or by PayloadWriter. Parts that cannot be read are skipped and
// counted. `header` is filled before the first record comes. Throws Error when the page holds no payload at all. Returns whether it
// holds documents and no trace.
bool read_page(std::string_view page, const std::string& name, SpanHeader& header, StringPool& pool, SpanSink& sink,
               Diagnostics& diagnostics);
struct PageDocument {
  std::string name;  // of the file that it came from
  std::string json;
};
// The documents beside the trace of a page written by pack_page. Parts that cannot be read are counted.
std::vector<PageDocument> read_page_documents(std::string_view page, const std::string& name, Diagnostics& diagnostics);
// The JSON text inside a page of the reference's kind; empty when there is none.
std::string reference_page_json(std::string_view page);
bool is_page(std::string_view text);

}  // namespace kutrace
