// SPDX-License-Identifier: BSD-3-Clause
#include "base/diagnostics.h"

#include "base/terminal.h"

namespace kutrace {
namespace {

using F = Finding;
using S = Severity;

constexpr FindingInfo kTable[] = {
    {F::kLimitReached, S::kDamage, "limit_reached", "limits of what reading may cost, reached: the rest was not read or written", true},
    {F::kDamagedStream, S::kDamage, "damaged_stream", "compressed input that is corrupt, ends early or is followed by other bytes; what came before was used"},
    {F::kNoRecords, S::kDamage, "no_records", "inputs that hold no record at all"},
    {F::kLongName, S::kDamage, "long_name", "names longer than 1024 bytes, cut"},
    {F::kTruncatedBlock, S::kDamage, "truncated_block", "the last block is cut short; what is there was used"},
    {F::kTrailingBytes, S::kDamage, "trailing_bytes", "bytes at the end that are too few for a block header"},
    {F::kBadBlockHeader, S::kDamage, "bad_block_header", "blocks dropped because their header makes no sense"},
    {F::kForeignBlock, S::kDamage, "foreign_block", "blocks dropped because they belong to another trace"},
    {F::kDuplicateBlock, S::kDamage, "duplicate_block", "blocks dropped because they repeat an earlier block"},
    {F::kOverlappingBlock, S::kDamage, "overlapping_block", "blocks that begin before the CPU's previous block ends"},
    {F::kRepairedBlockHeader, S::kRepair, "repaired_block_header", "block times rebuilt from the other clock in the header"},
    {F::kClockMismatch, S::kInfo, "clock_mismatch", "block headers whose wall clock disagrees with the counter, which was used"},
    {F::kRepairedTimePairs, S::kRepair, "repaired_time_pairs", "start/stop time pairs rebuilt; times are less exact"},
    {F::kStrideMismatch, S::kRepair, "stride_mismatch", "blocks whose IPC/LLC flag contradicts the file's layout"},
    {F::kBadLength, S::kDamage, "bad_length", "entries with an impossible length, skipped"},
    {F::kEntryPastEnd, S::kDamage, "entry_past_end", "entries that cross the end of their block, dropped"},
    {F::kBadTsDelta, S::kDamage, "bad_tsdelta", "time-step entries that contradict their neighbours, ignored"},
    {F::kOutlierDropped, S::kDamage, "outlier_dropped", "entries dropped because their time is impossible"},
    {F::kTimeBackwards, S::kDamage, "time_backwards", "events dropped because time went backwards"},
    {F::kUnknownEvent, S::kDamage, "unknown_event", "entries with an event number that has no meaning"},
    {F::kBadArgument, S::kDamage, "bad_argument", "events with an argument out of range, clamped or ignored"},
    {F::kEventsLost, S::kDamage, "events_lost", "events that could not be stored while tracing"},
    {F::kLateStore, S::kInfo, "late_store", "events stored after later ones, put back in order"},
    {F::kUnmarkedLateStore, S::kRepair, "unmarked_late_store", "events far out of order without a time-step entry, put where they fit"},
    {F::kNameInferred, S::kRepair, "name_inferred", "threads shown under a name that was recorded only later"},
    {F::kNoClock, S::kInfo, "no_wall_clock", "blocks without a wall clock"},
    {F::kClockSet, S::kInfo, "clock_set", "times the wall clock was set while recording; times here are by a clock that cannot be set", true},
    {F::kClockStep, S::kDamage, "clock_step", "steps of the wall clock from one block header to the next: it was set while recording; lengths are by the rate on which the headers agree", true},
    {F::kClockDoubtful, S::kDamage, "clock_doubtful", "the block headers contradict the start and stop times, and agree on no other clock rate: lengths may be wrong"},
    {F::kClockUnsteady, S::kInfo, "clock_unsteady", "the machine did not promise that its counter keeps its rate and runs in idle states"},
    {F::kClockDiffers, S::kDamage, "clock_differs", "counters of CPUs were seen to differ: times of different CPUs cannot be compared to the ns"},
    {F::kLowResolution, S::kInfo, "low_resolution", "the time counter runs below 10 MHz"},
    {F::kBadLine, S::kDamage, "bad_line", "lines that cannot be read, skipped"},
    {F::kLongLine, S::kDamage, "long_line", "lines too long to be read, skipped"},
    {F::kBadRecord, S::kDamage, "bad_record", "records that cannot be read, skipped"},
    {F::kMissingTerminator, S::kDamage, "missing_terminator", "the document ends without its last record"},
    {F::kBadUtf8, S::kRepair, "bad_utf8", "names with bytes that are not UTF-8 or not printable, replaced"},
    {F::kBadChunk, S::kDamage, "bad_chunk", "compressed parts of the page that cannot be read"},
    {F::kRpcBackwards, S::kDamage, "rpc_backwards", "RPCs of a log whose times run backward, shown grey"},
    {F::kMissingReturn, S::kRepair, "missing_return", "calls closed without a recorded return"},
    {F::kMissingCall, S::kRepair, "missing_call", "returns without a recorded call"},
    {F::kMissingSchedExit, S::kRepair, "missing_sched_exit", "first runs of new threads, begun without a scheduler exit"},
    {F::kResumedInUser, S::kRepair, "resumed_in_user", "threads that left a system call without a recorded return"},
    {F::kMissingSwitch, S::kRepair, "missing_switch", "context switches not recorded, taken from the next block header"},
    {F::kTwoCpus, S::kDamage, "two_cpus", "threads that seem to run on two CPUs at once"},
    {F::kInferredWakeup, S::kRepair, "inferred_wakeup", "wakeups of new threads inferred from fork or clone"},
    {F::kInferredIdleExit, S::kRepair, "inferred_idle_exit", "idle exits whose length is taken from a table, not recorded"},
    {F::kUnknownStart, S::kRepair, "unknown_start", "first spans of CPUs: what the CPU was in when its record began is not known"},
    {F::kMissingSched, S::kRepair, "missing_sched", "context switches recorded without the scheduler around them"},
    {F::kInferredMessage, S::kRepair, "inferred_message", "RPC messages whose time on the wire is computed from their length"},
    {F::kOpenWait, S::kRepair, "open_wait", "waits that had not ended when the trace did"},
    {F::kUnknownWait, S::kInfo, "unknown_wait", "waits whose reason is not known"},
    {F::kDeepNesting, S::kDamage, "deep_nesting", "calls nested too deep, ignored"},
};

static_assert(sizeof(kTable) / sizeof(kTable[0]) == static_cast<size_t>(Finding::kCount));

constexpr bool table_in_order() {
  for (size_t i = 0; i < static_cast<size_t>(Finding::kCount); ++i) {
    if (static_cast<size_t>(kTable[i].finding) != i) return false;
  }
  return true;
}
static_assert(table_in_order());

}  // namespace

const FindingInfo& info(Finding finding) { return kTable[static_cast<size_t>(finding)]; }

const char* severity_name(Severity severity) {
  switch (severity) {
    case Severity::kInfo:
      return "info";
    case Severity::kRepair:
      return "repair";
    case Severity::kDamage:
      return "damage";
  }
  return "";
}

const FindingInfo* find_finding(std::string_view id) {
  for (const FindingInfo& row : kTable) {
    if (id == row.id) return &row;
  }
  return nullptr;
}

void Diagnostics::merge(const Diagnostics& other) {
  for (size_t i = 0; i < entries_.size(); ++i) {
    increase(entries_[i].count, other.entries_[i].count);
    for (const std::string& example : other.entries_[i].examples) {
      if (entries_[i].examples.size() >= kMaxExamples) break;
      entries_[i].examples.push_back(example);
    }
  }
}

void Diagnostics::told(Finding finding, std::string_view place) {
  constexpr size_t kLongest = 200;
  Entry& e = entry(finding);
  if (info(finding).told && e.examples.size() < kMaxExamples) e.examples.emplace_back(place.substr(0, kLongest));
}

uint64_t Diagnostics::total(Severity severity) const {
  uint64_t sum = 0;
  each([&](const FindingInfo& row, uint64_t n) {
    if (row.severity == severity) increase(sum, n);
  });
  return sum;
}

std::string Diagnostics::summary(Severity least) const {
  std::string out;
  each([&](const FindingInfo& row, uint64_t n) {
    if (row.severity < least) return;
    const Entry& e = at(row.finding);
    out += std::string(severity_name(row.severity)) + ": " + std::to_string(n) + " x " + row.text;
    if (!e.examples.empty()) out += " (first: " + terminal_text(e.examples.front()) + ")";
    out += '\n';
  });
  return out;
}

}  // namespace kutrace
