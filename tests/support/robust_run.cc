// SPDX-License-Identifier: BSD-3-Clause
#include "support/robust_run.h"

#include <simdjson.h>

#include <algorithm>

#include "base/error.h"
#include "analysis/statistics.h"
#include "check/checker.h"
#include "html/html_packer.h"
#include "html/payload_writer.h"
#include "json/span_json_reader.h"
#include "json/span_json_writer.h"
#include "query/table_builder.h"
#include "span/span_sorter.h"
#include "trace/event_text_reader.h"

namespace kutrace::robust {
namespace {

// Gives each batch to several sinks.
class Tee : public SpanSink {
 public:
  explicit Tee(std::vector<SpanSink*> sinks) : sinks_(std::move(sinks)) {}
  void spans(const std::vector<Span>& batch) override {
    for (SpanSink* sink : sinks_) sink->spans(batch);
  }
  void switched(int32_t cpu, Ticks t, int32_t pid) override {
    for (SpanSink* sink : sinks_) sink->switched(cpu, t, pid);
  }

 private:
  std::vector<SpanSink*> sinks_;
};

class Nowhere : public RowSink {
 public:
  void row(Table, std::span<const int64_t>) override {}
};

class Counter : public SpanSink {
 public:
  void spans(const std::vector<Span>& batch) override { count += batch.size(); }
  uint64_t count = 0;
};

// Kinds whose counts differ, in words.
std::string other_findings(const Diagnostics& had, const Diagnostics& has) {
  std::string text;
  for (size_t i = 0; i < static_cast<size_t>(Finding::kCount); ++i) {
    const auto f = static_cast<Finding>(i);
    if (had.count(f) == has.count(f)) continue;
    text += std::string(text.empty() ? "" : ", ") + info(f).id + " " + std::to_string(has.count(f)) + " instead of " +
            std::to_string(had.count(f));
  }
  return text;
}

// What was found travels with a document; reading it must find every record and nothing else.
std::string other_content(const char* what, const Outcome& run, uint64_t records, const Diagnostics& reread) {
  if (records != run.records) {
    return std::string(what) + " re-reads with " + std::to_string(records) + " records instead of " +
           std::to_string(run.records) + ": " + reread.summary(Severity::kDamage);
  }
  const std::string other = other_findings(run.diagnostics, reread);
  return other.empty() ? "" : std::string(what) + " re-reads with other findings: " + other;
}


std::string broken_json(const Outcome& run) {
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  if (auto error = parser.parse(run.json).get(document); error != simdjson::SUCCESS) {
    return std::string("the JSON is not valid: ") + simdjson::error_message(error);
  }
  StringPool pool;
  Diagnostics reread;
  Counter counter;
  SpanJsonReader(run.json, "own JSON", pool, reread).read(counter);
  return other_content("the JSON", run, counter.count, reread);
}

std::string broken_page(const Outcome& run) {
  if (occurrences(run.page, "<") != occurrences(kTinyTemplate, "<")) return "the page has an element too many";
  StringPool pool;
  Diagnostics reread;
  Counter counter;
  SpanHeader header;
  read_page(run.page, "own page", header, pool, counter, reread);
  return other_content("the page", run, counter.count, reread);
}

}  // namespace

const char kTinyTemplate[] =
    "<script id=\"kutrace-meta\" type=\"application/json\">@KUTRACE_META@</script>\n"
    "<script id=\"kutrace-data\" type=\"text/plain\">@KUTRACE_DATA@</script>\n";

size_t occurrences(std::string_view text, std::string_view what) {
  size_t n = 0;
  for (size_t at = text.find(what); at != std::string_view::npos; at = text.find(what, at + what.size())) ++n;
  return n;
}

Outcome run_chain(std::span<const uint8_t> bytes, const std::string& name) {
  Outcome run;
  StringPool pool;
  SpanSorter sorter(run.budget.get());
  Checker checker(pool, &run.diagnostics);
  PayloadWriter payload(pool, 1);
  const Selection all{};
  Statistics statistics(pool, all, run.diagnostics);
  Nowhere nowhere;
  TableBuilder tables(InputKind::kRawTrace, pool, nowhere, run.diagnostics);
  Tee tee({&sorter, &checker, &payload, &statistics, &tables});
  try {
    MappedInput input(bytes, name);
    ChainResult result = read_spans(input, pool, tee, run.diagnostics);
    run.kind = result.kind;
    run.header = result.header;
    statistics.finish();
    tables.finish(result, name);
  } catch (const Error& e) {
    run.refused = e.what();
    return run;
  }
  complete_header(run.header, "", name);
  run.records = checker.records();
  run.faults = checker.faults(run.header.time);
  Output json(&run.json);
  SpanJsonWriter writer(json, pool, run.header.time);
  writer.begin(run.header, run.diagnostics);
  sorter.drain([&](const Span& span) {
    writer.record(span);
    run.spans.push_back(span);
    run.names.emplace_back(pool[span.name]);
    if (is_execution(span)) {
      run.first = std::min(run.first, span.start);
      run.last = std::max(run.last, span.end());
    }
    return true;
  });
  writer.end(run.header);
  json.flush();
  payload.finish();
  Output page(&run.page);
  pack_page(kTinyTemplate, payload.meta(run.header, run.diagnostics), payload.data(), page);
  page.flush();
  return run;
}

Outcome run_chain(const std::string& text, const std::string& name) {
  return run_chain(std::span(reinterpret_cast<const uint8_t*>(text.data()), text.size()), name);
}

std::string broken_promise(const Outcome& run) {
  if (!run.refused.empty()) {
    return run.refused.find(": ") == std::string::npos ? "a refusal without a cause: " + run.refused : "";
  }
  if (std::string text = broken_json(run); !text.empty()) return text;
  if (std::string text = broken_page(run); !text.empty()) return text;
  const bool built = run.kind == InputKind::kRawTrace || run.kind == InputKind::kEventText;
  if (built && !run.faults.empty() && run.damage() + run.repairs() == 0) {
    return "silently broken invariant: " + run.faults.front();
  }
  return "";
}

std::string broken_event_text(std::span<const uint8_t> bytes) {
  std::string text;
  Output out(&text);
  Diagnostics decoded, reread;
  MappedInput trace(bytes, "trace");
  const uint64_t events = write_event_text(trace, out, decoded);
  out.flush();
  LineReader lines(std::span(reinterpret_cast<const uint8_t*>(text.data()), text.size()), "own text");
  EventTextReader reader(lines, reread);
  uint64_t read = 0;
  for_each_event(reader, [](const Event&, const std::string&) {}, [&](const Event&) { ++read; });
  if (read != events) return "the event text re-reads with " + std::to_string(read) + " events instead of " + std::to_string(events);
  const std::string other = other_findings(decoded, reread);
  return other.empty() ? "" : "the event text re-reads with other findings: " + other;
}

}  // namespace kutrace::robust
