// SPDX-License-Identifier: BSD-3-Clause
// The kinds of execution spans by which tables and statistics group time.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "span/span.h"

namespace kutrace {

enum class SpanKind : uint8_t { kUser, kSyscall, kTrap, kIrq, kSoftirq, kSched, kIdle, kCexit, kOther };
constexpr size_t kSpanKinds = 9;
constexpr std::array<std::string_view, kSpanKinds> kSpanKindNames = {"user",  "syscall", "trap",  "irq",  "softirq",
                                                                     "sched", "idle",    "cexit", "other"};
constexpr std::string_view span_kind_name(SpanKind kind) { return kSpanKindNames[static_cast<size_t>(kind)]; }

// Of an execution span; a part of its time_class(). No span of a lawful trace is kOther.
inline SpanKind span_kind(const Span& s) {
  if (is_idle(s)) return s.event == KUTRACE_IDLE ? SpanKind::kIdle : SpanKind::kCexit;
  if (is_user(s)) return SpanKind::kUser;
  if (s.event == KUTRACE_BOTTOM_HALF) return SpanKind::kSoftirq;
  const Kind* kind = find_kind(s.event & ~KUTRACE_RETURN_BIT);
  switch (kind == nullptr ? KindClass::none : kind->kind_class) {
    case KindClass::syscall:
      return SpanKind::kSyscall;
    case KindClass::fault:
      return SpanKind::kTrap;
    case KindClass::irq:
      return SpanKind::kIrq;
    case KindClass::sched:
      return SpanKind::kSched;
    default:
      return SpanKind::kOther;
  }
}

constexpr bool is_call_kind(SpanKind kind) { return kind >= SpanKind::kSyscall && kind <= SpanKind::kSched; }

}  // namespace kutrace
