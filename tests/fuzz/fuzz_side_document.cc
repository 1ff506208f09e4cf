// SPDX-License-Identifier: BSD-3-Clause
// RPC logs and scatter plots: what is read must be sound when read again.
#include <cstdio>
#include <cstdlib>

#include "base/error.h"
#include "json/side_document.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace kutrace;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  detect_document(text);
  std::vector<std::string> parts;
  uint64_t records = 0;
  try {
    Diagnostics diagnostics;
    for (SideDocument::Part& part : read_side_document(text, "input", diagnostics).parts) {
      records += part.records;
      parts.push_back(std::move(part.json));
    }
  } catch (const Error&) {
    return 0;
  }
  Diagnostics joined, again;
  uint64_t back = 0;
  for (const SideDocument::Part& part : read_side_document(join_parts(parts, "input", joined), "input", again).parts) back += part.records;
  if (back == records && joined.total(Severity::kDamage) == 0 && again.count(Finding::kBadRecord) == 0) return 0;
  std::fprintf(stderr, "%llu records became %llu\n%s%s", static_cast<unsigned long long>(records), static_cast<unsigned long long>(back),
               joined.summary(Severity::kDamage).c_str(), again.summary(Severity::kDamage).c_str());
  std::abort();
}
