// SPDX-License-Identifier: BSD-3-Clause
// What the span builder remembers of a thread and of a CPU. Data only.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "span/span.h"

namespace kutrace {

// One level of a thread's call stack: user code at the bottom, then calls.
struct Frame {
  int32_t event = 0;  // call number, or user/idle number at the bottom
  NameId name = 0;
  int32_t arg = 0;
  bool inferred = false;
};

struct CallStack {
  static constexpr int kDepth = 16;
  std::array<Frame, kDepth> frames;
  int top = 0;

  Frame& back() { return frames[static_cast<size_t>(top)]; }
  const Frame& back() const { return frames[static_cast<size_t>(top)]; }
};

struct Wakeup {
  bool pending = false;
  bool inferred = false;
  Ticks t = 0;
  int32_t cpu = 0, pid = 0, rpc = 0;
};

struct Thread {
  int32_t pid = 0;
  NameId name = 0;       // without ".pid"; 0 when never named
  NameId user_name = 0;  // of its user spans
  std::vector<NameId> row_names;
  CallStack stack;
  int maybe_left = 0;      // stack index of a call it may have left unseen, 0 = none
  int32_t rpc = 0;
  int32_t enqueue = -1, dequeue = -1;  // queue of a pending move
  int32_t turn_cpu = -1;   // CPU that it is on, from context switch to context switch; -1 none
  bool running = false;    // on a CPU, from context switch to context switch
  bool fresh = false;      // never switched in before
  bool forked = false;     // a fork in this trace made it: its first turn has no scheduler exit
  bool seen = false;       // some event belongs to it
  bool has_end = false;    // `end` is set
  bool name_inferred = false;
  Frame birth;  // the call of its parent that made it, in which it wakes up too; event 0 when not known
  Wakeup wake;
  Ticks end = 0;  // end of its latest span or wakeup
};

struct OpenSpan {
  Ticks start = 0;
  int32_t event = KUTRACE_IDLE;
  int32_t rpc = 0;
  int32_t arg = 0;
  NameId name = 0;
  bool inferred = false;
  bool observed = false;  // begun by a recorded call: kept even when it takes no time
};

struct Ipi {
  Ticks t;
  int32_t cpu;
};

struct Cpu {
  int32_t number = 0;
  bool live = false;
  Thread idle;
  Thread* thread = nullptr;  // on this CPU since the latest context switch: the open span is its
  OpenSpan open;
  Ticks switch_t = 0;  // latest context switch with no scheduler event since
  bool switch_pending = false;
  int32_t mwait = -1;  // idle hint just entered
  bool has_freq = false, has_pc = false;
  Ticks freq_t = 0, pc_t = 0;
  int32_t freq = 0;
  int32_t sched_event = KUTRACE_SCHED;  // which of the two scheduler numbers this trace uses
  std::vector<Ipi> ipis;
  std::vector<Ipi> stores;
  char store_reason = 0;
};

}  // namespace kutrace
