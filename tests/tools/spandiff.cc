// SPDX-License-Identifier: BSD-3-Clause
// spandiff A B: how far two span documents of one trace agree. Execution spans are compared per CPU, weighted by time, by
// event and thread; all other records are matched by kind, row and time within a tolerance.
// Exit status 0: agreement at or above --least on every CPU and at most --missing records of A's point, arc, wait and
// sample records missing from B.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "chain.h"
#include "tools/tool.h"

namespace {

using namespace kutrace;

class Collect : public SpanSink {
 public:
  void spans(const std::vector<Span>& batch) override { all.insert(all.end(), batch.begin(), batch.end()); }
  std::vector<Span> all;
};

struct Document {
  StringPool pool;
  Collect records;
  SpanHeader header;
  Diagnostics diagnostics;

  explicit Document(const std::string& path) {
    MappedInput input(path);
    header = read_spans(input, pool, records, diagnostics).header;
    // To 10 ns units, the finest that both can express.
    for (Span& s : records.all) {
      int64_t start = header.time.units(s.start), end = header.time.units(s.end());
      s.start = start;
      s.dur = end - start;
    }
    std::stable_sort(records.all.begin(), records.all.end(), [](const Span& a, const Span& b) { return a.start < b.start; });
  }
};

// The reference keeps 16 bits of a thread id and two numbers for the scheduler.
int32_t thread_of(const Span& s) { return s.pid < 0 ? s.pid : s.pid & 0xffff; }
int32_t event_of(const Span& s) {
  if (is_sched(s)) return KUTRACE_SCHED;
  if (is_user(s)) return KUTRACE_USER;
  return s.event;
}

struct Agreement {
  int64_t both = 0, same = 0;
  int64_t sched_owner = 0;  // defect S9: the scheduler belongs to the other thread of the switch
  int64_t softirq = 0;      // defect S10: a softirq that the reference ends at an interrupt inside it
  std::map<std::string, int64_t> differ;
};

std::string brief(const Document& d, const Span& s) {
  return std::string(d.pool[s.name]) + "/" + std::to_string(s.pid);
}

// Walks two rows of tiling spans side by side.
Agreement compare_row(const Document& da, const std::vector<const Span*>& a, const Document& db,
                      const std::vector<const Span*>& b) {
  Agreement r;
  size_t j = 0;
  for (const Span* s : a) {
    while (j < b.size() && b[j]->end() <= s->start) ++j;
    for (size_t k = j; k < b.size() && b[k]->start < s->end(); ++k) {
      const int64_t common = std::min(s->end(), b[k]->end()) - std::max(s->start, b[k]->start);
      if (common <= 0) continue;
      r.both += common;
      const bool event = event_of(*s) == event_of(*b[k]);
      if (event && thread_of(*s) == thread_of(*b[k])) {
        r.same += common;
      } else if (event && is_sched(*s)) {
        r.sched_owner += common;
      } else if (b[k]->event == KUTRACE_BOTTOM_HALF && thread_of(*s) == thread_of(*b[k])) {
        r.softirq += common;
      } else {
        r.differ[brief(da, *s) + " | " + brief(db, *b[k])] += common;
      }
    }
  }
  return r;
}

// Records that are not execution, by what must match exactly; times are matched within the tolerance.
struct Key {
  std::string kind;
  int32_t event, cpu, pid, arg;
  auto operator<=>(const Key&) const = default;
};

std::string kind_of(const Span& s) {
  if (s.event == KUTRACE_ARC_WAKEUP) return "wakeup arcs";
  if (s.event == KUTRACE_ARC_IPI) return "IPI arcs";
  if (s.event >= KUTRACE_MARKA && s.event <= KUTRACE_MARKD) return "marks";
  if (s.event == KUTRACE_PC_U || s.event == KUTRACE_PC_K) return "PC samples";
  if (is_wait(s)) return s.event == KUTRACE_WAITA + 2 ? "waits for CPU" : "waits with a reason";
  if (s.event == KUTRACE_PSTATE) return "frequency";
  if (s.event == KUTRACE_LOCK_HELD || s.event == KUTRACE_LOCK_TRY ||
      (s.event >= KUTRACE_LOCKNOACQUIRE && s.event <= KUTRACE_LOCKWAKEUP)) {
    return "locks";
  }
  if (s.event >= KUTRACE_RPCIDREQ && s.event <= KUTRACE_RPCIDMID) return "RPC points";
  if (s.event >= KUTRACE_RPCIDRXMSG && s.event <= KUTRACE_RPCIDTXMSG) return "RPC messages";
  if (s.event >= KUTRACE_RX_PKT && s.event <= KUTRACE_TX_USER) return "packets";
  if (s.event == KUTRACE_LEFTMARK) return "row names";
  return "other points";
}

Key key_of(const Span& s) {
  int32_t arg = s.arg;
  if (s.event == KUTRACE_ARC_WAKEUP) arg = s.ret & 0xffff;
  if (s.event >= KUTRACE_RPCIDREQ && s.event <= KUTRACE_RPCIDMID) arg &= 0xffff;
  if (s.event == KUTRACE_RUNNABLE || s.event == KUTRACE_MARKD) arg &= 0xffff;
  // The reason letter is compared apart: ours may know more.
  int32_t event = is_wait(s) && s.event != KUTRACE_WAITA + 2 ? KUTRACE_WAITZ : s.event;
  return {kind_of(s), event, s.cpu, thread_of(s), arg};
}

struct Matched {
  uint64_t a = 0, b = 0, matched = 0, moved = 0, other_letter = 0;
  std::vector<std::string> missing, extra;
};

// Whether a moment lies at the other end of a scheduler span: defect S9 moves the ends of waits and wakeup arcs there.
class SchedulerSpans {
 public:
  explicit SchedulerSpans(const Document& d) {
    for (const Span& s : d.records.all) {
      if (is_execution(s) && (is_sched(s) || s.event < KUTRACE_SYSCALL64)) cpus_[s.cpu].push_back({s.start, s.end()});
    }
  }
  bool joins(int64_t x, int64_t y, int64_t slack) const {
    if (std::abs(x - y) <= slack) return true;
    const int64_t low = std::min(x, y), high = std::max(x, y);
    for (const auto& [cpu, spans] : cpus_) {
      auto at = std::upper_bound(spans.begin(), spans.end(), low + slack,
                                 [](int64_t t, const auto& s) { return t < s.first; });
      if (at == spans.begin()) continue;
      // The scheduler may be in pieces, with interrupts between: follow them while they touch.
      int64_t end = std::prev(at)->second;
      if (end < low - slack) continue;
      for (; at != spans.end() && at->first == end && end < high - slack; ++at) end = at->second;
      if (end >= high - slack) return true;
    }
    return false;
  }

