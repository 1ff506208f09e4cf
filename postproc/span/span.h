// SPDX-License-Identifier: BSD-3-Clause
// One span record: the ten fields of the span JSON, in ticks and with an interned name, and whether it was
// recorded or inferred. Field meanings per kind: docs/trace-format.md section 3.12.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "base/string_pool.h"
#include "trace/kinds.h"
#include "trace/time_base.h"

namespace kutrace {

struct Span {
  static constexpr uint8_t kInferred = 1;  // its existence, kind or an edge was not recorded

  Ticks start = 0;
  Ticks dur = 0;  // 0 for a point event
  int32_t cpu = -1;
  int32_t pid = -1;
  int32_t rpc = -1;
  int32_t event = 0;
  int32_t arg = 0;
  int32_t ret = 0;
  NameId name = 0;
  uint8_t ipc = 0;
  uint8_t flags = 0;

  Ticks end() const { return start + dur; }
};
static_assert(sizeof(Span) == 48);

// Execution spans are those that tile a CPU's row.
inline bool is_execution(const Span& s) { return s.event >= KUTRACE_TRAP && s.cpu >= 0; }
inline bool is_wait(const Span& s) { return s.event >= KUTRACE_WAITA && s.event <= KUTRACE_WAITZ; }
inline bool is_sched(const Span& s) { return s.event == KUTRACE_SCHED_SYSCALL || s.event == KUTRACE_SCHED; }

// What the time of an execution span is: the one rule by which all count, the page (classOf() in format/events.js), too.
// tests/data/facts.vectors.json has its cases. The number of leaving an idle state is that of thread 65536's own code, which has
// that thread's id. Kernel is what is neither user nor idle, a number that no table knows among it.
enum class TimeClass : uint8_t { kUser, kKernel, kIdle };
inline TimeClass time_class(const Span& s) {
  if (s.event == KUTRACE_IDLE || (s.event == KUTRACE_CEXIT && s.pid <= 0)) return TimeClass::kIdle;
  return s.event > KUTRACE_USER ? TimeClass::kUser : TimeClass::kKernel;
}
inline bool is_idle(const Span& s) { return time_class(s) == TimeClass::kIdle; }
inline bool is_user(const Span& s) { return time_class(s) == TimeClass::kUser; }
inline bool is_point(const Span& s) { return s.event == KUTRACE_ENQUEUE ? s.cpu >= 0 : is_point_event(s.event); }

// What stands in a span document besides its records.
struct SpanHeader {
  TimeBase time;
  std::string tracebase;  // "YYYY-MM-DD_HH:MM:00", empty when unknown
  std::string title;
  std::string kernel_version;
  std::string cpu_model;
  std::string host_name;
  std::string comment = "V2 with IPC field";
  std::string axis_label_x = "Time (sec)";
  std::string axis_label_y = "CPU Number";
  std::string short_units_x = "s";
  uint32_t flags = 0;  // 128 IPC, 64 wrap-around, 32 LLC, and the version
  uint32_t random_id = 0;
  int64_t mbit_sec = 1000;
  double short_mul_x = 1;
  double thousands_x = 1000;
  int version = 3;
  bool presorted = false;
  // Optional parts behind the events, as JSON text; empty when absent.
  std::string extra;
  std::string saved_view;
};

// Takes the records of a trace, in the order in which they end.
class SpanSink {
 public:
  virtual ~SpanSink() = default;
  virtual void spans(const std::vector<Span>& batch) = 0;
  // A context switch as it was recorded: from `t` on `cpu` is thread `pid`'s. Raw traces and event text only; it comes before
  // the records that end behind it.
  virtual void switched(int32_t /*cpu*/, Ticks /*t*/, int32_t /*pid*/) {}
  // What is known before the first record: of a trace its clock and flags, of a document its header.
  virtual void header(const SpanHeader&) {}
};

}  // namespace kutrace
