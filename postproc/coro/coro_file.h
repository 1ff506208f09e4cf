// SPDX-License-Identifier: BSD-3-Clause
// A recording of coroutines (kutrace/coro_file.h, docs/coroutine-format.md) in memory: its threads, sites and events.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "kutrace/coro_file.h"
#include "kutrace/ring.h"

namespace kutrace {

struct CoroSite {
  std::string file, function;
  uint32_t line = 0;
  bool forever = false;
};

struct CoroThread {
  uint32_t serial = 0, pid = 0, tid = 0;
  uint64_t attempted = 0, lost = 0, recorded = 0;  // events
  uint64_t records = 0;
  uint64_t start = 0;  // counter
  bool counted = false, left = false, damaged = false;

  // Events that were begun and are in no count: one when a thread was killed in the middle of it, more when it went on.
  uint64_t under_way() const { return attempted - recorded - lost; }
  // Every event that was attempted is recorded or lost.
  bool adds_up() const { return counted && !damaged && attempted >= recorded + lost && under_way() <= (left ? 0u : 1u); }
};

struct CoroEvent {
  uint64_t time = 0;  // counter, all of it
  uint64_t id = 0, value = 0;
  uint32_t thread = 0;  // index
  uint32_t site = 0;
  uint8_t kind = 0, argument = 0;
  bool has_value = false;
};

struct CoroFile {
  std::vector<CoroThread> threads;  // in order of their first section
  std::vector<CoroSite> sites;      // by number; 0 is none
  std::vector<CoroEvent> events;    // by time; of a thread as it wrote them
  kutrace_ring_times begin{}, end{};
  uint32_t clock = 0;
  double ns_per_count = 1;
  uint64_t unplaced = 0, sites_refused = 0;
  bool complete = false;            // its last section is there
  std::vector<std::string> damage;  // sentences

  int64_t ns(uint64_t time) const { return static_cast<int64_t>(static_cast<double>(static_cast<int64_t>(time - begin.counter)) * ns_per_count); }
  const CoroSite& site(uint32_t number) const { return sites[number < sites.size() ? number : 0]; }
  uint64_t lost() const;
};

bool is_coro_file(std::span<const uint8_t> bytes);
// Never throws for what the bytes hold; what is wrong with them is in `damage`.
CoroFile read_coro_file(std::span<const uint8_t> bytes, Diagnostics& diagnostics);

// "suspend", and of numbers that are none "event 77".
std::string coro_kind_name(uint8_t kind);
const char* coro_wait_name(uint8_t kind);
// "file.cc:12 function", "?" when nothing is known.
std::string coro_place(const CoroSite& site);

}  // namespace kutrace
