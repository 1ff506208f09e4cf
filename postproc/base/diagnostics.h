// SPDX-License-Identifier: BSD-3-Clause
// Every dropped, repaired or inferred thing is counted here, by kind, with its first few places.
// One table (diagnostics.cc) gives each kind its id, severity and words; the JSON, the HTML,
// `kutrace check` and the messages on stderr all read it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/budget.h"

namespace kutrace {

enum class Finding : uint8_t {
  // Any input.
  kLimitReached,
  kDamagedStream,
  kNoRecords,
  kLongName,
  // Raw file.
  kTruncatedBlock,
  kTrailingBytes,
  kBadBlockHeader,
  kForeignBlock,
  kDuplicateBlock,
  kOverlappingBlock,
  kRepairedBlockHeader,
  kClockMismatch,
  kRepairedTimePairs,
  kStrideMismatch,
  kBadLength,
  kEntryPastEnd,
  kBadTsDelta,
  kOutlierDropped,
  kTimeBackwards,
  kUnknownEvent,
  kBadArgument,
  kEventsLost,
  kLateStore,
  kUnmarkedLateStore,
  kNameInferred,
  kNoClock,
  kClockSet,
  kClockStep,
  kClockDoubtful,
  kClockUnsteady,
  kClockDiffers,
  kLowResolution,
  // Event text and JSON.
  kBadLine,
  kLongLine,
  kBadRecord,
  kMissingTerminator,
  kBadUtf8,
  kBadChunk,
  kRpcBackwards,
  // Span building.
  kMissingReturn,
  kMissingCall,
  kMissingSchedExit,
  kResumedInUser,
  kMissingSwitch,
  kTwoCpus,
  kInferredWakeup,
  kInferredIdleExit,
  kUnknownStart,
  kMissingSched,
  kInferredMessage,
  kOpenWait,
  kUnknownWait,
  kDeepNesting,
  kCount
};

enum class Severity : uint8_t {
  kInfo,    // true of the trace, worth knowing
  kRepair,  // the picture was mended or inferred here
  kDamage,  // input was lost or wrong
};

struct FindingInfo {
  Finding finding;
  Severity severity;
  const char* id;
  const char* text;
  bool told = false;  // its places say what was found, not where in a file: they go with it into documents
};

// The table row of a finding.
const FindingInfo& info(Finding finding);
const char* severity_name(Severity severity);
// The finding with this id, or nullptr.
const FindingInfo* find_finding(std::string_view id);

class Diagnostics {
 public:
  static constexpr size_t kMaxExamples = 8;
  struct Entry {
    uint64_t count = 0;
    std::vector<std::string> examples;  // at most kMaxExamples
  };

  // Counts stop here: the largest whole number that each text form, JavaScript too, gives back as it was.
  static constexpr uint64_t kMaxCount = (uint64_t{1} << 53) - 1;

  Diagnostics() = default;
  // `budget` is what reading may cost; it must outlive this. Without one there is no limit.
  explicit Diagnostics(Budget* budget) : budget_(budget) {}
  Budget* budget() const { return budget_; }
  bool take(Limit limit, uint64_t n = 1) { return budget_ == nullptr || budget_->take(limit, n); }
  bool spent() const { return budget_ != nullptr && budget_->spent(); }
  // Adds a finding for each limit that was reached and not told yet.
  void tell_limits() {
    if (budget_ != nullptr) budget_->tell(*this);
  }

  void add(Finding finding, uint64_t n = 1) { increase(entry(finding).count, n); }
  // `place` is called only while examples are still wanted: it returns where it happened.
  template <typename Place>
  void add_at(Finding finding, Place&& place, uint64_t n = 1) {
    Entry& e = entry(finding);
    increase(e.count, n);
    if (e.examples.size() < kMaxExamples) e.examples.push_back(place());
  }
  void merge(const Diagnostics& other);
  // A place that a document tells of a finding (FindingInfo::told) which it has counted already.
  void told(Finding finding, std::string_view place);
  // A count as a document gives it, as one that can be added; 0 for what is none.
  static uint64_t count_of(double number) {
    return number >= static_cast<double>(kMaxCount) ? kMaxCount : number >= 1 ? static_cast<uint64_t>(number) : 0;
  }

  uint64_t count(Finding finding) const { return entries_[static_cast<size_t>(finding)].count; }
  const Entry& at(Finding finding) const { return entries_[static_cast<size_t>(finding)]; }
  // Sum of the counts of one severity; at most kMaxCount.
  uint64_t total(Severity severity) const;
  // Calls `take(row, count)` for each finding that occurred, in the order of the table.
  template <typename Take>
  void each(Take&& take) const {
    for (size_t i = 0; i < entries_.size(); ++i) {
      if (entries_[i].count != 0) take(info(static_cast<Finding>(i)), entries_[i].count);
    }
  }
  // One line a finding that occurred, for a person: "damage: 3 x TEXT (first: ...)".
  std::string summary(Severity least) const;

 private:
  static void increase(uint64_t& count, uint64_t n) { count = n > kMaxCount - count ? kMaxCount : count + n; }
  Entry& entry(Finding finding) { return entries_[static_cast<size_t>(finding)]; }
  std::array<Entry, static_cast<size_t>(Finding::kCount)> entries_;
  Budget* budget_ = nullptr;
};

}  // namespace kutrace
