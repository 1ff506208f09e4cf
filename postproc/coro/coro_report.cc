// SPDX-License-Identifier: BSD-3-Clause
// The findings as text for a person, as Markdown, and as JSON.
#include <algorithm>

#include "analysis/text_table.h"
#include "coro/coro_check.h"
#include "json/span_json_writer.h"

namespace kutrace {
namespace {

// Sites in the text; JSON has all.
constexpr size_t kRows = 20;

std::string us(int64_t ns) {
  char text[40];
  std::snprintf(text, sizeof(text), "%.1f", static_cast<double>(ns) * 1e-3);
  return text;
}
std::string us(const std::optional<int64_t>& ns) { return ns ? us(*ns) : "-"; }
std::string count(uint64_t n) { return std::to_string(n); }

std::string title(const CoroFinding& f) {
  return std::string(coro_finding_name(f.kind)) + (f.grade != 0 ? std::string(", grade ") + f.grade : "");
}

// Of a site's times, what JSON has.
std::string json_times(const CoroTimes& t) {
  const auto maybe = [](const std::optional<int64_t>& ns) { return ns ? std::to_string(*ns) : std::string("null"); };
  return "{\"count\": " + count(t.count) + ", \"p50_ns\": " + maybe(t.p50) + ", \"p99_ns\": " + maybe(t.p99) + ", \"max_ns\": " + std::to_string(t.most) + "}";
}

std::string summary(const CoroFile& file, const CoroCheck& check) {
  uint64_t recorded = 0, attempted = file.unplaced;
  for (const CoroThread& t : file.threads) {
    recorded += t.recorded;
    attempted += t.attempted;
  }
  return count(check.lives().coros().size()) + " coroutines, " + count(file.threads.size()) + " threads; " + count(attempted) + " events attempted, " +
         count(recorded) + " recorded, " + count(file.lost()) + " lost";
}

const char kNotJudged[] = "events are missing, so that what became of coroutines is not judged";

// In Markdown a name may be anything.
std::string quoted(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (std::string_view("\\`*_{}[]<>#|~!").find(c) != std::string_view::npos) out += '\\';
    out += c == '\n' || c == '\r' ? ' ' : c;
  }
  return out;
}

}  // namespace

std::string CoroCheck::text() const {
  std::string out = summary(file_, *this) + "\n";
  for (const std::string& d : file_.damage) out += "damage: " + d + "\n";
  if (!judged()) out += std::string(kNotJudged) + "\n";
  for (const CoroFinding& f : findings_) {
    out += title(f) + ": " + f.text + "\n";
    for (const std::string& e : f.evidence) out += "    " + e + "\n";
  }
  TextTable table({"site", "waits", "p50 us", "p99 us", "max us", "queued", "p50 us", "p99 us", "max us"});
  for (size_t i = 0; i < std::min(kRows, sites_.size()); ++i) {
    const CoroSiteRow& r = sites_[i];
    table.add({place(r.site), count(r.waits.count), us(r.waits.p50), us(r.waits.p99), us(r.waits.most), count(r.queue.count), us(r.queue.p50), us(r.queue.p99), us(r.queue.most)});
  }
  if (!table.empty()) out += "\n" + table.text();
  return out + (is_clean() ? "nothing found\n" : count(findings_.size()) + " findings\n");
}

std::string CoroCheck::markdown() const {
  std::string out = "# Coroutines\n\n" + summary(file_, *this) + ".\n\n";
  for (const std::string& d : file_.damage) out += "* **damage**: " + quoted(d) + "\n";
  if (!judged()) out += std::string("* ") + kNotJudged + "\n";
  for (const CoroFinding& f : findings_) {
    out += "* **" + title(f) + "**: " + quoted(f.text) + "\n";
    for (const std::string& e : f.evidence) out += "  * " + quoted(e) + "\n";
  }
  if (is_clean()) out += "Nothing found.\n";
  if (sites_.empty()) return out;
  out += "\n| site | waits | p50 us | p99 us | max us | queued | p50 us | p99 us | max us |\n|---|---|---|---|---|---|---|---|---|\n";
  for (size_t i = 0; i < std::min(kRows, sites_.size()); ++i) {
    const CoroSiteRow& r = sites_[i];
    out += "| " + quoted(place(r.site)) + " | " + count(r.waits.count) + " | " + us(r.waits.p50) + " | " + us(r.waits.p99) + " | " + us(r.waits.most) + " | " +
           count(r.queue.count) + " | " + us(r.queue.p50) + " | " + us(r.queue.p99) + " | " + us(r.queue.most) + " |\n";
  }
  return out;
}

std::string CoroCheck::json(const std::string& name) const {
  std::string out = "{\n\"file\": " + json_string(name) + ",\n\"judged\": " + (judged() ? "true" : "false") + ",\n\"threads\": [";
  const char* comma = "\n";
  for (const CoroThread& t : file_.threads) {
    out += comma + ("{\"pid\": " + count(t.pid)) + ", \"tid\": " + count(t.tid) + ", \"attempted\": " + count(t.attempted) + ", \"recorded\": " + count(t.recorded) +
           ", \"lost\": " + count(t.lost) + ", \"adds_up\": " + (t.adds_up() ? "true" : "false") + "}";
    comma = ",\n";
  }
  out += "],\n\"unplaced\": " + count(file_.unplaced) + ",\n\"damage\": " + json_strings(file_.damage) + ",\n\"findings\": [";
  comma = "\n";
  for (const CoroFinding& f : findings_) {
    std::string ids;
    for (const uint32_t c : f.coros) ids += (ids.empty() ? "" : ", ") + count(lives_.coros()[c].id);
    out += comma + ("{\"kind\": " + json_string(coro_finding_name(f.kind))) + ", \"grade\": " + (f.grade != 0 ? json_string(std::string(1, f.grade)) : "null") +
           ", \"coroutines\": [" + ids + "], \"site\": " + json_string(place(f.site)) + ", \"ns\": " + std::to_string(file_.ns(f.time)) +
           ", \"text\": " + json_string(f.text) + ", \"evidence\": " + json_strings(f.evidence) + "}";
    comma = ",\n";
  }
  out += "],\n\"sites\": [";
  comma = "\n";
  for (const CoroSiteRow& r : sites_) {
    out += comma + ("{\"site\": " + json_string(place(r.site))) + ", \"waits\": " + json_times(r.waits) + ", \"queue\": " + json_times(r.queue) + "}";
    comma = ",\n";
  }
  return out + "]\n}\n";
}

}  // namespace kutrace
