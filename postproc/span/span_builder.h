// SPDX-License-Identifier: BSD-3-Clause
// Events to spans: what each CPU did, nested call by nested call; what each thread waited for; who woke whom.
// Keeps the stacks, names and open waits, never the trace. Rules: docs/trace-format.md section 3, and
// docs/differences-from-kutrace.md where they differ from the reference on purpose.
#pragma once

#include <array>
#include <memory>
#include <unordered_map>
#include <vector>

#include "base/diagnostics.h"
#include "trace/name_table.h"
#include "span/network.h"
#include "span/span.h"
#include "span/thread_state.h"
#include "span/wait_reason.h"
#include "trace/event.h"

namespace kutrace {

// Time per class over all CPUs, in ticks.
struct SpanTotals {
  uint64_t spans = 0;
  Ticks user = 0, system = 0, idle = 0;
};

class SpanBuilder {
 public:
  // All arguments must outlive the builder. `info` gives the clock, for lengths known in nanoseconds.
  SpanBuilder(const TraceInfo& info, StringPool& pool, SpanSink& sink, Diagnostics& diagnostics);
  ~SpanBuilder();
  SpanBuilder(const SpanBuilder&) = delete;
  SpanBuilder& operator=(const SpanBuilder&) = delete;

  // A name event: its text comes from the source.
  void name(const Event& event, const std::string& text);
  // Any other event. Times must not decrease over all CPUs; one that does is moved up and counted.
  void event(const Event& event);
  // Text of a PC sample that has a routine's name instead of an address.
  void sample(const Event& event, const std::string& text);
  // Closes everything at the time of the last event and writes the row names.
  void finish();

  // Fills the header's names, flags and network speed; call after finish().
  void fill_header(SpanHeader& header) const;
  const SpanTotals& totals() const { return totals_; }
  // Whether what reading may cost is used up.
  bool spent() const { return diagnostics_.spent(); }
  int max_cpu() const { return static_cast<int>(cpus_.size()) - 1; }

 private:
  Cpu& cpu_of(const Event& event);
  Thread& thread(uint32_t pid);
  Thread& thread_on(Cpu& cpu, uint32_t pid);

  // Open spans.
  void emit(const Span& span);
  void emit_point(const Event& e, NameId name, int32_t rpc);
  void emit_open(Cpu& cpu, Ticks end, uint8_t ipc, bool returned, uint16_t ret);
  void cut(Cpu& cpu, Ticks t, uint8_t ipc, bool returned = false, uint16_t ret = 0);
  void label(Cpu& cpu, bool observed);

  // Stacks and their repairs.
  void on_call(Cpu& cpu, const Event& e);
  void on_return(Cpu& cpu, const Event& e);
  void push(Cpu& cpu, const Frame& frame);
  void close_top(Cpu& cpu, Ticks t, uint8_t ipc);
  void close_missing_exit(Cpu& cpu, Ticks t);
  void relabel(Cpu& cpu, const Frame& frame);
  void settle_ambiguity(Cpu& cpu, const Event& e);
  void on_switch(Cpu& cpu, const Event& e);
  // `ipc`: of what ends there.
  void switch_to(Cpu& cpu, Thread& next, Ticks t, uint8_t ipc);
  void take_turn(Cpu& cpu, Thread& thread);

  // Threads.
  void begin_turn(Cpu& cpu, Ticks t);
  void end_turn(Cpu& cpu);
  void emit_wakeup(Cpu& cpu, Ticks t);
  void emit_wait(Thread& thread, Ticks from, Ticks to, char letter, int32_t rpc, bool inferred);
  void on_runnable(Cpu& cpu, uint32_t pid, Ticks t, const Event& e, bool inferred);
  bool is_clone(NameId name) const;
  void on_new_thread(Cpu& cpu, const Event& e);
  char waker_letter(NameId name);
  SleeperReason sleep_reason(const Thread& thread);

  // Points.
  void on_special(Cpu& cpu, const Event& e);
  void on_rpc(Cpu& cpu, const Event& e);
  void on_sample(Cpu& cpu, const Event& e, NameId name);
  void on_frequency(Cpu& cpu, const Event& e);
  void emit_frequency(size_t cpu, Ticks t, int32_t mhz);
  void on_lock(const Event& e);
  void leave_idle(Cpu& cpu, const Event& e);
  void take_ipis(Cpu& cpu, std::vector<Ipi>& pending, Ticks t);
  void queue_moves(Cpu& cpu, const Event& e);
  void message(const Network::Message& m);
  bool is_ipi(uint32_t vector);
  Ticks idle_exit_ticks(int32_t hint) const;
  void finish_threads(Ticks end);
  void flush();

  const TraceInfo& info_;
  StringPool& pool_;
  SpanSink& sink_;
  Diagnostics& diagnostics_;
  NameTable names_;
  Network network_;
  std::vector<std::unique_ptr<Cpu>> cpus_;
  std::vector<Cpu*> live_;  // those that had an event
  std::unordered_map<uint32_t, std::unique_ptr<Thread>> threads_;
  struct LockState {
    Ticks t;
    bool acquired;
  };
  std::unordered_map<uint64_t, LockState> locks_;     // lock << 32 | thread
  std::unordered_map<int32_t, Ticks> enqueued_;       // by RPC id
  std::vector<Span> out_;
  std::array<int8_t, 256> ipi_vector_{};  // 1 yes, -1 no, 0 not looked up
  std::vector<char> waker_letters_;      // by NameId; '?' unknown yet
  std::vector<SleeperReason> sleepers_;  // the same
  SpanTotals totals_;
  Ticks first_t_ = 0, last_t_ = INT64_MIN;
  int64_t mbit_sec_ = 1000;
  NameId idle_name_, idle_low_name_, exit_name_, wakeup_name_, ipi_name_, freq_name_, bottom_half_name_, reschedule_name_;
  std::array<NameId, 4> clone_names_;
};

}  // namespace kutrace
