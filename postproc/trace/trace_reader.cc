// SPDX-License-Identifier: BSD-3-Clause
#include "trace/trace_reader.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "base/error.h"
#include "trace/clock_vote.h"

namespace kutrace {
namespace {

// Counters and clocks at or above this are damage (trace-format.md, 2.2).
constexpr uint64_t kMaxPlausible = 3153600000000000ULL;
// No trace goes on for ten years; its times then fit all documents.
constexpr uint64_t kMaxLengthUs = 315360000000000ULL;
constexpr uint32_t kMaxCpu = 1 << 14;
// A header's two clocks may differ by this much before one of them is called wrong.
constexpr double kClockToleranceUs = 2000.0;
// The reference format can express times below 999 s after the base minute.
constexpr int64_t kReferenceLimitUs = 999000000;
// Counts by which an entry may follow the opening of its CPU's next block or the stop pair. Both are read after all
// entries before them were stamped, so this allows for rebuilt clocks only.
constexpr uint32_t kEndSlack = 4096;
constexpr int64_t kMinuteUs = 60000000;

bool rate_ok(const TimePairs& p, uint64_t clock) {
  if (p.stop_counter <= p.start_counter || p.stop_us <= p.start_us) return false;
  if (p.start_counter >= kMaxPlausible || p.stop_counter >= kMaxPlausible) return false;
  if (p.start_us >= kMaxPlausible || p.stop_us >= kMaxPlausible || p.stop_us - p.start_us > kMaxLengthUs) return false;
  double rate = 1.0 / p.us_per_count();
  return rate >= TraceReader::kMinRate && rate <= (KUTRACE_CLOCK_SOURCE(clock) != 0 ? TraceReader::kMaxStatedRate : TraceReader::kMaxRate);
}

uint64_t low56(uint64_t word) { return word & KUTRACE_LOW56; }

}  // namespace

TraceReader::TraceReader(const MappedInput& input, Diagnostics& diagnostics)
    : input_(input), diagnostics_(diagnostics) {
  if (input_.bytes().empty()) throw Error(name(), std::nullopt, "is empty", "record a trace again");
  if (!input_.damage().empty()) {
    diagnostics_.add_at(Finding::kTruncatedBlock, [&] { return name() + ": " + input_.damage(); });
  }
  scan();
  if (blocks_.empty()) {
    throw Error(name(), 0, "is not a KUtrace raw trace: no block header makes sense",
                "give a .trace file written by kutrace_control");
  }
  find_pairs();
  check_headers();
  group_by_cpu();
  set_time_base();
}

uint64_t TraceReader::raw_word(uint64_t offset) const {
  uint64_t value;
  std::memcpy(&value, data() + offset, 8);
  return value;
}

std::string TraceReader::place(const Block& block) const {
  return name() + " at offset " + std::to_string(block.offset) + ", block " + std::to_string(block.index) + ", CPU " +
         std::to_string(block.cpu);
}

std::string_view TraceReader::header_name(const Block& block) const {
  uint32_t index = block.is_block0 ? KUTRACE_HDR0_NAME : KUTRACE_HDR_NAME;
  const char* text = reinterpret_cast<const char*>(data() + block.offset + 8 * static_cast<uint64_t>(index));
  return {text, ::strnlen(text, 16)};
}

// A weak test, used to find blocks: the fields that every header has are in range.
bool TraceReader::plausible_header(uint64_t offset) const {
  if (offset + 8 * KUTRACE_FIRST_ENTRY_OTHER > input_.bytes().size()) return false;
  uint64_t w0 = raw_word(offset);
  uint64_t w1 = raw_word(offset + 8);
  if (w0 == 0 && w1 == 0) return false;
  uint8_t flags = static_cast<uint8_t>(w1 >> 56);
  uint8_t version = flags & KUTRACE_FLAG_VERSION_MASK;
  if ((flags & KUTRACE_FLAG_RESERVED) != 0 || (version != 0 && version != KUTRACE_FORMAT_VERSION)) return false;
  return low56(w0) < kMaxPlausible && low56(w1) < kMaxPlausible;
}

// Walks the file header by header. The block's own flags say whether a byte area follows; where that
// leads to nonsense and the other layout does not, the flag is taken as damaged.
void TraceReader::scan() {
  const uint64_t size = input_.bytes().size();
  uint64_t offset = 0;
  uint32_t index = 0;
  int last_has_bytes = -1;
  while (offset < size) {
    if (size - offset < 8 * (KUTRACE_FIRST_ENTRY_OTHER + 1)) {
      diagnostics_.add_at(Finding::kTrailingBytes, [&] { return name() + " at offset " + std::to_string(offset); },
                          size - offset);
      break;
    }
    Block block;
    block.offset = offset;
    block.index = index++;
    uint64_t w0 = raw_word(offset);
    uint64_t w1 = raw_word(offset + 8);
    block.flags = static_cast<uint8_t>(w1 >> 56);
    bool has_bytes = (block.flags & (KUTRACE_FLAG_IPC | KUTRACE_FLAG_LLC)) != 0;
    uint64_t with = offset + KUTRACE_BLOCK_BYTES + KUTRACE_BYTE_AREA_BYTES;
    uint64_t without = offset + KUTRACE_BLOCK_BYTES;
    bool good = plausible_header(offset);
    auto leads = [&](uint64_t next) { return next == size || plausible_header(next); };
    if (!good && last_has_bytes >= 0) has_bytes = last_has_bytes != 0;
    bool stated_leads = leads(has_bytes ? with : without);
    bool other_leads = leads(has_bytes ? without : with);
    if (!stated_leads && other_leads && size > without) {
      has_bytes = !has_bytes;
      diagnostics_.add_at(Finding::kStrideMismatch, [&] { return place(block); });
    }
    last_has_bytes = has_bytes ? 1 : 0;
    uint64_t next = has_bytes ? with : without;
    if (next > size) {
      diagnostics_.add_at(Finding::kTruncatedBlock, [&] { return place(block); });
    }
    block.words = static_cast<uint32_t>(std::min<uint64_t>(KUTRACE_BLOCK_WORDS, (size - offset) / 8));
    block.has_bytes = has_bytes && with <= size;
    block.counter = low56(w0);
    block.clock_us = low56(w1);
    block.is_block0 = false;
    uint8_t version = block.flags & KUTRACE_FLAG_VERSION_MASK;
    if (block.words > KUTRACE_FIRST_ENTRY_BLOCK0 && (version != 0 || block.index == 0)) {
      TimePairs p{raw_word(offset + 16), raw_word(offset + 24), raw_word(offset + 32), raw_word(offset + 40)};
      // The version nibble and the pairs each say "block 0"; either will do.
      block.is_block0 = version == KUTRACE_FORMAT_VERSION || rate_ok(p, raw_word(offset + 8 * KUTRACE_HDR0_CLOCK));
    }
    uint64_t pid_word = raw_word(offset + 8 * (block.is_block0 ? KUTRACE_HDR0_PID : KUTRACE_HDR_PID));
    uint64_t ext = raw_word(offset + 8 * (block.is_block0 ? KUTRACE_HDR0_EXT : KUTRACE_HDR_EXT));
    block.pid = static_cast<uint32_t>(pid_word);
    block.mhz = static_cast<uint32_t>(pid_word >> 32);
    block.cpu = static_cast<uint32_t>(w0 >> 56) | static_cast<uint32_t>(ext & 0xff) << 8;
    if (good && block.cpu < kMaxCpu) {
      info_.flags |= block.flags & ~static_cast<uint32_t>(KUTRACE_FLAG_VERSION_MASK);
      blocks_.push_back(block);
    } else if (w0 != 0 || w1 != 0 || index == 1) {
      diagnostics_.add_at(Finding::kBadBlockHeader, [&] { return place(block); });
    }
    offset = next;
  }
  if (!blocks_.empty() && blocks_.front().index == 0) {
    uint8_t version = blocks_.front().flags & KUTRACE_FLAG_VERSION_MASK;
    if (version != 0) info_.version = version;
  }
}

// The clock: block 0's pairs, or what can be rebuilt when they are damaged.
void TraceReader::find_pairs() {
  const Block& first = blocks_.front();
  if (first.is_block0) {
    info_.clock = raw_word(first.offset + 8 * KUTRACE_HDR0_CLOCK);
    if ((KUTRACE_CLOCK_FLAGS(info_.clock) & KUTRACE_CLOCK_UNSTEADY) != 0) diagnostics_.add(Finding::kClockUnsteady);
    if ((KUTRACE_CLOCK_FLAGS(info_.clock) & KUTRACE_CLOCK_DIFFERS) != 0) diagnostics_.add(Finding::kClockDiffers);
    diagnostics_.add(Finding::kEventsLost, raw_word(first.offset + 8 * KUTRACE_HDR0_LOST));
    TimePairs p{raw_word(first.offset + 16), raw_word(first.offset + 24), raw_word(first.offset + 32),
                raw_word(first.offset + 40)};
    if (rate_ok(p, info_.clock)) {
      pairs_ = p;
      return;
    }
    // The reference's dump "repairs" a counter below 2^32 as if it were a 32-bit one (defect L1);
    // taking its addition back gives the true pair.
    TimePairs undone = p;
    undone.stop_counter &= 0xffffffffULL;
    if (p.start_counter <= 0xffffffffULL && rate_ok(undone, info_.clock)) {
      diagnostics_.add_at(Finding::kRepairedTimePairs, [&] { return place(first) + ": stop counter"; });
      pairs_ = undone;
      return;
    }
  }
  // Each header has a counter and a wall clock, and so have both ends of a pair that is wrong in one.
  std::vector<ClockPoint> points;
  if (first.is_block0) {
    for (const uint64_t at : {16u, 32u}) points.push_back({raw_word(first.offset + at), raw_word(first.offset + at + 8)});
  }
  for (const Block& block : blocks_) {
    if (block.clock_us != 0) points.push_back({block.counter, block.clock_us});
  }
  auto pairs_of = [](const ClockPoint& from, const ClockPoint& to) { return TimePairs{from.counter, from.us, to.counter, to.us}; };
  const ClockLine line = vote_for_clock(points, kClockToleranceUs, [&](const ClockPoint& from, const ClockPoint& to) {
    return rate_ok(pairs_of(from, to), info_.clock);
  });
  const TimePairs fit = pairs_of(line.from, line.to);
  if (!rate_ok(fit, info_.clock)) {
    throw Error(name(), first.offset, "the start and stop times make no sense and cannot be rebuilt",
                "record the trace again");
  }
  diagnostics_.add_at(Finding::kRepairedTimePairs, [&] { return place(first) + ": by the clocks that agree"; });
  pairs_ = fit;
}

// A header's counter and wall clock must agree through the pairs. Where they do not, one is believed if it
// fits between the neighbours; else the block is not of this trace.
void TraceReader::check_headers() {
  const double slope = pairs_.us_per_count();
  info_.wrapped = blocks_.front().is_block0 && blocks_.front().index == 0 &&
                  (blocks_.front().flags & KUTRACE_FLAG_WRAP) != 0;
  auto expected_us = [&](uint64_t counter) {
    return static_cast<double>(pairs_.start_us) +
           (static_cast<double>(counter) - static_cast<double>(pairs_.start_counter)) * slope;
  };
  const double span_us = static_cast<double>(pairs_.stop_us - pairs_.start_us);
  auto inside = [&](double us) {
    return us >= static_cast<double>(pairs_.start_us) - 2e6 && us <= static_cast<double>(pairs_.stop_us) + 2e6;
  };
  std::vector<Block> kept;
  std::map<std::pair<uint32_t, uint64_t>, uint64_t> seen;  // (CPU, counter) -> offset
  for (Block& block : blocks_) {
    double want = expected_us(block.counter);
    double have = static_cast<double>(block.clock_us);
    double tolerance = kClockToleranceUs + 1e-4 * span_us;
    if (block.clock_us == 0) {
      diagnostics_.add(Finding::kNoClock);
      if (!inside(want)) {
        diagnostics_.add_at(Finding::kBadBlockHeader, [&] { return place(block); });
        continue;
      }
    } else if (std::abs(want - have) > tolerance) {
      if (inside(want)) {
        // The counter fits the trace; the wall clock alone is off, and it is not needed.
        diagnostics_.add_at(Finding::kClockMismatch, [&] { return place(block); });
      } else if (inside(have)) {
        diagnostics_.add_at(Finding::kRepairedBlockHeader, [&] { return place(block) + ": counter"; });
        const auto since = static_cast<int64_t>((have - static_cast<double>(pairs_.start_us)) / slope);
        block.counter = static_cast<uint64_t>(std::max<int64_t>(0, static_cast<int64_t>(pairs_.start_counter) + since));
      } else {
        diagnostics_.add_at(Finding::kForeignBlock, [&] { return place(block); });
        continue;
      }
    }
    auto [at, fresh] = seen.emplace(std::pair{block.cpu, block.counter}, block.offset);
    if (!fresh) {
      diagnostics_.add_at(Finding::kDuplicateBlock, [&] { return place(block); });
      continue;
    }
    block.names_only = info_.wrapped && block.index == 0;
    kept.push_back(block);
  }
  blocks_ = std::move(kept);
  if (blocks_.empty()) {
    throw Error(name(), 0, "no block belongs to the trace that its first block describes", "record the trace again");
  }
}

void TraceReader::group_by_cpu() {
  uint32_t max_cpu = 0;
  uint64_t last = pairs_.stop_counter;
  for (const Block& block : blocks_) {
    max_cpu = std::max(max_cpu, block.cpu);
    last = std::max(last, block.counter);
  }
  per_cpu_.resize(max_cpu + 1);
  for (uint32_t i = 0; i < blocks_.size(); ++i) {
    if (!blocks_[i].names_only) per_cpu_[blocks_[i].cpu].push_back(i);
  }
  // Entries are stamped before the stop pair is taken; when that is not known, anything in a period may come.
  const bool exact = diagnostics_.count(Finding::kRepairedTimePairs) == 0 && last == pairs_.stop_counter;
  const uint64_t end = last + (exact ? kEndSlack : 1u << KUTRACE_TS_BITS);
  for (std::vector<uint32_t>& list : per_cpu_) {
    std::stable_sort(list.begin(), list.end(),
                     [&](uint32_t a, uint32_t b) { return blocks_[a].counter < blocks_[b].counter; });
    for (size_t i = 0; i < list.size(); ++i) {
      Block& block = blocks_[list[i]];
      block.end_bound = i + 1 < list.size() ? blocks_[list[i + 1]].counter + kEndSlack : end;
    }
  }
  for (Block& block : blocks_) {
    if (block.names_only) block.end_bound = end;
  }
}

void TraceReader::set_time_base() {
  const double slope = pairs_.us_per_count();
  info_.time.ns_per_tick = slope * 1000.0;
  if (1.0 / slope < kLowRate) diagnostics_.add(Finding::kLowResolution);
  uint64_t first = UINT64_MAX;
  for (const std::vector<uint32_t>& list : per_cpu_) {
    if (!list.empty()) first = std::min(first, blocks_[list.front()].counter);
  }
  if (first == UINT64_MAX) first = pairs_.start_counter;
  auto minute_of = [](int64_t us) { return us - us % kMinuteUs; };
  const int64_t start_us = static_cast<int64_t>(pairs_.start_us);
  int64_t minute = minute_of(start_us);
  // A flight recording may have begun hours before what it kept: then time counts from what was kept.
  if (static_cast<int64_t>(pairs_.stop_us) - minute >= kReferenceLimitUs) {
    double us = static_cast<double>(start_us) +
                (static_cast<double>(first) - static_cast<double>(pairs_.start_counter)) * slope;
    minute = minute_of(static_cast<int64_t>(us));
  }
  info_.time.minute_us = minute;
  base_counter_ = static_cast<int64_t>(pairs_.start_counter) +
                  static_cast<int64_t>(std::trunc(static_cast<double>(minute - start_us) / slope));
}

}  // namespace kutrace
