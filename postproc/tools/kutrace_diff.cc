// SPDX-License-Identifier: BSD-3-Clause
// kutrace diff: what changed between two recordings, or two windows of one, beyond what chance explains.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "analysis/quantities.h"
#include "analysis/text_table.h"
#include "base/error.h"
#include "base/output.h"
#include "chain.h"
#include "json/span_json_writer.h"
#include "tools/commands.h"
#include "tools/tool.h"

namespace kutrace {
namespace {

// A window is cut into parts of about 100 ms, or 20 at least: with fewer nothing can be said, with more neighbours would depend on each other.
constexpr size_t kLeastParts = 20, kMostParts = 50;
constexpr double kPartSeconds = 0.1;

// From where to where a trace goes, and what its threads are called.
class Extent : public SpanSink {
 public:
  explicit Extent(const StringPool& pool) : pool_(pool) {}
  void header(const SpanHeader& header) override { time = header.time; }
  void spans(const std::vector<Span>& batch) override {
    for (const Span& s : batch) {
      if (!is_execution(s)) continue;
      first = std::min(first, s.start);
      last = std::max(last, s.end());
      if (s.pid <= 0 || !is_user(s) || s.name == named_[s.pid]) continue;
      named_[s.pid] = s.name;
      programs[s.pid] = without_number(pool_[s.name], s.pid);
    }
  }
  TimeBase time;
  Ticks first = INT64_MAX, last = INT64_MIN;
  std::map<int32_t, std::string> programs;

