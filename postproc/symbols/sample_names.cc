// SPDX-License-Identifier: BSD-3-Clause
#include "symbols/sample_names.h"

#include <charconv>

#include "symbols/symbol_table.h"

namespace kutrace {
namespace {

constexpr std::string_view kPrefix = "PC=";

}  // namespace

std::optional<uint64_t> sample_address(std::string_view name) {
  if (!name.starts_with(kPrefix)) return std::nullopt;
  name.remove_prefix(kPrefix.size());
  if (name.find_first_not_of("0123456789abcdef") != std::string_view::npos) return std::nullopt;
  uint64_t address = 0;
  const auto [stop, error] = std::from_chars(name.data(), name.data() + name.size(), address, 16);
  if (error != std::errc{} || stop != name.data() + name.size()) return std::nullopt;
  return address;
}

void SampleNames::spans(const std::vector<Span>& batch) {
  out_ = batch;
  for (Span& s : out_) {
    if (s.event != event_) continue;
    const auto address = sample_address(pool_[s.name]);
    if (!address) continue;
    const std::string name = lookup_(s.pid, *address);
    ++(name.empty() ? left_ : named_);
    if (name.empty()) continue;
    s.name = pool_.intern(std::string(kPrefix) + name);
    s.arg = symbol_hash(name);
  }
  next_.spans(out_);
}

}  // namespace kutrace
