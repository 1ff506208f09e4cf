// SPDX-License-Identifier: BSD-3-Clause
// A recording as a file in memory, and what is found in it.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "coro/coro_check.h"
#include "rings/collector.h"

namespace kutrace::test {

class MemorySink final : public rings::SectionSink {
 public:
  void section(const kutrace_coro_section& header, std::span<const uint64_t> payload) override {
    append(&header, sizeof(header));
    append(payload.data(), payload.size_bytes());
  }
  std::vector<uint8_t> bytes;

 private:
  void append(const void* from, size_t size) {
    const auto* at = static_cast<const uint8_t*>(from);
    bytes.insert(bytes.end(), at, at + size);
  }
};

inline CoroFile file_of(const MemorySink& sink) {
  Diagnostics diagnostics;
  return read_coro_file(sink.bytes, diagnostics);
}

}  // namespace kutrace::test
