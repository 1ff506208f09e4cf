// SPDX-License-Identifier: BSD-3-Clause
#include "analysis/profile_formats.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "analysis/protobuf.h"
#include "analysis/text_table.h"
#include "base/error.h"
#include "html/compress.h"
#include "json/span_json_writer.h"

namespace kutrace {
namespace {

bool has_own(const ProfileNode& n) { return n.own_ns > 0; }

// `;` parts frames and a line end parts stacks.
std::string frame_text(std::string name) {
  for (char& c : name) c = c == ';' ? ':' : c == '\n' || c == '\r' ? ' ' : c;
  return name;
}

// A frame of the kernel's is apart from the program's.
std::string frame_text(const Profile& p, const ProfileFrame& frame, bool without_numbers) {
  std::string name = p.name(frame);
  const bool numbered = frame.kind == ProfileFrame::kThread || frame.kind == ProfileFrame::kRpc;
  if (without_numbers && numbered) name = without_number(name, frame.id);
  if (without_numbers && frame.kind == ProfileFrame::kWaker) name = without_number(name, frame.id);
  return frame_text(name);
}

std::string folded(const Profile& p, size_t node, bool without_numbers = false) {
  std::string line;
  const char* comma = "";
  for (const ProfileFrame& frame : p.stack(node)) {
    line += comma;
    // What woke it is no part of its own stack.
    if (frame.kind == ProfileFrame::kWaker && p.by() != ProfileBy::kFunction) line += "--;";
    line += frame_text(p, frame, without_numbers);
    comma = ";";
  }
  return line;
}

const char* by_name(ProfileBy by) {
  switch (by) {
    case ProfileBy::kThread: return "thread";
    case ProfileBy::kCpu: return "CPU";
    case ProfileBy::kRpc: return "RPC";
    case ProfileBy::kFunction: break;
  }
  return "function";
}

std::string share_text(int64_t part, int64_t whole) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.2f", whole == 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole));
  return text;
}

std::string value_text(const Profile& p, int64_t value) {
  if (p.of() == ProfileOf::kSamples) return std::to_string(value);
  char text[40];
  std::snprintf(text, sizeof(text), "%.6f", static_cast<double>(value) / 1e6);
  return text;
}

std::string title_text(const Profile& p, const ProfileTitle& title) {
  return profile_value(p) + " by " + by_name(p.by()) + ", " + title.file + (title.part.empty() ? "" : ", " + title.part);
}

struct Sum {
  int64_t value = 0;
  uint64_t count = 0;
  void add(int64_t v, uint64_t n) {
    value = add_clamped(value, v);
    count += n;
  }
};

template <typename Map>
std::vector<std::pair<std::string, Sum>> largest_first(const Map& sums, size_t rows) {
  std::vector<std::pair<std::string, Sum>> out(sums.begin(), sums.end());
  std::sort(out.begin(), out.end(),
            [](const auto& a, const auto& b) { return a.second.value != b.second.value ? a.second.value > b.second.value : a.first < b.first; });
  if (rows != 0 && out.size() > rows) out.resize(rows);
  return out;
}

// All strings of a pprof file, each once.
class Strings {
 public:
  uint64_t id(const std::string& text) {
    const auto [place, fresh] = ids_.try_emplace(text, list_.size());
    if (fresh) list_.push_back(text);
    return place->second;
  }
  const std::vector<std::string>& list() const { return list_; }

 private:
  std::unordered_map<std::string, uint64_t> ids_{{"", 0}};
  std::vector<std::string> list_{""};
};

// Fields of pprof's profile.proto.
namespace pprof {
constexpr uint32_t kSampleType = 1, kSample = 2, kLocation = 4, kFunction = 5, kStringTable = 6, kDurationNanos = 10;
constexpr uint32_t kType = 1, kUnit = 2;                            // ValueType
constexpr uint32_t kLocationId = 1, kValue = 2;                     // Sample
constexpr uint32_t kId = 1, kLine = 4, kName = 2, kFunctionId = 1;  // Location, Function, Line
}  // namespace pprof

}  // namespace

