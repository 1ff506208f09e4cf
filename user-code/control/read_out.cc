// SPDX-License-Identifier: BSD-3-Clause
#include "control/read_out.h"

#include <algorithm>
#include <cstring>

#include "control/failure.h"

namespace kutrace::capture {
namespace {

constexpr size_t kReadBytes = 1 << 20;

bool has_byte_area(uint64_t clock_word) {
  return ((clock_word >> 56) & (KUTRACE_FLAG_IPC | KUTRACE_FLAG_LLC)) != 0;
}

}  // namespace

uint64_t BlockWriter::word(size_t index) const {
  uint64_t value;
  std::memcpy(&value, held_.data() + 8 * index, 8);
  return value;
}

void BlockWriter::take(std::span<const char> bytes) {
  while (!bytes.empty()) {
    // The clock word says how long this block is.
    size_t want = 8 * (KUTRACE_HDR_CLOCK + 1);
    if (held_.size() >= want) {
      want = KUTRACE_BLOCK_BYTES + (has_byte_area(word(KUTRACE_HDR_CLOCK)) ? KUTRACE_BYTE_AREA_BYTES : 0);
    }
    const size_t n = std::min(bytes.size(), want - held_.size());
    held_.insert(held_.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(n));
    bytes = bytes.subspan(n);
    if (held_.size() == want && want >= KUTRACE_BLOCK_BYTES) block();
  }
}

void BlockWriter::block() {
  const bool is_first = index_ == 0;
  if (is_first) {
    summary_.wrapped = (word(KUTRACE_HDR_CLOCK) >> 56 & KUTRACE_FLAG_WRAP) != 0;
    summary_.start_us = word(KUTRACE_HDR0_START_US);
    summary_.stop_us = word(KUTRACE_HDR0_STOP_US);
  }
  if (!is_first || !summary_.wrapped) {
    const uint64_t high = word(is_first ? KUTRACE_HDR0_EXT : KUTRACE_HDR_EXT) & 0xff;
    const auto cpu = static_cast<uint32_t>(word(KUTRACE_HDR_COUNTER) >> 56 | high << 8);
    const uint64_t us = word(KUTRACE_HDR_CLOCK) & KUTRACE_LOW56;
    const auto [at, fresh] = summary_.first_us.emplace(cpu, us);
    if (!fresh) at->second = std::min(at->second, us);
  }
  sink_.put(index_++, held_);
  ++summary_.blocks;
  summary_.bytes += held_.size();
  held_.clear();
}

TraceSummary BlockWriter::finish() {
  if (!held_.empty()) {
    throw Failure("the module's trace ends in the middle of block " + std::to_string(summary_.blocks),
                  "the trace is still there; try `stop` again");
  }
  return summary_;
}

TraceSummary read_out(Module& module, TraceFile& file) {
  FileSink sink(file);
  BlockWriter writer(sink);
  std::vector<char> buffer(kReadBytes);
  module.rewind();
  while (const size_t n = module.read(buffer)) writer.take({buffer.data(), n});
  return writer.finish();
}

TraceSummary read_out_newest_first(Module& module, uint64_t blocks, BlockSink& sink) {
  BlockWriter writer(sink);
  std::vector<char> buffer(KUTRACE_BLOCK_BYTES);
  const auto read = [&](uint64_t index, size_t bytes) {
    module.seek(index * KUTRACE_BLOCK_BYTES);
    for (size_t done = 0; done < bytes;) {
      const size_t n = module.read(std::span(buffer).subspan(done, bytes - done));
      if (n == 0) throw Failure("the module's trace ends in block " + std::to_string(index) + " of " + std::to_string(blocks), "the trace is still there; try again");
      done += n;
    }
  };
  const auto hand_on = [&](uint64_t index) {
    read(index, KUTRACE_BLOCK_BYTES);
    writer.at(index);
    writer.take(buffer);
  };
  if (blocks > 0) hand_on(0);
  std::vector<std::pair<uint64_t, uint64_t>> order;  // counter when it was opened, index
  for (uint64_t index = 1; index < blocks; ++index) {
    uint64_t counter;
    read(index, sizeof(counter));
    std::memcpy(&counter, buffer.data() + 8 * KUTRACE_HDR_COUNTER, sizeof(counter));
    order.emplace_back(counter & KUTRACE_LOW56, index);
  }
  std::sort(order.rbegin(), order.rend());
  for (const auto& [counter, index] : order) hand_on(index);
  return writer.finish();
}

}  // namespace kutrace::capture
