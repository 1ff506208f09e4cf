// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cstdio>

#include "analysis/quantile.h"
#include "analysis/statistics_report.h"
#include "analysis/text_table.h"
#include "base/terminal.h"
#include "span/wait_reason.h"

namespace kutrace {
namespace {

// Pieces of a report. Times are printed in ms with three decimals: of an hour it still is to the microsecond.
class Text {
 public:
  explicit Text(const StatisticsReport& report) : r_(report), s_(report.statistics) {}

  std::string all() {
    head();
    cpus();
    threads();
    waits();
    latency();
    calls("System calls", {SpanKind::kSyscall});
    calls("Interrupts, softirqs, faults", {SpanKind::kIrq, SpanKind::kSoftirq, SpanKind::kTrap});
    locks();
    network();
    lengths("RPCs by method", "method", s_.rpcs());
    lengths("Pairs of marks", "mark", s_.mark_pairs());
    marks();
    frequency();
    findings();
    return out_;
  }

 private:
  std::string ms(Ticks t) const {
    char text[40];
    std::snprintf(text, sizeof(text), "%.3f", static_cast<double>(r_.header.time.ns(t)) / 1e6);
    return text;
  }
  std::string us(Ticks t) const {
    char text[40];
    std::snprintf(text, sizeof(text), "%.3f", static_cast<double>(r_.header.time.ns(t)) / 1e3);
    return text;
  }
  std::string ms_or_dash(const std::optional<Ticks>& t) const { return t ? ms(*t) : "-"; }
  static std::string share(Ticks part, Ticks whole) {
    if (whole <= 0) return "-";
    char text[40];
    std::snprintf(text, sizeof(text), "%.1f", 100.0 * static_cast<double>(part) / static_cast<double>(whole));
    return text;
  }
  template <typename N>
  static std::string count(N n) {
    return std::to_string(n);
  }
  std::string thread_name(int32_t tid) const {
    const auto found = s_.threads().find(tid);
    const NameId name = found == s_.threads().end() ? 0 : found->second.name;
    return name != 0 ? std::string(r_.pool[name]) : "." + std::to_string(tid);
  }
  void section(const std::string& title, const TextTable& table, size_t shown, size_t of) {
    out_ += "\n" + title;
    if (shown < of) out_ += ", the first " + count(shown) + " of " + count(of);
    out_ += "\n" + table.text();
  }
  size_t most(size_t n) const { return r_.rows == 0 ? n : std::min(n, r_.rows); }

  void head() {
    Ticks first = INT64_MAX, last = INT64_MIN;
    for (const auto& [number, cpu] : s_.cpus()) {
      if (cpu.spans == 0) continue;
      first = std::min(first, cpu.first);
      last = std::max(last, cpu.last);
    }
    const Ticks time = first > last ? 0 : r_.selection.all ? last - first : r_.selection.length();
    out_ += terminal_text(r_.file) + (r_.what.empty() ? "" : ", " + terminal_text(r_.what)) + ": " + ms(time) + " ms, " +
            count(s_.cpus().size()) + " CPUs, " + count(s_.threads().size()) + " threads. Times in ms.\n";
  }

  void cpus() {
    TextTable table({"CPU", "user", "syscall", "trap", "irq", "softirq", "sched", "idle", "leaving", "busy %"});
    CpuStatistics sum;
    auto add = [&](const std::string& name, const CpuStatistics& cpu) {
      Ticks whole = 0, busy = 0;
      std::vector<std::string> cells{name};
      for (size_t k = 0; k < kSpanKinds; ++k) {
        const auto kind = static_cast<SpanKind>(k);
        whole = add_clamped(whole, cpu.time[k]);
        if (kind != SpanKind::kIdle && kind != SpanKind::kCexit) busy = add_clamped(busy, cpu.time[k]);
        if (kind != SpanKind::kOther) cells.push_back(ms(cpu.time[k]));
      }
      cells.push_back(share(busy, whole));
      table.add(cells);
    };
    for (const auto& [number, cpu] : s_.cpus()) {
      add(count(number), cpu);
      for (size_t k = 0; k < kSpanKinds; ++k) sum.time[k] = add_clamped(sum.time[k], cpu.time[k]);
    }
    if (s_.cpus().size() > 1) add("all", sum);
    section("CPU time", table, 0, 0);
  }

