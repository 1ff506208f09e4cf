// SPDX-License-Identifier: BSD-3-Clause
#include "trace/trace_reader.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <optional>

#include "base/error.h"

namespace kutrace {
namespace {

// Counters and clocks above these are damage, unless block 0 itself is near or beyond: a counter of 1 GHz passes it after 36 days.
constexpr uint64_t kUsualCounter = 3153600000000000ULL;
constexpr uint64_t kUsualUs = 2 * kUsualCounter;  // the year 2169
constexpr uint64_t kNearCounter = 864000000000000ULL;  // ten days at 1 GHz
// No trace goes on for ten years; its times then fit all documents.
constexpr uint64_t kMaxLengthUs = 315360000000000ULL;
constexpr uint32_t kMaxCpu = 1 << 14;
// Headers whose neighbours are that many outvote block 0's pairs.
constexpr uint32_t kLeastVotes = 2;
// A header's two clocks may differ by this much before one of them is called wrong.
constexpr double kClockToleranceUs = 2000.0;
// The reference format can express times below 999 s after the base minute.
constexpr int64_t kReferenceLimitUs = 999000000;
// Counts by which an entry may follow the opening of its CPU's next block or the stop pair. Both are read after all
// entries before them were stamped, so this allows for rebuilt clocks only.
constexpr uint32_t kEndSlack = 4096;
constexpr int64_t kMinuteUs = 60000000;

// Counters may have wrapped at 2^56 in headers; the pairs hold 64 bits, and no counter runs for centuries.
constexpr uint64_t kMaxPairCounter = 1ULL << 62;

bool rate_ok(const TimePairs& p, double most) {
  if (p.stop_counter <= p.start_counter || p.stop_us <= p.start_us || p.stop_counter >= kMaxPairCounter) return false;
  if (p.stop_us > KUTRACE_LOW56 || p.stop_us - p.start_us > kMaxLengthUs) return false;
  const double rate = 1.0 / p.us_per_count();
  return rate >= TraceReader::kMinRate && rate <= most;
}

double highest_rate(uint64_t clock) {
  return KUTRACE_CLOCK_SOURCE(clock) != 0 ? TraceReader::kMaxStatedRate : TraceReader::kMaxRate;
}

uint64_t low56(uint64_t word) { return word & KUTRACE_LOW56; }

}  // namespace

TraceReader::TraceReader(const MappedInput& input, Diagnostics& diagnostics)
    : input_(input), diagnostics_(diagnostics) {
  if (input_.bytes().empty()) throw Error(name(), std::nullopt, "is empty", "record a trace again");
  input_.tell(diagnostics_);
  find_bounds();
  scan();
  if (blocks_.empty()) {
    throw Error(name(), 0, "is not a KUtrace raw trace: no block header makes sense",
                "give a .trace file written by kutrace_control");
  }
  find_clock();
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
  return low56(w0) < max_counter_ && low56(w1) < max_us_;
}

TimePairs TraceReader::stated_pairs(uint64_t block0) const {
  return {raw_word(block0 + 8 * KUTRACE_HDR0_START_COUNTER), raw_word(block0 + 8 * KUTRACE_HDR0_START_US),
          raw_word(block0 + 8 * KUTRACE_HDR0_STOP_COUNTER), raw_word(block0 + 8 * KUTRACE_HDR0_STOP_US)};
}

// What a header can hold at most: as a rule what a century gives, more where block 0 begins beyond.
void TraceReader::find_bounds() {
  max_counter_ = kUsualCounter;
  max_us_ = kUsualUs;
  if (input_.bytes().size() < 8 * (KUTRACE_FIRST_ENTRY_BLOCK0 + 1)) return;
  const TimePairs p = stated_pairs(0);
  // The start alone decides: the stop may be damaged, or behind a setting of the clock.
  const uint64_t opened = low56(raw_word(0));
  const bool agree = low56(opened - p.start_counter) < kNearCounter;  // a recording wraps within days
  if (agree && p.start_counter < kMaxPairCounter && p.start_counter + kNearCounter >= kUsualCounter) max_counter_ = KUTRACE_LOW56 + 1;
  if (p.start_us + kMaxLengthUs >= kUsualUs && p.start_us <= KUTRACE_LOW56) max_us_ = KUTRACE_LOW56 + 1;
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
      // The version nibble and the pairs each say "block 0"; either will do.
      block.is_block0 = version == KUTRACE_FORMAT_VERSION ||
                        rate_ok(stated_pairs(offset), highest_rate(raw_word(offset + 8 * KUTRACE_HDR0_CLOCK)));
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

// A header holds 56 bits of a counter that may have more.
void TraceReader::widen_counters(uint64_t start) {
  constexpr uint64_t kHalf = (KUTRACE_LOW56 + 1) / 2;
  if (start < kHalf || start >= kMaxPairCounter) return;
  for (Block& block : blocks_) {
    block.counter |= start & ~KUTRACE_LOW56;
    if (block.counter + kHalf < start) block.counter += KUTRACE_LOW56 + 1;
  }
}

// The clock: block 0's pairs, what the headers agree on where these do not agree with the pairs, or what can be rebuilt.
void TraceReader::find_clock() {
  const Block& first = blocks_.front();
  std::vector<ClockPoint> points;
  TimePairs stated;
  if (first.is_block0) {
    info_.clock = raw_word(first.offset + 8 * KUTRACE_HDR0_CLOCK);
    if ((KUTRACE_CLOCK_FLAGS(info_.clock) & KUTRACE_CLOCK_UNSTEADY) != 0) diagnostics_.add(Finding::kClockUnsteady);
    if ((KUTRACE_CLOCK_FLAGS(info_.clock) & KUTRACE_CLOCK_DIFFERS) != 0) diagnostics_.add(Finding::kClockDiffers);
    diagnostics_.add(Finding::kEventsLost, raw_word(first.offset + 8 * KUTRACE_HDR0_LOST));
    stated = stated_pairs(first.offset);
    widen_counters(stated.start_counter);
    if (stated.start_counter < kMaxPairCounter && stated.start_us <= KUTRACE_LOW56) points.push_back({stated.start_counter, stated.start_us});
    if (stated.stop_counter < kMaxPairCounter && stated.stop_us <= KUTRACE_LOW56) points.push_back({stated.stop_counter, stated.stop_us});
  }
  for (const Block& block : blocks_) points.push_back({block.counter, block.clock_us});
  const double most = highest_rate(info_.clock);
  bool stated_ok = first.is_block0 && rate_ok(stated, most);
  if (!stated_ok && first.is_block0) {
    // The reference's dump "repairs" a counter below 2^32 as if it were a 32-bit one (defect L1), and fills the headers in with
    // what that gives; taking its addition back gives the true pair.
    TimePairs undone = stated;
    undone.stop_counter &= 0xffffffffULL;
    if (stated.start_counter <= 0xffffffffULL && rate_ok(undone, most)) {
      diagnostics_.add_at(Finding::kRepairedTimePairs, [&] { return place(first) + ": stop counter"; });
      pairs_ = undone;
      return;
    }
  }
  std::optional<ClockFit> fit = fit_clock(points, kMinRate, most);
  // Nothing says how fast the counter may be: believe what the file itself repeats.
  if (!fit && most < kMaxStatedRate) fit = fit_clock(points, kMinRate, kMaxStatedRate);
  // A faster counter than traces without a word on their clock have, but the pairs and most headers say the same of it.
  stated_ok = stated_ok || (first.is_block0 && rate_ok(stated, kMaxStatedRate) && fit && fit->votes >= kLeastVotes && fit->majority && !disagrees(*fit, stated));
  if (stated_ok && (!fit || fit->votes < kLeastVotes || !fit->majority || !disagrees(*fit, stated))) {
    pairs_ = stated;
    // Headers that were filled in with a damaged stop counter (L1) agree on no possible rate at all, and say nothing.
    if (fit && fit->votes >= kLeastVotes && disagrees(*fit, stated)) judge_doubt(points);
    return;
  }
  if (!fit) {
    throw Error(name(), first.offset, "the start and stop times make no sense and cannot be rebuilt: no two block headers agree on a clock rate",
                "record the trace again");
  }
  take_fit(*fit, stated_ok);
}

// Headers that contradict the pairs, but agree on nothing better: the pairs are used, and that is said. A single one is damage to
// that header (check_headers).
void TraceReader::judge_doubt(const std::vector<ClockPoint>& points) {
  uint64_t contradict = 0;
  for (const ClockPoint& p : points) {
    const double us = static_cast<double>(static_cast<int64_t>(p.counter - pairs_.start_counter)) * pairs_.us_per_count();
    const double off = static_cast<double>(static_cast<int64_t>(p.us - pairs_.start_us)) - us;
    const double length = static_cast<double>(pairs_.stop_us - pairs_.start_us);
    contradict += p.us != 0 && std::abs(off) > kClockToleranceUs + 1e-4 * length && us >= -2e6 && us <= length + 2e6;
  }
  if (contradict * 2 > points.size()) diagnostics_.add(Finding::kClockDoubtful);
}

// Whether the pairs' rate differs from the headers' by more than reading both clocks can.
bool TraceReader::disagrees(const ClockFit& fit, const TimePairs& stated) {
  const double us = static_cast<double>(stated.stop_us - stated.start_us);
  return std::abs(us - fit.us_per_count * static_cast<double>(stated.stop_counter - stated.start_counter)) > clock_tolerance_us(us);
}

void TraceReader::take_fit(const ClockFit& fit, bool stated_ok) {
  const double length = static_cast<double>(fit.last - fit.first.counter) * fit.us_per_count;
  if (!(length >= 1) || length > static_cast<double>(kMaxLengthUs)) {
    throw Error(name(), blocks_.front().offset, "its times span more than ten years, or none", "record the trace again");
  }
  pairs_ = {fit.first.counter, fit.first.us, fit.last, fit.first.us + static_cast<uint64_t>(std::llround(length)), fit.us_per_count};
  steps_ = fit.steps;
  if (!stated_ok) diagnostics_.add_at(Finding::kRepairedTimePairs, [&] { return place(blocks_.front()) + ": from the block headers"; });
}

// Says when the wall clock was set, once seconds since the base minute are known.
void TraceReader::tell_steps() {
  auto seconds = [&](uint64_t counter) {
    char text[40];
    std::snprintf(text, sizeof(text), "%.6f", static_cast<double>(info_.time.ns(ticks(counter))) / 1e9);
    return std::string(text);
  };
  for (const ClockStep& step : steps_) {
    diagnostics_.add_at(Finding::kClockStep, [&] {
      // Two clocks read one after the other are good for a millisecond.
      return "by " + signed_seconds((step.us + (step.us < 0 ? -500 : 500)) / 1000 * 1000) + " s, between " + seconds(step.after) + " s and " + seconds(step.before) + " s";
    });
  }
}

// By how much the wall clock had been set when the counter was `counter`.
int64_t TraceReader::stepped_us(uint64_t counter) const {
  const auto next = std::upper_bound(steps_.begin(), steps_.end(), counter,
                                     [](uint64_t c, const ClockStep& step) { return c < step.before; });
  return next == steps_.begin() ? 0 : std::prev(next)->total_us;
}

// A header's counter and wall clock must agree through the pairs. Where they do not, one is believed if it
// fits between the neighbours; else the block is not of this trace.
void TraceReader::check_headers() {
  const double slope = pairs_.us_per_count();
  info_.wrapped = blocks_.front().is_block0 && blocks_.front().index == 0 &&
                  (blocks_.front().flags & KUTRACE_FLAG_WRAP) != 0;
  // Times in us since the start pair.
  auto expected_us = [&](uint64_t counter) {
    return static_cast<double>(static_cast<int64_t>(counter - pairs_.start_counter)) * slope;
  };
  const double span_us = static_cast<double>(pairs_.stop_us - pairs_.start_us);
  auto inside = [&](double us) { return us >= -2e6 && us <= span_us + 2e6; };
  std::vector<Block> kept;
  std::map<std::pair<uint32_t, uint64_t>, uint64_t> seen;  // (CPU, counter) -> offset
  for (Block& block : blocks_) {
    const double want = expected_us(block.counter);
    const double have = static_cast<double>(static_cast<int64_t>(block.clock_us - pairs_.start_us) - stepped_us(block.counter));
    const double tolerance = kClockToleranceUs + 1e-4 * span_us;
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
        const auto since = static_cast<int64_t>(have / slope);
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
  auto minute_of = [](int64_t us) { return us - (us % kMinuteUs + kMinuteUs) % kMinuteUs; };
  const int64_t start_us = static_cast<int64_t>(pairs_.start_us);
  int64_t minute = minute_of(start_us);
  // A flight recording may have begun hours before what it kept: then time counts from what was kept.
  if (static_cast<int64_t>(pairs_.stop_us) - minute >= kReferenceLimitUs) {
    minute = minute_of(start_us + std::llround(static_cast<double>(static_cast<int64_t>(first - pairs_.start_counter)) * slope));
  }
  info_.time.minute_us = minute;
  base_counter_ = static_cast<int64_t>(pairs_.start_counter) +
                  static_cast<int64_t>(std::trunc(static_cast<double>(minute - start_us) / slope));
  tell_steps();
}

}  // namespace kutrace
