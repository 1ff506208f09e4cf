// SPDX-License-Identifier: BSD-3-Clause
#include "base/budget.h"

#include <algorithm>

#include "base/diagnostics.h"

namespace kutrace {
namespace {

constexpr LimitInfo kLimits[] = {
#define KUTRACE_LIMIT(id, base, per_byte, words, remedy) {#id, base, per_byte, words, remedy},
#define KUTRACE_SIZE(id, most, words)
#include "base/limits.def"
#undef KUTRACE_LIMIT
#undef KUTRACE_SIZE
};

size_t index(Limit limit) { return static_cast<size_t>(limit); }

}  // namespace

const LimitInfo& limit_info(Limit limit) { return kLimits[index(limit)]; }

void Budget::allow_memory(uint64_t bytes) {
  constexpr uint64_t kRecordBytes = 48;
  given_[index(Limit::memory)] = std::max<uint64_t>(bytes, 1);
  given_[index(Limit::inflated)] = std::max<uint64_t>(bytes, 1);
  given_[index(Limit::records)] = bytes / kRecordBytes + 1;
}

void Budget::allow_output(uint64_t bytes) {
  given_[index(Limit::output)] = std::max<uint64_t>(bytes, 1);
  given_[index(Limit::temporary)] = std::max<uint64_t>(bytes, 1);
}

uint64_t Budget::most(Limit limit) const {
  if (given_[index(limit)] != 0) return given_[index(limit)];
  const LimitInfo& row = limit_info(limit);
  return row.base + row.per_byte * std::min<uint64_t>(seen_.load(std::memory_order_relaxed), 1ULL << 50);
}

bool Budget::take(Limit limit, uint64_t n) {
  const uint64_t before = taken_[index(limit)].fetch_add(n, std::memory_order_relaxed);
  const uint64_t all = most(limit);
  if (before <= all && n <= all - before) return true;
  reached_[index(limit)].store(true, std::memory_order_relaxed);
  // What is inflated and written is cut where it is taken; what was read before is used to its end.
  if (limit != Limit::inflated && limit != Limit::temporary) spent_.store(true, std::memory_order_relaxed);
  return false;
}

void Budget::tell(Diagnostics& diagnostics) {
  for (size_t i = 0; i < kLimits; ++i) {
    if (!reached_[i].load(std::memory_order_relaxed) || std::atomic_ref(told_[i]).exchange(true)) continue;
    const LimitInfo& row = kutrace::kLimits[i];
    diagnostics.add_at(Finding::kLimitReached, [&] {
      return std::to_string(most(static_cast<Limit>(i))) + " " + row.words + "; " + row.remedy;
    });
  }
}

}  // namespace kutrace
