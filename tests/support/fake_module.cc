// SPDX-License-Identifier: BSD-3-Clause
#include "support/fake_module.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace kutrace::test {
namespace {

constexpr double kRate = 40.0;
constexpr uint64_t kStartUs = 1795229448519597;
constexpr uint32_t kThread = 4711;


}  // namespace

FakeModule::~FakeModule() {
  for (const int fd : devices_) close(fd);
}

uint64_t FakeModule::wall_clock(uint64_t counter) {
  return kStartUs + static_cast<uint64_t>(static_cast<double>(counter) / kRate);
}

capture::TimePair FakeModule::time_pair() {
  counter += 100000;
  return {counter, wall_clock(counter)};
}

uint64_t FakeModule::insert(const uint64_t* words, size_t count) {
  if (!encoder_) return 0;
  counter += 100;
  std::vector<uint64_t> entry(words, words + count);
  entry[0] |= (counter & KUTRACE_TS_MASK) << KUTRACE_TS_SHIFT;
  encoder_->raw(0, counter, entry);
  return count;
}

// Completes the trace, once: what the device gives, and what the calls give.
void FakeModule::freeze() {
  if (tracing_ || !file_.empty() || !encoder_ || encoder_->blocks() == 0) return;
  counter += 1000;
  file_ = encoder_->finish(counter);
  stop_us_ = wall_clock(counter);
  for (const int fd : devices_) {
    if (pwrite(fd, file_.data(), file_.size(), 0) != static_cast<ssize_t>(file_.size())) throw std::runtime_error("memfd");
  }
  const bool bytes = byte_areas();
  const size_t stride = KUTRACE_BLOCK_BYTES + (bytes ? KUTRACE_BYTE_AREA_BYTES : 0);
  for (size_t at = 0; at < file_.size(); at += stride) {
    std::vector<uint64_t> block(KUTRACE_BLOCK_WORDS), area(KUTRACE_BYTE_AREA_BYTES / 8);
    std::memcpy(block.data(), file_.data() + at, KUTRACE_BLOCK_BYTES);
    if (bytes) std::memcpy(area.data(), file_.data() + at + KUTRACE_BLOCK_BYTES, KUTRACE_BYTE_AREA_BYTES);
    block[KUTRACE_HDR_CLOCK] = static_cast<uint64_t>(encoding_.flags) << 56;
    if (at == 0) std::fill(block.begin() + KUTRACE_HDR0_START_COUNTER, block.begin() + KUTRACE_HDR0_PID, 0);
    words_.insert(words_.end(), block.begin(), block.end());
    byte_words_.insert(byte_words_.end(), area.begin(), area.end());
  }
}

void FakeModule::note_name(const uint64_t* words) {
  const auto event = static_cast<uint32_t>(words[0] >> KUTRACE_EVENT_SHIFT & KUTRACE_EVENT_MASK);
  char text[KUTRACE_MAX_NAME_BYTES + 1] = {};
  std::memcpy(text, words + 1, 8 * (KUTRACE_EVENT_LENGTH(event) - 1));
  names.emplace_back(static_cast<uint32_t>(words[0]), text);
}

void FakeModule::start() {
  if (!encoder_) empty(0);
  tracing_ = true;
}

void FakeModule::stop() {
  tracing_ = false;
  freeze();
}

void FakeModule::empty(unsigned flags) {
  tracing_ = false;
  reset_flags_ = flags & ~static_cast<unsigned>(KUTRACE_RESET_STOP);
  ++generation_;
  encoding_ = {};
  encoding_.start_counter = counter;
  encoding_.start_us = wall_clock(counter);
  encoding_.counts_per_us = kRate;
  encoding_.flags = (flags & KUTRACE_RESET_IPC ? KUTRACE_FLAG_IPC : 0u) |
                    (flags & KUTRACE_RESET_WRAP ? KUTRACE_FLAG_WRAP : 0u) |
                    (flags & KUTRACE_RESET_LLC ? KUTRACE_FLAG_LLC : 0u);
  encoding_.ring_blocks = options_.ring_blocks;
  encoder_ = std::make_unique<Encoder>(encoding_);
  encoder_->running(0, static_cast<uint32_t>(getpid()), "kutrace_control");
  encoder_->running(1, 0, "swapper/1");
  file_.clear();
  words_.clear();
  byte_words_.clear();
  names.clear();
  start_us_ = encoding_.start_us;
  stop_us_ = 0;
  handed_out_ = 0;
  for (const int fd : devices_) {
    if (ftruncate(fd, 0) != 0) throw std::runtime_error("memfd");
  }
}

