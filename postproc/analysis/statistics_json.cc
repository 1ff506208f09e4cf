// SPDX-License-Identifier: BSD-3-Clause
#include "analysis/quantile.h"
#include "analysis/statistics_report.h"
#include "json/span_json_writer.h"
#include "span/wait_reason.h"

namespace kutrace {
namespace {

// Objects and lists of JSON, a row a line.
class Json {
 public:
  explicit Json(const StatisticsReport& report) : r_(report), s_(report.statistics) {}

  std::string all() {
    out_ = "{\n\"file\": " + json_string(r_.file) + ",\n\"of\": " + json_string(r_.what) + ",\n\"records\": " + n(s_.records()) +
           ",\n\"ipis\": " + n(s_.ipis());
    list("cpus", s_.cpus(), [&](int32_t number, const CpuStatistics& cpu) {
      std::string text = "\"cpu\": " + n(number) + ", \"spans\": " + n(cpu.spans);
      for (size_t k = 0; k < kSpanKinds; ++k) text += ", \"" + std::string(kSpanKindNames[k]) + "_ns\": " + ns(cpu.time[k]);
      const bool mhz = cpu.mhz_time > 0;
      const auto mean = static_cast<int64_t>(cpu.mhz_sum / static_cast<double>(mhz ? cpu.mhz_time : 1) + 0.5);
      return text + ", \"lost\": " + n(cpu.lost) + ", \"mhz_mean\": " + (mhz ? n(mean) : "null") +
             ", \"mhz_least\": " + (mhz ? n(cpu.mhz_least) : "null") + ", \"mhz_most\": " + (mhz ? n(cpu.mhz_most) : "null");
    });
    list("threads", s_.threads(), [&](int32_t tid, const ThreadStatistics& t) {
      std::string text = "\"tid\": " + n(tid) + ", \"name\": " + (t.name == 0 ? "null" : json_string(r_.pool[t.name])) +
                         ", \"spans\": " + n(t.spans) + ", \"running_ns\": " + ns(t.running) + ", \"ready_ns\": " + ns(t.ready) +
                         ", \"waiting_ns\": " + ns(t.all_waiting()) + ", \"waiting_for\": {";
      const char* comma = "";
      for (size_t i = 0; i < kWaitLetters; ++i) {
        if (t.waiting[i] == 0) continue;
        text += comma + json_string(reason(static_cast<char>('a' + i))) + ": " + ns(t.waiting[i]);
        comma = ", ";
      }
      return text + "}, \"latency\": {" + quantiles(t.latency) + "}";
    });
    list("waits", s_.waits(), [&](char letter, const Lengths& l) { return "\"reason\": " + json_string(reason(letter)) + ", " + lengths(l); });
    out_ += ",\n\"latency\": {" + quantiles(s_.latency()) + "}";
    list("calls", s_.calls(), [&](const Statistics::CallKey& key, const CallStatistics& c) {
      return "\"kind\": \"" + std::string(span_kind_name(key.first)) + "\", \"name\": " + json_string(r_.pool[key.second]) +
             ", \"calls\": " + n(c.calls) + ", \"own_ns\": " + ns(c.time) + ", \"longest_ns\": " + ns(c.longest);
    });
    list("locks", s_.locks(), [&](NameId name, const LockStatistics& l) {
      std::string text = "\"lock\": " + json_string(r_.pool[name]) + ", \"tries\": " + n(l.tries) + ", \"trying_ns\": " + ns(l.trying) +
                         ", \"longest_try_ns\": " + ns(l.longest_try) + ", \"holds\": " + n(l.holds) + ", \"held_ns\": " + ns(l.held) +
                         ", \"longest_hold_ns\": " + ns(l.longest_hold) + ", \"holders\": {";
      const char* comma = "";
      for (const auto& [tid, t] : l.holders) {
        text += comma + ("\"" + n(tid) + "\": ") + ns(t);
        comma = ", ";
      }
      return text + "}";
    });
    const NetworkStatistics& net = s_.network();
    out_ += ",\n\"network\": {\"packets_in\": " + n(net.packets_in) + ", \"packets_out\": " + n(net.packets_out) + ", \"messages_in\": " +
            n(net.messages_in) + ", \"messages_out\": " + n(net.messages_out) + ", \"bytes_in\": " + n(net.bytes_in) + ", \"bytes_out\": " + n(net.bytes_out) + "}";
    auto named = [&](const char* key) {
      return [this, key](const std::string& name, const Lengths& l) { return "\"" + std::string(key) + "\": " + json_string(name) + ", " + lengths(l); };
    };
    list("rpcs", s_.rpcs(), named("method"));
    list("mark_pairs", s_.mark_pairs(), named("mark"));
    list("marks", s_.marks(), [&](const std::string& label, uint64_t count) { return "\"mark\": " + json_string(label) + ", \"count\": " + n(count); });
    out_ += ",\n\"findings\": [";
    const char* comma = "\n";
    r_.diagnostics.each([&](const FindingInfo& info, uint64_t count) {
      out_ += comma + ("{\"id\": \"" + std::string(info.id)) + "\", \"severity\": \"" + severity_name(info.severity) + "\", \"count\": " + n(count) +
              ", \"text\": " + json_string(info.text) + "}";
      comma = ",\n";
    });
    return out_ + "]\n}\n";
  }

 private:
  template <typename N>
  static std::string n(N number) {
    return std::to_string(number);
  }
  std::string ns(Ticks t) const { return std::to_string(r_.header.time.ns(t)); }
  static std::string reason(char letter) { return std::string(wait_label(letter)).substr(5); }
  std::string quantiles(const std::vector<Ticks>& sorted) const {
    std::string text = "\"count\": " + n(sorted.size());
    for (const int p : {50, 95, 99}) {
      const auto value = percentile(sorted, p);
      text += ", \"p" + n(p) + "_ns\": " + (value ? ns(*value) : "null");
    }
    return text + ", \"max_ns\": " + (sorted.empty() ? "null" : ns(sorted.back()));
  }
  std::string lengths(const Lengths& l) const { return "\"sum_ns\": " + ns(l.sum) + ", " + quantiles(l.all); }

  template <typename Map, typename Row>
  void list(const char* name, const Map& map, Row&& row) {
    out_ += ",\n\"" + std::string(name) + "\": [";
    const char* comma = "\n";
    for (const auto& [key, value] : map) {
      out_ += comma + ("{" + row(key, value)) + "}";
      comma = ",\n";
    }
    out_ += "]";
  }

  const StatisticsReport& r_;
  const Statistics& s_;
  std::string out_;
};

}  // namespace

std::string statistics_json(const StatisticsReport& report) { return Json(report).all(); }

}  // namespace kutrace
