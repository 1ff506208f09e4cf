// SPDX-License-Identifier: BSD-3-Clause
// Raw blocks to events in time order over all CPUs: entry parsing, time unwrapping, late stores, names, folded returns,
// PC samples. Memory is two blocks of events a CPU, whatever the file's size.
// Rules: docs/trace-format.md sections 1.7 to 1.14.
#pragma once

#include <array>
#include <vector>

#include "base/diagnostics.h"
#include "trace/event.h"
#include "trace/trace_reader.h"

namespace kutrace {

class Decoder : public EventSource {
 public:
  // `reader` and `diagnostics` must outlive the decoder.
  Decoder(const TraceReader& reader, Diagnostics& diagnostics);

  const TraceInfo& info() override { return reader_.info(); }
  const std::vector<Event>& next() override;
  std::string name_text(const Event& event) const override;

  // Entries decoded so far, names and samples included.
  uint64_t entries() const { return entries_; }

 private:
  // What one block of a CPU hands to the next.
  struct Carry {
    uint32_t pid = 0;
    bool started = false;
    bool after_timer = false;   // nothing but its return since the latest timer interrupt
    Ticks timer_t = INT64_MIN;  // its entry
  };
  struct Stream {
    uint32_t cpu = 0;
    size_t next_block = 0;  // index into the CPU's block list
    std::vector<Event> now, ahead;
    size_t at = 0;           // position in `now`
    Ticks last = INT64_MIN;  // time of the last event handed out
    Carry carry;
  };
  struct Head {
    Ticks t;
    uint32_t cpu;  // index into streams_, which is in CPU order
    bool operator>(const Head& o) const { return t != o.t ? t > o.t : cpu > o.cpu; }
  };

  void start();
  void preamble();
  bool decode_ahead(Stream& stream);
  bool advance(Stream& stream);
  uint64_t decode_block(Carry& carry, const Block& block, std::vector<Event>& out, bool repair,
                        Diagnostics& found) const;
  void block_start(Carry& carry, const Block& block, Ticks t, std::vector<Event>& out, Diagnostics& found) const;
  static void name_event(const Block& block, uint32_t index, uint32_t n, Event event, std::vector<Event>& out,
                         uint64_t& late);
  static void sample(const Carry& carry, size_t timer_at, uint64_t word, uint64_t address, Event event,
                     std::vector<Event>& out, uint64_t& late, uint64_t& moved);
  static void insert_ordered(std::vector<Event>& out, const Event& event, uint64_t& late);

  const TraceReader& reader_;
  Diagnostics& diagnostics_;
  std::vector<Stream> streams_;
  std::vector<Head> heap_;
  std::vector<Event> batch_;
  std::array<bool, 256> timer_irq_{};
  uint64_t entries_ = 0;
  bool started_ = false;
};

}  // namespace kutrace
