// SPDX-License-Identifier: BSD-3-Clause
// Each stage of the chain on one trace: KUTRACE_BENCH_TRACE, plain or gzip. Items are events, for the writers records.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <memory>

#include "chain.h"
#include "html/html_packer.h"
#include "html/payload_writer.h"
#include "json/span_json_reader.h"
#include "json/span_json_writer.h"
#include "span/span_sorter.h"
#include "trace/decoder.h"
#include "trace/event_text_reader.h"
#include "trace/event_text_writer.h"

namespace {

using namespace kutrace;

const MappedInput& trace() {
  static const MappedInput input(std::getenv("KUTRACE_BENCH_TRACE") != nullptr ? std::getenv("KUTRACE_BENCH_TRACE")
                                                                               : "tests/data/wrap.trace.gz");
  return input;
}

class Discard : public SpanSink {
 public:
  void spans(const std::vector<Span>& batch) override { count += batch.size(); }
  uint64_t count = 0;
};

class Keep : public SpanSink {
 public:
  void spans(const std::vector<Span>& batch) override { all.push_back(batch); }
  std::vector<std::vector<Span>> all;
};

// Events already decoded, given again as a source.
class Replay : public EventSource {
 public:
  Replay(Decoder& decoder, const std::vector<std::vector<Event>>& batches) : decoder_(decoder), batches_(batches) {}
  const TraceInfo& info() override { return decoder_.info(); }
  const std::vector<Event>& next() override { return at_ < batches_.size() ? batches_[at_++] : end_; }
  std::string name_text(const Event& e) const override { return decoder_.name_text(e); }

 private:
  Decoder& decoder_;
  const std::vector<std::vector<Event>>& batches_;
  std::vector<Event> end_;
  size_t at_ = 0;
};

void count_items(benchmark::State& state, uint64_t per_iteration) {
  state.SetItemsProcessed(static_cast<int64_t>(per_iteration) * static_cast<int64_t>(state.iterations()));
}

void decode(benchmark::State& state) {
  uint64_t events = 0;
  for (auto _ : state) {
    Diagnostics found;
    TraceReader reader(trace(), found);
    Decoder decoder(reader, found);
    while (!decoder.next().empty()) {
    }
    events = decoder.entries();
  }
  count_items(state, events);
}

void build(benchmark::State& state) {
  Diagnostics found;
  TraceReader reader(trace(), found);
  Decoder decoder(reader, found);
  std::vector<std::vector<Event>> batches;
  uint64_t events = 0;
  for (;;) {
    const std::vector<Event>& batch = decoder.next();
    if (batch.empty()) break;
    events += batch.size();
    batches.push_back(batch);
  }
  for (auto _ : state) {
    Discard sink;
    StringPool pool;
    Diagnostics built;
    Replay source(decoder, batches);
    SpanBuilder builder(source.info(), pool, sink, built);
    build_spans(source, builder, sink);
    benchmark::DoNotOptimize(sink.count);
  }
  count_items(state, events);
}

void report(benchmark::State& state) {
  const auto threads = static_cast<unsigned>(state.range(0));
  uint64_t events = 0, bytes = 0;
  for (auto _ : state) {
    StringPool pool;
    Diagnostics found;
    PayloadWriter payload(pool, threads);
    ChainResult result = read_spans(trace(), pool, payload, found, {.threads = threads});
    payload.finish();
    std::string page;
    Output out(&page);
    pack_page(builtin_template(), payload.meta(result.header, found), payload.data(), out);
    out.flush();
    events = result.events;
    bytes = page.size();
  }
  count_items(state, events);
  state.counters["page_bytes"] = static_cast<double>(bytes);
}

void write_json(benchmark::State& state) {
  StringPool pool;
  Diagnostics found;
  Keep kept;
  SpanHeader header = read_spans(trace(), pool, kept, found).header;
  uint64_t records = 0;
  for (auto _ : state) {
    SpanSorter sorter;
    for (const auto& batch : kept.all) sorter.spans(batch);
    Output out("/dev/null");
    SpanJsonWriter writer(out, pool, header.time);
    writer.begin(header, found);
    sorter.drain([&](const Span& s) {
      writer.record(s);
      return true;
    });
    writer.end(header);
    out.close();
    records = writer.records();
  }
  count_items(state, records);
}

void write_event_text(benchmark::State& state) {
  uint64_t events = 0;
  for (auto _ : state) {
    Diagnostics found;
    TraceReader reader(trace(), found);
    Decoder decoder(reader, found);
    Output out("/dev/null");
    EventTextWriter writer(out, reader.info());
    for_each_event(
        decoder, [&](const Event& e, const std::string& text) { writer.name(e, text); },
        [&](const Event& e) { writer.event(e); });
    out.close();
    events = writer.events();
  }
  count_items(state, events);
}

BENCHMARK(decode)->Unit(benchmark::kMillisecond);
BENCHMARK(build)->Unit(benchmark::kMillisecond);
BENCHMARK(report)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->MeasureProcessCPUTime()->UseRealTime();
BENCHMARK(write_json)->Unit(benchmark::kMillisecond);
BENCHMARK(write_event_text)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
