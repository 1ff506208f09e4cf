// SPDX-License-Identifier: BSD-3-Clause
// Which pieces of a thread's time belong to one call, told from its execution spans in order: the same for every kind of input, since
// documents have nothing else. Two calls of one number that follow each other without any time between them outside, and with another
// call recorded between, look like one.
#pragma once

#include <unordered_map>
#include <vector>

#include "query/span_kind.h"

namespace kutrace {

struct PieceOfCall {
  bool call = false;   // false: user or idle code, which is no call
  bool first = false;  // it begins the call
  int64_t id = 0;
  int64_t depth = 0;
};

class CallPieces {
 public:
  // Memory for threads is taken from the budget of `diagnostics`.
  explicit CallPieces(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}
  // The next execution span of any thread, in its order.
  PieceOfCall next(const Span& span, SpanKind kind);
  // A point that cuts the span which is open at its time, as marks do: what follows there goes on with the call.
  void point(const Span& span);

 private:
  struct Call {
    int32_t event, arg;
    SpanKind kind;
    int64_t id;
  };
  struct Thread {
    std::vector<Call> open;
    Ticks end = INT64_MIN, cut = INT64_MIN;
  };
  // The scheduler goes on across the switch: behind an interrupt its spans are another thread's.
  struct Cpu {
    bool seen = false;
    int64_t scheduler = 0;  // the call that it is in, or an interrupt of which; 0: none
    Ticks end = 0;
  };
  static bool can_nest(const Thread& thread, SpanKind kind);
  static bool began_before(const Thread& thread, const Cpu& cpu, const Span& span, SpanKind kind);
  static void follow(Cpu& cpu, const Span& span, SpanKind kind, int64_t id);
  Thread& thread_of(const Span& span);

  Diagnostics& diagnostics_;
  std::unordered_map<int64_t, Thread> threads_;  // the idle thread of CPU c is -1 - c
  std::unordered_map<int32_t, Cpu> cpus_;
  int64_t last_id_ = 0;
};

}  // namespace kutrace
