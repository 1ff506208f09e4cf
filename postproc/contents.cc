// SPDX-License-Identifier: BSD-3-Clause
#include "contents.h"

#include "html/html_packer.h"

namespace kutrace {
namespace {

SpanHeader header_of(const SideDocument& document) {
  SpanHeader header;
  header.comment = document.comment;
  header.title = document.title;
  header.tracebase = document.tracebase;
  header.time.minute_us = parse_minute(header.tracebase);
  header.axis_label_x = document.axis_label_x;
  header.axis_label_y = document.axis_label_y;
  return header;
}

}  // namespace

std::string document_json(const MappedInput& input) {
  const InputKind kind = detect_input(input);
  if (kind == InputKind::kDocument) return std::string(input.text());
  if (kind != InputKind::kPage) return "";
  std::string json = reference_page_json(input.text());
  return detect_document(json) != DocumentKind::kSpans ? json : "";
}

// `json`: document_json() of it.
static std::vector<SideDocument> documents_of(const MappedInput& input, const std::string& json, Diagnostics& diagnostics) {
  std::vector<SideDocument> out;
  if (!json.empty()) {
    out.push_back(read_side_document(json, input.name(), diagnostics));
  } else if (detect_input(input) == InputKind::kPage) {
    Diagnostics known(diagnostics.budget());
    for (PageDocument& d : read_page_documents(input.text(), input.name(), diagnostics)) {
      out.push_back(read_side_document(d.json, input.name(), known));
      out.back().name = d.name;
    }
  }
  return out;
}

std::vector<SideDocument> read_documents(const MappedInput& input, Diagnostics& diagnostics) {
  return documents_of(input, document_json(input), diagnostics);
}

ChainResult read_all(const MappedInput& input, StringPool& pool, SpanSink& sink, std::vector<SideDocument>& documents,
                     Diagnostics& diagnostics, const ChainOptions& options) {
  const std::string json = document_json(input);
  documents = documents_of(input, json, diagnostics);
  if (json.empty()) return read_spans(input, pool, sink, diagnostics, options);
  ChainResult result;
  result.kind = InputKind::kDocument;
  result.header = header_of(documents.front());
  return result;
}

}  // namespace kutrace