 private:
  std::map<int32_t, std::vector<std::pair<int64_t, int64_t>>> cpus_;
};

bool other_records(const Document& da, const Document& db, int64_t tolerance,
                   std::map<std::string, Matched>& out) {
  std::map<Key, std::vector<const Span*>> rows;
  for (const Span& s : db.records.all) {
    if (is_execution(s)) continue;
    ++out[kind_of(s)].b;
    rows[key_of(s)].push_back(&s);
  }
  std::set<const Span*> used;
  std::vector<const Span*> left;
  const SchedulerSpans scheduler(db);
  for (const Span& s : da.records.all) {
    if (is_execution(s)) continue;
    Matched& m = out[kind_of(s)];
    ++m.a;
    const Span* found = nullptr;
    auto& row = rows[key_of(s)];
    // The reference starts a wait 10 ns late, or 20 ns after a wakeup, which it gives 10 ns.
    const int64_t slack = tolerance + (is_wait(s) ? 2 : 0);
    auto from = std::lower_bound(row.begin(), row.end(), s.start - slack,
                                 [](const Span* x, int64_t t) { return x->start < t; });
    for (; from != row.end() && (*from)->start <= s.start + slack && found == nullptr; ++from) {
      const bool point = is_point(s) || s.event == KUTRACE_LEFTMARK;
      if (used.contains(*from)) continue;
      if (point || std::abs((*from)->end() - s.end()) <= slack) found = *from;
    }
    if (found == nullptr) {
      left.push_back(&s);
      continue;
    }
    used.insert(found);
    ++m.matched;
    if (found->event != s.event) ++m.other_letter;
  }
  // What is left may have an edge moved by a known defect: the closest pairs first, so that none takes another's.
  struct Pair {
    int64_t distance;
    const Span *a, *b;
  };
  std::vector<Pair> pairs;
  for (const Span* s : left) {
    if (!is_wait(*s) && s->event != KUTRACE_ARC_WAKEUP && s->event != KUTRACE_ARC_IPI) continue;
    const int64_t slack = tolerance + (is_wait(*s) ? 2 : 0);
    for (const Span* c : rows[key_of(*s)]) {
      if (used.contains(c)) continue;
      const bool ipi = s->event == KUTRACE_ARC_IPI;  // defect S18: its end is another event
      if (ipi ? std::abs(s->start - c->start) <= slack
              : scheduler.joins(s->start, c->start, slack) && scheduler.joins(s->end(), c->end(), slack)) {
        pairs.push_back({std::abs(c->start - s->start) + std::abs(c->end() - s->end()), s, c});
      }
    }
  }
  std::stable_sort(pairs.begin(), pairs.end(), [](const Pair& x, const Pair& y) { return x.distance < y.distance; });
  std::set<const Span*> moved;
  for (const Pair& p : pairs) {
    if (moved.contains(p.a) || used.contains(p.b)) continue;
    moved.insert(p.a);
    used.insert(p.b);
    Matched& m = out[kind_of(*p.a)];
    ++m.moved;
    ++m.matched;
    if (p.a->event != p.b->event) ++m.other_letter;
  }
  for (const Span* s : left) {
    if (moved.contains(s)) continue;
    Matched& m = out[kind_of(*s)];
    m.missing.push_back(std::to_string(s->start) + "+" + std::to_string(s->dur) + " cpu " +
                                       std::to_string(s->cpu) + " " + brief(da, *s) + " arg " + std::to_string(s->arg));
  }
  for (const Span& s : db.records.all) {
    if (!is_execution(s) && !used.contains(&s)) {
      out[kind_of(s)].extra.push_back(std::to_string(s.start) + "+" + std::to_string(s.dur) + " cpu " +
                                      std::to_string(s.cpu) + " " + brief(db, s) + " arg " + std::to_string(s.arg));
    }
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Compares two span documents (or traces) of the same trace; A is the one to agree with.", "spandiff"};
  std::string a_path, b_path;
  double least = 99.9;
  int64_t tolerance_ns = 10;
  uint64_t missing_allowed = 0;
  size_t show = 5;
  app.add_option("A", a_path, "reference document")->required();
  app.add_option("B", b_path, "document under test")->required();
  app.add_option("--least", least, "agreement wanted on each CPU, percent of time");
  app.add_option("--missing", missing_allowed, "records of A that B may lack");
  app.add_option("--tolerance", tolerance_ns, "ns by which edges may differ");
  app.add_option("--show", show, "how many differences of each kind to print");
  return run_tool(app, argc, argv, [&](Diagnostics&) {
    Document a(a_path), b(b_path);
    std::map<int32_t, std::pair<std::vector<const Span*>, std::vector<const Span*>>> rows;
    for (const Span& s : a.records.all) {
      if (is_execution(s) && s.dur > 0) rows[s.cpu].first.push_back(&s);
    }
    for (const Span& s : b.records.all) {
      if (is_execution(s) && s.dur > 0) rows[s.cpu].second.push_back(&s);
    }
    bool good = true;
    for (const auto& [cpu, row] : rows) {
      Agreement r = compare_row(a, row.first, b, row.second);
      const double all = std::max(1.0, static_cast<double>(r.both));
      const double percent = 100.0 * static_cast<double>(r.same) / all;
      const double explained = 100.0 * static_cast<double>(r.same + r.sched_owner + r.softirq) / all;
      std::printf("CPU %d: %zu | %zu spans, %.4f%% of %.6f s agree, %.4f%% with S9 and S10\n",
                  cpu, row.first.size(), row.second.size(), percent, all / 1e8, explained);
      if (row.first.empty() != row.second.empty() || explained < least) good = false;
      std::vector<std::pair<int64_t, std::string>> worst;
      for (const auto& [what, time] : r.differ) worst.emplace_back(time, what);
      std::sort(worst.rbegin(), worst.rend());
      for (size_t i = 0; i < std::min(show, worst.size()); ++i) {
        std::printf("    %.8f s: %s\n", static_cast<double>(worst[i].first) / 1e8, worst[i].second.c_str());
      }
    }
    std::map<std::string, Matched> others;
    other_records(a, b, (tolerance_ns + 9) / 10, others);
    uint64_t missing = 0;
    for (const auto& [kind, m] : others) {
      std::printf("%-20s %8llu | %8llu, %llu match", kind.c_str(), static_cast<unsigned long long>(m.a),
                  static_cast<unsigned long long>(m.b), static_cast<unsigned long long>(m.matched));
      if (m.moved > 0) std::printf(" (%llu explained by S9 or S18)", static_cast<unsigned long long>(m.moved));
      if (m.other_letter > 0) std::printf(" (%llu with another reason)", static_cast<unsigned long long>(m.other_letter));
      std::printf("\n");
      for (size_t i = 0; i < std::min(show, m.missing.size()); ++i) std::printf("    missing %s\n", m.missing[i].c_str());
      for (size_t i = 0; i < std::min(show, m.extra.size()); ++i) std::printf("    extra   %s\n", m.extra[i].c_str());
      missing += m.missing.size();
    }
    std::printf("%llu records of A are missing from B\n", static_cast<unsigned long long>(missing));
    return good && missing <= missing_allowed ? kSound : kFindings;
  });
}