std::string profile_value(const Profile& p) {
  switch (p.of()) {
    case ProfileOf::kRunning: return "ns running";
    case ProfileOf::kWaiting: return "ns waiting";
    case ProfileOf::kSamples: break;
  }
  return "samples";
}

std::string profile_text(const Profile& p, const ProfileTitle& title, size_t rows) {
  const bool samples = p.of() == ProfileOf::kSamples;
  std::map<std::string, Sum> roots, leaves, stacks;
  for (size_t i = 0; i < p.nodes().size(); ++i) {
    const ProfileNode& n = p.nodes()[i];
    if (n.parent < 0) roots[p.name(n.frame)].add(n.ns, 0);
    if (!has_own(n)) continue;
    const std::vector<ProfileFrame> stack = p.stack(i);
    roots[p.name(stack.front())].add(0, n.count);
    leaves[p.name(stack.back())].add(n.own_ns, n.count);
    stacks[folded(p, i)].add(n.own_ns, n.count);
  }
  std::string out = title_text(p, title) + "\n";
  out += "all: " + value_text(p, p.total_ns()) + (samples ? " samples" : " ms");
  if (p.of() == ProfileOf::kRunning) out += "; idle CPUs, left out: " + value_text(p, p.idle_ns()) + " ms";
  out += "\n";
  auto table = [&](const std::string& head, const std::map<std::string, Sum>& sums) {
    TextTable t({head, samples ? "samples" : "ms", "%", "count"});
    for (const auto& [name, sum] : largest_first(sums, rows))
      t.add({name, value_text(p, sum.value), share_text(sum.value, p.total_ns()), std::to_string(sum.count)});
    out += "\n" + t.text();
    if (rows != 0 && sums.size() > rows) out += "  and " + std::to_string(sums.size() - rows) + " more\n";
  };
  table(by_name(p.by()), roots);
  if (p.by() != ProfileBy::kFunction) table(p.of() == ProfileOf::kWaiting ? "ended by" : "in", leaves);
  table("stack", stacks);
  return out;
}

std::string profile_json(const Profile& p, const ProfileTitle& title) {
  std::string out = "{\n\"value\": " + json_string(profile_value(p)) + ",\n\"by\": " + json_string(by_name(p.by())) +
                    ",\n\"file\": " + json_string(title.file) + ",\n\"of\": " + json_string(title.part) +
                    ",\n\"total\": " + std::to_string(p.total_ns()) + ",\n\"idle_ns\": " + std::to_string(p.idle_ns()) + ",\n\"nodes\": [";
  const char* comma = "\n";
  for (size_t i = 0; i < p.nodes().size(); ++i) {
    const ProfileNode& n = p.nodes()[i];
    static constexpr const char* kKinds[] = {"thread", "cpu", "rpc", "user", "call", "reason", "waker"};
    out += comma + ("{\"node\": " + std::to_string(i)) + ", \"parent\": " + (n.parent < 0 ? "null" : std::to_string(n.parent)) + ", \"kind\": \"" +
           kKinds[n.frame.kind] + "\"";
    const bool numbered = n.frame.kind <= ProfileFrame::kRpc || n.frame.kind == ProfileFrame::kWaker;
    if (numbered) out += ", \"id\": " + std::to_string(n.frame.id);
    out += ", \"name\": " + json_string(p.name(n.frame)) + ", \"total\": " + std::to_string(n.ns) + ", \"own\": " + std::to_string(n.own_ns) +
           ", \"count\": " + std::to_string(n.count) + "}";
    comma = ",\n";
  }
  return out + "]\n}\n";
}

std::string profile_folded(const Profile& p) {
  // Threads of one name are one line.
  std::map<std::string, int64_t> lines;
  for (size_t i = 0; i < p.nodes().size(); ++i) {
    if (!has_own(p.nodes()[i])) continue;
    int64_t& sum = lines[folded(p, i)];
    sum = add_clamped(sum, p.nodes()[i].own_ns);
  }
  std::string out;
  for (const auto& [stack, value] : lines) out += stack + " " + std::to_string(value) + "\n";
  return out;
}

