// SPDX-License-Identifier: BSD-3-Clause
// kutrace align: traces of several machines on one time axis, and how sure that is.
#include <cinttypes>

#include "base/any_input.h"
#include "base/file_kind.h"
#include "chain.h"
#include "html/html_packer.h"
#include "html/payload_writer.h"
#include "json/span_json_writer.h"
#include "net/packets_seen.h"
#include "span/span_sorter.h"
#include "tools/commands.h"
#include "tools/tool.h"

namespace kutrace {
namespace {

// One machine's file: a trace, or a capture of packets.
struct Machine {
  Machine(const std::string& given, Diagnostics& diagnostics) : file(given), seen(diagnostics) {}
  std::string file;
  bool capture = false;
  PacketsSeen seen;
  PacketFit fit;
  int32_t first_cpu = 0, cpus = 0;
};

// Counts CPUs beside what it passes on to.
class CpuCount : public SpanSink {
 public:
  explicit CpuCount(SpanSink& next) : next_(next) {}
  void header(const SpanHeader& header) override { next_.header(header); }
  void spans(const std::vector<Span>& batch) override {
    for (const Span& s : batch) cpus = std::max(cpus, s.cpu + 1);
    next_.spans(batch);
  }
  int32_t cpus = 0;

 private:
  SpanSink& next_;
};

bool is_capture(const std::string& file, Diagnostics& diagnostics) {
  if (file == "-") return false;
  return is_packet_capture(AnyInput(file, diagnostics, kFileHead).bytes());
}

void look(Machine& m, Diagnostics& diagnostics) {
  m.capture = is_capture(m.file, diagnostics);
  if (m.capture) {
    const AnyInput input(m.file, diagnostics);
    m.seen.captured(PacketCapture(input));
    return;
  }
  MappedInput input(m.file, diagnostics.budget());
  StringPool pool;
  CpuCount count(m.seen);
  Diagnostics found(diagnostics.budget());  // told when its records are read for the page
  read_spans_in_order(input, pool, count, found);
  m.cpus = count.cpus;
}

std::string us(double ns) {
  char text[40];
  std::snprintf(text, sizeof(text), "%.3f us", ns / 1000);
  return text;
}

std::string sentence(const Machine& m, const std::string& first) {
  const ClockEstimate& e = m.fit.estimate;
  char line[400];
  std::snprintf(line, sizeof(line),
                "the clock of %s plus %.9f s is that of %s at %s UTC, drifting by %+.3f ppm; within %s to %s, drift within %.3f ppm; %" PRIu64
                " packets one way, %" PRIu64 " the other",
                m.file.c_str(), e.line.at_origin / 1e9, first.c_str(), format_utc(e.line.origin / 1000).c_str(), e.line.drift * 1e6,
                us(e.error_least).c_str(), us(std::max(e.error_first, e.error_last)).c_str(), e.drift_error * 1e6, e.lower, e.upper);
  std::string text = line;
  if (m.fit.ambiguous > 0) text += "; " + std::to_string(m.fit.ambiguous) + " hashes left out, since they came several times";
  if (e.contradiction > 0)
    text += "; no line fits: one of the clocks did not keep its rate, packets contradict this line by up to " + us(e.contradiction);
  return text;
}

std::string json(const std::vector<std::unique_ptr<Machine>>& machines) {
  std::string out = "{\n\"first\": " + json_string(machines[0]->file) + ",\n\"others\": [";
  const char* comma = "\n";
  for (size_t i = 1; i < machines.size(); ++i) {
    const Machine& m = *machines[i];
    const ClockEstimate& e = m.fit.estimate;
    char numbers[600];
    std::snprintf(numbers, sizeof(numbers),
                  "\"at_ns\": %" PRId64
                  ", \"offset_ns\": %.3f, \"drift_ppm\": %.6f, \"error_first_ns\": %.3f, \"error_last_ns\": %.3f, \"error_least_ns\": %.3f, "
                  "\"drift_error_ppm\": %.6f, "
                  "\"contradiction_ns\": %.3f, \"packets_to\": %" PRIu64 ", \"packets_from\": %" PRIu64 ", \"ambiguous\": %" PRIu64
                  ", \"first_cpu\": %d",
                  e.line.origin, e.line.at_origin, e.line.drift * 1e6, e.error_first, e.error_last, e.error_least, e.drift_error * 1e6,
                  e.contradiction, e.lower, e.upper, m.fit.ambiguous, m.first_cpu);
    out += comma + ("{\"file\": " + json_string(m.file)) + ", " + numbers + "}";
    comma = ",\n";
  }
  return out + "]\n}\n";
}

// All records by the first machine's clock, in order.
SpanHeader merge(const std::vector<std::unique_ptr<Machine>>& machines, StringPool& pool, SpanSorter& all, Diagnostics& diagnostics) {
  SpanHeader header;
  int32_t number = 0;
  for (const auto& m : machines) {
    if (m->capture) continue;
    MappedInput input(m->file, diagnostics.budget());
    if (number == 0) {
      header = read_spans_in_order(input, pool, all, diagnostics).header;
    } else {
      MachineShift shift(all, header.time, m->fit.estimate.line, m->first_cpu, number, m->file);
      read_spans_in_order(input, pool, shift, diagnostics);
    }
    header.title += (number == 0 ? "" : ", ") + m->file + " (CPU " + std::to_string(m->first_cpu) + " on)";
    ++number;
  }
  return header;
}

}  // namespace

CLI::App* add_align(CLI::App& app, AlignArguments& a) {
  CLI::App* c = app.add_subcommand("align", "put traces of several machines on one time axis, by the packets that both saw");
  c->add_option("FILE", a.files, "inputs that report takes, or packet captures; all go by the clock of the first, which is a trace")
      ->required()
      ->expected(2, 100);
  c->add_option("-o,--output", a.output, "page to write (none if not given)");
  c->add_flag("--json", a.json, "print JSON, times in ns");
  return c;
}

int align(const AlignArguments& a, Diagnostics& diagnostics) {
  std::vector<std::unique_ptr<Machine>> machines;
  for (const std::string& file : a.files) {
    Machine& m = *machines.emplace_back(std::make_unique<Machine>(file, diagnostics));
    look(m, diagnostics);
    if (machines.size() == 1) {
      if (m.capture) throw Error(file, std::nullopt, "is a packet capture", "give a trace first");
      continue;
    }
    const Machine& before = *machines[machines.size() - 2];
    // The next round number, so that one sees where a machine begins.
    m.first_cpu = (before.first_cpu + before.cpus + 9) / 10 * 10;
    m.fit = fit_packets(machines[0]->seen, m.seen);
    if (!m.fit.estimate.possible) {
      throw Error(file, std::nullopt, "cannot be aligned with " + a.files[0] + ": " + m.fit.estimate.reason,
                  "record packets on both machines while they talk to each other (docs/capture.md)");
    }
  }
  std::string text;
  for (size_t i = 1; i < machines.size(); ++i) text += sentence(*machines[i], a.files[0]) + "\n";
  const std::string what = a.json ? json(machines) : terminal_text(text, true);
  if (a.output == "-") {
    std::fputs(what.c_str(), stderr);
  } else {
    Output out("-", a.files);
    out.write(what);
    out.close();
  }
  if (a.output.empty()) return report_damage("kutrace align", diagnostics);
  StringPool pool;
  SpanSorter all(diagnostics.budget());
  SpanHeader header = merge(machines, pool, all, diagnostics);
  header.comment = text.substr(0, text.size() - 1);
  PayloadWriter payload(pool, 2, diagnostics.budget(), builtin_template().size());
  all.drain_to(payload);
  complete_header(header, "", a.output);
  payload.finish();
  diagnostics.tell_limits();
  Output page(a.output, a.files, diagnostics.budget());
  pack_page(builtin_template(), payload.meta(header, diagnostics), payload.data(), page);
  page.close();
  return report_damage("kutrace align", diagnostics);
}

}  // namespace kutrace