 private:
  const StringPool& pool_;
  std::map<int32_t, NameId> named_;
};

// One of the two, read.
struct Side {
  StringPool pool;
  std::unique_ptr<Extent> extent;
  std::unique_ptr<Quantities> found;
  std::string name;
};

void read_side(Side& side, const std::string& file, const DiffWindow& window, unsigned threads, Diagnostics& diagnostics) {
  const MappedInput input(file, diagnostics.budget());
  side.extent = std::make_unique<Extent>(side.pool);
  Diagnostics once(diagnostics.budget());
  read_spans_in_order(input, side.pool, *side.extent, once, {threads, -INFINITY, INFINITY});
  const Extent& extent = *side.extent;
  if (extent.first >= extent.last) throw Error(file, std::nullopt, "has no time in it", "give a trace with execution spans");
  auto inside = [&](double seconds) { return std::clamp(first_tick(extent.time, seconds), extent.first, extent.last); };
  const Ticks from = inside(window.from), to = inside(window.to);
  if (from >= to) {
    char words[120];
    std::snprintf(words, sizeof(words), "goes from %.6f to %.6f s", static_cast<double>(extent.time.ns(extent.first)) / 1e9,
                  static_cast<double>(extent.time.ns(extent.last)) / 1e9);
    throw Error(file, std::nullopt, words, "give a window that lies in it");
  }
  const double seconds = static_cast<double>(extent.time.ns(to) - extent.time.ns(from)) / 1e9;
  const auto parts = static_cast<size_t>(std::clamp(std::round(seconds / kPartSeconds), double{kLeastParts}, double{kMostParts}));
  side.found = std::make_unique<Quantities>(side.pool, diagnostics, extent.programs, from, to, parts);
  read_spans_in_order(input, side.pool, *side.found, diagnostics, {threads, -INFINITY, INFINITY});
  side.found->finish();
  char range[80] = "";
  if (!std::isinf(window.from) || !std::isinf(window.to)) {
    std::snprintf(range, sizeof(range), " from %.6f to %.6f s", static_cast<double>(extent.time.ns(from)) / 1e9, static_cast<double>(extent.time.ns(to)) / 1e9);
  }
  side.name = file + range;
}

struct Row {
  QuantityKey key;
  Comparison compared;
};

std::vector<Row> compare(const Side& a, const Side& b, bool per_rpc, double margin) {
  std::vector<Row> rows;
  auto base = [&](const Side& side) { return per_rpc ? side.found->rpcs_by_part() : side.found->seconds_by_part(); };
  const std::vector<double> base_a = base(a), base_b = base(b);
  const Quantities::Amount none_a{std::vector<double>(base_a.size()), 0}, none_b{std::vector<double>(base_b.size()), 0};
  auto of = [](const auto& map, const QuantityKey& key, const auto& otherwise) -> const auto& {
    const auto found = map.find(key);
    return found == map.end() ? otherwise : found->second;
  };
  const auto &amounts_a = a.found->amounts(), &amounts_b = b.found->amounts();
  std::set<QuantityKey> keys;
  for (const auto* map : {&amounts_a, &amounts_b}) {
    for (const auto& [key, parts] : *map) keys.insert(key);
  }
  for (const QuantityKey& key : keys) {
    const Quantities::Amount &in_a = of(amounts_a, key, none_a), &in_b = of(amounts_b, key, none_b);
    rows.push_back({key, compare_amounts({in_a.by_part, base_a, in_a.events}, {in_b.by_part, base_b, in_b.events}, margin)});
  }
  keys.clear();
  const auto &lengths_a = a.found->lengths(), &lengths_b = b.found->lengths();
  for (const auto* map : {&lengths_a, &lengths_b}) {
    for (const auto& [key, values] : *map) keys.insert(key);
  }
  const std::vector<int64_t> none;
  for (const QuantityKey& key : keys) rows.push_back({key, compare_medians(of(lengths_a, key, none), of(lengths_b, key, none), margin)});
  std::vector<Comparison*> all;
  for (Row& row : rows) all.push_back(&row.compared);
  judge(all);
  return rows;
}

// What keeps the two from being compared as equals. Facts that the traces state.
std::vector<std::string> doubts(const Side& a, const Side& b) {
  std::vector<std::string> words;
  if (a.found->cpus() != b.found->cpus()) words.push_back("A has " + std::to_string(a.found->cpus()) + " CPUs and B " + std::to_string(b.found->cpus()));
  for (const auto* side : {&a, &b}) {
    if (side->found->lost() > 0) words.push_back(std::string(side == &a ? "A" : "B") + " lost " + std::to_string(side->found->lost()) + " events: what it counts is too little");
  }
  return words;
}

std::string number(double value, bool time, bool per_rpc) {
  // Times of amounts are ns by second or by RPC, of lengths ns.
  char text[40];
  if (!time) {
    std::snprintf(text, sizeof(text), per_rpc ? "%.3f" : "%.1f", value);
  } else if (value >= 1e6) {
    std::snprintf(text, sizeof(text), "%.3f ms", value / 1e6);
  } else {
    std::snprintf(text, sizeof(text), "%.3f us", value / 1e3);
  }
  return text;
}

std::string factor(double ratio) {
  if (ratio >= 1000) return ">999";
  char text[40];
  std::snprintf(text, sizeof(text), "%.2f", ratio);
  return text;
}

std::string ratio_text(const Comparison& c) {
  if (c.ratio == 0) return "only in A";
  if (std::isinf(c.ratio)) return "only in B";
  return factor(c.ratio) + " [" + factor(c.low) + ", " + factor(c.high) + "]";
}

std::string percent(double ratio) {
  char text[40];
  std::snprintf(text, sizeof(text), "%.0f %%", (ratio - 1) * 100);
  return text;
}

// What is said of larger factors is only that they are.
constexpr double kVastChange = 100;

class Report {
 public:
  Report(const DiffArguments& a, const Side& before, const Side& after, std::vector<Row> rows)
      : a_(a), before_(before), after_(after), rows_(std::move(rows)), margin_(a.margin / 100), unit_(a.per_rpc ? " / RPC" : " / s") {
    for (const Row& row : rows_) {
      asked_ += row.compared.verdict != Comparison::Verdict::kTooFew;
      changed_ += row.compared.verdict == Comparison::Verdict::kChanged;
    }
  }
  size_t changed() const { return changed_; }

