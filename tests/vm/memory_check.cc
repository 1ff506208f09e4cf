// SPDX-License-Identifier: BSD-3-Clause
// memory_check TRACE CPUS SKIPPED MODEL: ticks and samples of a guest's trace.
//   every CPU of so many has ticks, and by the trace's own clock as many have been due as were taken and skipped;
//   SKIPPED: some tick was taken after so many were skipped (37+: or more), and is that late; 0: not asked;
//   MODEL: what the threads of the guest's `model` used is what the trace says of each thread, to the byte; -: not asked
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "check.h"
#include "kutrace/memory.h"
#include "trace/decoder.h"

namespace {

using namespace kutrace;

// The ticks of a CPU from where they begin to where they end.
struct Run {
  double interval = 0;
  uint64_t index = 0;            // of the boundary that was dealt with last
  std::vector<double> boundary;  // of each tick that was taken: when it was due, seen on the trace's clock
  std::vector<uint64_t> indexes;
};

struct Cpu {
  std::vector<Run> runs;
  bool on = false;
  uint64_t pending = 0;  // skipped, says the entry before the tick
  uint64_t taken = 0, skipped = 0, ended = 0;
};

struct TickCounts {
  std::map<uint32_t, Cpu> cpus;
  uint64_t most_skipped = 0;
  double its_lateness = 0;  // in intervals
  std::string wrong;

  void event(const Event& e, double ns) {
    Cpu& cpu = cpus[e.cpu];
    switch (e.num) {
      case KUTRACE_TICK_ON:
        if ((e.arg & KUTRACE_TICK_AGAIN) != 0) break;
        if (cpu.on) wrong += " begins twice;";
        cpu.on = true;
        cpu.runs.emplace_back();
        cpu.runs.back().interval = e.arg & KUTRACE_TICK_INTERVAL_MASK;
        break;
      case KUTRACE_TICK_SKIPPED: cpu.pending = e.arg; break;
      case KUTRACE_TICK: tick(cpu, ns, e.arg); break;
      case KUTRACE_TICK_OFF:
        if (!cpu.on) wrong += " ends twice;";
        cpu.on = false;
        cpu.skipped += e.arg;
        ++cpu.ended;
        break;
      default: break;
    }
  }

 private:
  void tick(Cpu& cpu, double ns, double late) {
    if (!cpu.on) {
      wrong += " a tick while there is none;";
      return;
    }
    Run& run = cpu.runs.back();
    ++run.index;
    run.boundary.push_back(ns - late);
    run.indexes.push_back(run.index);
    run.index += cpu.pending;
    ++cpu.taken;
    cpu.skipped += cpu.pending;
    if (cpu.pending > most_skipped) {
      most_skipped = cpu.pending;
      its_lateness = late / run.interval;
    }
    cpu.pending = 0;
  }
};

// When the boundary of index 0 was, as one part of the ticks has it: entries are stored a little later than the lateness was
// looked at, so the earliest is right.
double origin(const Run& run, size_t from, size_t to) {
  double earliest = INFINITY;
  for (size_t i = from; i < to; ++i) earliest = std::min(earliest, run.boundary[i] - static_cast<double>(run.indexes[i]) * run.interval);
  return earliest;
}

// By how many intervals the first and the last quarter of a run differ in that: a tick that was not counted moves it by one. Of few ticks all of a
// quarter may have been stored late, by an emulated CPU that was not given time: they tell nothing.
double uncounted(const Run& run) {
  const size_t n = run.boundary.size(), part = n / 4;
  return n < 16 ? 0 : (origin(run, n - part, n) - origin(run, 0, part)) / run.interval;
}

std::map<uint32_t, uint64_t> read_model(const char* path) {
  std::map<uint32_t, uint64_t> out;
  std::ifstream in(path);
  uint32_t thread = 0;
  uint64_t bytes = 0;
  while (in >> thread >> bytes) out[thread] += bytes;
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  return check::run(argc, argv, "memory_check TRACE CPUS SKIPPED MODEL", [&](check::Report& report, TraceReader& trace, Diagnostics& diagnostics) {
    Decoder decoder(trace, diagnostics);
    TickCounts ticks;
    std::map<uint32_t, uint64_t> used;
    uint64_t others = 0;  // quantities that the kernel counts, of any thread
    const double ns_per_tick = decoder.info().time.ns_per_tick;
    for_each_event(
        decoder, [](const Event&, const std::string&) {},
        [&](const Event& e) {
          ticks.event(e, static_cast<double>(e.t) * ns_per_tick);
          if (e.num == KUTRACE_USED_MODEL_BYTES) used[e.pid] += e.arg;
          if (e.num == KUTRACE_USED_FAULTS || e.num == KUTRACE_USED_PAGES) others += e.arg;
        });
    std::erase_if(ticks.cpus, [](const auto& c) { return c.second.runs.empty(); });
    report("every CPU has ticks", ticks.cpus.size() == static_cast<size_t>(std::atoi(argv[2])), std::to_string(ticks.cpus.size()) + " CPUs");
    report("ticks begin and end", ticks.wrong.empty(), ticks.wrong);
    for (const auto& [number, cpu] : ticks.cpus) {
      double worst = 0;
      for (const Run& run : cpu.runs) worst = std::max(worst, std::abs(uncounted(run)));
      const std::string sum = std::to_string(cpu.taken) + " taken, " + std::to_string(cpu.skipped) + " skipped";
      report(("CPU " + std::to_string(number) + ": due = taken + skipped").c_str(), worst < 0.5, sum + ", off by " + std::to_string(worst));
      report(("CPU " + std::to_string(number) + " has ended as often as begun").c_str(), cpu.ended == cpu.runs.size(), std::to_string(cpu.ended));
    }
    report("page faults and pages are sampled", others > 0, "none");
    const uint64_t skipped = std::strtoull(argv[3], nullptr, 10);
    const bool or_more = std::string(argv[3]).ends_with("+");
    if (skipped > 0) {
      const std::string seen = std::to_string(ticks.most_skipped) + " skipped, " + std::to_string(ticks.its_lateness) + " late";
      report("a CPU stood still as long as it did", (or_more ? ticks.most_skipped >= skipped : ticks.most_skipped == skipped) &&
                 std::floor(ticks.its_lateness) == static_cast<double>(ticks.most_skipped), seen);
    }
    if (std::string(argv[4]) != "-") {
      const auto wanted = read_model(argv[4]);
      std::string wrong;
      for (const auto& [thread, bytes] : wanted) {
        if (used[thread] != bytes) wrong += " " + std::to_string(thread) + ": " + std::to_string(used[thread]) + " of " + std::to_string(bytes) + ";";
        used.erase(thread);
      }
      for (const auto& [thread, bytes] : used) wrong += " " + std::to_string(thread) + ": " + std::to_string(bytes) + " of none;";
      report("what threads of the model used is theirs, to the byte", wanted.size() >= 8 && wrong.empty(), std::to_string(wanted.size()) + " threads;" + wrong);
    }
  });
}
