// SPDX-License-Identifier: BSD-3-Clause
// spantotrim START [STOP] | LABEL: the part of a span document in a range of seconds, or between the marks LABEL and
// /LABEL.
#include <algorithm>
#include <cmath>

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
  if (used != text.size() || std::isnan(value)) throw Error("START", std::nullopt, "is neither seconds nor a label: " + text, "");
  return value;
}

// The parts of all records in ranges that do not overlap and are in order, each record looked at once. Records that many ranges cut to pieces
// are taken from the budget piece by piece.
void cut_to_ranges(const std::vector<Span>& records, const std::vector<Range>& ranges, const TimeBase& time, SpanSink& kept,
                   Diagnostics& diagnostics) {
  const double scale = time.ns_per_tick / 1e9;
  std::vector<Span> one(1);
  for (const Span& s : records) {
    const bool name = s.event == KUTRACE_LEFTMARK || s.event == KUTRACE_RIGHTMARK;
    const double start = static_cast<double>(s.start) * scale, end = static_cast<double>(s.end()) * scale;
    auto range = name ? ranges.begin() : std::lower_bound(ranges.begin(), ranges.end(), start, [](const Range& r, double t) { return r.to < t; });
    for (; range != ranges.end() && (name || range->from <= end); ++range) {
      if (diagnostics.spent() || !diagnostics.take(Limit::records)) return;
      TrimSink trim(kept, time, range->from, range->to);
      one[0] = s;
      trim.spans(one);
      if (name) break;
    }
  }
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
  return run_tool(app, argc, argv, [&](Diagnostics& diagnostics) {
    StringPool pool;
    MappedInput input(file, diagnostics.budget());
    SpanSorter all(diagnostics.budget()), kept(diagnostics.budget());
    const SpanHeader header = read_spans(input, pool, all, diagnostics).header;
    std::vector<Span> records;
    MarkRanges marks(from);
    all.drain([&](const Span& span) {
      diagnostics.take(Limit::memory, sizeof(Span));
      records.push_back(span);
      marks.take(span);
      return !diagnostics.spent();
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
    if (ranges.size() == 1) {
      check_range(ranges[0].from, ranges[0].to);
      TrimSink trim(kept, header.time, ranges[0].from, ranges[0].to);
      trim.spans(records);
      trim.require_any(input.name());
    } else {
      cut_to_ranges(records, ranges, header.time, kept, diagnostics);
    }
    write_document(output, header, pool, kept, diagnostics, {file});
    return report_damage("spantotrim", diagnostics);
  });
}
