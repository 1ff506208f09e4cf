// SPDX-License-Identifier: BSD-3-Clause
// spantotrim START [STOP] | LABEL: the part of a span document in a range of seconds, or between the marks LABEL and
// /LABEL.
#include "tools/documents.h"
#include "tools/tool.h"
#include "trace/event.h"

namespace {

using namespace kutrace;

struct Range {
  double from, to;  // seconds
};

// Finds the ranges between marks with a label, both marks included. Expects records in order of start.
class MarkRanges {
 public:
  explicit MarkRanges(const std::string& label) : label_(base40_value(label)), end_(base40_value("/" + label)) {}
  void take(const Span& s) {
    if (s.event < KUTRACE_MARKA || s.event > KUTRACE_MARKC) return;
    const auto value = static_cast<uint32_t>(s.arg);
    if (value == label_ && !open_) {
      ranges.emplace_back(s.start, INT64_MAX);
      open_ = true;
    } else if (value == end_ && open_) {
      ranges.back().second = s.start + 1;
      open_ = false;
    }
  }
  std::vector<std::pair<Ticks, Ticks>> ranges;

 private:
  uint64_t label_, end_;
  bool open_ = false;
};

double seconds(const std::string& text) {
  size_t used = 0;
  double value = 0;
  try {
    value = std::stod(text, &used);
  } catch (const std::exception&) {
    used = 0;
  }
  if (used != text.size()) throw Error("START", std::nullopt, "is neither seconds nor a label: " + text, "");
  return value;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Keeps the part of a span document in a range of seconds, or between two marks.", "spantotrim"};
  std::string from, output = "-", file = "-";
  double to = INFINITY;
  app.add_option("START", from, "first second, or the label of a mark")->required();
  app.add_option("STOP", to, "last second");
  app.add_option("-i,--input", file, "span JSON; - is standard input");
  app.add_option("-o,--output", output, "where to write");
  return run_tool(app, argc, argv, [&] {
    Diagnostics diagnostics;
    StringPool pool;
    MappedInput input(file);
    SpanSorter all, kept;
    const SpanHeader header = read_spans(input, pool, all, diagnostics).header;
    std::vector<Span> records;
    MarkRanges marks(from);
    all.drain([&](const Span& span) {
      records.push_back(span);
      marks.take(span);
    });
    std::vector<Range> ranges;
    if (!from.empty() && from[0] <= '9') {
      ranges.push_back({seconds(from), to});
    } else {
      const double scale = header.time.ns_per_tick / 1e9;
      for (const auto& [start, stop] : marks.ranges) {
        ranges.push_back({static_cast<double>(start) * scale, static_cast<double>(stop) * scale});
      }
      if (ranges.empty()) throw Error(input.name(), std::nullopt, "has no mark " + from, "look at its marks first");
    }
    for (const Range& range : ranges) {
      TrimSink trim(kept, header.time, range.from, range.to);
      trim.spans(records);
    }
    write_document(output, header, pool, kept, diagnostics, {file});
    return report_damage("spantotrim", diagnostics);
  });
}
