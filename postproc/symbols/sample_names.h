// SPDX-License-Identifier: BSD-3-Clause
// Gives PC samples the names of functions.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "span/span.h"

namespace kutrace {

// The address in the name of a sample that has no function yet: "PC=ffffffff813556a3"; none when it has one, or is no sample.
std::optional<uint64_t> sample_address(std::string_view name);

class SampleNames : public SpanSink {
 public:
  // What is at an address, in a thread's process or in the kernel; "": not known.
  using Lookup = std::function<std::string(int32_t thread, uint64_t address)>;
  // Samples of the kernel or of user code only; the others, and all other records, go on as they are.
  SampleNames(SpanSink& next, StringPool& pool, bool kernel, Lookup lookup)
      : next_(next), pool_(pool), event_(kernel ? KUTRACE_PC_K : KUTRACE_PC_U), lookup_(std::move(lookup)) {}
  void header(const SpanHeader& header) override { next_.header(header); }
  void switched(int32_t cpu, Ticks t, int32_t pid) override { next_.switched(cpu, t, pid); }
  void spans(const std::vector<Span>& batch) override;
  uint64_t named() const { return named_; }
  uint64_t left() const { return left_; }

 private:
  SpanSink& next_;
  StringPool& pool_;
  int32_t event_;
  Lookup lookup_;
  std::vector<Span> out_;
  uint64_t named_ = 0, left_ = 0;
};

}  // namespace kutrace
