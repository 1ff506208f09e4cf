// SPDX-License-Identifier: BSD-3-Clause
#include "control/read_out.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>

#include "control/refusal.h"

namespace kutrace::capture {
namespace {

constexpr size_t kReadBytes = 1 << 20;
constexpr uint64_t kPageWords = 512;  // of SET4KB/GET4KB
constexpr uint64_t kByteAreaWords = KUTRACE_BYTE_AREA_BYTES / 8;

bool has_byte_area(uint64_t clock_word) {
  return ((clock_word >> 56) & (KUTRACE_FLAG_IPC | KUTRACE_FLAG_LLC)) != 0;
}

template <typename T>
std::span<const char> as_chars(const std::vector<T>& v) {
  return {reinterpret_cast<const char*>(v.data()), v.size() * sizeof(T)};
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() { close(fd_); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

TraceSummary read_device(int fd, BlockWriter& writer) {
  std::vector<char> buffer(kReadBytes);
  for (;;) {
    const ssize_t n = read(fd, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw explain_device(errno);
    if (n == 0) return writer.finish();
    writer.take({buffer.data(), static_cast<size_t>(n)});
  }
}

// The control calls that read, for a module of version 3 (words) or 4 (pages).
class CallReader {
 public:
  CallReader(Control& control, const Machine& machine) : control_(control), machine_(machine) {
    const uint64_t version = control.call(KUTRACE_CMD_VERSION, 0);
    if (is_refusal(version)) throw explain_refusal(version, "read the trace", machine);
    if (version < 3) {
      throw Failure("the module has version " + std::to_string(version) + ", which is too old to be read",
                    "load kutrace_mod of this project");
    }
    by_page_ = version >= 4;
  }
  void block(uint64_t index, std::vector<uint64_t>& words) {
    read(index * KUTRACE_BLOCK_WORDS, words, KUTRACE_CMD_GETWORD, KUTRACE_CMD_GET4KB);
  }
  void byte_area(uint64_t index, std::vector<uint64_t>& words) {
    read(index * kByteAreaWords, words, KUTRACE_CMD_GETIPCWORD, KUTRACE_CMD_GETIPC4KB);
  }

 private:
  void read(uint64_t first, std::vector<uint64_t>& words, uint64_t word_command, uint64_t page_command) {
    if (!by_page_) {
      for (size_t k = 0; k < words.size(); ++k) words[k] = control_.call(word_command, first + k);
      return;
    }
    for (size_t k = 0; k < words.size(); k += kPageWords) {
      check(control_.call(KUTRACE_CMD_SET4KB, first + k));
      check(control_.call(page_command, reinterpret_cast<uintptr_t>(words.data() + k)));
    }
  }
  // GET4KB gives the number of bytes that it could not copy.
  void check(uint64_t result) {
    if (is_refusal(result)) throw explain_refusal(result, "read the trace", machine_);
    if (result != 0) throw Failure("the module gave part of a page only", "the trace is still there; try `stop` again");
  }
  Control& control_;
  const Machine& machine_;
  bool by_page_ = false;
};

// The stop pair is taken now. Without a start pair, the rate is measured and the start reckoned back.
ClockLine clock_line(Control& control, std::span<const uint64_t> block0, bool& guessed) {
  usleep(20000);  // later than anything another CPU may still store
  ClockLine line;
  line.stop = control.time_pair();
  if (const auto start = find_start_pair(block0); start && start->counter < line.stop.counter) {
    line.start = *start;
    return line;
  }
  guessed = true;
  usleep(500000);
  const TimePair later = control.time_pair();
  const double rate = static_cast<double>(later.us - line.stop.us) /
                      static_cast<double>(std::max<uint64_t>(1, later.counter - line.stop.counter));
  line.stop = later;
  line.start.counter = std::min<uint64_t>(block0[KUTRACE_HDR_COUNTER] & KUTRACE_LOW56, later.counter - 1);
  line.start.us = later.us - static_cast<uint64_t>(static_cast<double>(later.counter - line.start.counter) * rate);
  return line;
}

TraceSummary read_calls(Control& control, const Machine& machine, uint64_t words, BlockWriter& writer) {
  CallReader reader(control, machine);
  std::vector<uint64_t> block(KUTRACE_BLOCK_WORDS), bytes(kByteAreaWords);
  ClockLine clock;
  bool guessed = false;
  const uint64_t blocks = (words + KUTRACE_BLOCK_WORDS - 1) / KUTRACE_BLOCK_WORDS;
  for (uint64_t k = 0; k < blocks; ++k) {
    reader.block(k, block);
    if (k == 0) clock = clock_line(control, block, guessed);
    complete_header(block, k == 0, clock);
    writer.take(as_chars(block));
    if (!has_byte_area(block[KUTRACE_HDR_CLOCK])) continue;
    reader.byte_area(k, bytes);
    writer.take(as_chars(bytes));
  }
  TraceSummary summary = writer.finish();
  summary.no_start_pair = guessed;
  return summary;
}

}  // namespace

uint64_t ClockLine::us(uint64_t counter) const {
  const auto run = static_cast<double>(std::max(stop.counter, start.counter + 1) - start.counter);
  const double slope = (static_cast<double>(stop.us) - static_cast<double>(start.us)) / run;
  const double since = (static_cast<double>(counter) - static_cast<double>(start.counter)) * slope;
  return static_cast<uint64_t>(static_cast<int64_t>(start.us) + static_cast<int64_t>(since));
}

uint64_t BlockWriter::word(size_t index) const {
  uint64_t value;
  std::memcpy(&value, held_.data() + 8 * index, 8);
  return value;
}

void BlockWriter::set_word(size_t index, uint64_t value) { std::memcpy(held_.data() + 8 * index, &value, 8); }

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
  const bool is_first = summary_.blocks == 0;
  if (is_first) {
    uint64_t clock = word(KUTRACE_HDR_CLOCK);
    if ((clock >> 56 & KUTRACE_FLAG_VERSION_MASK) == 0) clock |= static_cast<uint64_t>(KUTRACE_FORMAT_VERSION) << 56;
    if (wrapped_ && !*wrapped_) clock &= ~(static_cast<uint64_t>(KUTRACE_FLAG_WRAP) << 56);
    set_word(KUTRACE_HDR_CLOCK, clock);
    summary_.wrapped = (clock >> 56 & KUTRACE_FLAG_WRAP) != 0;
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
  file_.write(held_);
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

void insert_start_pair(Control& control) {
  const TimePair now = control.time_pair();
  const uint64_t words[KUTRACE_MAX_ENTRY_WORDS] = {
      static_cast<uint64_t>(KUTRACE_TIMEPAIR | 3 << 4) << KUTRACE_EVENT_SHIFT, now.counter, now.us};
  control.call(~static_cast<uint64_t>(KUTRACE_CMD_INSERTN), reinterpret_cast<uintptr_t>(words));
}

std::optional<TimePair> find_start_pair(std::span<const uint64_t> block0) {
  size_t k = KUTRACE_FIRST_ENTRY_BLOCK0;
  while (k + 2 < block0.size()) {
    const auto event = static_cast<uint32_t>(block0[k] >> KUTRACE_EVENT_SHIFT & KUTRACE_EVENT_MASK);
    if (event == (KUTRACE_TIMEPAIR | 3 << 4)) return TimePair{block0[k + 1], block0[k + 2]};
    size_t length = kutrace_is_name(event) ? KUTRACE_EVENT_LENGTH(event) : 1;
    if (event == KUTRACE_PC_OLD || event == KUTRACE_PC_U || event == KUTRACE_PC_K) length = 2;
    k += std::max<size_t>(1, length);
  }
  return std::nullopt;
}

void complete_header(std::span<uint64_t> block, bool is_first, const ClockLine& clock) {
  const uint64_t us = clock.us(block[KUTRACE_HDR_COUNTER] & KUTRACE_LOW56);
  block[KUTRACE_HDR_CLOCK] = (block[KUTRACE_HDR_CLOCK] & ~KUTRACE_LOW56) | (us & KUTRACE_LOW56);
  if (!is_first) return;
  block[KUTRACE_HDR0_START_COUNTER] = clock.start.counter;
  block[KUTRACE_HDR0_START_US] = clock.start.us;
  block[KUTRACE_HDR0_STOP_COUNTER] = std::max(clock.stop.counter, clock.start.counter + 1);
  block[KUTRACE_HDR0_STOP_US] = clock.stop.us;
}

TraceSummary read_out(Control& control, const Machine& machine, TraceFile& file) {
  uint64_t words = control.call(KUTRACE_CMD_GETCOUNT, 0);
  if (is_refusal(words)) throw explain_refusal(words, "read the trace", machine);
  const bool wrapped = static_cast<int64_t>(words) < 0;
  if (wrapped) words = ~words;
  BlockWriter writer(file, wrapped);
  const int fd = control.open_device();
  if (fd >= 0) {
    const Descriptor device(fd);
    return read_device(fd, writer);
  }
  if (fd != -ENOENT && fd != -ENXIO && fd != -ENODEV) throw explain_device(-fd);
  return read_calls(control, machine, words, writer);
}

}  // namespace kutrace::capture
