// SPDX-License-Identifier: BSD-3-Clause
// What reading one input may cost (limits.def): one object, handed down to every reader with the findings (Diagnostics::budget).
// Readers take before they allocate; once something is used up, all stop at their next batch, and what was read so far stands.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

namespace kutrace {

class Diagnostics;

enum class Limit {
#define KUTRACE_LIMIT(id, base, per_byte, words, remedy) id,
#define KUTRACE_SIZE(id, most, words)
#include "base/limits.def"
#undef KUTRACE_LIMIT
#undef KUTRACE_SIZE
  kCount
};

namespace size_limit {
#define KUTRACE_LIMIT(id, base, per_byte, words, remedy)
#define KUTRACE_SIZE(id, most, words) constexpr uint64_t id = most;
#include "base/limits.def"
#undef KUTRACE_LIMIT
#undef KUTRACE_SIZE
}  // namespace size_limit

struct LimitInfo {
  const char* id;
  uint64_t base, per_byte;
  const char* words;
  const char* remedy;
};
const LimitInfo& limit_info(Limit limit);

class Budget {
 public:
  Budget() = default;
  Budget(const Budget&) = delete;
  Budget& operator=(const Budget&) = delete;

  // --max-memory and --max-output: in place of what the table says. Inflated data and records go with the memory.
  void allow_memory(uint64_t bytes);
  void allow_output(uint64_t bytes);
  // The input turned out to have so many more bytes.
  void saw(uint64_t bytes) { seen_.fetch_add(bytes, std::memory_order_relaxed); }

  // Takes `n` of it; false when there is not that much, and from then on spent() is true. Safe from several threads.
  bool take(Limit limit, uint64_t n = 1);
  bool spent() const { return spent_.load(std::memory_order_relaxed); }
  uint64_t most(Limit limit) const;
  // Adds a finding for each limit that was reached and not told yet.
  void tell(Diagnostics& diagnostics);

 private:
  static constexpr size_t kLimits = static_cast<size_t>(Limit::kCount);
  std::array<std::atomic<uint64_t>, kLimits> taken_{};
  std::array<std::atomic<bool>, kLimits> reached_{};
  std::array<bool, kLimits> told_{};
  std::array<uint64_t, kLimits> given_{};  // 0: as the table says
  std::atomic<uint64_t> seen_{0};
  std::atomic<bool> spent_{false};
};

}  // namespace kutrace
