// SPDX-License-Identifier: BSD-3-Clause
// The stages put together: any input of ours or the reference's, to span records. The tools are thin around this.
#pragma once

#include <cmath>
#include <string>

#include "base/diagnostics.h"
#include "base/input.h"
#include "base/output.h"
#include "base/string_pool.h"
#include "span/span.h"
#include "span/span_builder.h"
#include "trace/event.h"

namespace kutrace {

// kDocument: an RPC log or a scatter plot (contents.h).
enum class InputKind { kRawTrace, kEventText, kSpanJson, kPage, kDocument, kOtherText, kCoroutines };
const char* input_kind_name(InputKind kind);

// What an input looks like from its first bytes. Anything that is no text is taken for a raw trace.
InputKind detect_input(const MappedInput& input);
// Throws Error unless it looks like a raw trace, with what it looks like instead.
void require_raw(const MappedInput& input);

// Feeds all events of a source to a builder and finishes it; tells `sink` of the switches. Returns the number of events.
uint64_t build_spans(EventSource& source, SpanBuilder& builder, SpanSink& sink);

struct ChainOptions {
  unsigned threads = 1;  // 2: decode beside span building
  // Only what lies in [from, to), seconds since the base minute; see TrimSink. Throws Error when nothing does.
  double from = -INFINITY, to = INFINITY;
};

struct ChainResult {
  InputKind kind = InputKind::kRawTrace;
  SpanHeader header;
  SpanTotals totals;    // raw traces and event text only
  uint64_t events = 0;  // the same
};

// Reads `input`, whatever it is, and gives its records to `sink` in the order in which they end (raw traces, event
// text) or stand in the file. Throws Error when it cannot be read at all or is a document without spans. An input without records is a finding, and so is one that
// used up the budget of `diagnostics`: then what was read before was given.
ChainResult read_spans(const MappedInput& input, StringPool& pool, SpanSink& sink, Diagnostics& diagnostics,
                       const ChainOptions& options = {});

// The same, but a document's records come in order of their start whatever their order in the file, once all are read.
ChainResult read_spans_in_order(const MappedInput& input, StringPool& pool, SpanSink& sink, Diagnostics& diagnostics,
                                const ChainOptions& options = {});

// Writes a raw trace as event text, in time order. Returns the number of events. Throws Error as read_spans does.
uint64_t write_event_text(const MappedInput& input, Output& out, Diagnostics& diagnostics);

// A header for a new document: title (else the file's name without its endings) and a random id made from content.
void complete_header(SpanHeader& header, const std::string& title, const std::string& path);

// A range of seconds as it is given on a command line. Throws Error when it holds no time, or a bound is no number.
void check_range(double from_seconds, double to_seconds);

// The first tick at or behind a time of a command line; of infinity, and beyond 40 years, which no document has, a tick outside of any. Not a number: before all.
Ticks first_tick(const TimeBase& time, double seconds);

// That a document's records, which go from `first` to `last`, lie outside of it. Throws Error.
[[noreturn]] void refuse_range(const std::string& name, const TimeBase& time, Ticks first, Ticks last);

// Passes on what lies in [from, to), in seconds since the base minute. Spans that cross an edge are cut there; row names
// are kept.
class TrimSink : public SpanSink {
 public:
  TrimSink(SpanSink& next, const TimeBase& time, double from_seconds, double to_seconds);
  void spans(const std::vector<Span>& batch) override;
  void switched(int32_t cpu, Ticks t, int32_t pid) override;
  void header(const SpanHeader& header) override { next_.header(header); }
  // Throws Error when nothing passed although there was something.
  void require_any(const std::string& name) const;

 private:
  uint64_t passed_ = 0;
  Ticks first_ = INT64_MAX, last_ = INT64_MIN;  // of what came
  SpanSink& next_;
  const TimeBase& time_;
  double from_, to_;
  std::vector<Span> out_;
};

}  // namespace kutrace
