// SPDX-License-Identifier: BSD-3-Clause
// Runs raw traces through reader, decoder and span builder in memory and keeps everything that comes out.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "base/string_pool.h"
#include "check/checker.h"
#include "span/span.h"
#include "trace/event.h"

namespace kutrace::test {

struct ChainRun {
  std::vector<uint8_t> file;
  StringPool pool;
  std::vector<Span> spans;    // in the order in which they end
  std::vector<Event> events;  // without names; only when asked for
  SpanHeader header;
  Diagnostics diagnostics;
  std::unique_ptr<Checker> checker;
  int64_t base_counter = 0;

  std::string name(const Span& s) const { return std::string(pool[s.name]); }
  // Records with this event number, in order of start.
  std::vector<Span> of(int32_t event) const;
  std::vector<Span> execution(int32_t cpu) const;
  std::vector<Span> waits(int32_t pid) const;
  // Counter value of a time.
  uint64_t counter(Ticks t) const { return static_cast<uint64_t>(t + base_counter); }
  // "start+duration event/pid name" a line, in counts since `origin`: the picture of a CPU's row.
  std::string row(int32_t cpu, uint64_t origin) const;
  bool has(Finding f) const { return diagnostics.count(f) > 0; }
  std::vector<std::string> faults() const { return checker->faults(header.time); }
  std::string damage() const { return diagnostics.summary(Severity::kDamage); }
};

// Throws Error as the library does.
std::unique_ptr<ChainRun> run_chain(std::vector<uint8_t> file, bool keep_events = false);

// A file of tests/data, decompressed.
std::vector<uint8_t> data_bytes(const std::string& name);
std::string data_text(const std::string& name);

// Event text of a raw trace as our rawtoevent writes it, and span JSON as our eventtospan and spantojson write it.
std::string event_text(const std::vector<uint8_t>& file);
std::string span_json(const ChainRun& run, const std::string& title = "t");
// Spans of event text or span JSON.
std::unique_ptr<ChainRun> run_text(std::string text);

// Runs a shell command; its exit status.
int shell(const std::string& command);

}  // namespace kutrace::test