  std::string text() const {
    char line[300];
    std::string out = "A: " + before_.name + ", " + seconds(before_) + "\nB: " + after_.name + ", " + seconds(after_) + "\n";
    for (const std::string& words : doubts(before_, after_)) out += "Not quite comparable: " + words + ".\n";
    const size_t few = rows_.size() - asked_;
    std::snprintf(line, sizeof(line), "%zu quantities compared%s; a change by a factor of up to %.2f counts as none.\n", asked_, a_.per_rpc ? ", by RPC" : "", 1 + margin_);
    out += line;
    if (few > 0) out += std::to_string(few) + " more have fewer than " + std::to_string(kLeastValues) + " lengths on a side: nothing is said of them (--all lists them).\n";
    if (changed_ == 0) {
      out += "No difference shown.";
      if (const auto least = typical_least()) {
        out += *least < kVastChange ? " Of half of them a change of " + percent(*least) + " or more would have shown."
                                    : " For half of them the traces are too short: not even a hundredfold would have shown.";
      }
      out += "\n";
    } else {
      out += std::to_string(changed_) + " changed. Chance alone shows one or more in at most 5 of 100 such comparisons.\n\n" + table(true).text();
    }
    if (a_.all) out += "\nNo difference shown:\n" + table(false).text();
    return out;
  }

  std::string json() const {
    auto n = [](double x) {
      char text[40];
      std::snprintf(text, sizeof(text), "%.9g", x);
      return std::isfinite(x) ? std::string(text) : std::string("null");
    };
    std::string out = "{\n\"a\": " + json_string(before_.name) + ", \"b\": " + json_string(after_.name) + ",\n\"seconds_a\": " + n(before_.found->seconds()) +
                      ", \"seconds_b\": " + n(after_.found->seconds()) + ",\n\"per\": \"" + (a_.per_rpc ? "rpc" : "second") + "\", \"margin\": " + n(margin_) +
                      ", \"compared\": " + std::to_string(asked_) + ", \"changed\": " + std::to_string(changed_) + ",\n\"draws\": " + std::to_string(kDraws) +
                      ", \"seed\": " + std::to_string(kDrawSeed) + ",\n\"doubts\": [";
    const char* comma = "";
    for (const std::string& words : doubts(before_, after_)) {
      out += comma + json_string(words);
      comma = ", ";
    }
    out += "],\n\"quantities\": [";
    comma = "\n";
    for (const Row& row : rows_) {
      const Comparison& c = row.compared;
      const bool few = c.verdict == Comparison::Verdict::kTooFew;
      out += comma;
      out += "{\"what\": " + json_string(std::string(quantity_words(row.key.group))) + ", \"name\": " + json_string(row.key.name) + ", \"unit\": \"" +
             (is_length(row.key.group) ? "ns, median" : is_time(row.key.group) ? (a_.per_rpc ? "ns/RPC" : "ns/s") : (a_.per_rpc ? "1/RPC" : "1/s")) + "\"";
      if (is_length(row.key.group)) out += ", \"n_a\": " + std::to_string(c.values_a) + ", \"n_b\": " + std::to_string(c.values_b);
      out += few ? ", \"verdict\": \"too few\"}"
                 : ", \"a\": " + n(c.a) + ", \"b\": " + n(c.b) + ", \"ratio\": " + n(c.ratio) + ", \"low\": " + n(c.low) + ", \"high\": " + n(c.high) + ", \"p\": " + n(c.p) +
                       ", \"verdict\": \"" + (c.verdict == Comparison::Verdict::kChanged ? "changed" : "none shown") + "\"}";
      comma = ",\n";
    }
    return out + "]\n}\n";
  }

