// SPDX-License-Identifier: BSD-3-Clause
// When a machine sent and received which packets, by their hashes, and how the clocks of two machines differ by what both saw.
#pragma once

#include <cstdint>
#include <unordered_map>

#include "net/clock_line.h"
#include "net/packet_capture.h"
#include "span/span.h"

namespace kutrace {

// Times are ns since 1970, of a trace without a wall clock since its own base minute.
class PacketsSeen : public SpanSink {
 public:
  explicit PacketsSeen(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}
  void header(const SpanHeader& header) override { time_ = header.time; }
  void spans(const std::vector<Span>& batch) override;
  // Of a capture: behind its sending and before its receipt, wherever that was.
  void captured(const PacketCapture& capture);

  // What was seen once only: a hash that comes again does not tell which packet it was.
  struct Times {
    int64_t sent = 0, received = 0;
    uint64_t sends = 0, receipts = 0;
  };
  const std::unordered_map<uint32_t, Times>& all() const { return times_; }
  const TimeBase& time() const { return time_; }

 private:
  Times& of(uint32_t hash);

  Diagnostics& diagnostics_;
  TimeBase time_;
  std::unordered_map<uint32_t, Times> times_;
};

// ns of the wall clock at tick 0.
int64_t base_ns(const TimeBase& time);

struct PacketFit {
  ClockEstimate estimate;  // of B's clock against A's; ns
  uint64_t ambiguous = 0;  // hashes seen on both sides, but several times on one
};
PacketFit fit_packets(const PacketsSeen& a, const PacketsSeen& b);

// Puts the records of machine B beside those of A: by A's clock, with CPUs and threads by numbers of their own.
class MachineShift : public SpanSink {
 public:
  static constexpr int32_t kThreads = 10000000;  // from one machine's numbers to the next's; Linux has none above 4194304
  // `machine`: 1 for the first one that is added. Throws Error, by the name of the file, when numbers do not fit.
  MachineShift(SpanSink& next, const TimeBase& a, const ClockLine& line, int32_t first_cpu, int32_t machine, std::string file)
      : next_(next), a_(a), line_(line), first_cpu_(first_cpu), first_thread_(machine * kThreads), file_(std::move(file)) {}
  void header(const SpanHeader& header) override { b_ = header.time; }
  void spans(const std::vector<Span>& batch) override;

 private:
  Ticks tick(Ticks t) const;
  int32_t cpu(int32_t number) const;
  int32_t thread(int32_t number) const;

  SpanSink& next_;
  TimeBase a_, b_;
  ClockLine line_;
  int32_t first_cpu_, first_thread_;
  std::string file_;
  std::vector<Span> out_;
};

}  // namespace kutrace
