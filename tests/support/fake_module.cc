// SPDX-License-Identifier: BSD-3-Clause
#include "support/fake_module.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "kutrace/memory.h"

namespace kutrace::test {
namespace {

constexpr double kRate = 40.0;
constexpr uint64_t kStartUs = 1795229448519597;
constexpr uint32_t kThread = 4711;
constexpr unsigned kKnownFlags = KUTRACE_RESET_IPC | KUTRACE_RESET_WRAP | KUTRACE_RESET_LLC | KUTRACE_RESET_FOLLOW |
                                 KUTRACE_RESET_NO_ADDRESSES | KUTRACE_RESET_STOP;

template <typename T>
T& at(uint64_t address) {
  return *reinterpret_cast<T*>(address);
}

// Words of an entry that may be made; 0: it may not.
uint32_t entry_words(uint64_t word, uint32_t rights) {
  const auto event = static_cast<uint32_t>(word >> KUTRACE_EVENT_SHIFT & KUTRACE_EVENT_MASK);
  const uint32_t words = KUTRACE_EVENT_LENGTH(event), kind = event & ~0xf0u;
  const bool control = (rights & KUTRACE_RIGHT_CONTROL) != 0;
  if (kutrace_is_mark(event) != 0) return 1;
  if (event == KUTRACE_USERPID) return control && static_cast<uint32_t>(word) == static_cast<uint32_t>(gettid()) ? 1 : 0;
  if (!kutrace_is_name(event) || words < 2 || words > KUTRACE_MAX_ENTRY_WORDS) return 0;
  return (control ? kutrace_is_control_name(kind) : kutrace_is_own_name(kind)) != 0 ? words : 0;
}

}  // namespace

FakeModule::~FakeModule() {
  for (const int fd : devices_) close(fd);
}

uint64_t FakeModule::wall_clock(uint64_t counter) {
  return kStartUs + static_cast<uint64_t>(static_cast<double>(counter) / kRate);
}

uint64_t FakeModule::insert(const uint64_t* words, size_t count) {
  if (!encoder_) return 0;
  counter += 100;
  std::vector<uint64_t> entry(words, words + count);
  entry[0] |= (counter & KUTRACE_TS_MASK) << KUTRACE_TS_SHIFT;
  encoder_->raw(0, counter, entry);
  return count;
}

// Completes the trace, once.
void FakeModule::freeze() {
  if (tracing_ || !file_.empty() || !encoder_ || encoder_->blocks() == 0) return;
  counter += 1000;
  file_ = encoder_->finish(counter);
  stop_us_ = wall_clock(counter);
  for (const int fd : devices_) {
    if (pwrite(fd, file_.data(), file_.size(), 0) != static_cast<ssize_t>(file_.size())) throw std::runtime_error("memfd");
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
  names.clear();
  start_us_ = encoding_.start_us;
  stop_us_ = 0;
  handed_out_ = 0;
  for (const int fd : devices_) {
    if (ftruncate(fd, 0) != 0) throw std::runtime_error("memfd");
  }
}

int FakeModule::open_device() {
  if (options_.open_error != 0) return -options_.open_error;
  freeze();
  const int fd = memfd_create("trace", MFD_CLOEXEC);
  if (fd < 0) throw std::runtime_error("memfd");
  devices_.push_back(dup(fd));
  rights_.erase(fd);
  if (pwrite(fd, file_.data(), file_.size(), 0) != static_cast<ssize_t>(file_.size())) throw std::runtime_error("memfd");
  return fd;
}

int FakeModule::status(unsigned long request, uint32_t rights, kutrace_status& to) {
  kutrace_status s{};
  s.size = std::min<unsigned>(sizeof(s), _IOC_SIZE(request));
  s.version = KUTRACE_DEVICE_VERSION;
  s.rights = rights;
  s.state = tracing_ ? KUTRACE_STATE_TRACING : 0;
  if ((s.rights & KUTRACE_RIGHT_CONTROL) != 0) {
    s.state |= (lost_ > 0 ? KUTRACE_STATE_FULL : 0u) | (!file_.empty() ? KUTRACE_STATE_STOPPED : 0u);
    s.flags = reset_flags_;
    s.generation = generation_;
    s.blocks = 512;
    s.used = blocks();
    s.lost = lost_;
    s.full_us = lost_ > 0 ? wall_clock(counter) : 0;
    s.start_us = start_us_;
    s.stop_us = stop_us_;
    s.starter = tracing_ ? static_cast<unsigned>(getpid()) : 0;
  }
  std::memcpy(&to, &s, s.size);
  return 0;
}

int FakeModule::reset(const kutrace_reset& r) {
  if (r.reserved != 0 || (r.flags & ~kKnownFlags) != 0) return -EINVAL;
  if (tracing_ && (r.flags & KUTRACE_RESET_STOP) == 0) return -EBUSY;
  if ((r.flags & (KUTRACE_RESET_IPC | KUTRACE_RESET_LLC)) != 0 && !options_.counters) return -EOPNOTSUPP;
  empty(r.flags);
  return 0;
}

int FakeModule::insert_entries(uint32_t rights, const kutrace_insert& in) {
  const bool before = (in.flags & KUTRACE_INSERT_BEFORE) != 0;
  if ((in.flags & ~static_cast<unsigned>(KUTRACE_INSERT_BEFORE)) != 0 || in.words > KUTRACE_INSERT_WORDS) return -EINVAL;
  if (before && (rights & KUTRACE_RIGHT_CONTROL) == 0) return -EPERM;
  const auto* words = reinterpret_cast<const uint64_t*>(in.from);
  for (uint32_t k = 0, length = 0; k < in.words; k += length) {
    length = entry_words(words[k], rights);
    if (length == 0 || length > in.words - k) return -EINVAL;
  }
  if (before == tracing_) return 0;
  for (uint32_t k = 0, length = 0; k < in.words; k += length) {
    length = entry_words(words[k], rights);
    if (length > 1) {
      note_name(words + k);
    } else if (!before) {
      marks.push_back(words[k]);
    }
    insert(words + k, length);
  }
  return static_cast<int>(in.words);
}

// Block 0 first, the others when they are complete, which here is after the end, and block 0 again.
int FakeModule::next(kutrace_next& n) {
  if ((reset_flags_ & KUTRACE_RESET_FOLLOW) == 0 || n.flags != 0 || n.acknowledge > handed_out_) return -EINVAL;
  if (tracing_) return -EAGAIN;
  const size_t stride = KUTRACE_BLOCK_BYTES + (byte_areas() ? KUTRACE_BYTE_AREA_BYTES : 0);
  const uint64_t blocks = file_.size() / stride;
  if (n.bytes < stride) return -EINVAL;
  if (handed_out_ > blocks) return 0;
  const uint64_t k = handed_out_ % blocks;
  std::memcpy(reinterpret_cast<void*>(n.to), file_.data() + k * stride, stride);
  n.bytes = static_cast<unsigned>(stride);
  n.flags = k == 0 ? KUTRACE_NEXT_FIRST : 0;
  n.number = handed_out_++;
  n.overtaken = 0;
  return 1;
}

int FakeModule::restrict_rights(uint32_t& rights, const kutrace_restrict& r) {
  if ((r.rights & ~rights) != 0) return -EINVAL;
  rights = r.rights;
  return 0;
}

int FakeModule::command(int device, unsigned long request, uint64_t argument) {
  counter += 100;
  uint32_t& rights = rights_.try_emplace(device, options_.rights).first->second;
  const auto event = static_cast<uint32_t>(request - KUTRACE_MARK_COMMAND(0)) + KUTRACE_USERPID;
  const bool control = (rights & KUTRACE_RIGHT_CONTROL) != 0, marking = (rights & KUTRACE_RIGHT_MARK) != 0;
  if (event >= KUTRACE_USERPID && event <= KUTRACE_SPECIAL_LAST) {
    if (!marking) return -EPERM;
    if (kutrace_is_mark(event) == 0) return -EINVAL;
    if (!tracing_) return 0;
    const uint64_t word = static_cast<uint64_t>(event) << KUTRACE_EVENT_SHIFT | static_cast<uint32_t>(argument);
    marks.push_back(word);
    return static_cast<int>(insert(&word, 1));
  }
  requests.push_back(request);
  if (_IOC_TYPE(request) == _IOC_TYPE(KUTRACE_IOC_STATUS) && _IOC_NR(request) == _IOC_NR(KUTRACE_IOC_STATUS)) {
    return status(request, rights, at<kutrace_status>(argument));
  }
  if (request == KUTRACE_IOC_INSERT) return marking ? insert_entries(rights, at<const kutrace_insert>(argument)) : -EPERM;
  if (request == KUTRACE_IOC_RESTRICT) return restrict_rights(rights, at<const kutrace_restrict>(argument));
  if (!control) return -EPERM;
  switch (request) {
    case KUTRACE_IOC_RESET: return reset(at<const kutrace_reset>(argument));
    case KUTRACE_IOC_START:
      if (tracing_) return -EALREADY;
      start();
      return 0;
    case KUTRACE_IOC_STOP: stop(); return 0;
    case KUTRACE_IOC_CPU_LOST: {
      auto& l = at<kutrace_cpu_lost>(argument);
      if (l.reserved != 0 || l.cpu > 1) return -EINVAL;
      l.lost = l.cpu == 0 ? lost_ : 0;
      return 0;
    }
    case KUTRACE_IOC_NEXT: return next(at<kutrace_next>(argument));
    case KUTRACE_IOC_MEMORY: memory = at<const kutrace_memory>(argument); return 0;
    case KUTRACE_IOC_STOP_ON_CLOSE: return argument > 1 ? -EINVAL : 0;
    default: return -ENOTTY;
  }
}

ssize_t FakeModule::read(int device, std::span<char> to) {
  if (options_.device_error != 0) return -options_.device_error;
  const ssize_t n = ::read(device, to.data(), to.size());
  return n >= 0 ? n : -errno;
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
