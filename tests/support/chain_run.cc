// SPDX-License-Identifier: BSD-3-Clause
#include "support/chain_run.h"

#include <sys/wait.h>

#include <algorithm>
#include <cstdlib>

#include "base/input.h"
#include "base/output.h"
#include "chain.h"
#include "json/span_json_writer.h"
#include "trace/decoder.h"

namespace kutrace::test {
namespace {

class Collect : public SpanSink {
 public:
  Collect(std::vector<Span>& all, Checker& checker) : all_(all), checker_(checker) {}
  void spans(const std::vector<Span>& batch) override {
    all_.insert(all_.end(), batch.begin(), batch.end());
    checker_.spans(batch);
  }
  void switched(int32_t cpu, Ticks t, int32_t pid) override { checker_.switched(cpu, t, pid); }

 private:
  std::vector<Span>& all_;
  Checker& checker_;
};

// Passes a source on and keeps its events.
class Tee : public EventSource {
 public:
  Tee(EventSource& source, std::vector<Event>* kept) : source_(source), kept_(kept) {}
  const TraceInfo& info() override { return source_.info(); }
  const std::vector<Event>& next() override {
    const std::vector<Event>& batch = source_.next();
    if (kept_ != nullptr) {
      for (const Event& e : batch) {
        if (!e.is_name()) kept_->push_back(e);
      }
    }
    return batch;
  }
  std::string name_text(const Event& event) const override { return source_.name_text(event); }

 private:
  EventSource& source_;
  std::vector<Event>* kept_;
};

template <typename Keep>
std::vector<Span> select(const std::vector<Span>& spans, Keep&& keep) {
  std::vector<Span> out;
  std::copy_if(spans.begin(), spans.end(), std::back_inserter(out), keep);
  std::stable_sort(out.begin(), out.end(), [](const Span& a, const Span& b) { return a.start < b.start; });
  return out;
}

}  // namespace

std::vector<Span> ChainRun::of(int32_t event) const {
  return select(spans, [&](const Span& s) { return s.event == event; });
}
std::vector<Span> ChainRun::execution(int32_t cpu) const {
  return select(spans, [&](const Span& s) { return is_execution(s) && s.cpu == cpu; });
}
std::vector<Span> ChainRun::waits(int32_t pid) const {
  return select(spans, [&](const Span& s) { return is_wait(s) && s.pid == pid; });
}

std::string ChainRun::row(int32_t cpu, uint64_t origin) const {
  std::string text;
  for (const Span& s : execution(cpu)) {
    text += std::to_string(static_cast<int64_t>(counter(s.start) - origin)) + "+" + std::to_string(s.dur) + " " +
            std::to_string(s.pid) + " " + name(s) + "\n";
  }
  return text;
}

std::unique_ptr<ChainRun> run_chain(std::vector<uint8_t> file, bool keep_events) {
  auto run = std::make_unique<ChainRun>();
  run->file = std::move(file);
  run->checker = std::make_unique<Checker>(run->pool);
  MappedInput input(run->file, "test.trace");
  TraceReader reader(input, run->diagnostics);
  run->base_counter = reader.base_counter();
  Decoder decoder(reader, run->diagnostics);
  Collect collect(run->spans, *run->checker);
  SpanBuilder builder(reader.info(), run->pool, collect, run->diagnostics);
  Tee tee(decoder, keep_events ? &run->events : nullptr);
  build_spans(tee, builder, collect);
  builder.fill_header(run->header);
  return run;
}

std::unique_ptr<ChainRun> run_text(std::string text) {
  auto run = std::make_unique<ChainRun>();
  run->file.assign(text.begin(), text.end());
  run->checker = std::make_unique<Checker>(run->pool);
  MappedInput input(run->file, "test.text");
  Collect collect(run->spans, *run->checker);
  run->header = read_spans(input, run->pool, collect, run->diagnostics).header;
  return run;
}

std::vector<uint8_t> data_bytes(const std::string& name) {
  MappedInput input(std::string(KUTRACE_TEST_DATA "/") + name);
  return {input.bytes().begin(), input.bytes().end()};
}

std::string data_text(const std::string& name) {
  std::vector<uint8_t> bytes = data_bytes(name);
  return {bytes.begin(), bytes.end()};
}

std::string event_text(const std::vector<uint8_t>& file) {
  Diagnostics diagnostics;
  MappedInput input(file, "test.trace");
  std::string text;
  Output out(&text);
  write_event_text(input, out, diagnostics);
  out.flush();
  return text;
}

std::string span_json(const ChainRun& run, const std::string& title) {
  std::string text;
  Output out(&text);
  SpanHeader header = run.header;
  header.title = title;
  SpanJsonWriter writer(out, run.pool, header.time);
  writer.begin(header, run.diagnostics);
  for (const Span& s : select(run.spans, [](const Span&) { return true; })) writer.record(s);
  writer.end(header);
  out.flush();
  return text;
}

int shell(const std::string& command) {
  const std::string strict = "set -o pipefail; " + command;
  std::string quoted;
  for (char c : strict) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  const int status = std::system(("bash -c '" + quoted + "'").c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace kutrace::test