std::string profile_pprof(const Profile& p) {
  namespace f = pprof;
  Strings strings;
  Protobuf out;
  auto value_type = [&](const char* type, const char* unit) {
    Protobuf t;
    t.number(f::kType, strings.id(type));
    t.number(f::kUnit, strings.id(unit));
    out.message(f::kSampleType, t);
  };
  const bool samples = p.of() == ProfileOf::kSamples;
  value_type("count", "count");
  if (!samples) value_type(p.of() == ProfileOf::kWaiting ? "delay" : "cpu", "nanoseconds");
  // A function for each name, and a place in it, of the same number.
  std::unordered_map<uint64_t, uint64_t> functions;
  for (size_t i = 0; i < p.nodes().size(); ++i) {
    const ProfileNode& n = p.nodes()[i];
    if (!has_own(n)) continue;
    std::vector<uint64_t> places;
    for (const ProfileFrame& frame : p.stack(i))
      places.push_back(functions.try_emplace(strings.id(p.name(frame)), functions.size() + 1).first->second);
    std::reverse(places.begin(), places.end());  // the leaf first
    Protobuf sample;
    sample.packed(f::kLocationId, places);
    sample.packed(f::kValue,
                  samples ? std::vector<uint64_t>{static_cast<uint64_t>(n.own_ns)} : std::vector<uint64_t>{n.count, static_cast<uint64_t>(n.own_ns)});
    out.message(f::kSample, sample);
  }
  std::vector<std::pair<uint64_t, uint64_t>> in_order;  // id, name
  for (const auto& [name, id] : functions) in_order.emplace_back(id, name);
  std::sort(in_order.begin(), in_order.end());
  for (const auto& [id, name] : in_order) {
    Protobuf line, location, function;
    line.number(f::kFunctionId, id);
    location.number(f::kId, id);
    location.message(f::kLine, line);
    out.message(f::kLocation, location);
    function.number(f::kId, id);
    function.number(f::kName, name);
    out.message(f::kFunction, function);
  }
  for (const std::string& text : strings.list()) out.bytes(f::kStringTable, text);
  if (p.first() <= p.last())
    out.number(f::kDurationNanos, static_cast<uint64_t>(std::max<int64_t>(p.time().ns(p.last()) - p.time().ns(p.first()), 0)));
  return gzip(out.text(), 6);
}

std::string profile_speedscope(const Profile& p, const ProfileTitle& title) {
  std::unordered_map<std::string, size_t> frames;
  std::vector<std::string> names;
  std::string stacks, weights;
  int64_t total = 0;
  for (size_t i = 0; i < p.nodes().size(); ++i) {
    const ProfileNode& n = p.nodes()[i];
    if (!has_own(n)) continue;
    std::string stack;
    for (const ProfileFrame& frame : p.stack(i)) {
      const auto [place, fresh] = frames.try_emplace(p.name(frame), names.size());
      if (fresh) names.push_back(place->first);
      stack += (stack.empty() ? "" : ",") + std::to_string(place->second);
    }
    stacks += (stacks.empty() ? "[" : ",\n[") + stack + "]";
    weights += (weights.empty() ? "" : ",") + std::to_string(n.own_ns);
    total = add_clamped(total, n.own_ns);
  }
  std::string out = "{\"$schema\": \"https://www.speedscope.app/file-format-schema.json\",\n\"exporter\": \"kutrace\",\n\"name\": " +
                    json_string(title_text(p, title)) + ",\n\"activeProfileIndex\": 0,\n\"shared\": {\"frames\": [";
  for (size_t i = 0; i < names.size(); ++i) out += (i == 0 ? "\n" : ",\n") + ("{\"name\": " + json_string(names[i])) + "}";
  return out + "]},\n\"profiles\": [{\"type\": \"sampled\", \"name\": " + json_string(title_text(p, title)) + ", \"unit\": \"" +
         (p.of() == ProfileOf::kSamples ? "none" : "nanoseconds") + "\", \"startValue\": 0, \"endValue\": " + std::to_string(total) +
         ",\n\"samples\": [" + stacks + "],\n\"weights\": [" + weights + "]}]}\n";
}

