// SPDX-License-Identifier: BSD-3-Clause
#include "analysis/why_records.h"

#include <algorithm>

namespace kutrace {
namespace {

constexpr uint64_t kRecordCost = sizeof(Span) + 4 * sizeof(RecordIndex);  // with its places in the lists

bool is_wanted(const Span& s) {
  if (is_execution(s)) return s.dur > 0;
  if (is_wait(s)) return s.dur > 0 && s.pid > 0;
  switch (s.event) {
    case KUTRACE_RUNNABLE:
    case KUTRACE_ARC_IPI:
    case KUTRACE_LOCKNOACQUIRE:
    case KUTRACE_LOCKACQUIRE:
    case KUTRACE_LOCKWAKEUP:
    case KUTRACE_RX_USER:
    case KUTRACE_TX_USER:
      return true;
    default:
      return false;
  }
}

template <typename List>
auto* find_in(const List& list, int32_t key) {
  const auto found = list.find(key);
  return found == list.end() ? nullptr : &found->second;
}

}  // namespace

void WhyRecords::spans(const std::vector<Span>& batch) {
  windows_.spans(batch);
  for (const Span& s : batch) {
    if (is_execution(s)) {
      first_ = std::min(first_, s.start);
      last_ = std::max(last_, s.end());
    }
    if (is_wanted(s) && diagnostics_.take(Limit::memory, kRecordCost)) records_.push_back(s);
  }
}

void WhyRecords::finish() {
  std::stable_sort(records_.begin(), records_.end(), [](const Span& a, const Span& b) { return a.start < b.start; });
  for (RecordIndex i = 0; i < records_.size(); ++i) index(i);
  for (auto& [lock, holds] : holds_) {
    for (Hold& hold : holds) hold.to = std::min(hold.to, last_);
  }
}

void WhyRecords::index(RecordIndex i) {
  const Span& s = records_[i];
  if (!is_execution(s) && !is_wait(s)) {
    point(s, i);
    return;
  }
  if (is_execution(s)) {
    Cpu& cpu = cpus_[s.cpu];
    Ticks idle = 0;
    if (!cpu.spans.empty()) {
      const Span& last = records_[cpu.spans.back()];
      idle = add_clamped(cpu.idle.back(), is_idle(last) ? last.dur : 0);
    }
    cpu.spans.push_back(i);
    cpu.idle.push_back(idle);
  }
  if (s.pid <= 0) return;
  Thread& thread = threads_[s.pid];
  NameId& doing = doing_[s.pid];
  if (is_execution(s)) {
    const SpanKind kind = span_kind(s);
    if (kind == SpanKind::kUser) {
      doing = 0;
      thread.name = s.name;
    } else if (kind == SpanKind::kSyscall || kind == SpanKind::kTrap) {
      doing = s.name;
    }
  }
  thread.states.push_back(i);
  thread.doing.push_back(doing);
}

void WhyRecords::point(const Span& s, RecordIndex i) {
  const auto key = std::make_pair(s.arg, s.pid);
  switch (s.event) {
    case KUTRACE_RUNNABLE:
      if (s.arg > 0) threads_[s.arg].wakeups.push_back(i);
      break;
    case KUTRACE_ARC_IPI:
      cpus_[s.arg].ipis.push_back(i);
      break;
    case KUTRACE_LOCKNOACQUIRE:
      tries_.try_emplace(key, s.start);
      break;
    case KUTRACE_LOCKACQUIRE:
      acquired(s, i);
      break;
    case KUTRACE_LOCKWAKEUP: {
      auto& holds = holds_[s.arg];
      if (!holds.empty() && holds.back().tid == s.pid && holds.back().to > s.start) holds.back().to = s.start;
      break;
    }
    case KUTRACE_RX_USER:
      if (s.pid > 0) threads_[s.pid].received.push_back(i);
      break;
    case KUTRACE_TX_USER:
      sent_[s.arg].push_back(i);
      break;
    default:
      break;
  }
}

// User code records beside what it does: a hold that is still open when another begins has ended by then.
void WhyRecords::acquired(const Span& s, RecordIndex i) {
  auto& holds = holds_[s.arg];
  if (!holds.empty()) holds.back().to = std::min(holds.back().to, s.start);
  holds.push_back({s.start, INT64_MAX, s.pid, i});
  const auto open = tries_.find({s.arg, s.pid});
  if (open == tries_.end()) return;
  std::string_view name = pool_[s.name];
  if (name.starts_with("acq_")) name.remove_prefix(4);
  threads_[s.pid].tries.push_back({open->second, s.start, s.arg, pool_.intern(name)});
  tries_.erase(open);
}

const WhyRecords::Cpu* WhyRecords::cpu(int32_t number) const { return find_in(cpus_, number); }
const WhyRecords::Thread* WhyRecords::thread(int32_t tid) const { return find_in(threads_, tid); }
const std::vector<WhyRecords::Hold>* WhyRecords::holds(int32_t lock) const { return find_in(holds_, lock); }
const std::vector<RecordIndex>* WhyRecords::sent(int32_t hash) const { return find_in(sent_, hash); }

int64_t WhyRecords::before(const std::vector<RecordIndex>& list, Ticks t) const {
  return std::partition_point(list.begin(), list.end(), [&](RecordIndex i) { return records_[i].start < t; }) - list.begin() - 1;
}

RecordIndex WhyRecords::covering(int32_t number, Ticks t) const {
  const Cpu* on = cpu(number);
  if (on == nullptr) return kNoRecord;
  const int64_t at = before(on->spans, t + 1);
  if (at < 0) return kNoRecord;
  const RecordIndex i = on->spans[static_cast<size_t>(at)];
  return records_[i].end() > t ? i : kNoRecord;
}

RecordIndex WhyRecords::wakeup(const Thread& thread, Ticks t) const {
  const auto at = static_cast<size_t>(before(thread.wakeups, t) + 1);
  return at < thread.wakeups.size() && records_[thread.wakeups[at]].start == t ? thread.wakeups[at] : kNoRecord;
}

Ticks WhyRecords::idle_until(const Cpu& cpu, Ticks t) const {
  const int64_t at = before(cpu.spans, t);
  if (at < 0) return 0;
  const Span& s = records_[cpu.spans[static_cast<size_t>(at)]];
  return add_clamped(cpu.idle[static_cast<size_t>(at)], is_idle(s) ? std::min(s.end(), t) - s.start : 0);
}

Ticks WhyRecords::idle(const Cpu& cpu, Ticks from, Ticks to) const { return idle_until(cpu, to) - idle_until(cpu, from); }

std::string WhyRecords::thread_name(int32_t tid) const {
  if (tid <= 0) return "-idle-";
  const Thread* t = thread(tid);
  return t == nullptr || t->name == 0 ? "." + std::to_string(tid) : std::string(pool_[t->name]);
}

std::string WhyRecords::program(int32_t tid) const { return without_number(thread_name(tid), tid); }

}  // namespace kutrace
