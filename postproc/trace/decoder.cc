// SPDX-License-Identifier: BSD-3-Clause
#include "trace/decoder.h"

#include <algorithm>
#include <cstdio>
#include <functional>
#include <unordered_set>

#include "trace/entry_walker.h"
#include "trace/kinds.h"

namespace kutrace {
namespace {

constexpr size_t kBatch = 8192;
// No lawful block has this many late stores; beyond it they are sorted all at once.
constexpr uint64_t kMaxInserts = 256;
// Events between a timer interrupt and the sample that it took.
constexpr size_t kNearSample = 64;
// Events of a CPU that are held while later blocks overlap them.
constexpr size_t kMaxHeld = 1 << 17;

// What is made from other records has no entries of its own.
bool known_event(uint32_t n) {
  const Kind* kind = find_kind(static_cast<int32_t>(n < KUTRACE_TRAP ? n : n & ~static_cast<uint32_t>(KUTRACE_RETURN_BIT)));
  return kind != nullptr && kind->category != KindCategory::synthesized;
}

bool is_timer_name(std::string_view name) {
  return name.starts_with("local_timer") || name.starts_with("arch_timer") || name.starts_with("riscv-timer");
}

constexpr uint32_t kX86LocalTimer = 0xec;

// "by +5.000000 s at 12.300000 s": how far the wall clock moved, and when that was noticed.
std::string clock_set(const Block& block, const TraceReader& reader, const Entry& entry) {
  const auto us = static_cast<int64_t>(reader.word(block, entry.index + 1));
  const double at = static_cast<double>(reader.info().time.ns(entry.counter - reader.base_counter())) / 1e9;
  char text[40];
  std::snprintf(text, sizeof(text), "%.6f", at);
  return "by " + signed_seconds(us) + " s at " + text + " s";
}

}  // namespace

Decoder::Decoder(const TraceReader& reader, Diagnostics& diagnostics) : reader_(reader), diagnostics_(diagnostics) {}

std::string Decoder::name_text(const Event& event) const {
  const char* text = reinterpret_cast<const char*>(reader_.data() + event.extra);
  std::string name = clean_name({text, ::strnlen(text, event.ret)});
  if (event.num == KUTRACE_PIDNAME && event.arg == 0) return "-idle-";
  return name;
}

// Late stores are few and near their place.
void Decoder::insert_ordered(std::vector<Event>& out, const Event& event, uint64_t& late) {
  if (out.empty() || out.back().t <= event.t) {
    out.push_back(event);
    return;
  }
  if (late > kMaxInserts) {
    out.push_back(event);
    ++late;
    return;
  }
  size_t at = out.size();
  while (at > 0 && out[at - 1].t > event.t) --at;
  out.insert(out.begin() + static_cast<ptrdiff_t>(at), event);
  ++late;
}

void Decoder::block_start(Carry& carry, const Block& block, Ticks t, std::vector<Event>& out, Diagnostics& found) const {
  Event event{};
  event.t = t;
  event.cpu = static_cast<uint16_t>(block.cpu);
  event.pid = block.pid;
  event.arg = block.pid;
  if (!reader_.header_name(block).empty() || block.pid == 0) {
    event.num = KUTRACE_PIDNAME;
    event.extra = block.offset + 8 * (block.is_block0 ? KUTRACE_HDR0_NAME : KUTRACE_HDR_NAME);
    event.ret = 16;
    out.push_back(event);
  }
  event.extra = 0;
  event.ret = 0;
  event.num = KUTRACE_USERPID;
  if (!carry.started) {
    out.push_back(event);
    if (block.mhz != 0) {
      event.num = KUTRACE_PSTATE;
      event.arg = block.mhz;
      event.pid = carry.pid = block.pid;
      out.push_back(event);
    }
  } else if (carry.pid != block.pid) {
    found.add_at(Finding::kMissingSwitch, [&] {
      return reader_.name() + " at offset " + std::to_string(block.offset);
    });
    out.push_back(event);
  }
  carry.started = true;
  carry.pid = block.pid;
}

void Decoder::name_event(const Block& block, uint32_t index, uint32_t n, Event event, std::vector<Event>& out,
                         uint64_t& late) {
  event.num = name_kind(n);
  uint32_t words = EntryWalker::length(n);
  if (event.num == KUTRACE_TIMEPAIR || event.num == KUTRACE_CLOCK_SET || words < 2 || !event.is_name()) return;
  event.extra = block.offset + 8 * (static_cast<uint64_t>(index) + 1);
  event.ret = static_cast<uint16_t>(8 * (words - 1));
  insert_ordered(out, event, late);
}

// A sample is stored after the timer interrupt that took it, but shows what ran when that interrupt came.
void Decoder::sample(const Carry& carry, size_t timer_at, uint64_t word, uint64_t address, Event event,
                     std::vector<Event>& out, uint64_t& late, uint64_t& moved) {
  event.num = (address >> 63) != 0 ? KUTRACE_PC_K : KUTRACE_PC_U;
  event.extra = address;
  event.arg = static_cast<uint32_t>(address >> 6) & 0xffff;
  uint32_t mhz = static_cast<uint32_t>(word) & 0xffff;
  const size_t words = mhz != 0 ? 2 : 1;
  size_t at = out.size();
  if (late > kMaxInserts) {
    // Sorted with all others at the block's end.
    if (carry.after_timer) event.t = carry.timer_t;
    late += words;
  } else if (carry.after_timer) {
    event.t = carry.timer_t;
    if (timer_at < out.size()) {
      at = timer_at;
      while (at < out.size() && out[at].t < event.t) ++at;
      while (at > 0 && out[at - 1].t >= event.t) --at;
    }
  }
  if (at == out.size() && late <= kMaxInserts) {
    while (at > 0 && out[at - 1].t > event.t) --at;
  }
  // Behind a few events is where a sample belongs; one far back is late.
  if (out.size() - at > kNearSample) moved += words;
  out.insert(out.begin() + static_cast<ptrdiff_t>(at), event);
  if (mhz != 0) {
    event.num = KUTRACE_PSTATE;
    event.arg = mhz;
    event.extra = 0;
    out.insert(out.begin() + static_cast<ptrdiff_t>(at) + 1, event);
  }
}

uint64_t Decoder::decode_block(Carry& carry, const Block& block, std::vector<Event>& out, bool repair,
                               Diagnostics& found) const {
  const int64_t base = reader_.base_counter();
  const uint8_t* bytes = reader_.byte_area(block);
  const auto cpu = static_cast<uint16_t>(block.cpu);
  bool first = true;
  uint64_t late = 0, moved = 0;
  uint64_t entries = 0;
  size_t timer_at = SIZE_MAX;
  out.clear();
  out.reserve(block.words + 4);

  EntryWalker walker(reader_, block, found, repair);
  Entry entry;
  while (walker.next(entry)) {
    const uint64_t word = entry.word;
    const uint32_t n = entry.num;
    const uint32_t here = entry.index;
    if (first) {
      first = false;
      int64_t start = static_cast<int64_t>(block.counter);
      if (!kutrace_is_name(n)) start = std::min(start, entry.counter);
      block_start(carry, block, start - base, out, found);
    }
    if (n == KUTRACE_TSDELTA) continue;
    ++entries;

    Event event;
    event.t = entry.counter - base;
    event.extra = 0;
    event.pid = carry.pid;
    event.arg = static_cast<uint32_t>(word);
    event.num = static_cast<uint16_t>(n);
    event.cpu = cpu;
    event.ret = 0;
    event.ipc = bytes != nullptr && entry.words == 1 ? bytes[here] : 0;
    event.flags = 0;

    if (n >= KUTRACE_TRAP) {
      event.arg &= 0xffff;
      if ((n & KUTRACE_RETURN_BIT) != 0) {
        event.ret = static_cast<uint16_t>(event.arg);
        event.arg = 0;
        if (n >> 8 == 0x7 && carry.after_timer && timer_irq_[n & 0xff]) {
          insert_ordered(out, event, late);
          continue;
        }
      } else {
        uint32_t delta = static_cast<uint32_t>(word) >> KUTRACE_DELTA_SHIFT;
        if (delta != 0) {
          event.extra = delta;
          event.ret = static_cast<uint16_t>(
              static_cast<int16_t>(static_cast<int8_t>(static_cast<uint8_t>(word >> KUTRACE_RETVAL_SHIFT))));
        }
        if (n >> 8 == 0x5 && timer_irq_[n & 0xff]) {
          carry.timer_t = event.t;
          carry.after_timer = true;
          timer_at = out.size();
          insert_ordered(out, event, late);
          continue;
        }
      }
      carry.after_timer = carry.after_timer && n < KUTRACE_SYSCALL64 && n != KUTRACE_BOTTOM_HALF;
      insert_ordered(out, event, late);
      continue;
    }
    if (kutrace_is_name(n)) {
      const uint16_t kind = name_kind(n);
      if (kind == KUTRACE_CLOCK_SET && entry.words == 2) {
        found.add_at(Finding::kClockSet, [&] { return clock_set(block, reader_, entry); });
        continue;
      }
      if (kind == KUTRACE_NOP || kind == KUTRACE_PC_OLD || !known_event(kind)) found.add_at(Finding::kUnknownEvent, [&] { return walker.place(here); });
      name_event(block, here, n, event, out, late);
      continue;
    }
    if (entry.words == 2) {
      sample(carry, timer_at, word, reader_.word(block, here + 1), event, out, late, moved);
      if (moved > kMaxInserts) late = std::max(late, kMaxInserts + 1);
      carry.after_timer = false;
      continue;
    }
    if (n == KUTRACE_USERPID) {
      carry.pid = event.arg;
      carry.after_timer = false;
      event.pid = event.arg;
    }
    if (n == KUTRACE_NOP || !known_event(n)) {
      found.add_at(Finding::kUnknownEvent, [&] { return walker.place(here); });
      if (n < KUTRACE_USERPID) continue;
    }
    insert_ordered(out, event, late);
  }
  if (first) block_start(carry, block, reader_.ticks(block.counter), out, found);
  if (late > kMaxInserts) {
    std::stable_sort(out.begin(), out.end(), [](const Event& a, const Event& b) { return a.t < b.t; });
  }
  found.add(Finding::kLateStore, late);
  return entries;
}

// Decodes the stream's next block into `ahead`, then moves back into order what the two blocks share.
bool Decoder::decode_ahead(Stream& stream) {
  const std::vector<uint32_t>& list = reader_.per_cpu()[stream.cpu];
  stream.ahead.clear();
  if (stream.next_block >= list.size()) return false;
  const Block& block = reader_.blocks()[list[stream.next_block++]];
  std::vector<Event>& out = stream.ahead;
  const Carry before = stream.carry;
  Diagnostics found;
  uint64_t entries = decode_block(stream.carry, block, out, false, found);
  Ticks bound = static_cast<Ticks>(block.end_bound) - reader_.base_counter();
  Ticks low = reader_.ticks(block.counter) - 2 * EntryWalker::kPeriod;
  if (!out.empty() && (out.back().t > bound || out.front().t < low)) {
    stream.carry = before;
    found = Diagnostics();
    entries = decode_block(stream.carry, block, out, true, found);
  }
  diagnostics_.merge(found);
  entries_ += entries;
  if (!stream.now.empty() && stream.now.size() < kMaxHeld && !stream.ahead.empty() &&
      stream.ahead.front().t < stream.now.back().t) {
    // A late store across the block end: hand the later part of `now` on.
    auto from = std::upper_bound(stream.now.begin(), stream.now.end(), stream.ahead.front().t,
                                 [](Ticks t, const Event& e) { return t < e.t; });
    size_t moved = static_cast<size_t>(stream.now.end() - from);
    stream.ahead.insert(stream.ahead.begin(), from, stream.now.end());
    stream.now.erase(from, stream.now.end());
    std::inplace_merge(stream.ahead.begin(), stream.ahead.begin() + static_cast<ptrdiff_t>(moved), stream.ahead.end(),
                       [](const Event& a, const Event& b) { return a.t < b.t; });
    if (moved > kBatch / 2) {
      diagnostics_.add_at(Finding::kOverlappingBlock, [&] {
        return reader_.name() + " at offset " + std::to_string(block.offset);
      });
    }
  }
  return true;
}

// Makes `now` the next events that are certain to be in order. False at the end of the stream.
bool Decoder::advance(Stream& stream) {
  for (;;) {
    stream.now.swap(stream.ahead);
    stream.at = 0;
    bool more = decode_ahead(stream);
    // What an earlier block already overtook cannot be put back.
    while (stream.at < stream.now.size() && stream.now[stream.at].t < stream.last) {
      diagnostics_.add_at(Finding::kTimeBackwards, [&] { return "CPU " + std::to_string(stream.cpu); });
      ++stream.at;
    }
    if (stream.at < stream.now.size()) {
      stream.last = stream.now.back().t;
      return true;
    }
    if (!more && stream.ahead.empty()) return false;
  }
}

// Names of block 0 in a wrapped trace, and thread names that only a later wrap recorded again.
void Decoder::preamble() {
  Ticks t = INT64_MAX;
  for (const Head& head : heap_) t = std::min(t, head.t);
  if (t == INT64_MAX) t = 0;
  std::unordered_set<uint32_t> named;
  auto emit = [&](const Block& block, bool all) {
    auto name = [&](Event event) {
      event.t = t;
      if (event.num == KUTRACE_PIDNAME) {
        if (!named.insert(event.arg).second && !all) return;
        if (!all) event.flags |= Event::kInferredName;
      } else if (!all) {
        return;
      }
      batch_.push_back(event);
    };
    Event event{};
    event.cpu = static_cast<uint16_t>(block.cpu);
    if (!reader_.header_name(block).empty()) {
      event.num = KUTRACE_PIDNAME;
      event.arg = block.pid;
      event.extra = block.offset + 8 * (block.is_block0 ? KUTRACE_HDR0_NAME : KUTRACE_HDR_NAME);
      event.ret = 16;
      name(event);
    }
    std::vector<Event> one;
    uint64_t unused = 0;
    Diagnostics ignored;  // the decoder proper counts
    EntryWalker walker(reader_, block, ignored, false);
    Entry entry;
    while (walker.next(entry)) {
      event.arg = static_cast<uint32_t>(entry.word);
      if (kutrace_is_name(entry.num)) {
        one.clear();
        name_event(block, entry.index, entry.num, event, one, unused);
        for (const Event& e : one) name(e);
      } else if (all && entry.num == KUTRACE_MBIT_SEC) {
        Event speed = event;
        speed.t = t;
        speed.num = KUTRACE_MBIT_SEC;
        speed.extra = 0;
        speed.ret = 0;
        batch_.push_back(speed);
      }
    }
  };
  for (const Block& block : reader_.blocks()) {
    if (block.names_only) emit(block, true);
  }
  for (const std::vector<uint32_t>& list : reader_.per_cpu()) {
    for (uint32_t i : list) emit(reader_.blocks()[i], false);
  }
}

void Decoder::start() {
  timer_irq_[kX86LocalTimer] = true;
  // The timer's number is named in block 0, which another CPU may own.
  const Block& first = reader_.blocks().front();
  std::vector<Event> names;
  uint64_t unused = 0;
  Diagnostics ignored;
  EntryWalker walker(reader_, first, ignored, false);
  Entry entry;
  while (walker.next(entry)) {
    if (!kutrace_is_name(entry.num) || name_kind(entry.num) != KUTRACE_INTERRUPTNAME) continue;
    Event event{};
    event.arg = static_cast<uint32_t>(entry.word);
    names.clear();
    name_event(first, entry.index, entry.num, event, names, unused);
    for (const Event& e : names) {
      if (is_timer_name(name_text(e))) timer_irq_[e.arg & 0xff] = true;
    }
  }
  for (uint32_t cpu = 0; cpu < reader_.per_cpu().size(); ++cpu) {
    if (reader_.per_cpu()[cpu].empty()) continue;
    // Two blocks of events are held of each.
    if (!diagnostics_.take(Limit::memory, 2 * sizeof(Event) * KUTRACE_BLOCK_WORDS)) break;
    Stream stream;
    stream.cpu = cpu;
    streams_.push_back(std::move(stream));
  }
  for (uint32_t i = 0; i < streams_.size(); ++i) {
    decode_ahead(streams_[i]);
    if (advance(streams_[i])) heap_.push_back({streams_[i].now[streams_[i].at].t, i});
  }
  std::make_heap(heap_.begin(), heap_.end(), std::greater<>());
  if (reader_.info().wrapped) preamble();
}

const std::vector<Event>& Decoder::next() {
  batch_.clear();
  if (!started_) {
    started_ = true;
    start();
    if (!batch_.empty()) return batch_;
  }
  batch_.reserve(kBatch + 1);
  while (!heap_.empty() && batch_.size() < kBatch) {
    std::pop_heap(heap_.begin(), heap_.end(), std::greater<>());
    Head head = heap_.back();
    heap_.pop_back();
    Stream& stream = streams_[head.cpu];
    // Copy while this CPU stays ahead of all others.
    const Head other = heap_.empty() ? Head{INT64_MAX, UINT32_MAX} : heap_.front();
    bool live = true;
    while (live) {
      const Event* from = stream.now.data() + stream.at;
      const Event* end = stream.now.data() + stream.now.size();
      const Event* stop = std::min(end, from + (kBatch + 1 - std::min(kBatch, batch_.size())));
      const Event* to = from;
      while (to < stop && !(Head{to->t, head.cpu} > other)) ++to;
      batch_.insert(batch_.end(), from, to);
      stream.at += static_cast<size_t>(to - from);
      if (to == end) {
        live = advance(stream);
        if (live && batch_.size() < kBatch && !(Head{stream.now[stream.at].t, head.cpu} > other)) continue;
      }
      break;
    }
    if (live) {
      heap_.push_back({stream.now[stream.at].t, head.cpu});
      std::push_heap(heap_.begin(), heap_.end(), std::greater<>());
    }
  }
  return batch_;
}

}  // namespace kutrace