int FakeModule::open_device() {
  if (!options_.device) return -ENOENT;
  if (options_.device_error != 0) return -options_.device_error;
  freeze();
  const int fd = memfd_create("trace", MFD_CLOEXEC);
  if (fd < 0) throw std::runtime_error("memfd");
  devices_.push_back(dup(fd));
  if (pwrite(fd, file_.data(), file_.size(), 0) != static_cast<ssize_t>(file_.size())) throw std::runtime_error("memfd");
  return fd;
}

uint64_t FakeModule::read_page(uint64_t to, bool bytes) {
  const std::vector<uint64_t>& area = bytes ? byte_words_ : words_;
  if (position_ + 512 > area.size()) return 4096;
  std::memcpy(reinterpret_cast<void*>(to), area.data() + position_, 4096);
  return 0;
}

uint64_t FakeModule::call(uint64_t command, uint64_t argument) {
  counter += 100;
  commands.push_back(command);
  if (options_.refuse_all != 0) return options_.refuse_all;
  switch (command) {
    case KUTRACE_CMD_TEST: return tracing_;
    case KUTRACE_CMD_VERSION: return options_.version;
    case KUTRACE_CMD_STAT: return blocks();
    case KUTRACE_CMD_ON:
      start();
      return 1;
    case KUTRACE_CMD_OFF:
    case KUTRACE_CMD_FLUSH:
      stop();
      return 0;
    case KUTRACE_CMD_RESET:
      if (argument & (KUTRACE_RESET_IPC | KUTRACE_RESET_LLC) && !options_.counters) return KUTRACE_CMD_ERROR;
      empty(static_cast<unsigned>(argument));
      return 0;
    case KUTRACE_CMD_GETCOUNT: {
      stop();
      const uint64_t words = blocks() * KUTRACE_BLOCK_WORDS;
      return encoder_ && encoder_->wrapped() ? ~words : words;
    }
    case KUTRACE_CMD_GETWORD: return argument < words_.size() ? words_[argument] : 0;
    case KUTRACE_CMD_GETIPCWORD: return argument < byte_words_.size() ? byte_words_[argument] : 0;
    case KUTRACE_CMD_SET4KB:
      position_ = argument;
      return 0;
    case KUTRACE_CMD_GET4KB: return read_page(argument, false);
    case KUTRACE_CMD_GETIPC4KB: return read_page(argument, true);
    case KUTRACE_CMD_INSERT1:
      if (!tracing_) return 0;
      marks.push_back(argument);
      return insert(&argument, 1);
    case ~static_cast<uint64_t>(KUTRACE_CMD_INSERT1): return tracing_ ? 0 : insert(&argument, 1);
    case KUTRACE_CMD_INSERTN:
    case ~static_cast<uint64_t>(KUTRACE_CMD_INSERTN): {
      if (tracing_ != (command == KUTRACE_CMD_INSERTN)) return 0;
      uint64_t words[KUTRACE_MAX_ENTRY_WORDS];
      std::memcpy(words, reinterpret_cast<const void*>(argument), sizeof(words));
      const auto event = static_cast<uint32_t>(words[0] >> KUTRACE_EVENT_SHIFT & KUTRACE_EVENT_MASK);
      note_name(words);
      return insert(words, KUTRACE_EVENT_LENGTH(event));
    }
    case KUTRACE_CMD_LOST:
      if (!options_.losses) return KUTRACE_CMD_ERROR;
      return argument == ~0ULL || argument == 0 ? lost_ : 0;
    case KUTRACE_CMD_FULL_US:
      if (!options_.losses) return KUTRACE_CMD_ERROR;
      return lost_ > 0 ? wall_clock(counter) : 0;
    default: return KUTRACE_CMD_ERROR;
  }
}

void FakeModule::activity(uint32_t calls) {
  for (uint32_t cpu = 0; cpu < 2; ++cpu) encoder_->entry(cpu, counter += 50, KUTRACE_USERPID, kThread + cpu);
  for (uint32_t k = 0; k < calls; ++k) {
    const uint32_t cpu = k % 2;
    encoder_->entry(cpu, counter += 400, KUTRACE_SYSCALL64 + 39, k & 0xff);
    // Too late to be folded, so that blocks fill up.
    encoder_->leave(cpu, counter += 300, KUTRACE_SYSCALL64 + 39, 1);
  }
}

}  // namespace kutrace::test