  void threads() {
    TextTable table({"thread", "running", "ready", "waiting", "most for", "wakeups", "p50", "p95", "p99", "max"});
    std::vector<std::pair<int32_t, const ThreadStatistics*>> list;
    for (const auto& [tid, t] : s_.threads()) list.emplace_back(tid, &t);
    std::stable_sort(list.begin(), list.end(), [](const auto& a, const auto& b) { return a.second->running > b.second->running; });
    const size_t shown = most(list.size());
    for (size_t i = 0; i < shown; ++i) {
      const ThreadStatistics& t = *list[i].second;
      const auto top = std::max_element(t.waiting.begin(), t.waiting.end());
      const std::vector<Ticks>& l = t.latency;
      table.add({thread_name(list[i].first), ms(t.running), ms(t.ready), ms(t.all_waiting()),
                 *top > 0 ? reason(static_cast<char>('a' + (top - t.waiting.begin()))) : "-", count(l.size()),
                 ms_or_dash(percentile(l, 50)), ms_or_dash(percentile(l, 95)), ms_or_dash(percentile(l, 99)), l.empty() ? "-" : ms(l.back())});
    }
    section("Threads; percentiles are of the time from wakeup to run", table, shown, list.size());
  }

  static std::string reason(char letter) { return std::string(wait_label(letter)).substr(5); }

  void waits() {
    TextTable table({"reason", "waits", "ms", "p50", "p95", "p99", "max"});
    std::vector<std::pair<char, const Lengths*>> list;
    for (const auto& [letter, l] : s_.waits()) list.emplace_back(letter, &l);
    std::stable_sort(list.begin(), list.end(), [](const auto& a, const auto& b) { return a.second->sum > b.second->sum; });
    for (const auto& [letter, l] : list) table.add(row(letter == 'c' ? "cpu: ready, not running" : reason(letter), *l));
    if (!table.empty()) section("Waiting, of all threads", table, 0, 0);
  }

  std::vector<std::string> row(const std::string& name, const Lengths& l) const {
    return {name, count(l.all.size()), ms(l.sum), ms_or_dash(percentile(l.all, 50)), ms_or_dash(percentile(l.all, 95)),
            ms_or_dash(percentile(l.all, 99)), l.all.empty() ? "-" : ms(l.all.back())};
  }

  void latency() {
    const std::vector<Ticks>& l = s_.latency();
    TextTable table({"from wakeup to run", "wakeups", "p50", "p95", "p99", "max"});
    table.add({"all threads", count(l.size()), ms_or_dash(percentile(l, 50)), ms_or_dash(percentile(l, 95)), ms_or_dash(percentile(l, 99)),
               l.empty() ? "-" : ms(l.back())});
    section("Latency; IPIs answered: " + count(s_.ipis()), table, 0, 0);
  }

  void calls(const std::string& title, std::initializer_list<SpanKind> kinds) {
    TextTable table({"call", "kind", "calls", "ms, own", "mean us", "longest piece us"}, 2);
    std::vector<std::pair<Statistics::CallKey, const CallStatistics*>> list;
    for (const auto& [key, c] : s_.calls()) {
      if (std::find(kinds.begin(), kinds.end(), key.first) != kinds.end()) list.emplace_back(key, &c);
    }
    if (list.empty()) return;
    std::stable_sort(list.begin(), list.end(), [&](const auto& a, const auto& b) {
      return a.second->time != b.second->time ? a.second->time > b.second->time : r_.pool[a.first.second] < r_.pool[b.first.second];
    });
    const size_t shown = most(list.size());
    for (size_t i = 0; i < shown; ++i) {
      const CallStatistics& c = *list[i].second;
      table.add({std::string(r_.pool[list[i].first.second]), std::string(span_kind_name(list[i].first.first)), count(c.calls), ms(c.time),
                 c.calls > 0 ? us(c.time / static_cast<Ticks>(c.calls)) : "-", us(c.longest)});
    }
    section(title, table, shown, list.size());
  }