ProfilePair compare_profiles(const Profile& a, const Profile& b, bool per_rpc) {
  ProfilePair pair;
  pair.base = per_rpc ? "RPC" : "second";
  std::map<std::string, ProfilePair::Row> rows;
  for (const Profile* p : {&a, &b}) {
    double& base = p == &a ? pair.base_a : pair.base_b;
    base = per_rpc                  ? static_cast<double>(p->answered())
           : p->first() > p->last() ? 0
                                    : static_cast<double>(p->time().ns(p->last()) - p->time().ns(p->first())) / 1e9;
    if (!(base > 0)) {
      throw Error(p == &a ? "A" : "B", std::nullopt, per_rpc ? "has no RPC that was answered" : "holds no time",
                  per_rpc ? "compare by seconds, without --per-rpc" : "give a longer part");
    }
    for (size_t i = 0; i < p->nodes().size(); ++i) {
      if (!has_own(p->nodes()[i])) continue;
      const std::string stack = folded(*p, i, true);
      ProfilePair::Row& row = rows.try_emplace(stack, ProfilePair::Row{stack}).first->second;
      int64_t& sum = p == &a ? row.a : row.b;
      sum = add_clamped(sum, p->nodes()[i].own_ns);
    }
  }
  for (auto& [stack, row] : rows) pair.rows.push_back(std::move(row));
  auto change = [&](const ProfilePair::Row& r) { return std::abs(static_cast<double>(r.b) / pair.base_b - static_cast<double>(r.a) / pair.base_a); };
  std::stable_sort(pair.rows.begin(), pair.rows.end(), [&](const auto& x, const auto& y) { return change(x) > change(y); });
  return pair;
}

std::string pair_text(const ProfilePair& pair, const Profile& a, size_t rows) {
  const bool samples = a.of() == ProfileOf::kSamples;
  const std::string unit = (samples ? "samples a " : "us a ") + pair.base;
  std::string out =
      profile_value(a) + ", A and B; what changed most first. One recording of each does not tell chance from change: `kutrace diff` does.\n\n";
  TextTable t({"stack", "A, " + unit, "B, " + unit, "B against A"});
  auto number = [&](double value) {
    char text[40];
    std::snprintf(text, sizeof(text), "%.3f", samples ? value : value / 1000);
    return std::string(text);
  };
  for (size_t i = 0; i < pair.rows.size() && (rows == 0 || i < rows); ++i) {
    const ProfilePair::Row& r = pair.rows[i];
    const double x = static_cast<double>(r.a) / pair.base_a, y = static_cast<double>(r.b) / pair.base_b;
    char change[40] = "only in B";
    if (r.a > 0 && r.b > 0) std::snprintf(change, sizeof(change), "%+.1f %%", 100 * (y / x - 1));
    t.add({r.stack, number(x), number(y), r.b == 0 ? "only in A" : change});
  }
  out += t.text();
  if (rows != 0 && pair.rows.size() > rows) out += "  and " + std::to_string(pair.rows.size() - rows) + " more\n";
  return out;
}

std::string pair_json(const ProfilePair& pair, const Profile& a) {
  char bases[120];
  std::snprintf(bases, sizeof(bases), "\"base_a\": %.9g, \"base_b\": %.9g", pair.base_a, pair.base_b);
  std::string out = "{\n\"value\": " + json_string(profile_value(a)) + ", \"per\": \"" + pair.base + "\", " + bases + ",\n\"stacks\": [";
  const char* comma = "\n";
  for (const ProfilePair::Row& r : pair.rows) {
    out += comma + ("{\"stack\": " + json_string(r.stack)) + ", \"a\": " + std::to_string(r.a) + ", \"b\": " + std::to_string(r.b) + "}";
    comma = ",\n";
  }
  return out + "]\n}\n";
}

std::string pair_folded(const ProfilePair& pair) {
  std::map<std::string, std::string> lines;
  for (const ProfilePair::Row& r : pair.rows) lines[r.stack] = std::to_string(r.a) + " " + std::to_string(r.b);
  std::string out;
  for (const auto& [stack, numbers] : lines) out += stack + " " + numbers + "\n";
  return out;
}

}  // namespace kutrace
