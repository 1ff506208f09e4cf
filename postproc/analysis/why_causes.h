// SPDX-License-Identifier: BSD-3-Clause
// Elapsed time added up by cause, and what differs from others of its kind: RPCs of the same method, pairs of the same mark, of one program.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "analysis/why_path.h"

namespace kutrace {

enum class WhyCause : uint8_t {
#define KUTRACE_WHY_CAUSE(id, words) id,
#include "analysis/why_kinds.def"
};
const WhyWords& why_words(WhyCause cause);

struct WhyCauseKey {
  WhyCause cause;
  std::string object;  // call, lock, program, interrupt
  auto operator<=>(const WhyCauseKey&) const = default;
};

// Mean instructions per cycle of what a thread itself ran: its own code and calls, not what interrupted it. Where the code
// is 0 nothing may have been counted: that is left out.
struct WhyIpc {
  double instructions = 0, cycles = 0;  // in the same unit, any
  void add(const WhyIpc& other) {
    instructions += other.instructions;
    cycles += other.cycles;
  }
  double mean() const { return cycles > 0 ? instructions / cycles : 0; }
};

// What one cause consists of: whose time, spent in what, because of whom.
struct WhyDetail {
  int32_t tid;
  WhyKind kind;
  int32_t actor;
  NameId name;
  auto operator<=>(const WhyDetail&) const = default;
};
struct WhySum {
  int64_t ns = 0;
  std::map<WhyDetail, int64_t> details;
  std::map<int32_t, int64_t> actors;  // of a lock its holders, of a peer its threads: where the path left the thread that was asked for
};
using WhySums = std::map<WhyCauseKey, WhySum>;

// How the thread that was asked for spent its time, in ns, and how all of it is known.
struct WhyTotals {
  int64_t state[4] = {};   // by WhyState; what others did while it waited counts as waiting
  int64_t stolen = 0;      // of running
  int64_t certainty[4] = {};
  WhyIpc ipc;              // of running; nothing where none is recorded
};
WhyTotals why_totals(const WhyRecords& records, const WhyPath& path);

WhyCauseKey why_cause(const WhyRecords& records, const WhyPath& path, const WhyPart& part);
// Each boundary is converted once, so the sums add up to the elapsed time.
WhySums why_sums(const WhyRecords& records, const WhyPath& path);

// How the others of a kind usually are: the mean of those whose elapsed time is about the median, and the most of each cause that all but the
// fastest and slowest tenth have.
class WhyOthers {
 public:
  static constexpr size_t kFewest = WhyNumber::fewest;  // about the median; with fewer of its kind, nothing is compared

  // The windows of the kind of `window`, itself among them.
  WhyOthers(const WhyRecords& records, const Window& window, Diagnostics& diagnostics);
  bool known() const { return lengths_.size() >= kFewest; }
  size_t count() const { return lengths_.size(); }
  const std::string& kind() const { return kind_; }
  // 1: the longest of its kind.
  size_t rank(int64_t ns) const;
  int64_t median() const { return lengths_[(lengths_.size() - 1) / 2]; }
  size_t typical_count() const { return typical_count_; }
  // Sums over all that are typical, of which mean() makes a mean.
  int64_t typical_elapsed() const { return typical_elapsed_; }
  int64_t typical(const WhyCauseKey& key) const;
  const std::map<WhyCauseKey, int64_t>& typical() const { return typical_; }
  const WhyIpc& typical_ipc() const { return typical_ipc_; }
  int64_t mean(int64_t sum) const { return sum / static_cast<int64_t>(std::max<size_t>(typical_count_, 1)); }
  int64_t usual_most(const WhyCauseKey& key) const;

 private:
  std::string kind_;
  std::vector<int64_t> lengths_;  // sorted
  size_t typical_count_ = 0;
  int64_t typical_elapsed_ = 0;
  WhyIpc typical_ipc_;
  std::map<WhyCauseKey, int64_t> typical_, usual_most_;
};

// The cause that is to be named, if one stands out: that with the largest excess over the typical, or the largest of all when there are no
// others to compare with.
std::optional<WhyCauseKey> why_named(const WhySums& sums, int64_t elapsed, const WhyOthers& others);

}  // namespace kutrace
