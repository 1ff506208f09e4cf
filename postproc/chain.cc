// SPDX-License-Identifier: BSD-3-Clause
#include "chain.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "base/error.h"
#include "base/utf8.h"
#include "coro/coro_spans.h"
#include "html/html_packer.h"
#include "json/side_document.h"
#include "json/span_json_reader.h"
#include "span/span_sorter.h"
#include "trace/decoder.h"
#include "trace/event_text_reader.h"
#include "trace/event_text_writer.h"
#include "trace/prefetch.h"

namespace kutrace {

const char* input_kind_name(InputKind kind) {
  switch (kind) {
    case InputKind::kRawTrace:
      return "raw trace";
    case InputKind::kEventText:
      return "event text";
    case InputKind::kSpanJson:
      return "span JSON";
    case InputKind::kPage:
      return "HTML page";
    case InputKind::kDocument:
      return "RPC log or scatter plot";
    case InputKind::kOtherText:
      return "text of no known kind";
    case InputKind::kCoroutines:
      return "recording of coroutines";
  }
  return "";
}

namespace {

constexpr size_t kLooked = 4096;
constexpr std::string_view kPageBegins[] = {"<!doctype html", "<html", "<head", "<meta", "<title", "<script", "<style", "<body"};

// Behind comments and blanks, `<!doctype html` or one of the elements that a page begins with. Other things begin with `<`, too.
bool begins_page(std::string_view text) {
  for (;;) {
    const size_t at = text.find_first_not_of(" \t\r\n");
    if (at == std::string_view::npos) return false;
    text.remove_prefix(at);
    if (!text.starts_with("<!--")) break;
    const size_t end = text.find("-->");
    if (end == std::string_view::npos) return false;
    text.remove_prefix(end + 3);
  }
  std::string begin(text.substr(0, 16));
  for (char& c : begin) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return std::any_of(std::begin(kPageBegins), std::end(kPageBegins), [&](std::string_view word) { return begin.starts_with(word); });
}

// Event text has lines that begin with a time, and comments. Other text has comments, too: where no line can be an event, it is of no kind.
bool has_event_line(std::string_view head) {
  bool other = false;
  while (!head.empty()) {
    std::string_view line = head.substr(0, head.find('\n'));
    head.remove_prefix(std::min(head.size(), line.size() + 1));
    line.remove_prefix(std::min(line.size(), line.find_first_not_of(" \t\r")));
    if (line.empty() || line[0] == '#') continue;
    const size_t digits = line.starts_with('-') ? 1 : 0;
    const size_t end = line.find_first_not_of("0123456789.", digits);
    if (end > digits && (end == std::string_view::npos || line[end] == ' ' || line[end] == '\t' || line[end] == '\r')) return true;
    other = true;
  }
  return !other;
}

}  // namespace

InputKind detect_input(const MappedInput& input) {
  const auto bytes = input.bytes();
  if (is_coro_file(bytes)) return InputKind::kCoroutines;
  std::string_view head(reinterpret_cast<const char*>(bytes.data()), std::min<size_t>(bytes.size(), kLooked));
  for (char c : head) {
    const auto u = static_cast<unsigned char>(c);
    if (u < 0x20 && u != '\n' && u != '\r' && u != '\t') return InputKind::kRawTrace;
  }
  size_t at = head.find_first_not_of(" \t\r\n");
  if (at == std::string_view::npos) return InputKind::kRawTrace;
  if (head[at] == '{') return detect_document(input.text()) == DocumentKind::kSpans ? InputKind::kSpanJson : InputKind::kDocument;
  if (head[at] == '<' && begins_page(input.text())) return InputKind::kPage;
  const bool may_be_event = head[at] == '#' || head[at] == '-' || (head[at] >= '0' && head[at] <= '9');
  if (may_be_event && has_event_line(head)) return InputKind::kEventText;
  // A character may be cut by the end of what is looked at.
  for (int i = 0; i < 3 && head.size() + static_cast<size_t>(i) == kLooked && static_cast<unsigned char>(head.back()) >= 0x80; ++i) head.remove_suffix(1);
  return is_utf8(head) ? InputKind::kOtherText : InputKind::kRawTrace;
}

void require_raw(const MappedInput& input) {
  const InputKind kind = detect_input(input);
  if (kind == InputKind::kRawTrace) return;
  throw Error(input.name(), 0, std::string("is no raw trace: it looks like ") + input_kind_name(kind),
              kind == InputKind::kOtherText ? "give a .trace file written by kutrace_control" : "give the .trace file that it was made of");
}

uint64_t build_spans(EventSource& source, SpanBuilder& builder, SpanSink& sink) {
  uint64_t count = 0;
  for_each_event(
      source, [&](const Event& e, const std::string& text) { builder.name(e, text); },
      [&](const Event& e) {
        ++count;
        if (e.num == KUTRACE_USERPID) sink.switched(e.cpu, e.t, static_cast<int32_t>(e.pid));
        if ((e.flags & Event::kNamedSample) != 0) {
          builder.sample(e, source.name_text(e));
        } else {
          builder.event(e);
        }
      },
      [&] { return builder.spent(); });
  builder.finish();
  return count;
}

namespace {

// Passes records on and counts them.
class CountSink : public SpanSink {
 public:
  explicit CountSink(SpanSink& next) : next_(next) {}
  void spans(const std::vector<Span>& batch) override {
    count += batch.size();
    next_.spans(batch);
  }
  void switched(int32_t cpu, Ticks t, int32_t pid) override { next_.switched(cpu, t, pid); }
  void header(const SpanHeader& header) override { next_.header(header); }
  uint64_t count = 0;