  void locks() {
    TextTable table({"lock", "tries", "trying", "longest", "holds", "held", "longest", "held most by"});
    std::vector<std::pair<NameId, const LockStatistics*>> list;
    for (const auto& [name, l] : s_.locks()) list.emplace_back(name, &l);
    if (list.empty()) return;
    std::stable_sort(list.begin(), list.end(), [](const auto& a, const auto& b) { return a.second->trying > b.second->trying; });
    const size_t shown = most(list.size());
    for (size_t i = 0; i < shown; ++i) {
      const LockStatistics& l = *list[i].second;
      auto holder = std::max_element(l.holders.begin(), l.holders.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
      table.add({std::string(r_.pool[list[i].first]), count(l.tries), ms(l.trying), ms(l.longest_try), count(l.holds), ms(l.held), ms(l.longest_hold),
                 holder == l.holders.end() ? "-" : thread_name(holder->first)});
    }
    section("Locks of programs, where a try or a hold took 250 ns or more", table, shown, list.size());
  }

  void network() {
    const NetworkStatistics& n = s_.network();
    if (n.packets_in + n.packets_out + n.messages_in + n.messages_out == 0) return;
    TextTable table({"network", "received", "sent"});
    table.add({"packets that pass the filter", count(n.packets_in), count(n.packets_out)});
    table.add({"RPC messages", count(n.messages_in), count(n.messages_out)});
    table.add({"their bytes, about", count(n.bytes_in), count(n.bytes_out)});
    out_ += "\n" + table.text();
  }

  void lengths(const std::string& title, const std::string& head, const std::map<std::string, Lengths>& map) {
    if (map.empty()) return;
    TextTable table({head, "count", "ms", "p50", "p95", "p99", "max"});
    std::vector<const std::pair<const std::string, Lengths>*> list;
    for (const auto& entry : map) list.push_back(&entry);
    std::stable_sort(list.begin(), list.end(), [](const auto* a, const auto* b) { return a->second.sum > b->second.sum; });
    const size_t shown = most(list.size());
    for (size_t i = 0; i < shown; ++i) table.add(row(list[i]->first, list[i]->second));
    section(title, table, shown, list.size());
  }

  void marks() {
    if (s_.marks().empty()) return;
    TextTable table({"mark", "count"});
    size_t shown = 0;
    for (const auto& [label, n] : s_.marks()) {
      if (shown == most(s_.marks().size())) break;
      table.add({label, count(n)});
      ++shown;
    }
    section("Marks", table, shown, s_.marks().size());
  }

  void frequency() {
    TextTable table({"CPU", "mean MHz", "least", "most", "known for"});
    for (const auto& [number, cpu] : s_.cpus()) {
      if (cpu.mhz_time <= 0) continue;
      char mean[40];
      std::snprintf(mean, sizeof(mean), "%.0f", cpu.mhz_sum / static_cast<double>(cpu.mhz_time));
      table.add({count(number), mean, count(cpu.mhz_least), count(cpu.mhz_most), ms(cpu.mhz_time)});
    }
    if (!table.empty()) section("Frequency", table, 0, 0);
  }

  void findings() {
    uint64_t lost = 0;
    for (const auto& [number, cpu] : s_.cpus()) lost += cpu.lost;
    out_ += "\nEvents lost: " + count(lost) + "\n";
    r_.diagnostics.each([&](const FindingInfo& info, uint64_t n) {
      out_ += std::string(severity_name(info.severity)) + ": " + count(n) + " x " + info.text + "\n";
    });
  }

  const StatisticsReport& r_;
  const Statistics& s_;
  std::string out_;
};

}  // namespace

std::string statistics_text(const StatisticsReport& report) { return Text(report).all(); }

}  // namespace kutrace
