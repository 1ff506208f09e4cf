// SPDX-License-Identifier: BSD-3-Clause
#include "support/encoder.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <stdexcept>

namespace kutrace::test {

Encoder::Encoder(const EncoderOptions& options) : options_(options) {}

void Encoder::running(uint32_t cpu, uint32_t pid, std::string_view name, uint32_t mhz) {
  state_of(cpu).pid = pid;
  state_of(cpu).mhz = mhz;
  thread_names_[pid] = std::string(name);
}

// The next block to hand out: a new one, or in wrap-around mode the oldest that nobody is writing in.
size_t Encoder::claim() {
  const bool ring = (options_.flags & KUTRACE_FLAG_WRAP) != 0 && options_.ring_blocks > 0;
  if (!ring || blocks_.size() <= options_.ring_blocks) {
    blocks_.emplace_back();
    return blocks_.size() - 1;
  }
  wrapped_ = true;
  for (size_t tries = 0; tries <= blocks_.size(); ++tries) {
    const size_t index = cursor_;
    cursor_ = cursor_ + 1 < blocks_.size() ? cursor_ + 1 : 1;
    const bool busy = std::any_of(cpus_.begin(), cpus_.end(), [&](const auto& c) { return c.block == index; });
    if (busy) continue;
    blocks_[index] = RawBlock();
    return index;
  }
  throw std::logic_error("more CPUs than blocks in the ring");
}

void Encoder::open(CpuState& state, uint32_t cpu, uint64_t counter) {
  state.block = kNone;
  state.block = claim();
  RawBlock& block = blocks_[state.block];
  const bool zero = state.block == 0;
  block.cpu = cpu;
  block.counter = counter;
  block.words[KUTRACE_HDR_COUNTER] = static_cast<uint64_t>(cpu & 0xff) << 56 | (counter & KUTRACE_LOW56);
  block.words[zero ? KUTRACE_HDR0_PID : KUTRACE_HDR_PID] = static_cast<uint64_t>(state.mhz) << 32 | state.pid;
  block.words[zero ? KUTRACE_HDR0_EXT : KUTRACE_HDR_EXT] = cpu >> 8;
  const std::string& name = thread_names_[state.pid];
  std::memcpy(&block.words[zero ? KUTRACE_HDR0_NAME : KUTRACE_HDR_NAME], name.data(), std::min<size_t>(name.size(), 16));
  state.at = zero ? KUTRACE_FIRST_ENTRY_BLOCK0 : KUTRACE_FIRST_ENTRY_OTHER;
  state.last_call = 0;
  state.mhz = 0;
}

Encoder::CpuState& Encoder::room(uint32_t cpu, uint64_t counter, uint32_t words) {
  CpuState& state = state_of(cpu);
  if (state.block == kNone || state.at + words > KUTRACE_BLOCK_WORDS) {
    // Opened now, which for a late store is after what was stored before it.
    const uint64_t now = state.stored ? std::max(counter, state.previous) : counter;
    open(state, cpu, now + options_.open_delay);
  }
  return state;
}

void Encoder::store(uint32_t cpu, uint64_t counter, uint32_t event, uint32_t arg, uint8_t ipc, bool may_step,
                    const std::vector<uint64_t>& more) {
  CpuState& before = state_of(cpu);
  const uint64_t step = counter - before.previous;  // modulo 2^64: backward is huge
  const bool announced = may_step && before.stored && step > KUTRACE_TS_MAX_STEP;
  const auto words = static_cast<uint32_t>(1 + more.size() + (announced ? 1 : 0));
  CpuState& state = room(cpu, counter, words);
  RawBlock& block = blocks_[state.block];
  if (announced) block.words[state.at++] = entry_word(counter, KUTRACE_TSDELTA, static_cast<uint32_t>(step));
  state.last_call = more.empty() && kutrace_is_call(event) ? state.at : 0;
  if (more.empty()) block.bytes[state.at] = ipc;
  block.words[state.at++] = entry_word(counter, event, arg);
  for (uint64_t word : more) block.words[state.at++] = word;
  state.stored = true;
  state.previous = counter;
  if (event == KUTRACE_USERPID) state.pid = arg;
}

void Encoder::entry(uint32_t cpu, uint64_t counter, uint32_t event, uint32_t arg, uint8_t ipc) {
  if (event >= KUTRACE_TRAP) arg &= 0xffff;
  store(cpu, counter, event, arg, ipc, true, {});
}

void Encoder::unmarked(uint32_t cpu, uint64_t counter, uint32_t event, uint32_t arg) {
  if (event >= KUTRACE_TRAP) arg &= 0xffff;
  store(cpu, counter, event, arg, 0, false, {});
}

bool Encoder::leave(uint32_t cpu, uint64_t counter, uint32_t call, int64_t value, uint8_t ipc) {
  CpuState& state = state_of(cpu);
  if (state.block != kNone && state.last_call != 0 && value >= -128 && value <= 127) {
    RawBlock& block = blocks_[state.block];
    uint64_t& word = block.words[state.last_call];
    const uint64_t counts = (counter - (word >> KUTRACE_TS_SHIFT)) & KUTRACE_TS_MASK;
    const uint32_t number = static_cast<uint32_t>(word >> KUTRACE_EVENT_SHIFT) & 0xfff;
    const bool same = number == call && (word & 0xffff0000) == 0;
    if (same && counts <= KUTRACE_MAX_FOLD_COUNTS && counter - state.previous <= KUTRACE_MAX_FOLD_COUNTS) {
      word |= std::max<uint64_t>(1, counts) << KUTRACE_DELTA_SHIFT;
      word |= (static_cast<uint64_t>(value) & 0xff) << KUTRACE_RETVAL_SHIFT;
      block.bytes[state.last_call] = static_cast<uint8_t>((block.bytes[state.last_call] & 0xf) | ipc << 4);
      state.last_call = 0;
      return true;
    }
  }
  entry(cpu, counter, call | KUTRACE_RETURN_BIT, static_cast<uint32_t>(value) & 0xffff, ipc);
  return false;
}

void Encoder::name(uint32_t cpu, uint64_t counter, uint32_t kind, uint32_t number, std::string_view text) {
  text = text.substr(0, KUTRACE_MAX_NAME_BYTES);
  std::vector<uint64_t> more((text.size() + 7) / 8);
  if (more.empty()) return;
  std::memcpy(more.data(), text.data(), text.size());
  if (kind == KUTRACE_PIDNAME) thread_names_[number] = std::string(text);
  store(cpu, counter, kind + (static_cast<uint32_t>(more.size() + 1) << 4), number, 0, true, more);
}

void Encoder::sample(uint32_t cpu, uint64_t counter, uint64_t address, uint32_t mhz) {
  store(cpu, counter, KUTRACE_PC_U, mhz, 0, true, {address});
}

void Encoder::raw(uint32_t cpu, uint64_t counter, const std::vector<uint64_t>& words) {
  CpuState& state = room(cpu, counter, static_cast<uint32_t>(words.size()));
  RawBlock& block = blocks_[state.block];
  for (uint64_t word : words) block.words[state.at++] = word;
  state.last_call = 0;
}

uint64_t Encoder::oldest(uint32_t cpu, bool with_block0) const {
  uint64_t least = UINT64_MAX;
  for (size_t i = with_block0 ? 0 : 1; i < blocks_.size(); ++i) {
    if (blocks_[i].cpu == cpu) least = std::min(least, blocks_[i].counter);
  }
  return least;
}

std::vector<uint8_t> Encoder::finish(uint64_t stop_counter) {
  const double counts = static_cast<double>(stop_counter - options_.start_counter);
  const uint64_t stop_us = options_.start_us + static_cast<uint64_t>(std::llround(counts / options_.counts_per_us));
  const double slope = static_cast<double>(stop_us - options_.start_us) / counts;
  const bool bytes = (options_.flags & (KUTRACE_FLAG_IPC | KUTRACE_FLAG_LLC)) != 0;
  std::vector<uint8_t> file;
  file.reserve(blocks_.size() * (KUTRACE_BLOCK_BYTES + (bytes ? KUTRACE_BYTE_AREA_BYTES : 0)));
  for (size_t i = 0; i < blocks_.size(); ++i) {
    RawBlock& block = blocks_[i];
    const auto after = static_cast<double>(block.counter) - static_cast<double>(options_.start_counter);
    const uint64_t us = options_.start_us + static_cast<uint64_t>(static_cast<int64_t>(after * slope));
    uint64_t flags = options_.flags;
    if (i == 0) {
      flags |= KUTRACE_FORMAT_VERSION;
      if (!wrapped_) flags &= ~static_cast<uint64_t>(KUTRACE_FLAG_WRAP);
      block.words[KUTRACE_HDR0_START_COUNTER] = options_.start_counter;
      block.words[KUTRACE_HDR0_START_US] = options_.start_us;
      block.words[KUTRACE_HDR0_STOP_COUNTER] = stop_counter;
      block.words[KUTRACE_HDR0_STOP_US] = stop_us;
    }
    block.words[KUTRACE_HDR_CLOCK] = flags << 56 | us;
    const auto* words = reinterpret_cast<const uint8_t*>(block.words.data());
    file.insert(file.end(), words, words + KUTRACE_BLOCK_BYTES);
    if (bytes) file.insert(file.end(), block.bytes.begin(), block.bytes.end());
  }
  return file;
}

}  // namespace kutrace::test
