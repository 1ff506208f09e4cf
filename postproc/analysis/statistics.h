// SPDX-License-Identifier: BSD-3-Clause
// What a good analyst asks of a trace first, added up over its records: all of it, or what lies in some windows or is of one thread. Sums
// are of ticks, and are converted once, as in `kutrace check` and on the page.
#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "analysis/windows.h"
#include "query/call_pieces.h"
#include "query/span_kind.h"
#include "span/span.h"

namespace kutrace {

constexpr size_t kWaitLetters = 26;

struct CpuStatistics {
  std::array<Ticks, kSpanKinds> time{};
  uint64_t spans = 0, lost = 0;
  Ticks first = INT64_MAX, last = INT64_MIN;
  Ticks mhz_time = 0;
  double mhz_sum = 0;  // MHz times ticks
  int32_t mhz_least = INT32_MAX, mhz_most = 0;
};

struct ThreadStatistics {
  NameId name = 0;
  Ticks running = 0, ready = 0;
  std::array<Ticks, kWaitLetters> waiting{};  // by the letter of the reason
  uint64_t spans = 0;
  std::vector<Ticks> latency;  // from wakeup to run
  Ticks all_waiting() const;
};

struct CallStatistics {
  uint64_t calls = 0;  // that begin in the windows
  Ticks time = 0;      // own: without what interrupts them
  Ticks longest = 0;   // piece
};

struct LockStatistics {
  uint64_t tries = 0, holds = 0;
  Ticks trying = 0, held = 0, longest_try = 0, longest_hold = 0;
  std::map<int32_t, Ticks> holders;  // time by thread
};

// A kind of thing with a length: RPCs of a method, pairs of marks of a name, waits for a reason.
struct Lengths {
  std::vector<Ticks> all;
  Ticks sum = 0;
  void add(Ticks t);
};

struct NetworkStatistics {
  uint64_t packets_in = 0, packets_out = 0, messages_in = 0, messages_out = 0, bytes_in = 0, bytes_out = 0;
};

class Statistics : public SpanSink {
 public:
  // `selection` says what to count, and must outlive this. Memory for rows is taken from the budget of `diagnostics`.
  Statistics(StringPool& pool, const Selection& selection, Diagnostics& diagnostics)
      : pool_(pool), selection_(selection), diagnostics_(diagnostics), marks_(pool), pieces_(diagnostics) {}
  void header(const SpanHeader& header) override { marks_.header(header); }
  void spans(const std::vector<Span>& batch) override;
  // Behind the last record.
  void finish();

  using CallKey = std::pair<SpanKind, NameId>;
  const std::map<int32_t, CpuStatistics>& cpus() const { return cpus_; }
  const std::map<int32_t, ThreadStatistics>& threads() const { return sorted_threads_; }
  const std::map<CallKey, CallStatistics>& calls() const { return calls_; }
  const std::map<NameId, LockStatistics>& locks() const { return locks_; }
  const std::map<std::string, Lengths>& rpcs() const { return rpcs_; }           // by method
  const std::map<std::string, Lengths>& mark_pairs() const { return pairs_; }    // by name
  const std::map<std::string, uint64_t>& marks() const { return mark_counts_; }  // by label
  const std::map<char, Lengths>& waits() const { return waits_; }                // by letter
  const NetworkStatistics& network() const { return network_; }
  const std::vector<Ticks>& latency() const { return latency_; }
  uint64_t records() const { return records_; }
  uint64_t ipis() const { return ipis_; }

 private:
  void execution(const Span& s);
  void wait(const Span& s);
  void wakeup(const Span& s);
  void lock(const Span& s);
  void point(const Span& s);
  bool of_thread(int32_t tid) const { return selection_.tid < 0 || selection_.tid == tid; }
  template <typename Map, typename Key>
  auto& row(Map& map, const Key& key);

  StringPool& pool_;
  const Selection& selection_;
  Diagnostics& diagnostics_;
  WindowFinder marks_;  // also counts the windows that RPCs and pairs of marks make
  std::map<int32_t, CpuStatistics> cpus_;
  CpuStatistics* latest_cpu_ = nullptr;
  int32_t latest_cpu_number_ = -1;
  std::unordered_map<int32_t, ThreadStatistics> threads_;
  std::map<int32_t, ThreadStatistics> sorted_threads_;
  CallPieces pieces_;
  std::unordered_map<uint64_t, CallStatistics> fast_calls_;
  std::map<CallKey, CallStatistics> calls_;
  std::map<NameId, LockStatistics> locks_;
  std::map<std::string, Lengths> rpcs_, pairs_;
  std::map<std::string, uint64_t> mark_counts_;
  std::map<char, Lengths> waits_;
  NetworkStatistics network_;
  std::vector<Ticks> latency_;
  uint64_t records_ = 0, ipis_ = 0;
};

}  // namespace kutrace
