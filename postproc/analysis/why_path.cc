// SPDX-License-Identifier: BSD-3-Clause
#include "analysis/why_path.h"

#include <algorithm>
#include <unordered_map>

#include "analysis/call_lists.h"
#include "span/wait_reason.h"

namespace kutrace {
namespace {

class Walk {
 public:
  Walk(const WhyRecords& records, Diagnostics& diagnostics) : r_(records), diagnostics_(diagnostics) {}
  WhyPath path(int32_t tid, Ticks from, Ticks to);

 private:
  // A thread whose time in [lo, hi) is still to be told; or a part that stands for it, when `part` has a length.
  struct Frame {
    int32_t tid;
    Ticks lo, hi;
    uint32_t link;
    bool entered = false;
    bool is_part = false;
    WhyPart part{};
  };
  struct Wait {
    int32_t tid;
    const WhyRecords::Thread& thread;
    RecordIndex record;
    NameId doing;
    uint32_t link;
  };

  void step();
  void emit(WhyPart part, Ticks from, Ticks to);
  void go_to(const Wait& wait, WhyLinkKind kind, WhyCertainty certainty, int32_t actor, NameId name, RecordIndex other, Ticks lo, Ticks hi);
  void stop(const Wait& wait, WhyKind kind, WhyEnd end, WhyCertainty certainty, NameId name, RecordIndex other, Ticks lo, Ticks hi, int32_t actor = -1);
  void before_birth(int32_t tid, const WhyRecords::Thread& thread, uint32_t link, Ticks lo, Ticks hi);
  void running(RecordIndex record, uint32_t link, Ticks lo, Ticks hi);
  void ready(const Wait& wait, RecordIndex next, Ticks lo, Ticks hi);
  void ready_piece(WhyPart part, const Span& s, RecordIndex record, Ticks lo, Ticks hi);
  void waiting(const Wait& wait, Ticks lo, Ticks hi);
  void lead(const Wait& wait, Ticks lo, Ticks hi);
  void lead_by(const Wait& wait, RecordIndex wakeup, RecordIndex from, Ticks lo, Ticks hi);
  void interrupt(const Wait& wait, RecordIndex wakeup, RecordIndex from, Ticks lo, Ticks hi);
  void softirq(const Wait& wait, RecordIndex wakeup, RecordIndex from, Ticks lo, Ticks hi);
  void between_cpus(const Wait& wait, RecordIndex wakeup, NameId name, Ticks lo, Ticks hi);
  void network(const Wait& wait, RecordIndex wakeup, NameId name, Ticks lo, Ticks hi);
  RecordIndex raised_in(RecordIndex softirq) const;
  RecordIndex message_for(const Wait& wait, Ticks woken) const;

