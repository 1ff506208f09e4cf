// SPDX-License-Identifier: BSD-3-Clause
// One event, as the decoder or the event text reader hands it on: times unwrapped, in time order over all CPUs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "kutrace/abi.h"
#include "trace/time_base.h"

namespace kutrace {

struct Event {
  static constexpr uint8_t kInferredName = 1;  // name taken from a later entry
  static constexpr uint8_t kNamedSample = 2;   // PC sample whose `extra` is the text, not an address

  Ticks t;
  // Folded calls: ticks from call to return. Names: where the source keeps the text (see EventSource::name_text). PC samples: the 64-bit address.
  uint64_t extra;
  uint32_t pid;  // thread running on this CPU; for a context switch the new one
  uint32_t arg;  // for names the number named; for returns 0
  uint16_t num;  // event number (abi.h); a name's has no length bits
  uint16_t cpu;
  uint16_t ret;  // return value, of returns and folded calls
  uint8_t ipc;   // byte of the IPC/LLC area
  uint8_t flags;

  bool is_name() const { return num < KUTRACE_USERPID && num != KUTRACE_NOP && num != KUTRACE_PC_OLD; }
  bool is_sample() const { return num == KUTRACE_PC_U || num == KUTRACE_PC_K; }
  Ticks duration() const { return kutrace_is_call(num) ? static_cast<Ticks>(extra) : 0; }
};
static_assert(sizeof(Event) == 32);

// A name's event number without its length bits.
constexpr uint16_t name_kind(uint32_t n) { return static_cast<uint16_t>(n & 0xf0f); }

// What is known of a trace before its events.
struct TraceInfo {
  TimeBase time;
  uint32_t flags = 0;  // OR of all blocks' flags, without the version
  uint32_t version = KUTRACE_FORMAT_VERSION;
  bool wrapped = false;
  uint64_t clock = 0;  // KUTRACE_CLOCK_*, 0 where the trace does not say

  uint32_t ipc_bits() const { return flags & (KUTRACE_FLAG_IPC | KUTRACE_FLAG_LLC); }
};

// A stream of events in time order.
class EventSource {
 public:
  virtual ~EventSource() = default;
  virtual const TraceInfo& info() = 0;
  // The next events, in time order; an empty result is the end. Valid until the next call.
  virtual const std::vector<Event>& next() = 0;
  // The cleaned text of a name event, or of a sample with kNamedSample.
  virtual std::string name_text(const Event& event) const = 0;
};

// Reads a source to its end, or until `enough()` between two batches: `name(event, text)` for name events, `other(event)` for the
// rest, in order.
template <typename Name, typename Other, typename Enough = bool (*)()>
void for_each_event(
    EventSource& source, Name&& name, Other&& other, Enough&& enough = [] { return false; }) {
  while (!enough()) {
    const std::vector<Event>& batch = source.next();
    if (batch.empty()) return;
    for (const Event& e : batch) {
      if (e.is_name()) {
        name(e, source.name_text(e));
      } else {
        other(e);
      }
    }
  }
}

// Text clean-up of every name (trace-format.md, 1.10): inner spaces go (between digits `_` stays); quotes, backslashes, characters that
// mean something to a terminal (base/terminal.h) and bytes that are no UTF-8 become `_`.
std::string clean_name(std::string_view raw);

// Base-40 label of a mark (trace-format.md, 1.18): up to 7 characters.
std::string base40_text(uint32_t value);
// The opposite, for tests and tools: the first 6 characters count.
uint64_t base40_value(std::string_view text);

}  // namespace kutrace
