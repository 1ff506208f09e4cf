// SPDX-License-Identifier: BSD-3-Clause
// The commands of /dev/kutrace (docs/control.md), as the model of the module answers them.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "support/fake_module.h"

namespace kutrace::test {
namespace {

constexpr unsigned kKnownFlags = KUTRACE_RESET_IPC | KUTRACE_RESET_WRAP | KUTRACE_RESET_LLC | KUTRACE_RESET_FOLLOW |
                                 KUTRACE_RESET_NO_ADDRESSES | KUTRACE_RESET_STOP;

template <typename T>
T& at(uint64_t address) {
  return *reinterpret_cast<T*>(address);
}

bool is_own_name(uint32_t kind) {
  return kind == KUTRACE_FILENAME || kind == KUTRACE_METHODNAME || kind == KUTRACE_LOCKNAME || kind == KUTRACE_QUEUE_NAME ||
         kind == KUTRACE_RESOURCE_NAME;
}

bool is_mark(uint32_t event) {
  const auto in = [event](uint32_t from, uint32_t to) { return event >= from && event <= to; };
  return in(KUTRACE_RPCIDREQ, KUTRACE_RPCIDMID) || in(KUTRACE_MARKA, KUTRACE_MARKD) ||
         in(KUTRACE_LOCKNOACQUIRE, KUTRACE_LOCKWAKEUP) || in(KUTRACE_RX_USER, KUTRACE_DEQUEUE);
}

// Words of an entry that may be made; 0: it may not.
uint32_t entry_words(uint64_t word, uint32_t rights) {
  const auto event = static_cast<uint32_t>(word >> KUTRACE_EVENT_SHIFT & KUTRACE_EVENT_MASK);
  const uint32_t words = KUTRACE_EVENT_LENGTH(event), kind = event & ~0xf0u;
  const bool control = (rights & KUTRACE_RIGHT_CONTROL) != 0;
  if (is_mark(event)) return 1;
  if (event == KUTRACE_USERPID) return control && static_cast<uint32_t>(word) == static_cast<uint32_t>(gettid()) ? 1 : 0;
  if (!kutrace_is_name(event) || words < 2 || words > KUTRACE_MAX_ENTRY_WORDS || kind == KUTRACE_CLOCK_SET) return 0;
  return control || is_own_name(kind) ? words : 0;
}

}  // namespace

int FakeModule::status(unsigned long request, kutrace_status& to) {
  kutrace_status s{};
  s.size = std::min<unsigned>(sizeof(s), _IOC_SIZE(request));
  s.version = KUTRACE_DEVICE_VERSION;
  s.rights = options_.rights;
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

int FakeModule::insert_entries(const kutrace_insert& in) {
  const bool before = (in.flags & KUTRACE_INSERT_BEFORE) != 0;
  if ((in.flags & ~static_cast<unsigned>(KUTRACE_INSERT_BEFORE)) != 0 || in.words > KUTRACE_INSERT_WORDS) return -EINVAL;
  if (before && (options_.rights & KUTRACE_RIGHT_CONTROL) == 0) return -EPERM;
  const auto* words = reinterpret_cast<const uint64_t*>(in.from);
  for (uint32_t k = 0, length = 0; k < in.words; k += length) {
    length = entry_words(words[k], options_.rights);
    if (length == 0 || length > in.words - k) return -EINVAL;
  }
  if (before == tracing_) return 0;
  for (uint32_t k = 0, length = 0; k < in.words; k += length) {
    length = entry_words(words[k], options_.rights);
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

int FakeModule::restrict_rights(const kutrace_restrict& r) {
  if ((r.rights & ~options_.rights) != 0) return -EINVAL;
  options_.rights = r.rights;
  return 0;
}

int FakeModule::command(int, unsigned long request, uint64_t argument) {
  counter += 100;
  const auto event = static_cast<uint32_t>(request - KUTRACE_IOC_MARK(0)) + KUTRACE_USERPID;
  const bool control = (options_.rights & KUTRACE_RIGHT_CONTROL) != 0, marking = (options_.rights & KUTRACE_RIGHT_MARK) != 0;
  if (event >= KUTRACE_USERPID && event < KUTRACE_USERPID + 32) {
    if (!marking) return -EPERM;
    if (!is_mark(event)) return -EINVAL;
    if (!tracing_) return 0;
    const uint64_t word = static_cast<uint64_t>(event) << KUTRACE_EVENT_SHIFT | static_cast<uint32_t>(argument);
    marks.push_back(word);
    return static_cast<int>(insert(&word, 1));
  }
  requests.push_back(request);
  if (_IOC_TYPE(request) == _IOC_TYPE(KUTRACE_IOC_STATUS) && _IOC_NR(request) == _IOC_NR(KUTRACE_IOC_STATUS)) {
    return status(request, at<kutrace_status>(argument));
  }
  if (request == KUTRACE_IOC_INSERT) return marking ? insert_entries(at<const kutrace_insert>(argument)) : -EPERM;
  if (request == KUTRACE_IOC_RESTRICT) return restrict_rights(at<const kutrace_restrict>(argument));
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
    case KUTRACE_IOC_STOP_ON_CLOSE: return argument > 1 ? -EINVAL : 0;
    default: return -ENOTTY;
  }
}

}  // namespace kutrace::test
