// SPDX-License-Identifier: BSD-3-Clause
// Takes records out of the rings of an area, while programs write or after they are gone, and hands them on as sections of a file
// (kutrace/coro_file.h). What stands in the area is input of strangers: no number of it is used without a bound.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "kutrace/coro_file.h"
#include "rings/area.h"

namespace kutrace::rings {

class SectionSink {
 public:
  virtual ~SectionSink() = default;
  // `payload`: a multiple of 8 bytes.
  virtual void section(const kutrace_coro_section& header, std::span<const uint64_t> payload) = 0;
};

struct Taken {
  uint64_t records = 0, lost = 0, threads = 0;
};

class Collector {
 public:
  Collector(Area& area, SectionSink& sink) : area_(area), sink_(sink), uses_(area.layout().slots) {}

  // The first section.
  void begin(const kutrace_ring_times& times);
  // What an earlier collector of this area has taken already: sections of its file.
  void seen(const kutrace_coro_section& header);
  // All that is there now. Gives how many records that were.
  uint64_t round();
  // Takes as it comes until stop(), and sleeps meanwhile: in a thread of its own.
  void run();
  // From another thread: run() returns.
  void stop();
  // Nobody collects any more: the rest, the counts of each thread that is still there, and the last section.
  void end(const kutrace_ring_times& times);
  const Taken& taken() const { return taken_; }

 private:
  // One use of a slot.
  struct Use {
    uint32_t serial = 0;
    uint64_t who = 0;
    uint64_t taken = 0;
    kutrace_ring_times start{};
    bool damaged = false;
  };
  void sites(bool last);
  uint64_t drain(uint32_t i, bool last);
  void learn(Use& use, const kutrace_ring_slot& slot);
  uint64_t take(Use& use, kutrace_ring_slot& slot, uint64_t head);
  void finish(Use& use, uint64_t attempted, uint64_t lost, bool left);
  bool work_waits() const;

  Area& area_;
  SectionSink& sink_;
  std::vector<Use> uses_;
  std::map<uint32_t, uint64_t> seen_;  // records taken of a serial
  uint32_t sites_ = 1;                 // next to be handed on
  uint32_t stop_ = 0;
  std::vector<uint64_t> words_;
  Taken taken_;
};

}  // namespace kutrace::rings