 private:
  static std::string seconds(const Side& side) {
    char text[80];
    std::snprintf(text, sizeof(text), "%.3f s in %zu parts", side.found->seconds(), side.found->parts());
    return text;
  }
  std::optional<double> typical_least() const {
    std::vector<double> least;
    for (const Row& row : rows_) {
      if (row.compared.verdict != Comparison::Verdict::kTooFew) least.push_back(row.compared.least_shown(margin_, asked_));
    }
    if (least.empty()) return std::nullopt;
    std::sort(least.begin(), least.end());
    const double half = least[least.size() / 2];
    return std::isfinite(half) ? std::optional(half) : std::nullopt;
  }
  // What changed, most by its ratio first; or what did not, by its group.
  TextTable table(bool changed) const {
    std::vector<const Row*> shown;
    for (const Row& row : rows_) {
      if ((row.compared.verdict == Comparison::Verdict::kChanged) == changed) shown.push_back(&row);
    }
    auto distance = [](const Row* row) { return row->compared.ratio > 0 ? std::fabs(std::log(row->compared.ratio)) : INFINITY; };
    if (changed) std::stable_sort(shown.begin(), shown.end(), [&](const Row* x, const Row* y) { return distance(x) > distance(y); });
    TextTable table({"name", "what", "A", "B", "B / A [95 %]", "p"}, 2);
    for (const Row* row : shown) {
      const Comparison& c = row->compared;
      const bool time = is_time(row->key.group), length = is_length(row->key.group);
      const std::string what = std::string(quantity_words(row->key.group)) + (length ? ", median" : unit_);
      if (c.verdict == Comparison::Verdict::kTooFew) {
        table.add({row->key.name, what, "n = " + std::to_string(c.values_a), "n = " + std::to_string(c.values_b), "too few", "-"});
        continue;
      }
      char p[20];
      std::snprintf(p, sizeof(p), c.p < 0.0001 ? "<0.0001" : "%.4f", c.p);
      table.add({row->key.name, what, number(c.a, time, a_.per_rpc), number(c.b, time, a_.per_rpc), ratio_text(c), p});
    }
    return table;
  }

  const DiffArguments& a_;
  const Side &before_, &after_;
  std::vector<Row> rows_;
  double margin_;
  std::string unit_;
  size_t asked_ = 0, changed_ = 0;
};

}  // namespace

int diff(const DiffArguments& a, Diagnostics& diagnostics) {
  check_range(a.a.from, a.a.to);
  check_range(a.b.from, a.b.to);
  if (a.files.empty() || a.files.size() > 2) throw Error("kutrace diff", std::nullopt, "is given " + std::to_string(a.files.size()) + " files", "give two traces, or one and two windows of it");
  const bool windows = !std::isinf(a.a.from) || !std::isinf(a.a.to) || !std::isinf(a.b.from) || !std::isinf(a.b.to);
  if (a.files.size() == 1 && !windows) throw Error(a.files[0], std::nullopt, "is compared with itself", "give a second trace, or --from-a, --to-a, --from-b, --to-b");
  if (a.files.size() == 1 && a.files[0] == "-") throw Error("standard input", std::nullopt, "cannot be read twice", "give a file");
  Side before, after;
  read_side(before, a.files.front(), a.a, a.threads, diagnostics);
  read_side(after, a.files.back(), a.b, a.threads, diagnostics);
  for (const auto* side : {&before, &after}) {
    const auto& rpcs = side->found->rpcs_by_part();
    if (a.per_rpc && std::accumulate(rpcs.begin(), rpcs.end(), 0.0) == 0) throw Error(side->name, std::nullopt, "has no RPC with both ends", "leave out --per-rpc");
  }
  const Report report(a, before, after, compare(before, after, a.per_rpc, a.margin / 100));
  Output out("-", a.files, diagnostics.budget());
  out.write(a.json ? report.json() : report.text());
  out.close();
  const int status = report_damage("kutrace diff", diagnostics);
  return report.changed() > 0 ? kFindings : status;
}

}  // namespace kutrace
