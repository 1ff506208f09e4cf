// SPDX-License-Identifier: BSD-3-Clause
// Records to rows of the tables of schema.def, as they come: of a trace in the order in which they end, of a document in the order in
// which they start. What it remembers: of each thread its open calls and the wait that its wakeup is still to be found for, of each CPU its sums.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/diagnostics.h"
#include "chain.h"
#include "query/call_pieces.h"
#include "query/tables.h"

namespace kutrace {

class TableBuilder : public SpanSink {
 public:
  // `kind`: of the input. All else must outlive the builder; `diagnostics` has the budget that its memory is taken from.
  TableBuilder(InputKind kind, StringPool& pool, RowSink& rows, Diagnostics& diagnostics);

  void header(const SpanHeader& header) override;
  void spans(const std::vector<Span>& batch) override;
  // Behind the last record: rows that were held back, threads, CPUs, findings, facts. `file`: the input's name.
  void finish(const ChainResult& result, const std::string& file);

 private:
  // A wakeup of a thread: who, and from where, which shows only when the span that covers it ends.
  struct Wake;
  using WakeRef = std::shared_ptr<Wake>;
  // A row of wakeups that waits for what its wakeup came from.
  struct HeldWakeup {
    WakeupRow row;
    WakeRef wake;  // none is recorded
    Ticks woken = 0;
    bool unseen = false;  // nothing is recorded of the thread before
  };
  struct Wake {
    Ticks t;
    int32_t cpu, tid, target, rpc;
    int64_t inferred;
    bool known = false;           // what follows
    NameId via = 0, context = 0;  // 0: nothing is recorded there
    bool makes_thread = false;    // it was in a call that does
    bool network = false;         // a packet did it
    std::vector<WaitRow> held;
    std::vector<HeldWakeup> held_wakeups;
  };
  struct ThreadState {
    NameId name = 0, doing = 0;
    Ticks first = INT64_MAX, last = INT64_MIN, running = 0, ready = 0, waiting = 0;
    int64_t spans = 0;
    WakeRef wake, wake_of_wait;  // the latest; the one that ended the latest wait
    Ticks arc_start = INT64_MIN, arc_end = INT64_MIN;
    // Wakeups from which no run is known to have followed yet, by time and CPU; and runs that did, by their time: what was changed by
    // each shows when the thread is next seen to run.
    std::multimap<std::pair<Ticks, int32_t>, WakeRef> calls;
    std::multimap<Ticks, HeldWakeup> runs;
    std::pair<Ticks, int32_t> latest_run = {INT64_MIN, -1};  // the wakeup that it followed from, which is still to come
    Ticks left = INT64_MIN;  // end of its latest span
    // Its latest wait, and its latest time ready.
    Ticks wait_start = INT64_MIN, wait_end = INT64_MIN, ready_start = INT64_MIN, ready_end = INT64_MIN;
    bool has_held = false;  // a wait that no wakeup was found for yet
    Ticks held_end = 0;
    WaitRow held;
  };
  struct CpuState {
    Ticks first = INT64_MAX, last = INT64_MIN;
    int64_t spans = 0, lost = 0;
    std::array<Ticks, kSpanKinds> time{};
    double mhz_ns = 0, mhz_time = 0;
    Ticks latest_start = 0, latest_end = 0;  // the span that came last
    SpanKind latest = SpanKind::kOther;
    NameId latest_name = 0;
    int32_t latest_tid = -1;
    NameId softirq_context = 0;  // of the latest softirq, behind which were interrupts only
    std::vector<WakeRef> asked;  // wakeups from here whose span is still to come
    Ticks cell = INT64_MIN;  // where the samples that are being gathered begin
    uint32_t skipped = 0;
    std::map<std::pair<int32_t, int32_t>, int64_t> used;  // in that cell, by thread and kind
  };
  struct OpenRpc {
    Ticks t;
    NameId method;
    int64_t bytes;
  };

  void execution(const Span& s);
  void wait(const Span& s);
  void queued(const Span& s);
  void wakeup(const Span& s);
  void point(const Span& s);
  void lock(const Span& s);
  void sample(const Span& s);
  void frequency(const Span& s);
  void sampling(const Span& s);
  void end_cell(CpuState& on, const Span& s, bool ticks);
  void rpc_mark(const Span& s);
  void woken(const Span& s);

  void ask(const WakeRef& wake);
  bool answer(const CpuState& cpu, Wake& wake);
  void answer_all(CpuState& cpu);
  void put_wait(WaitRow row, const WakeRef& wake);
  int64_t certainty(const WaitRow& row, const Wake* wake) const;
  void follow(CpuState& on, const Span& s, SpanKind kind);
  NameId context(const CpuState& on) const;
  void hold();
  void settle(ThreadState& t, Ticks running);
  void settle_call(const ThreadState& t, const WakeRef& wake, bool made_ready);
  void offer(HeldWakeup held);
  void put_wakeup(HeldWakeup held, const Wake& wake);
  void let_go(ThreadState& thread);
  void finish_threads();
  void finish_cpus();
  void finish_findings();
  void finish_meta(const ChainResult& result, const std::string& file);

  ThreadState& thread(int32_t tid);
  CpuState& cpu(int32_t number);
  int64_t ns(Ticks t) const { return header_.time.ns(t); }
  int64_t length(const Span& s) const { return ns(s.end()) - ns(s.start); }
  int64_t inferred(const Span& s) const;
  NameId program_of(int32_t tid);
  NameId program(NameId name, int32_t tid);
  NameId without(NameId name, std::string_view prefix, const std::string& suffix);

  InputKind kind_;
  StringPool& pool_;
  RowSink& rows_;
  Diagnostics& diagnostics_;
  SpanHeader header_;
  std::array<NameId, kSpanKinds> kind_names_;
  NameId idle_name_, ipi_name_, wakeup_name_, no_run_name_, queue_name_, cpu_name_;
  // Words of columns.
  NameId recorded_, derived_, inferred_, unknown_;
  NameId effective_, double_, while_running_, early_, birth_;
  NameId thread_, inline_;
  std::map<int32_t, CpuState> cpus_;
  CpuState* latest_cpu_ = nullptr;
  int32_t latest_cpu_number_ = -1;
  std::unordered_map<int32_t, ThreadState> threads_;
  std::map<std::pair<int32_t, int32_t>, OpenRpc> open_rpcs_;  // by thread and id
  std::unordered_map<uint64_t, NameId> stripped_;
  CallPieces calls_;
  uint64_t records_ = 0;
  size_t held_ = 0, most_held_ = 0;  // wakeups in `calls` and `runs` of all threads
};

// Reads `input`, whatever it is, and gives its rows to `rows`. Throws Error as read_spans does.
ChainResult read_tables(const MappedInput& input, StringPool& pool, RowSink& rows, Diagnostics& diagnostics,
                        const ChainOptions& options = {});

}  // namespace kutrace
