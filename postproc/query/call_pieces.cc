// SPDX-License-Identifier: BSD-3-Clause
#include "query/call_pieces.h"

namespace kutrace {
namespace {

constexpr uint64_t kMapNode = 64;
constexpr size_t kDeepest = 64;  // of hostile documents: lawful stacks have a handful

}  // namespace

// Whether a call of this kind can begin inside the open ones (docs/trace-format.md, section 3, "Stacks").
bool CallPieces::can_nest(const Thread& thread, SpanKind kind) {
  if (thread.open.empty()) return true;
  const SpanKind top = thread.open.back().kind;
  switch (kind) {
    case SpanKind::kSyscall:
      return false;
    case SpanKind::kTrap:
      return top != SpanKind::kTrap && top != SpanKind::kSched;
    case SpanKind::kSoftirq:
      for (const Call& call : thread.open) {
        if (call.kind == SpanKind::kSoftirq) return false;
      }
      return true;
    default:
      return top != kind;
  }
}

// A thread whose first span is in a call was in it before the trace, or its parent was: it was switched to there. So it is with the first
// span of a CPU that takes no time, since all that is recorded of that is a return.
bool CallPieces::began_before(const Thread& thread, const Cpu& cpu, const Span& span, SpanKind kind) {
  if (thread.end != INT64_MIN || kind == SpanKind::kIrq || kind == SpanKind::kSoftirq) return false;
  return cpu.seen || span.dur == 0;
}

void CallPieces::follow(Cpu& cpu, const Span& span, SpanKind kind, int64_t id) {
  const bool inside = (kind == SpanKind::kIrq || kind == SpanKind::kSoftirq) && span.start == cpu.end;
  if (kind == SpanKind::kSched) {
    cpu.scheduler = id;
  } else if (!inside) {
    cpu.scheduler = 0;
  }
  cpu.seen = true;
  cpu.end = span.end();
}

CallPieces::Thread& CallPieces::thread_of(const Span& span) {
  const auto [place, fresh] = threads_.try_emplace(span.pid > 0 ? span.pid : -1 - static_cast<int64_t>(span.cpu));
  if (fresh) diagnostics_.take(Limit::memory, sizeof(Thread) + kMapNode);
  return place->second;
}

PieceOfCall CallPieces::next(const Span& span, SpanKind kind) {
  Thread& thread = thread_of(span);
  Cpu& cpu = cpus_[span.cpu];
  const bool before = began_before(thread, cpu, span, kind);
  const bool adjacent = span.start == thread.end, was_cut = span.start == thread.cut;
  thread.end = span.end();
  if (!is_call_kind(kind)) {
    thread.open.clear();
    follow(cpu, span, kind, 0);
    return {};
  }
  auto same = [&](const Call& call) {
    return call.kind == kind && (kind == SpanKind::kSched || (call.event == span.event && call.arg == span.arg));
  };
  size_t at = thread.open.size();
  while (at > 0 && !same(thread.open[at - 1])) --at;
  // Right behind itself it is another call, unless a mark cut it or the thread was away inside.
  const bool again = at == thread.open.size() && at > 0 && adjacent && !was_cut;
  PieceOfCall piece{.call = true};
  if (at > 0 && !again) {
    thread.open.resize(at);
  } else {
    if (again) thread.open.pop_back();
    while (!can_nest(thread, kind)) thread.open.pop_back();
    if (thread.open.size() >= kDeepest) thread.open.erase(thread.open.begin());
    const bool goes_on = kind == SpanKind::kSched && !again && cpu.scheduler != 0 && span.start == cpu.end;
    thread.open.push_back({span.event, span.arg, kind, goes_on ? cpu.scheduler : ++last_id_});
    piece.first = !before && !goes_on;
  }
  piece.id = thread.open.back().id;
  follow(cpu, span, kind, piece.id);
  piece.depth = static_cast<int64_t>(thread.open.size()) - 1;
  return piece;
}

void CallPieces::point(const Span& s) {
  if (s.pid <= 0) return;
  if ((s.event >= KUTRACE_MARKA && s.event <= KUTRACE_MARKD) || s.event == KUTRACE_RPCIDREQ || s.event == KUTRACE_RPCIDRESP) {
    thread_of(s).cut = s.start;
  }
}

}  // namespace kutrace
