// SPDX-License-Identifier: BSD-3-Clause
// The records of a trace as `kutrace why` asks for them: what each CPU and each thread did, in order; who woke whom; who held which lock; who
// sent what. All refer to one vector of records in order of their start.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "analysis/windows.h"
#include "query/span_kind.h"
#include "span/span.h"

namespace kutrace {

using RecordIndex = uint32_t;
constexpr RecordIndex kNoRecord = UINT32_MAX;

class WhyRecords : public SpanSink {
 public:
  // Memory is taken from the budget of `diagnostics`.
  WhyRecords(StringPool& pool, Diagnostics& diagnostics) : pool_(pool), diagnostics_(diagnostics), windows_(pool) {}
  void header(const SpanHeader& header) override {
    windows_.header(header);
    has_ipc_ = (header.flags & KUTRACE_FLAG_IPC) != 0;
  }
  void spans(const std::vector<Span>& batch) override;
  // Behind the last record; nothing can be asked before.
  void finish();

  // Of a lock, from its acquisition to its release or to the end of the trace.
  struct Hold {
    Ticks from, to;
    int32_t tid;
    RecordIndex record;  // the acquisition
  };
  // Of a lock by a thread, from the first failed try to the acquisition.
  struct Try {
    Ticks from, to;
    int32_t lock;
    NameId name;
  };
  struct Cpu {
    std::vector<RecordIndex> spans;
    std::vector<Ticks> idle;  // time idle before each of them
    std::vector<RecordIndex> ipis;  // arcs to it
  };
  struct Thread {
    NameId name = 0;
    std::vector<RecordIndex> states;  // spans and waits
    std::vector<NameId> doing;        // of each state, the call in which it stands; 0: none
    std::vector<RecordIndex> wakeups, received;
    std::vector<Try> tries;
  };

  const Span& operator[](RecordIndex i) const { return records_[i]; }
  size_t size() const { return records_.size(); }
  const std::map<int32_t, Cpu>& cpus() const { return cpus_; }
  const std::map<int32_t, Thread>& threads() const { return threads_; }
  const Cpu* cpu(int32_t number) const;
  const Thread* thread(int32_t tid) const;
  const std::vector<Hold>* holds(int32_t lock) const;
  // User messages sent with this hash.
  const std::vector<RecordIndex>* sent(int32_t hash) const;
  const std::vector<Window>& windows() const { return windows_.windows(); }
  const TimeBase& time() const { return windows_.time(); }
  const StringPool& pool() const { return pool_; }
  std::string_view text(NameId name) const { return pool_[name]; }
  bool has_ipc() const { return has_ipc_; }
  Ticks first() const { return first_; }
  Ticks last() const { return last_; }

  // The last of `list` that starts before `t`; -1: none does.
  int64_t before(const std::vector<RecordIndex>& list, Ticks t) const;
  // The execution span that covers `t` on a CPU.
  RecordIndex covering(int32_t cpu, Ticks t) const;
  // The first wakeup of a thread at just this time.
  RecordIndex wakeup(const Thread& thread, Ticks t) const;
  // How long a CPU was idle in [from, to).
  Ticks idle(const Cpu& cpu, Ticks from, Ticks to) const;
  std::string thread_name(int32_t tid) const;
  std::string program(int32_t tid) const;

 private:
  void index(RecordIndex i);
  void point(const Span& s, RecordIndex i);
  void acquired(const Span& s, RecordIndex i);
  Ticks idle_until(const Cpu& cpu, Ticks t) const;

  StringPool& pool_;
  Diagnostics& diagnostics_;
  WindowFinder windows_;
  std::vector<Span> records_;
  std::map<int32_t, Cpu> cpus_;
  std::map<int32_t, Thread> threads_;
  std::unordered_map<int32_t, std::vector<Hold>> holds_;
  std::unordered_map<int32_t, std::vector<RecordIndex>> sent_;
  std::map<std::pair<int32_t, int32_t>, Ticks> tries_;  // open, by lock and thread
  std::map<int32_t, NameId> doing_;                     // by thread
  Ticks first_ = INT64_MAX, last_ = INT64_MIN;
  bool has_ipc_ = false;
};

}  // namespace kutrace
