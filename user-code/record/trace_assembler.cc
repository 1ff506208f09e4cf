// SPDX-License-Identifier: BSD-3-Clause
#include "record/trace_assembler.h"

#include <algorithm>
#include <cstring>

#include "kutrace.h"

namespace kutrace::record {
namespace {

// A longer step opens a new block, whose header has the whole counter.
constexpr uint64_t kLongestStep = 1900000000;
// A step's TSDELTA, and a zero word behind data so that data is never taken for a call.
constexpr size_t kExtraWords = 2;

uint64_t stamped(uint64_t word, uint64_t time) { return word | time << KUTRACE_TS_SHIFT; }

}  // namespace

struct TraceAssembler::Cpu {
  std::vector<uint64_t> words;  // the open block; empty: none
  uint64_t index = 0;
  size_t next = 0;
  uint64_t time = 0;  // of the latest entry
  size_t call = 0;    // where a call stands as the last word; 0: none
  uint32_t thread = 0;
  uint32_t first_thread = 0;  // ran there when the row began
};

TraceAssembler::TraceAssembler(BlockSink& sink, uint32_t cpus, uint32_t shift, Moment start, uint32_t first_cpu)
    : sink_(sink), shift_(shift), start_(start), first_cpu_(first_cpu), names_(KUTRACE_BLOCK_WORDS),
      names_end_(KUTRACE_FIRST_ENTRY_BLOCK0) {
  for (uint32_t k = 0; k < cpus; ++k) cpus_.push_back(std::make_unique<Cpu>());
}

TraceAssembler::~TraceAssembler() = default;

uint64_t TraceAssembler::wall_us(uint64_t counter) const {
  const auto counts = static_cast<int64_t>(counter - start_.counter);
  return start_.us + static_cast<uint64_t>((counts * (int64_t{1} << shift_)) / 1000);
}

bool TraceAssembler::name(const Name& name) {
  uint64_t words[KUTRACE_MAX_ENTRY_WORDS];
  const unsigned count = kutrace_pack_name(name.kind, name.number, name.text.data(), name.text.size(), words);
  if (count == 0) return true;
  if (names_end_ + count > names_.size()) return false;
  if (name.kind == KUTRACE_PIDNAME) remember(name.number, words[1], count > 2 ? words[2] : 0);
  words[0] = stamped(words[0], start_.counter);
  std::copy_n(words, count, names_.begin() + static_cast<std::ptrdiff_t>(names_end_));
  names_end_ += count;
  return true;
}

void TraceAssembler::running(uint32_t cpu, uint32_t thread) { cpus_[cpu]->thread = cpus_[cpu]->first_thread = thread; }

void TraceAssembler::remember(uint32_t thread, uint64_t first, uint64_t second) { thread_names_[thread] = {first, second}; }

void TraceAssembler::header(std::vector<uint64_t>& words, uint32_t cpu, uint64_t time, bool first) {
  const Cpu& c = *cpus_[cpu];
  const uint32_t thread = first ? c.first_thread : c.thread;
  words[KUTRACE_HDR_COUNTER] = uint64_t{cpu & 0xff} << 56 | (time & KUTRACE_LOW56);
  words[KUTRACE_HDR_CLOCK] = wall_us(time) & KUTRACE_LOW56;
  words[first ? KUTRACE_HDR0_PID : KUTRACE_HDR_PID] = thread;
  words[first ? KUTRACE_HDR0_EXT : KUTRACE_HDR_EXT] = cpu >> 8 & 0xff;
  if (const auto name = thread_names_.find(thread); name != thread_names_.end()) {
    std::copy(name->second.begin(), name->second.end(), words.begin() + (first ? KUTRACE_HDR0_NAME : KUTRACE_HDR_NAME));
  }
}

void TraceAssembler::open(uint32_t cpu, Cpu& c, uint64_t time) {
  close(c);
  c.words.assign(KUTRACE_BLOCK_WORDS, 0);
  header(c.words, cpu, time, false);
  c.index = next_index_++;
  c.next = KUTRACE_FIRST_ENTRY_OTHER;
  c.time = time;
  c.call = 0;
}

void TraceAssembler::close(Cpu& c) {
  if (c.words.empty()) return;
  sink_.block(c.index, c.words);
  c.words.clear();
}

// The rule of the module (trace-format.md, 1.11): the call is the last word, its return soon and small.
bool TraceAssembler::fold(Cpu& c, const Entry& entry) {
  if (c.call == 0 || !kutrace_is_return(entry.event())) return false;
  const uint64_t call = c.words[c.call];
  const auto value = static_cast<int16_t>(entry.argument());
  const uint64_t counts = entry.time - c.time;
  if (((call >> KUTRACE_EVENT_SHIFT) & KUTRACE_EVENT_MASK) != (entry.event() & ~uint32_t{KUTRACE_RETURN_BIT}) ||
      counts > KUTRACE_MAX_FOLD_COUNTS || value != static_cast<int8_t>(value)) {
    return false;
  }
  c.words[c.call] = call | std::max<uint64_t>(counts, 1) << KUTRACE_DELTA_SHIFT |
                    uint64_t{static_cast<uint8_t>(value)} << KUTRACE_RETVAL_SHIFT;
  c.call = 0;
  return true;
}

void TraceAssembler::put(uint32_t cpu, const Entry& entry) {
  Cpu& c = *cpus_[cpu];
  ++entries_;
  if (!c.words.empty() && fold(c, entry)) return;
  const uint64_t step = entry.time - c.time;
  if (c.words.empty() || c.next + entry.words + kExtraWords > c.words.size() || step > kLongestStep) {
    open(cpu, c, entry.time);
  } else if (step > KUTRACE_TS_MAX_STEP) {
    c.words[c.next++] = stamped(uint64_t{KUTRACE_TSDELTA} << KUTRACE_EVENT_SHIFT | step, entry.time);
  }
  c.call = entry.words == 1 && kutrace_is_call(entry.event()) && (entry.argument() >> 16) == 0 ? c.next : 0;
  c.words[c.next++] = stamped(entry.word, entry.time);
  for (uint32_t k = 1; k < entry.words; ++k) c.words[c.next++] = entry.more[k - 1];
  if (entry.words > 1) c.words[c.next++] = 0;
  c.time = entry.time;
  if (entry.event() == KUTRACE_USERPID) c.thread = entry.argument();
  if (entry.event() == KUTRACE_PIDNAME + 0x30) remember(entry.argument(), entry.more[0], entry.more[1]);
}

void TraceAssembler::finish(Moment stop, uint64_t lost_elsewhere) {
  for (auto& c : cpus_) close(*c);
  header(names_, first_cpu_, start_.counter, true);
  names_[KUTRACE_HDR_CLOCK] |= uint64_t{KUTRACE_FORMAT_VERSION} << 56;
  names_[KUTRACE_HDR0_START_COUNTER] = start_.counter;
  names_[KUTRACE_HDR0_START_US] = start_.us;
  names_[KUTRACE_HDR0_STOP_COUNTER] = stop.counter;
  names_[KUTRACE_HDR0_STOP_US] = wall_us(stop.counter);
  names_[KUTRACE_HDR0_LOST] = lost_elsewhere;
  names_[KUTRACE_HDR0_CLOCK] = uint64_t{KUTRACE_CLOCK_MONOTONIC} << 8 | shift_;
  sink_.block(0, names_);
}

}  // namespace kutrace::record
