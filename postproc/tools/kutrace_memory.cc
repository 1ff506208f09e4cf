// SPDX-License-Identifier: BSD-3-Clause
// kutrace memory: ticks and samples of what the CPUs use; and who used much while something was slow.
#include <algorithm>
#include <numeric>

#include "analysis/memory_use.h"
#include "analysis/neighbours.h"
#include "analysis/quantile.h"
#include "analysis/text_table.h"
#include "analysis/windows.h"
#include "base/error.h"
#include "base/output.h"
#include "chain.h"
#include "json/span_json_writer.h"
#include "tools/commands.h"
#include "tools/tool.h"

namespace kutrace {
namespace {

// Records for the samples and for the parts that marks name.
class Both : public SpanSink {
 public:
  Both(MemoryUse& use, WindowFinder& windows) : use_(use), windows_(windows) {}
  void header(const SpanHeader& header) override {
    use_.header(header);
    windows_.header(header);
  }
  void spans(const std::vector<Span>& batch) override {
    use_.spans(batch);
    windows_.spans(batch);
  }

 private:
  MemoryUse& use_;
  WindowFinder& windows_;
};

std::string percentile_text(const std::vector<int64_t>& sorted, int percent, const char* none) {
  const auto value = percentile(sorted, percent);
  return value ? std::to_string(*value) : none;
}

struct Lateness {
  std::vector<int64_t> sorted;
  explicit Lateness(std::vector<int64_t> values) : sorted(std::move(values)) { std::sort(sorted.begin(), sorted.end()); }
  std::string p(int percent, const char* none) const { return percentile_text(sorted, percent, none); }
  std::string most(const char* none) const { return sorted.empty() ? none : std::to_string(sorted.back()); }
};

// By program: what its threads used of each kind.
using Totals = std::map<std::string, std::map<uint16_t, uint64_t>>;

Totals totals_of(const MemoryUse& use) {
  Totals out;
  for (const Use& u : use.uses()) out[use.program(u.tid)][u.kind] += u.amount;
  return out;
}

// What is looked at, of more: a file that anyone may have made shall not take forever.
constexpr size_t kMostParts = 20'000, kMostPrograms = 20;
constexpr uint64_t kMostSteps = 100'000'000;

// What each program but the parts' own threads used in each part, by second.
std::vector<Neighbour> neighbours_of(const MemoryUse& use, const std::vector<Window>& parts, uint16_t kind, const std::string& file) {
  std::map<std::string, std::vector<double>> amounts;
  uint64_t steps = 0;
  for (const Use& u : use.uses()) {
    if (u.kind != kind || u.tid <= 0) continue;
    // Parts are in the order of their ends, and here do not overlap but in their own threads.
    auto part = std::partition_point(parts.begin(), parts.end(), [&](const Window& w) { return w.to <= u.from; });
    for (; part != parts.end() && part->from < u.to; ++part) {
      if (++steps > kMostSteps) throw Error(file, std::nullopt, "has samples that go over too many of these parts", "choose others");
      if (part->tid == u.tid) continue;
      const Ticks both = std::min(part->to, u.to) - std::max(part->from, u.from);
      if (both <= 0) continue;
      auto& of = amounts.try_emplace(use.program(u.tid), parts.size()).first->second;
      of[static_cast<size_t>(part - parts.begin())] += static_cast<double>(u.amount) * static_cast<double>(both) / static_cast<double>(u.to - u.from);
    }
  }
  std::vector<Neighbour> out;
  for (auto& [name, rates] : amounts) {
    for (size_t i = 0; i < parts.size(); ++i) rates[i] *= 1e9 / static_cast<double>(use.time().ns(parts[i].to) - use.time().ns(parts[i].from));
    out.push_back({name, std::move(rates)});
  }
  std::stable_sort(out.begin(), out.end(), [](const Neighbour& a, const Neighbour& b) {
    return std::reduce(a.rates.begin(), a.rates.end()) > std::reduce(b.rates.begin(), b.rates.end());
  });
  if (out.size() > kMostPrograms) out.resize(kMostPrograms);
  return out;
}

struct Found {
  const MemoryUse& use;
  Totals totals;
  std::vector<int64_t> skews;
  std::vector<bool> slow;
  std::map<uint16_t, std::vector<Coincidence>> coincidences;
};

std::string ticks_text(const Found& f) {
  std::string out = "Ticks each " + std::to_string(f.use.interval_ns()) + " ns, " + (f.use.staggered() ? "staggered" : "at the same moments on all CPUs") + "; lateness in ns\n";
  TextTable table({"CPU", "due", "taken", "skipped", "late: p50", "p99", "most"});
  for (const auto& [cpu, t] : f.use.cpus()) {
    const Lateness late(t.late);
    table.add({std::to_string(cpu), std::to_string(t.due()), std::to_string(t.taken), std::to_string(t.skipped), late.p(50, "-"), late.p(99, "-"), late.most("-")});
  }
  out += table.text();
  if (!f.skews.empty() && !f.use.staggered()) {
    out += "Between CPUs at the same tick, ns: p50 " + percentile_text(f.skews, 50, "-") + ", p99 " + percentile_text(f.skews, 99, "-") + ", most " + std::to_string(f.skews.back()) +
           ", of " + std::to_string(f.skews.size()) + " ticks\n";
  }
  return out;
}

std::string used_text(const Found& f, size_t rows) {
  std::string out;
  for (const Used& kind : kUsed) {
    std::vector<std::pair<uint64_t, std::string>> by;
    uint64_t all = 0;
    for (const auto& [name, amounts] : f.totals) {
      const auto found = amounts.find(kind.kind);
      if (found == amounts.end()) continue;
      by.emplace_back(found->second, name);
      all += found->second;
    }
    if ((f.use.sampled() & KUTRACE_USED_BIT(kind.kind)) == 0 && by.empty()) continue;
    out += "\n" + std::string(kind.word) + ": " + std::to_string(all) + " " + kind.unit + " (source: " + kind.source + (std::string_view(kind.source) == "model" ? ", not measured" : "") + ")\n";
    std::stable_sort(by.begin(), by.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    TextTable table({"program", kind.unit, "share"});
    for (size_t i = 0; i < by.size() && (rows == 0 || i < rows); ++i) {
      char share[16];
      std::snprintf(share, sizeof(share), "%.1f %%", 100.0 * static_cast<double>(by[i].first) / static_cast<double>(all));
      table.add({by[i].second, std::to_string(by[i].first), share});
    }
    if (!table.empty()) out += table.text();
  }
  return out;
}

std::string neighbours_text(const Found& f, const MemoryArguments& a) {
  if (f.slow.empty()) return "";
  const auto slow = std::count(f.slow.begin(), f.slow.end(), true);
  std::string out = "\nWho was next door: " + std::to_string(slow) + " of " + std::to_string(f.slow.size()) + " parts " + (a.mark.empty() ? a.method : a.mark) + " are slow (longer than 2 medians)\n";
  bool any = false;
  for (const auto& [kind, list] : f.coincidences) {
    for (const Coincidence& c : list) {
      if (!c.named()) continue;
      char line[120];
      std::snprintf(line, sizeof(line), ": %s by second %.0f in those, %.0f in the others; p = %.4f\n", find_used(kind)->word, c.slow_rate, c.other_rate, c.p);
      out += "  " + c.name + " used much in " + std::to_string(c.much) + " of " + std::to_string(c.slow) + " slow parts" + line;
      any = true;
    }
  }
  return out + (any ? "  A coincidence, no cause: runs of slow parts were put in " + std::to_string(kShuffles) + " other orders.\n" : "  Nobody beyond chance.\n");
}

std::string json(const Found& f) {
  std::string out = "{\n\"interval_ns\": " + std::to_string(f.use.interval_ns()) + ", \"staggered\": " + (f.use.staggered() ? "true" : "false") + ",\n\"cpus\": [";
  const char* comma = "\n";
  for (const auto& [cpu, t] : f.use.cpus()) {
    const Lateness late(t.late);
    out += comma;
    out += "{\"cpu\": " + std::to_string(cpu) + ", \"due\": " + std::to_string(t.due()) + ", \"taken\": " + std::to_string(t.taken) + ", \"skipped\": " + std::to_string(t.skipped) +
           ", \"late_p50\": " + late.p(50, "null") + ", \"late_p99\": " + late.p(99, "null") + ", \"late_most\": " + late.most("null") + "}";
    comma = ",\n";
  }
  out += "],\n\"skew_ticks\": " + std::to_string(f.skews.size()) + ", \"skew_p50\": " + percentile_text(f.skews, 50, "null") + ", \"skew_p99\": " + percentile_text(f.skews, 99, "null") +
         ", \"skew_most\": " + (f.skews.empty() ? "null" : std::to_string(f.skews.back())) + ",\n\"used\": [";
  comma = "\n";
  for (const auto& [name, amounts] : f.totals) {
    for (const auto& [kind, amount] : amounts) {
      const Used* used = find_used(kind);
      if (used == nullptr) continue;
      out += comma;
      out += "{\"program\": " + json_string(name) + ", \"used\": \"" + used->word + "\", \"source\": \"" + used->source + "\", \"unit\": \"" + used->unit + "\", \"value\": " + std::to_string(amount) + "}";
      comma = ",\n";
    }
  }
  out += "],\n\"parts\": " + std::to_string(f.slow.size()) + ", \"slow\": " + std::to_string(std::count(f.slow.begin(), f.slow.end(), true)) + ",\n\"neighbours\": [";
  comma = "\n";
  for (const auto& [kind, list] : f.coincidences) {
    for (const Coincidence& c : list) {
      char numbers[120];
      std::snprintf(numbers, sizeof(numbers), ", \"slow_rate\": %.9g, \"other_rate\": %.9g, \"p\": %.9g", c.slow_rate, c.other_rate, c.p);
      out += comma;
      out += "{\"program\": " + json_string(c.name) + ", \"used\": \"" + find_used(kind)->word + "\", \"much\": " + std::to_string(c.much) + ", \"slow\": " + std::to_string(c.slow) + numbers +
             ", \"named\": " + (c.named() ? "true" : "false") + "}";
      comma = ",\n";
    }
  }
  return out + "]\n}\n";
}

}  // namespace

int memory(const MemoryArguments& a, Diagnostics& diagnostics) {
  StringPool pool;
  const MappedInput input(a.file, diagnostics.budget());
  MemoryUse use(pool, diagnostics);
  WindowFinder finder(pool);
  Both both(use, finder);
  read_spans_in_order(input, pool, both, diagnostics, {a.threads, -INFINITY, INFINITY});
  if (use.cpus().empty()) throw Error(a.file, std::nullopt, "has no samples of what CPUs use", "record with `kutrace_control go --tick 1000000`");
  Found found{use, totals_of(use), use.skews(), {}, {}};
  if (!a.mark.empty() || !a.method.empty()) {
    std::vector<Window> parts;
    for (const Window& w : finder.windows()) {
      if (w.from < w.to && (a.mark.empty() ? w.rpc != 0 && w.name == a.method : w.rpc == 0 && w.name == a.mark)) parts.push_back(w);
    }
    if (parts.empty()) throw Error(a.file, std::nullopt, "has no " + (a.mark.empty() ? "RPC " + a.method : "marks " + a.mark + " to /" + a.mark) + " with both ends", "`kutrace stat` lists what there is");
    if (parts.size() > kMostParts) parts.resize(kMostParts);
    std::vector<double> lengths;
    for (const Window& w : parts) lengths.push_back(static_cast<double>(w.to - w.from));
    found.slow = slow_parts(lengths);
    for (const Used& kind : kUsed) {
      auto list = coincidences(found.slow, neighbours_of(use, parts, kind.kind, a.file));
      if (!list.empty()) found.coincidences[kind.kind] = std::move(list);
    }
  }
  Output out("-", {a.file}, diagnostics.budget());
  out.write(a.json ? json(found) : ticks_text(found) + used_text(found, a.rows) + neighbours_text(found, a));
  out.close();
  return report_damage("kutrace memory", diagnostics);
}

}  // namespace kutrace