  const WhyRecords& r_;
  Diagnostics& diagnostics_;
  WhyPath path_;
  std::vector<Frame> stack_;
  std::unordered_map<int32_t, int> active_;  // threads that the top of the stack is waited for by
};

WhyPath Walk::path(int32_t tid, Ticks from, Ticks to) {
  path_.tid = tid;
  path_.from = from;
  path_.to = to;
  path_.links.push_back({0, 0, WhyLinkKind::waker, WhyCertainty::recorded, -1, tid, 0, 0, kNoRecord, kNoRecord, 0});
  stack_.push_back({.tid = tid, .lo = from, .hi = to, .link = 0});
  while (!stack_.empty()) step();
  std::reverse(path_.parts.begin(), path_.parts.end());
  return std::move(path_);
}

void Walk::emit(WhyPart part, Ticks from, Ticks to) {
  if (to <= from) return;
  part.from = from;
  part.to = to;
  part.certainty = std::max(part.certainty, path_.links[part.link].certainty);
  path_.parts.push_back(part);
}

void Walk::step() {
  Frame& top = stack_.back();
  if (top.is_part) {
    emit(top.part, top.lo, top.hi);
    stack_.pop_back();
    return;
  }
  int& depth = active_[top.tid];
  if (!top.entered && top.lo < top.hi && depth > 0) {
    const WhyLink& link = path_.links[top.link];
    emit({.kind = WhyKind::circle, .end = WhyEnd::circle, .certainty = WhyCertainty::derived, .tid = link.tid, .actor = top.tid, .name = link.name, .doing = link.doing, .record = link.wait, .other = link.other, .link = link.parent},
         top.lo, top.hi);
    top.hi = top.lo;
  }
  if (top.lo >= top.hi) {
    if (top.entered) --depth;
    stack_.pop_back();
    return;
  }
  if (!top.entered) ++depth;
  top.entered = true;
  const Frame f = top;
  const WhyRecords::Thread* thread = r_.thread(f.tid);
  const int64_t at = thread == nullptr ? -1 : r_.before(thread->states, f.hi);
  // The walk itself takes memory for each step.
  if (!diagnostics_.take(Limit::memory, sizeof(WhyPart)) || thread == nullptr) {
    top.hi = f.lo;
    emit({.kind = WhyKind::unseen, .certainty = WhyCertainty::unknown, .tid = f.tid, .link = f.link}, f.lo, f.hi);
    return;
  }
  if (at < 0) {
    top.hi = f.lo;
    before_birth(f.tid, *thread, f.link, f.lo, f.hi);
    return;
  }
  const RecordIndex record = thread->states[static_cast<size_t>(at)];
  const Span& state = r_[record];
  if (state.end() < f.hi) {
    top.hi = std::max(state.end(), f.lo);
    emit({.kind = WhyKind::unseen, .certainty = WhyCertainty::unknown, .tid = f.tid, .link = f.link}, top.hi, f.hi);
    return;
  }
  const Ticks from = std::max(state.start, f.lo);
  top.hi = from;
  const Wait wait{f.tid, *thread, record, thread->doing[static_cast<size_t>(at)], f.link};
  if (is_execution(state)) {
    running(record, f.link, from, f.hi);
  } else if (state.event == KUTRACE_WAITA + ('c' - 'a')) {
    const auto next = static_cast<size_t>(at) + 1;
    ready(wait, next < thread->states.size() ? thread->states[next] : kNoRecord, from, f.hi);
  } else {
    waiting(wait, from, f.hi);
  }
}

// ---- ends and turns -----------------------------------------------------------------------------------------

void Walk::stop(const Wait& wait, WhyKind kind, WhyEnd end, WhyCertainty certainty, NameId name, RecordIndex other, Ticks lo, Ticks hi, int32_t actor) {
  Frame frame{.tid = wait.tid, .lo = lo, .hi = hi, .link = wait.link, .is_part = true};
  frame.part = {.kind = kind, .end = end, .certainty = certainty, .tid = wait.tid, .actor = actor, .name = name, .doing = wait.doing, .record = wait.record, .other = other, .link = wait.link};
  stack_.push_back(frame);
}

void Walk::go_to(const Wait& wait, WhyLinkKind kind, WhyCertainty certainty, int32_t actor, NameId name, RecordIndex other, Ticks lo, Ticks hi) {
  if (lo >= hi) return;
  if (!diagnostics_.take(Limit::memory, sizeof(WhyLink))) {
    stop(wait, WhyKind::unseen, WhyEnd::none, WhyCertainty::unknown, 0, kNoRecord, lo, hi);
    return;
  }
  const auto id = static_cast<uint32_t>(path_.links.size());
  const WhyLink& parent = path_.links[wait.link];
  path_.links.push_back({wait.link, wait.link == 0 ? id : parent.top, kind, std::max(certainty, parent.certainty), wait.tid, actor, name, wait.doing, wait.record, other, parent.depth + 1});
  stack_.push_back({.tid = actor, .lo = lo, .hi = hi, .link = id});
}

// A thread that has done nothing yet: whoever made it leads, if that is recorded.
void Walk::before_birth(int32_t tid, const WhyRecords::Thread& thread, uint32_t link, Ticks lo, Ticks hi) {
  if (!thread.states.empty()) {
    const RecordIndex made = r_.wakeup(thread, r_[thread.states.front()].start);
    const RecordIndex from = made == kNoRecord ? kNoRecord : r_.covering(r_[made].cpu, r_[made].start);
    if (from != kNoRecord && r_[from].pid > 0 && r_[from].pid != tid && is_in(CallList::makes_threads, r_.text(r_[from].name))) {
      go_to({tid, thread, made, 0, link}, WhyLinkKind::creator, WhyCertainty::recorded, r_[from].pid, r_[from].name, made, lo, hi);
      return;
    }
  }
  emit({.kind = WhyKind::unseen, .certainty = WhyCertainty::unknown, .tid = tid, .link = link}, lo, hi);
}

// ---- running and ready --------------------------------------------------------------------------------------

void Walk::running(RecordIndex record, uint32_t link, Ticks lo, Ticks hi) {
  const Span& s = r_[record];
  const auto certainty = (s.flags & Span::kInferred) != 0 ? WhyCertainty::inferred : WhyCertainty::recorded;
  WhyPart part{.kind = WhyKind::user, .certainty = certainty, .tid = s.pid, .cpu = s.cpu, .record = record, .link = link};
  switch (span_kind(s)) {
    case SpanKind::kUser:
      break;
    case SpanKind::kIrq:
      part.kind = WhyKind::irq;
      part.name = s.name;
      break;
    case SpanKind::kSoftirq:
      part.kind = WhyKind::softirq;
      part.name = s.name;
      break;
    case SpanKind::kSched:
      part.kind = WhyKind::sched;
      break;
    default:
      part.kind = WhyKind::kernel;
      part.name = s.name;
  }
  emit(part, lo, hi);
}

// Nothing records which CPUs' queues it stood in; where it then ran is known, and so is what ran there meanwhile.
void Walk::ready(const Wait& wait, RecordIndex next, Ticks lo, Ticks hi) {
  const Span& state = r_[wait.record];
  WhyPart part{.kind = WhyKind::never_ran, .tid = wait.tid, .doing = wait.doing, .record = wait.record, .other = r_.wakeup(wait.thread, state.start), .link = wait.link};
  const bool ran = next != kNoRecord && is_execution(r_[next]) && r_[next].start == state.end();
  const WhyRecords::Cpu* cpu = ran ? r_.cpu(r_[next].cpu) : nullptr;
  if (cpu == nullptr) {
    part.certainty = WhyCertainty::unknown;
    emit(part, lo, hi);
    return;
  }
  part.cpu = r_[next].cpu;
  for (int64_t at = r_.before(cpu->spans, hi); hi > lo; --at) {
    const RecordIndex record = at < 0 ? kNoRecord : cpu->spans[static_cast<size_t>(at)];
    const Ticks end = record == kNoRecord ? lo : std::clamp(r_[record].end(), lo, hi);
    if (end < hi) {
      WhyPart gap = part;
      gap.kind = WhyKind::unseen;
      gap.certainty = WhyCertainty::unknown;
      emit(gap, end, hi);
      hi = end;
    }
    if (record == kNoRecord) break;
    diagnostics_.take(Limit::memory, sizeof(WhyPart));
    const Ticks from = std::clamp(r_[record].start, lo, hi);
    ready_piece(part, r_[record], record, from, hi);
    hi = from;
  }
}

void Walk::ready_piece(WhyPart part, const Span& s, RecordIndex record, Ticks lo, Ticks hi) {
  const SpanKind kind = span_kind(s);
  part.other = record;
  if (kind == SpanKind::kIrq || kind == SpanKind::kSoftirq) {
    part.kind = WhyKind::behind_irq;
    part.name = s.name;
  } else if (is_idle(s) || s.pid <= 0) {
    // The scheduler that ends an idle time belongs to waking up.
    part.kind = WhyKind::waking;
  } else if (kind == SpanKind::kSched) {
    part.kind = WhyKind::behind_sched;
  } else {
    part.kind = WhyKind::behind;
    part.actor = s.pid;
    part.name = kind == SpanKind::kUser ? 0 : s.name;
  }
  emit(part, lo, hi);
}

// ---- waiting: who leads -------------------------------------------------------------------------------------

// A lock's holders one after the other; what nobody held it for is the waker's to tell if it ends the wait.
void Walk::waiting(const Wait& wait, Ticks lo, Ticks hi) {
  const Ticks start = r_[wait.record].start;
  const auto& tries = wait.thread.tries;
  const auto behind = std::partition_point(tries.begin(), tries.end(), [&](const WhyRecords::Try& t) { return t.from <= start; });
  const WhyRecords::Try* const open = behind == tries.begin() || (behind - 1)->to <= start ? nullptr : &*(behind - 1);
  const std::vector<WhyRecords::Hold>* holds = open == nullptr ? nullptr : r_.holds(open->lock);
  if (holds == nullptr) {
    lead(wait, lo, hi);
    return;
  }
  auto hold = std::partition_point(holds->begin(), holds->end(), [&](const WhyRecords::Hold& h) { return h.to <= lo; });
  Ticks at = lo;
  for (; hold != holds->end() && hold->from < hi; ++hold) {
    if (hold->tid == wait.tid || hold->tid <= 0) continue;
    const Ticks from = std::max(hold->from, at), to = std::min(hold->to, hi);
    if (from > at) stop(wait, WhyKind::free, WhyEnd::free, WhyCertainty::recorded, open->name, kNoRecord, at, from);
    go_to(wait, WhyLinkKind::lock, WhyCertainty::derived, hold->tid, open->name, hold->record, from, to);
    at = std::max(at, to);
  }
  if (at < hi) lead(wait, at, hi);
}

void Walk::lead(const Wait& wait, Ticks lo, Ticks hi) {
  const Ticks end = r_[wait.record].end();
  const RecordIndex wakeup = r_.wakeup(wait.thread, end);
  if (wakeup == kNoRecord) {
    const bool open = end >= r_.last();
    stop(wait, open ? WhyKind::open : WhyKind::unwoken, open ? WhyEnd::open : WhyEnd::unwoken, WhyCertainty::unknown, 0, kNoRecord, lo, hi);
    return;
  }
  const RecordIndex from = r_.covering(r_[wakeup].cpu, r_[wakeup].start);
  if (from == kNoRecord) {
    stop(wait, WhyKind::unwoken, WhyEnd::unnamed, WhyCertainty::unknown, 0, wakeup, lo, hi);
  } else {
    lead_by(wait, wakeup, from, lo, hi);
  }
}

void Walk::lead_by(const Wait& wait, RecordIndex wakeup, RecordIndex from, Ticks lo, Ticks hi) {
  const Span& s = r_[from];
  const SpanKind kind = span_kind(s);
  if (kind == SpanKind::kIrq) {
    interrupt(wait, wakeup, from, lo, hi);
  } else if (kind == SpanKind::kSoftirq) {
    softirq(wait, wakeup, from, lo, hi);
  } else if (s.pid <= 0 || is_idle(s)) {
    between_cpus(wait, wakeup, s.name, lo, hi);
  } else if (s.pid == wait.tid) {
    stop(wait, WhyKind::unwoken, WhyEnd::unnamed, WhyCertainty::unknown, 0, wakeup, lo, hi);
  } else {
    const bool own_code = kind == SpanKind::kUser;
    go_to(wait, WhyLinkKind::waker, WhyCertainty::recorded, s.pid, own_code ? 0 : s.name, wakeup, lo, hi);
  }
}

// Never on to the thread that it interrupted.
void Walk::interrupt(const Wait& wait, RecordIndex wakeup, RecordIndex from, Ticks lo, Ticks hi) {
  const NameId name = r_[from].name;
  if (waker_reason(r_.text(name)) == 't') {
    const bool own = is_in(CallList::has_timeout, r_.text(wait.doing));
    stop(wait, WhyKind::timer, own ? WhyEnd::own_timer : WhyEnd::timer, own ? WhyCertainty::derived : WhyCertainty::recorded, name, wakeup, lo, hi);
  } else if (is_between_cpus(r_.text(name))) {
    between_cpus(wait, wakeup, name, lo, hi);
  } else if (r_[wait.record].event == KUTRACE_WAITA + ('d' - 'a')) {
    stop(wait, WhyKind::disk, WhyEnd::disk, WhyCertainty::recorded, name, wakeup, lo, hi);
  } else {
    stop(wait, WhyKind::device, WhyEnd::device, WhyCertainty::recorded, name, wakeup, lo, hi);
  }
}

// The span in which a softirq was raised: of an interrupt, if one ended right before it or before another softirq there.
RecordIndex Walk::raised_in(RecordIndex softirq) const {
  const WhyRecords::Cpu& cpu = *r_.cpu(r_[softirq].cpu);
  RecordIndex found = softirq;
  for (int64_t at = r_.before(cpu.spans, r_[softirq].start); at >= 0; --at) {
    const RecordIndex record = cpu.spans[static_cast<size_t>(at)];
    if (r_[record].end() != r_[found].start) break;
    found = record;
    const SpanKind kind = span_kind(r_[record]);
    if (kind == SpanKind::kSoftirq) continue;
    if (kind != SpanKind::kIrq || at == 0) return record;
    // An interrupt inside a softirq has a piece of it on its other side.
    const Span& before = r_[cpu.spans[static_cast<size_t>(at - 1)]];
    if (before.end() != r_[record].start || span_kind(before) != SpanKind::kSoftirq) return record;
  }
  return kNoRecord;
}

void Walk::softirq(const Wait& wait, RecordIndex wakeup, RecordIndex from, Ticks lo, Ticks hi) {
  const NameId name = r_[from].name;
  const RecordIndex raised = raised_in(from);
  const SpanKind below = raised == kNoRecord ? SpanKind::kOther : span_kind(r_[raised]);
  const char reason = waker_reason(r_.text(name));
  switch (reason) {
    case 't': {
      const bool own = is_in(CallList::has_timeout, r_.text(wait.doing));
      stop(wait, WhyKind::timer, own ? WhyEnd::own_timer : WhyEnd::timer, own ? WhyCertainty::derived : WhyCertainty::recorded, name, wakeup, lo, hi);
      return;
    }
    case 'd':
      stop(wait, WhyKind::disk, WhyEnd::disk, WhyCertainty::recorded, name, wakeup, lo, hi);
      return;
    case 'r':
      stop(wait, WhyKind::grace, WhyEnd::grace, WhyCertainty::recorded, name, wakeup, lo, hi);
      return;
    case 'n':
      if (below == SpanKind::kSyscall && r_[raised].pid > 0 && r_[raised].pid != wait.tid) {
        go_to(wait, WhyLinkKind::sender, WhyCertainty::derived, r_[raised].pid, r_[raised].name, wakeup, lo, hi);
      } else {
        network(wait, wakeup, name, lo, hi);
      }
      return;
    default:
      stop(wait, WhyKind::deferred, WhyEnd::deferred, WhyCertainty::recorded, name, wakeup, lo, hi);
  }
}

// Woken by an interrupt of another CPU: the latest one that was sent there within the wait.
void Walk::between_cpus(const Wait& wait, RecordIndex wakeup, NameId name, Ticks lo, Ticks hi) {
  const Ticks woken = r_[wakeup].start;
  const WhyRecords::Cpu* cpu = r_.cpu(r_[wakeup].cpu);
  const int64_t at = cpu == nullptr ? -1 : r_.before(cpu->ipis, woken + 1);
  if (at >= 0) {
    const RecordIndex sent = cpu->ipis[static_cast<size_t>(at)];
    const RecordIndex from = r_.covering(r_[sent].cpu, r_[sent].start);
    if (r_[sent].start >= r_[wait.record].start && from != kNoRecord && r_[from].pid > 0 && r_[from].pid != wait.tid && span_kind(r_[from]) != SpanKind::kIrq &&
        span_kind(r_[from]) != SpanKind::kSoftirq) {
      go_to(wait, WhyLinkKind::ipi, WhyCertainty::derived, r_[from].pid, r_[from].name, sent, lo, hi);
      return;
    }
  }
  stop(wait, WhyKind::unwoken, WhyEnd::ipi, WhyCertainty::unknown, name, wakeup, lo, hi);
}

// The latest message with the hash of what the thread received first when it ran again, sent by another thread before it was woken and not
// received by this one before.
RecordIndex Walk::message_for(const Wait& wait, Ticks woken) const {
  const auto& received = wait.thread.received;
  const auto at = static_cast<size_t>(r_.before(received, woken) + 1);
  if (at >= received.size()) return kNoRecord;
  const Span& receive = r_[received[at]];
  // Behind the next wait it is another message.
  const int64_t state = r_.before(wait.thread.states, receive.start);
  for (int64_t i = state; i >= 0; --i) {
    const Span& s = r_[wait.thread.states[static_cast<size_t>(i)]];
    if (s.start < woken) break;
    if (is_wait(s) && s.event != KUTRACE_WAITA + ('c' - 'a')) return kNoRecord;
  }
  const std::vector<RecordIndex>* sent = r_.sent(receive.arg);
  if (sent == nullptr) return kNoRecord;
  Ticks used = INT64_MIN;  // when it last received one
  for (auto k = static_cast<int64_t>(at) - 1, end = k - WhyNumber::look_back; k >= 0 && k > end && used == INT64_MIN; --k) {
    const Span& earlier = r_[received[static_cast<size_t>(k)]];
    if (earlier.arg == receive.arg) used = earlier.start;
  }
  for (int64_t i = r_.before(*sent, woken), end = i - WhyNumber::look_back; i >= 0 && i > end; --i) {
    const RecordIndex record = (*sent)[static_cast<size_t>(i)];
    if (r_[record].start < used) break;
    if (r_[record].pid != wait.tid && r_[record].pid > 0) return record;
  }
  return kNoRecord;
}

void Walk::network(const Wait& wait, RecordIndex wakeup, NameId name, Ticks lo, Ticks hi) {
  const RecordIndex message = message_for(wait, r_[wakeup].start);
  if (message == kNoRecord) {
    stop(wait, WhyKind::net, WhyEnd::net, WhyCertainty::recorded, name, wakeup, lo, hi);
    return;
  }
  const Ticks sent = std::clamp(r_[message].start, lo, hi);
  go_to(wait, WhyLinkKind::message, WhyCertainty::derived, r_[message].pid, 0, message, lo, sent);
  stop(wait, WhyKind::net, WhyEnd::wire, WhyCertainty::derived, name, wakeup, sent, hi, r_[message].pid);
}

constexpr WhyWords kKinds[] = {
#define KUTRACE_WHY_KIND(id, state, cause, words) {#id, WhyState::state, words},
#include "analysis/why_kinds.def"
};
constexpr WhyWords kLinks[] = {
#define KUTRACE_WHY_LINK(id, words) {#id, WhyState::waiting, words},
#include "analysis/why_kinds.def"
};
constexpr WhyWords kEnds[] = {
#define KUTRACE_WHY_END(id, words) {#id, WhyState::waiting, words},
#include "analysis/why_kinds.def"
    {"", WhyState::waiting, ""}};

}  // namespace

const WhyWords& why_words(WhyKind kind) { return kKinds[static_cast<size_t>(kind)]; }
const WhyWords& why_words(WhyLinkKind kind) { return kLinks[static_cast<size_t>(kind)]; }
const WhyWords& why_words(WhyEnd end) { return kEnds[static_cast<size_t>(end)]; }

WhyPath why_path(const WhyRecords& records, int32_t tid, Ticks from, Ticks to, Diagnostics& diagnostics) {
  return Walk(records, diagnostics).path(tid, from, to);
}

}  // namespace kutrace
