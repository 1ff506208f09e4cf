// SPDX-License-Identifier: BSD-3-Clause
// marks_check TRACE FLOOD STOP: is everything that the guest's `flood` inserted in the trace, or counted as lost? FLOOD is
// what it printed, STOP what `kutrace_control stop` did. A line `ok NAME` or `FAILED NAME: why` each.
#include <cstdio>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "base/error.h"
#include "trace/decoder.h"
#include "trace/entry_walker.h"

namespace {

using namespace kutrace;

struct Inserted {
  uint64_t attempted = 0, stored = 0;
};

// What the raw entries of one CPU say.
struct Row {
  std::vector<uint32_t> marks;  // numbers of marks d, in time order
  uint64_t lost = 0;
  uint64_t first = UINT64_MAX, last = 0;  // counters
};

int failures = 0;

void report(const std::string& name, bool good, const std::string& why) {
  std::printf(good ? "ok %s\n" : "FAILED %s: %s\n", name.c_str(), why.c_str());
  if (!good) ++failures;
}

std::map<uint32_t, Inserted> read_flood(const std::string& path) {
  std::map<uint32_t, Inserted> all;
  std::ifstream in(path);
  uint32_t cpu = 0;
  Inserted one;
  for (std::string word; in >> word >> cpu >> one.attempted >> one.stored;) all[cpu] = one;
  return all;
}

// "12 events lost, CPU 0: 5, CPU 1: 7"; the total has the key of no CPU.
constexpr uint32_t kTotal = UINT32_MAX;
std::map<uint32_t, uint64_t> read_lost(const std::string& path, std::string& text) {
  std::ifstream in(path);
  std::stringstream all;
  all << in.rdbuf();
  text = all.str();
  std::map<uint32_t, uint64_t> lost;
  const size_t at = text.find(" lost");
  if (at == std::string::npos) return lost;
  size_t begin = text.rfind("kutrace_control: ", at);
  begin = begin == std::string::npos ? 0 : begin + 17;
  lost[kTotal] = std::stoull(text.substr(begin));
  for (size_t cpu = text.find("CPU ", at); cpu != std::string::npos && cpu < text.find('\n', at); cpu = text.find("CPU ", cpu + 1)) {
    const size_t colon = text.find(": ", cpu);
    lost[static_cast<uint32_t>(std::stoul(text.substr(cpu + 4)))] = std::stoull(text.substr(colon + 2));
  }
  return lost;
}

std::map<uint32_t, Row> read_rows(const TraceReader& trace) {
  std::map<uint32_t, Row> rows;
  for (const std::vector<uint32_t>& list : trace.per_cpu()) {
    for (uint32_t index : list) {
      const Block& block = trace.blocks()[index];
      if (block.names_only) continue;
      Row& row = rows[block.cpu];
      Diagnostics ignored;
      EntryWalker walker(trace, block, ignored, false);
      Entry entry;
      while (walker.next(entry)) {
        row.first = std::min(row.first, static_cast<uint64_t>(entry.counter));
        row.last = std::max(row.last, static_cast<uint64_t>(entry.counter));
        if (entry.num == KUTRACE_MARKD) row.marks.push_back(static_cast<uint32_t>(entry.word));
        if (entry.num == KUTRACE_LOST) row.lost += static_cast<uint32_t>(entry.word);
      }
    }
  }
  return rows;
}

// Empty if they count up by one to `last`.
std::string gap(const std::vector<uint32_t>& marks, uint64_t first, uint64_t last) {
  if (marks.empty()) return "no mark";
  for (size_t k = 0; k < marks.size(); ++k) {
    if (marks[k] != first + k) return "mark " + std::to_string(first + k) + " is " + std::to_string(marks[k]);
  }
  if (marks.back() != last) return "the last is " + std::to_string(marks.back()) + ", not " + std::to_string(last);
  return "";
}

void check_full(const std::map<uint32_t, Inserted>& flood, std::map<uint32_t, Row>& rows, const std::map<uint32_t, uint64_t>& lost,
                uint64_t header_lost, const std::string& stop) {
  uint64_t in_file = header_lost;
  for (const auto& [cpu, row] : rows) in_file += row.lost;
  for (const auto& [cpu, made] : flood) {
    const std::string who = "CPU " + std::to_string(cpu);
    const Row& row = rows[cpu];
    const std::string why = made.stored == 0 ? "nothing was stored" : gap(row.marks, 0, made.stored - 1);
    report(who + " has exactly the marks that the program was told are stored", why.empty(), why);
    const auto at = lost.find(cpu);
    const uint64_t counted = at == lost.end() ? 0 : at->second;
    report(who + " counts every other as lost", counted >= made.attempted - made.stored && made.attempted > made.stored,
           std::to_string(made.attempted) + " attempted, " + std::to_string(made.stored) + " stored, " + std::to_string(counted) + " lost");
    report(who + " has its count in the file", row.lost == counted || header_lost > 0,
           std::to_string(row.lost) + " in LOST entries, " + std::to_string(counted) + " counted by the module");
  }
  const auto total = lost.find(kTotal);
  report("the file's losses are what the module counted", total != lost.end() && total->second == in_file && in_file > 0,
         std::to_string(in_file) + " in the file");
  report("kutrace_control says when the buffer was full", stop.find("the buffer was full at t=") != std::string::npos, stop);
}

void check_wrapped(const std::map<uint32_t, Inserted>& flood, std::map<uint32_t, Row>& rows, const TraceReader& trace,
                   const std::string& stop) {
  const double us = trace.pairs().us_per_count();
  for (const auto& [cpu, made] : flood) {
    const std::string who = "CPU " + std::to_string(cpu);
    const std::vector<uint32_t>& marks = rows[cpu].marks;
    const std::string why = marks.empty() ? "no mark" : gap(marks, marks.front(), made.attempted - 1);
    report(who + " has its newest marks, without a gap", why.empty() && made.stored == made.attempted, why);
    report(who + " has overwritten its oldest", !marks.empty() && marks.front() > 0, "the first is there");
  }
  for (const auto& [cpu, row] : rows) {
    const std::string who = "CPU " + std::to_string(cpu);
    const double before = static_cast<double>(trace.pairs().stop_counter - row.last) * us;
    report(who + " is there to the end", before < 500000, "its last entry is " + std::to_string(before) + " us before the stop");
    report(who + " has its line of how far back it goes", stop.find("CPU " + std::to_string(cpu) + " ") != std::string::npos, stop);
  }
  uint64_t busy_first = UINT64_MAX, idle_first = UINT64_MAX;
  for (const auto& [cpu, row] : rows) {
    uint64_t& first = flood.contains(cpu) ? busy_first : idle_first;
    first = std::min(first, row.first);
  }
  if (idle_first != UINT64_MAX) {
    report("a nearly idle CPU goes back further than a busy one", idle_first < busy_first, "it does not");
  }
}

void check_names(const TraceReader& trace) {
  Diagnostics diagnostics;
  Decoder decoder(trace, diagnostics);
  std::set<uint32_t> named, seen;
  size_t call_names = 0;
  for_each_event(
      decoder,
      [&](const Event& e, const std::string& text) {
        if (e.num == KUTRACE_PIDNAME && !text.empty()) named.insert(e.arg);
        if (e.num == KUTRACE_SYSCALL64NAME) ++call_names;
      },
      [&](const Event& e) {
        if (e.pid != 0) seen.insert(e.pid);
      });
  std::string unknown;
  for (uint32_t pid : seen) {
    if (!named.contains(pid)) unknown += " " + std::to_string(pid);
  }
  report("every thread that runs has a name", unknown.empty() && !seen.empty(), "not" + unknown);
  report("the system calls have names", call_names > 200, std::to_string(call_names) + " have");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fputs("usage: marks_check TRACE FLOOD STOP\n", stderr);
    return 2;
  }
  try {
    Diagnostics diagnostics;
    MappedInput input(argv[1]);
    TraceReader trace(input, diagnostics);
    std::string stop;
    const std::map<uint32_t, Inserted> flood = read_flood(argv[2]);
    const std::map<uint32_t, uint64_t> lost = read_lost(argv[3], stop);
    std::map<uint32_t, Row> rows = read_rows(trace);
    if (trace.info().wrapped) {
      check_wrapped(flood, rows, trace, stop);
      report("nothing is lost", lost.empty(), stop);
    } else {
      check_full(flood, rows, lost, trace.word(trace.blocks().front(), KUTRACE_HDR0_LOST), stop);
    }
    check_names(trace);
  } catch (const std::exception& e) {
    std::printf("FAILED marks_check: %s\n", e.what());
    return 2;
  }
  return failures == 0 ? 0 : 1;
}
