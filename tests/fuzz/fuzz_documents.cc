// SPDX-License-Identifier: BSD-3-Clause
// Documents in pages: the input's pieces between NULs are the parts of one document, compressed into a page here; what comes out of the page is
// JSON, and whatever was lost is counted. A first byte of 1: the rest is a template for a page, ours or the reference's.
#include <simdjson.h>

#include <cstdio>
#include <cstdlib>

#include "base/error.h"
#include "html/compress.h"
#include "html/html_packer.h"
#include "support/robust_run.h"

namespace {

using namespace kutrace;

void stop(const std::string& cause) {
  std::fprintf(stderr, "%s\n", cause.c_str());
  std::abort();
}

void documents(std::string_view text) {
  std::vector<std::string> data;
  std::string meta = "{\"format\":\"kutrace-payload\",\"version\":" + std::to_string(kPayloadVersion) + ",\"nsPerTick\":10,\"chunks\":[";
  size_t offset = 0;
  for (size_t at = 0; at <= text.size();) {
    const size_t end = std::min(text.find('\0', at), text.size());
    const std::string_view part = text.substr(at, end - at);
    data.push_back(compress(part, 1));
    meta += std::string(offset == 0 ? "" : ",") + "{\"kind\":\"document\",\"document\":0,\"count\":1,\"offset\":" + std::to_string(offset) +
            ",\"size\":" + std::to_string(data.back().size()) + ",\"raw\":" + std::to_string(part.size()) + "}";
    offset += data.back().size();
    at = end + 1;
  }
  std::string page;
  Output out(&page);
  pack_page(robust::kTinyTemplate, meta + "]}", data, out);
  out.flush();
  Budget budget;
  Diagnostics found(&budget);
  for (const PageDocument& document : read_page_documents(page, "page", found)) {
    simdjson::dom::parser parser;
    if (parser.parse(document.json).error() != simdjson::SUCCESS && found.count(Finding::kBadChunk) == 0) stop("a document is no JSON: " + document.json);
  }
}

void packed(std::string_view page) {
  std::string text;
  Output out(&text);
  try {
    if (is_reference_template(page)) {
      pack_reference_page(page, "library", "{\"events\":['<\\]}", out);
      out.flush();
      if (reference_page_json(text).empty() && !reference_page_json(page).empty()) stop("what was packed is not found again");
    } else {
      pack_page(page, "{}", {"data"}, out);
    }
  } catch (const Error&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (size > 0 && data[0] == 1) {
    packed(text.substr(1));
  } else {
    documents(text);
  }
  return 0;
}
