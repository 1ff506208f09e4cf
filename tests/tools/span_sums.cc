// SPDX-License-Identifier: BSD-3-Clause
// span_sums FILE: time of each class on each CPU and of each thread in windows of a trace, by plain addition over all records.
// The viewer, which takes such sums from tables, is tested against what this prints.
#include <algorithm>
#include <array>
#include <iostream>
#include <map>
#include <sstream>

#include "chain.h"
#include "query/span_kind.h"
#include "tools/tool.h"

namespace {

using namespace kutrace;

constexpr size_t kClasses = 7;
constexpr std::array<const char*, kClasses> kNames{"system call", "interrupt", "fault", "scheduler", "other kernel", "user", "idle"};

// The classes of the page (CLASS of viewer/src/format/events.js).
size_t class_of(const Span& s) {
  constexpr std::array<size_t, kSpanKinds> kClassOf{5, 0, 2, 1, 1, 3, 6, 6, 4};
  return kClassOf[static_cast<size_t>(span_kind(s))];
}

class Collect : public SpanSink {
 public:
  void spans(const std::vector<Span>& batch) override {
    for (const Span& s : batch) {
      if (is_execution(s)) all.push_back(s);
    }
  }
  std::vector<Span> all;
};

using Sums = std::map<int32_t, std::array<Ticks, kClasses>>;

void print(std::ostream& out, const char* key, const Sums& sums, const TimeBase& time) {
  out << "\"" << key << "\":{";
  const char* comma = "";
  for (const auto& [id, classes] : sums) {
    out << comma << "\"" << id << "\":[";
    for (size_t c = 0; c < kClasses; ++c) out << (c > 0 ? "," : "") << time.ns(classes[c]);
    out << "]";
    comma = ",";
  }
  out << "}";
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Prints time by class, CPU and thread in pseudo-random windows, in nanoseconds, as JSON.", "span_sums"};
  std::string path;
  uint32_t windows = 24;
  app.add_option("FILE", path)->required();
  app.add_option("-n,--windows", windows);
  return run_tool(app, argc, argv, [&](Diagnostics& diagnostics) {
    MappedInput input(path);
    StringPool pool;
    Collect records;
    const SpanHeader header = read_spans(input, pool, records, diagnostics).header;
    Ticks first = INT64_MAX, last = INT64_MIN;
    for (const Span& s : records.all) {
      first = std::min(first, s.start);
      last = std::max(last, s.end());
    }
    std::ostringstream out;
    out << "{\"classes\":[";
    for (size_t c = 0; c < kClasses; ++c) out << (c > 0 ? "," : "") << "\"" << kNames[c] << "\"";
    out << "],\"windows\":[";
    uint32_t state = 12345;
    auto random = [&state] { return state = state * 1664525u + 1013904223u; };
    for (uint32_t w = 0; w < windows && first < last; ++w) {
      const auto width = static_cast<double>(last - first) / static_cast<double>(1u << (w % 12));
      const Ticks from = first + static_cast<Ticks>((static_cast<double>(last - first) - width) * (random() / 4294967296.0));
      const Ticks to = from + std::max<Ticks>(1, static_cast<Ticks>(width));
      Sums cpus, threads;
      for (const Span& s : records.all) {
        const Ticks time = std::min(s.end(), to) - std::max(s.start, from);
        if (time <= 0) continue;
        cpus[s.cpu][class_of(s)] += time;
        if (s.pid > 0) threads[s.pid][class_of(s)] += time;
      }
      out << (w > 0 ? "," : "") << "\n{\"from\":" << from << ",\"to\":" << to << ",";
      print(out, "cpus", cpus, header.time);
      out << ",";
      print(out, "threads", threads, header.time);
      out << "}";
    }
    out << "\n]}\n";
    std::cout << out.str();
    return 0;
  });
}