 private:
  SpanSink& next_;
};

// Event text whose lines end with CR alone would be one line, and a comment at that.
void refuse_bare_cr(std::string_view text, const std::string& name) {
  const size_t cr = text.find('\r');
  if (cr == std::string_view::npos || cr + 1 >= text.size() || text.find('\n') != std::string_view::npos) return;
  throw Error(name, cr, "is text whose lines end with CR alone", "convert it first: tr '\\r' '\\n'");
}

Error no_spans(const MappedInput& input) {
  return Error(input.name(), std::nullopt, "is an RPC log or a scatter plot and has no spans",
               "give it to kutrace report, kutrace check, makeself or unmakeself");
}

}  // namespace

ChainResult read_spans(const MappedInput& input, StringPool& pool, SpanSink& given, Diagnostics& diagnostics,
                       const ChainOptions& options) {
  ChainResult result;
  TrimSink trim(given, result.header.time, options.from, options.to);
  const bool whole = std::isinf(options.from) && std::isinf(options.to);
  check_range(options.from, options.to);
  CountSink sink(whole ? given : trim);
  result.kind = detect_input(input);
  const auto bytes = input.bytes();
  std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  auto build = [&](EventSource& source) {
    Diagnostics built(diagnostics.budget());
    result.header.time = source.info().time;
    result.header.flags = source.info().flags;
    sink.header(result.header);
    SpanBuilder builder(source.info(), pool, sink, built);
    result.events = build_spans(source, builder, sink);
    builder.fill_header(result.header);
    result.totals = builder.totals();
    diagnostics.merge(built);
  };
  if (result.kind != InputKind::kRawTrace) input.tell(diagnostics);
  bool documents_only = false;
  switch (result.kind) {
    case InputKind::kRawTrace: {
      Diagnostics decoded(diagnostics.budget());
      TraceReader reader(input, decoded);
      Decoder decoder(reader, decoded);
      if (options.threads > 1) {
        Prefetch ahead(decoder);
        build(ahead);
      } else {
        build(decoder);
      }
      diagnostics.merge(decoded);
      break;
    }
    case InputKind::kEventText: {
      refuse_bare_cr(text, input.name());
      LineReader lines(bytes, input.name());
      EventTextReader source(lines, diagnostics);
      build(source);
      break;
    }
    case InputKind::kSpanJson:
      result.header = SpanJsonReader(input, pool, diagnostics).read(sink);
      break;
    case InputKind::kPage: {
      std::string json = reference_page_json(text);
      if (!json.empty()) {
        if (detect_document(json) != DocumentKind::kSpans) throw no_spans(input);
        result.header = SpanJsonReader(json, input.name(), pool, diagnostics).read(sink);
      } else {
        documents_only = read_page(text, input.name(), result.header, pool, sink, diagnostics);
      }
      break;
    }
    case InputKind::kDocument:
      throw no_spans(input);
    case InputKind::kCoroutines:
      result.header = coro_spans(read_coro_file(bytes, diagnostics), pool, sink);
      break;
    case InputKind::kOtherText:
      throw Error(input.name(), 0, "is text of no known kind", "give a raw trace, event text, span JSON or a page");
  }
  diagnostics.tell_limits();
  if (sink.count == 0 && !documents_only) diagnostics.add_at(Finding::kNoRecords, [&] { return input.name(); });
  if (!whole) trim.require_any(input.name());
  return result;
}

ChainResult read_spans_in_order(const MappedInput& input, StringPool& pool, SpanSink& sink, Diagnostics& diagnostics,
                                const ChainOptions& options) {
  const InputKind kind = detect_input(input);
  if (kind == InputKind::kRawTrace || kind == InputKind::kEventText) return read_spans(input, pool, sink, diagnostics, options);
  SpanSorter sorter(diagnostics.budget());
  ChainResult result = read_spans(input, pool, sorter, diagnostics, options);
  sink.header(result.header);
  sorter.drain_to(sink);
  diagnostics.tell_limits();
  return result;
}

uint64_t write_event_text(const MappedInput& input, Output& out, Diagnostics& diagnostics) {
  TraceReader reader(input, diagnostics);
  Decoder decoder(reader, diagnostics);
  EventTextWriter writer(out, reader.info());
  writer.begin(reader);
  Budget* budget = diagnostics.budget();
  const uint64_t most = budget != nullptr ? budget->most(Limit::output) : UINT64_MAX;
  for_each_event(
      decoder, [&](const Event& e, const std::string& text) { writer.name(e, text); },
      [&](const Event& e) { writer.event(e); }, [&] { return writer.bytes() >= most || diagnostics.spent(); });
  if (writer.bytes() >= most) diagnostics.take(Limit::output, UINT64_MAX);
  diagnostics.tell_limits();
  writer.end(diagnostics);
  return writer.events();
}

void complete_header(SpanHeader& header, const std::string& title, const std::string& path) {
  if (!title.empty()) header.title = title;
  if (header.title.empty() && path != "-") {
    std::string name = path.substr(path.rfind('/') == std::string::npos ? 0 : path.rfind('/') + 1);
    for (const char* ending : {".gz", ".trace", ".json", ".html", ".ev"}) {
      std::string_view e(ending);
      if (name.size() > e.size() && name.ends_with(e)) name.resize(name.size() - e.size());
    }
    header.title = name;
  }
  if (header.random_id == 0) {
    // FNV-1a: the same trace gives the same id on every run, so a viewer finds its saved state again.
    uint64_t hash = 14695981039346656037ULL;
    for (const std::string* text : {&header.title, &header.tracebase, &header.host_name, &header.kernel_version}) {
      for (char c : *text) hash = (hash ^ static_cast<uint8_t>(c)) * 1099511628211ULL;
    }
    header.random_id = static_cast<uint32_t>(hash ^ hash >> 32) & 0x7fffffff;
  }
}

void check_range(double from_seconds, double to_seconds) {
  if (std::isnan(from_seconds) || std::isnan(to_seconds)) {
    throw Error("the range", std::nullopt, "is not from a number to a number", "give seconds since the base minute");
  }
  if (from_seconds < to_seconds) return;
  auto text = [](double seconds) {
    char digits[40];
    std::snprintf(digits, sizeof(digits), "%g", seconds);
    return std::string(digits);
  };
  throw Error("the range", std::nullopt, "from " + text(from_seconds) + " s to " + text(to_seconds) + " s holds no time", "give the earlier second first");
}

Ticks first_tick(const TimeBase& time, double seconds) {
  const double limit = std::min(kMaxSpanSeconds * 1e9 / time.ns_per_tick, 4e18);
  const double t = std::ceil(seconds * 1e9 / time.ns_per_tick - 1e-6);
  return static_cast<Ticks>(std::isnan(t) ? -limit : std::clamp(t, -limit, limit));
}

void refuse_range(const std::string& name, const TimeBase& time, Ticks first, Ticks last) {
  auto seconds = [&](Ticks t) {
    char text[40];
    std::snprintf(text, sizeof(text), "%.6f", static_cast<double>(time.ns(t)) / 1e9);
    return std::string(text);
  };
  throw Error(name, std::nullopt, "has no record in the range: its records go from " + seconds(first) + " s to " + seconds(last) + " s since the base minute",
              "give a range inside");
}

void TrimSink::require_any(const std::string& name) const {
  if (passed_ == 0 && first_ <= last_) refuse_range(name, time_, first_, last_);
}

TrimSink::TrimSink(SpanSink& next, const TimeBase& time, double from_seconds, double to_seconds)
    : next_(next), time_(time), from_(from_seconds), to_(to_seconds) {}

void TrimSink::switched(int32_t cpu, Ticks t, int32_t pid) {
  // The clock may be known only when the first record comes.
  if (t >= first_tick(time_, from_) && t < first_tick(time_, to_)) next_.switched(cpu, t, pid);
}

void TrimSink::spans(const std::vector<Span>& batch) {
  const Ticks from = first_tick(time_, from_), to = first_tick(time_, to_);
  out_.clear();
  for (Span s : batch) {
    if (s.event == KUTRACE_LEFTMARK || s.event == KUTRACE_RIGHTMARK) {
      s.start = std::max(s.start, from);
      out_.push_back(s);
      continue;
    }
    first_ = std::min(first_, s.start);
    last_ = std::max(last_, s.end());
    if (s.dur == 0 ? s.start < from || s.start >= to : s.start >= to || s.end() <= from) continue;
    ++passed_;
    if (s.dur == 0) {
      out_.push_back(s);
      continue;
    }
    const Ticks end = std::min(s.end(), to);
    s.start = std::max(s.start, from);
    s.dur = end - s.start;
    out_.push_back(s);
  }
  if (!out_.empty()) next_.spans(out_);
}

}  // namespace kutrace
