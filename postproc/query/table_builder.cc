// SPDX-License-Identifier: BSD-3-Clause
// Spans, and what is known at the end; waits and wakeups: table_waits.cc; points and what is made of them: table_points.cc.
#include "query/table_builder.h"

#include <algorithm>
#include <cstdio>

#include "kutrace/memory.h"

namespace kutrace {
namespace {

constexpr uint64_t kMapNode = 64;

}  // namespace

TableBuilder::TableBuilder(InputKind kind, StringPool& pool, RowSink& rows, Diagnostics& diagnostics)
    : kind_(kind), pool_(pool), rows_(rows), diagnostics_(diagnostics), calls_(diagnostics) {
  for (size_t i = 0; i < kSpanKinds; ++i) kind_names_[i] = pool_.intern(kSpanKindNames[i]);
  idle_name_ = pool_.intern("-idle-");
  ipi_name_ = pool_.intern("ipi");
  wakeup_name_ = pool_.intern("wakeup");
  no_run_name_ = pool_.intern("no_run");
  queue_name_ = pool_.intern("queue");
  cpu_name_ = pool_.intern("cpu");
  recorded_ = pool_.intern("recorded");
  derived_ = pool_.intern("derived");
  inferred_ = pool_.intern("inferred");
  unknown_ = pool_.intern("unknown");
  effective_ = pool_.intern("effective");
  double_ = pool_.intern("double");
  while_running_ = pool_.intern("while_running");
  early_ = pool_.intern("early");
  birth_ = pool_.intern("birth");
  thread_ = pool_.intern("thread");
  inline_ = pool_.intern("inline");
}

void TableBuilder::header(const SpanHeader& header) { header_ = header; }

TableBuilder::ThreadState& TableBuilder::thread(int32_t tid) {
  const auto [place, fresh] = threads_.try_emplace(tid);
  if (fresh) diagnostics_.take(Limit::memory, sizeof(ThreadState) + kMapNode);
  return place->second;
}

TableBuilder::CpuState& TableBuilder::cpu(int32_t number) {
  if (latest_cpu_ != nullptr && number == latest_cpu_number_) return *latest_cpu_;
  const auto [place, fresh] = cpus_.try_emplace(number);
  if (fresh) diagnostics_.take(Limit::memory, sizeof(CpuState) + kMapNode);
  latest_cpu_number_ = number;
  latest_cpu_ = &place->second;
  return place->second;
}

int64_t TableBuilder::inferred(const Span& s) const {
  if (kind_ == InputKind::kSpanJson) return kNull;
  return (s.flags & Span::kInferred) != 0 ? 1 : 0;
}

// `name` without what stands before and behind it, both only where they do.
NameId TableBuilder::without(NameId name, std::string_view prefix, const std::string& suffix) {
  std::string_view text = pool_[name];
  if (text.starts_with(prefix)) text.remove_prefix(prefix.size());
  if (text.ends_with(suffix)) text.remove_suffix(suffix.size());
  return pool_.intern(text);
}

// "hello.123" of thread 123 is "hello"; "" when the trace has no name of it.
NameId TableBuilder::program(NameId name, int32_t tid) {
  NameId& known = stripped_[static_cast<uint64_t>(name) << 32 | static_cast<uint32_t>(tid)];
  if (known == 0) known = without(name, "", "." + std::to_string(tid));
  return known;
}

NameId TableBuilder::program_of(int32_t tid) {
  if (tid <= 0) return idle_name_;
  const NameId name = thread(tid).name;
  return name == 0 ? 0 : program(name, tid);
}

void TableBuilder::spans(const std::vector<Span>& batch) {
  for (const Span& s : batch) {
    ++records_;
    if (s.event >= KUTRACE_TRAP) {
      execution(s);
    } else if (is_wait(s)) {
      wait(s);
    } else {
      switch (s.event) {
        case KUTRACE_ARC_WAKEUP:
        case KUTRACE_ARC_IPI:
          wakeup(s);
          break;
        case KUTRACE_LOCK_TRY:
        case KUTRACE_LOCK_HELD:
          lock(s);
          break;
        case KUTRACE_PC_U:
        case KUTRACE_PC_K:
          sample(s);
          break;
        case KUTRACE_PSTATE:
        case KUTRACE_PSTATE2:
          frequency(s);
          break;
        case KUTRACE_LEFTMARK:
        case KUTRACE_RIGHTMARK:
          break;
        default:
          if (s.event == KUTRACE_ENQUEUE && s.cpu < 0) {
            queued(s);
          } else if (kutrace_is_sampling(static_cast<unsigned>(s.event)) != 0) {
            if (s.cpu >= 0) sampling(s);
          } else if (s.event >= KUTRACE_RPCIDREQ && s.event <= KUTRACE_SPECIAL_LAST) {
            point(s);
          }
      }
    }
  }
}

// ---- spans ------------------------------------------------------------------------------------------------

void TableBuilder::execution(const Span& s) {
  const SpanKind kind = span_kind(s);
  CpuState* on = s.cpu >= 0 ? &cpu(s.cpu) : nullptr;
  SpanRow row;
  row.ts = ns(s.start);
  row.dur = length(s);
  if (on != nullptr) row.cpu = s.cpu;
  row.tid = std::max(s.pid, 0);
  if (s.rpc > 0) row.rpc = s.rpc;
  row.kind = kind_names_[static_cast<size_t>(kind)];
  row.event = s.event;
  row.name = s.name;
  row.inferred = inferred(s);
  if ((header_.flags & KUTRACE_FLAG_IPC) != 0) row.ipc = s.ipc;
  const PieceOfCall piece = calls_.next(s, kind);
  if (s.pid > 0) {
    ThreadState& t = thread(s.pid);
    if (kind == SpanKind::kUser) t.name = s.name;
    // Interrupts and the scheduler do not change what the thread itself is in.
    if (kind == SpanKind::kSyscall || kind == SpanKind::kTrap) t.doing = s.name;
    if (kind == SpanKind::kUser) t.doing = 0;
    t.first = std::min(t.first, s.start);
    t.last = std::max(t.last, s.end());
    t.running = add_clamped(t.running, s.dur);
    ++t.spans;
    if (t.has_held && s.start >= t.held_end) let_go(t);
    if (!t.runs.empty() || !t.calls.empty()) settle(t, s.start);
    t.left = s.end();
  }
  if (piece.call) {
    row.arg = s.arg;
    row.ret = static_cast<int16_t>(s.ret);
    row.first = piece.first ? 1 : 0;
    row.call_id = piece.id;
  }
  row.depth = piece.depth;
  rows_.put(row);
  if (on == nullptr) return;
  on->first = std::min(on->first, s.start);
  on->last = std::max(on->last, s.end());
  ++on->spans;
  Ticks& sum = on->time[static_cast<size_t>(kind)];
  sum = add_clamped(sum, s.dur);
  follow(*on, s, kind);
  // A span without length covers no moment: many of them at one time shall not be asked many times.
  if (!on->asked.empty() && s.dur > 0) answer_all(*on);
}

// ---- the whole ----------------------------------------------------------------------------------------------

void TableBuilder::finish(const ChainResult& result, const std::string& file) {
  for (auto& [number, on] : cpus_) {
    on.latest_start = on.latest_end = INT64_MAX;  // behind everything: nothing more comes
    answer_all(on);
  }
  header_ = result.header;
  for (auto& [tid, t] : threads_) {
    settle(t, INT64_MAX);
    if (t.has_held) let_go(t);
  }
  for (const auto& [key, open] : open_rpcs_) {
    RpcRow row;
    row.id = key.second;
    row.method = open.method;
    row.tid = key.first;
    row.t0 = ns(open.t);
    row.bytes = open.bytes;
    rows_.put(row);
  }
  finish_threads();
  finish_cpus();
  finish_findings();
  finish_meta(result, file);
}

void TableBuilder::finish_threads() {
  std::map<int32_t, ThreadState*> sorted;
  for (auto& [tid, t] : threads_) {
    if (tid > 0 && t.first <= t.last) sorted[tid] = &t;
  }
  ThreadRow idle;
  Ticks first = INT64_MAX, last = INT64_MIN, running = 0;
  for (const auto& [number, on] : cpus_) {
    first = std::min(first, on.first);
    last = std::max(last, on.last);
    for (const SpanKind kind : {SpanKind::kIdle, SpanKind::kCexit}) running = add_clamped(running, on.time[static_cast<size_t>(kind)]);
  }
  if (!cpus_.empty()) {
    idle.tid = 0;
    idle.name = idle.prog = idle_name_;
    if (first <= last) {
      idle.t0 = ns(first);
      idle.t1 = ns(last);
    }
    idle.running = ns(running);
    rows_.put(idle);
  }
  for (const auto& [tid, t] : sorted) {
    ThreadRow row;
    row.tid = tid;
    if (t->name != 0) {
      row.name = t->name;
      // A name that is nothing but the number is none.
      if (const NameId prog = program(t->name, tid); !pool_[prog].empty()) row.prog = prog;
    }
    row.t0 = ns(t->first);
    row.t1 = ns(t->last);
    row.spans = t->spans;
    row.running = ns(t->running);
    row.ready = ns(t->ready);
    row.waiting = ns(t->waiting);
    rows_.put(row);
  }
}

void TableBuilder::finish_cpus() {
  for (const auto& entry : cpus_) {
    const CpuState& on = entry.second;
    if (on.spans == 0) continue;
    CpuRow row;
    row.cpu = entry.first;
    row.t0 = ns(on.first);
    row.t1 = ns(on.last);
    row.spans = on.spans;
    auto time = [&](SpanKind kind) { return ns(on.time[static_cast<size_t>(kind)]); };
    row.user = time(SpanKind::kUser);
    row.syscall = time(SpanKind::kSyscall);
    row.trap = time(SpanKind::kTrap);
    row.irq = time(SpanKind::kIrq);
    row.softirq = time(SpanKind::kSoftirq);
    row.sched = time(SpanKind::kSched);
    row.idle = time(SpanKind::kIdle);
    row.cexit = time(SpanKind::kCexit);
    row.other = time(SpanKind::kOther);
    if (on.mhz_time > 0) row.mhz_mean = static_cast<int64_t>(on.mhz_ns / on.mhz_time + 0.5);
    row.lost = on.lost;
    rows_.put(row);
  }
}

void TableBuilder::finish_findings() {
  diagnostics_.each([&](const FindingInfo& info, uint64_t count) {
    FindingRow row;
    row.id = pool_.intern(info.id);
    row.severity = pool_.intern(severity_name(info.severity));
    row.count = static_cast<int64_t>(count);
    row.text = pool_.intern(info.text);
    std::string places;
    for (const std::string& place : diagnostics_.at(info.finding).examples) places += (places.empty() ? "" : "\n") + place;
    if (!places.empty()) row.places = pool_.intern(places);
    rows_.put(row);
  });
}

void TableBuilder::finish_meta(const ChainResult& result, const std::string& file) {
  const SpanHeader& h = result.header;
  auto fact = [&](std::string_view key, const std::string& value) {
    if (value.empty()) return;
    MetaRow row;
    row.key = pool_.intern(key);
    row.value = pool_.intern(value);
    rows_.put(row);
  };
  fact("file", file);
  fact("kind", input_kind_name(result.kind));
  fact("title", h.title);
  fact("host", h.host_name);
  fact("kernel", h.kernel_version);
  fact("cpu_model", h.cpu_model);
  // Nanoseconds hold the years up to 2262.
  int64_t base_ns = 0;
  if (h.time.minute_us != TimeBase::kUnknownMinute && !__builtin_mul_overflow(h.time.minute_us, 1000, &base_ns)) fact("base_ns", std::to_string(base_ns));
  char rate[40];
  std::snprintf(rate, sizeof(rate), "%.17g", h.time.ns_per_tick);
  fact("ns_per_tick", rate);
  fact("ipc", (h.flags & KUTRACE_FLAG_IPC) != 0 ? "1" : "0");
  fact("wrapped", (h.flags & KUTRACE_FLAG_WRAP) != 0 ? "1" : "0");
  fact("records", std::to_string(records_));
  if (result.events > 0) fact("events", std::to_string(result.events));
}

ChainResult read_tables(const MappedInput& input, StringPool& pool, RowSink& rows, Diagnostics& diagnostics,
                        const ChainOptions& options) {
  TableBuilder builder(detect_input(input), pool, rows, diagnostics);
  const ChainResult result = read_spans_in_order(input, pool, builder, diagnostics, options);
  builder.finish(result, input.name());
  return result;
}

}  // namespace kutrace
