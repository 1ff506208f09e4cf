// SPDX-License-Identifier: BSD-3-Clause
// counts_check TRACE FOLDER: does the trace count what the kernel counted? FOLDER holds counts-A ... counts-D of the guest's
// `sampler`, and perhaps `ftrace`, what tracefs recorded meanwhile.
//
// What the kernel counted from B (after the start) to C (before the stop) must be in the trace, and no more can be than
// it counted from A (before the start) to D (after the stop). The only slack is one event a CPU at each end: a CPU may be
// between the hook and the kernel's own count when it is read. A line `ok NAME` or `FAILED NAME` for each count.
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "base/error.h"
#include "trace/entry_walker.h"
#include "trace/trace_reader.h"

namespace {

using namespace kutrace;

using PerCpu = std::map<uint32_t, int64_t>;
constexpr uint32_t kAll = UINT32_MAX;  // a count that is not kept per CPU

// Counts of one moment, or of the trace, by name and CPU.
using Counts = std::map<std::string, PerCpu>;

int failures = 0;

void report(const std::string& name, bool good, const std::string& text) {
  std::printf("%s %s: %s\n", good ? "ok" : "FAILED", name.c_str(), text.c_str());
  if (!good) ++failures;
}

// The rows of /proc/interrupts and /proc/softirqs: a name, a colon, a number for each CPU of the first row.
void take_row(const std::string& line, const std::string& prefix, const std::vector<uint32_t>& cpus, Counts& counts) {
  std::istringstream words(line);
  std::string name;
  words >> name;
  if (name.empty() || name.back() != ':') return;
  name.pop_back();
  for (uint32_t cpu : cpus) {
    int64_t n = 0;
    if (!(words >> n)) return;
    counts[prefix + name][cpu] = n;
  }
}

Counts read_counts(const std::string& path) {
  Counts counts;
  std::ifstream in(path);
  if (!in) throw Error(path, 0, "cannot be read", "run the sampler");
  std::string line, file;
  std::vector<uint32_t> cpus;
  while (std::getline(in, line)) {
    if (line.starts_with("== ")) {
      file = line.substr(3);
      cpus.clear();
      continue;
    }
    if (file == "interrupts" || file == "softirqs") {
      if (cpus.empty()) {
        std::istringstream words(line);
        for (std::string word; words >> word;) cpus.push_back(static_cast<uint32_t>(std::stoul(word.substr(3))));
      } else {
        take_row(line, file == "interrupts" ? "irq " : "softirq ", cpus, counts);
      }
    } else {
      std::istringstream words(line);
      std::string name;
      int64_t n = 0;
      words >> name >> n;
      if (name == "ctxt" || name == "pgfault") counts[name][kAll] = n;
    }
  }
  return counts;
}

constexpr const char* kSoftirqs[] = {"HI", "TIMER", "NET_TX", "NET_RX", "BLOCK", "IRQ_POLL", "TASKLET", "SCHED", "HRTIMER", "RCU"};

constexpr uint32_t kNmi = KUTRACE_TRAP + 2;  // x86

// The row of /proc/interrupts that counts a system vector.
const char* x86_vector(uint32_t vector) {
  switch (vector) {
    case 0xec: return "LOC";
    case 0xfd: return "RES";
    case 0xfb:
    case 0xfc: return "CAL";
    case 0xf6: return "IWI";
    default: return nullptr;
  }
}

// The raw entries: what the decoder adds is not counted.
Counts count_trace(const TraceReader& trace, bool arm) {
  Counts counts;
  for (const Block& block : trace.blocks()) {
    Diagnostics ignored;
    EntryWalker walker(trace, block, ignored, false);
    Entry entry;
    while (walker.next(entry)) {
      const uint32_t n = entry.num;
      auto count = [&](const std::string& name, uint32_t cpu) { ++counts[name][cpu]; };
      if (n == KUTRACE_USERPID) count("ctxt", kAll);
      if (n == KUTRACE_PAGE_FAULT) count("pgfault", kAll);
      if (n == kNmi && !arm) count("irq NMI", block.cpu);
      if (n == KUTRACE_PC_U) count("ticks", kAll);
      if (n == KUTRACE_RUNNABLE) count("runnable", kAll);
      if (n == KUTRACE_BOTTOM_HALF && (entry.word & 0xffff) < 10) {
        count(std::string("softirq ") + kSoftirqs[entry.word & 0xffff], block.cpu);
      }
      if (n >= KUTRACE_SYSCALL64 && n != KUTRACE_SCHED && n != KUTRACE_SCHED_EXIT) {
        if (kutrace_is_call(n)) count("system calls", kAll);
        if (kutrace_is_return(n) || (entry.word >> KUTRACE_DELTA_SHIFT & 0xff) != 0) count("system call returns", kAll);
      }
      if (n < KUTRACE_IRQ || n >= KUTRACE_BOTTOM_HALF) continue;
      const uint32_t vector = n - KUTRACE_IRQ;
      if (arm && vector >= KUTRACE_IRQ_IPI) {
        count("irq IPI" + std::to_string(vector - KUTRACE_IRQ_IPI), block.cpu);
        continue;
      }
      const char* system = x86_vector(vector);
      if (!arm && system != nullptr) count(std::string("irq ") + system, block.cpu);
      if (vector < KUTRACE_IRQ_SHARED + KUTRACE_IRQ_SHARED_COUNT) {
        count("irq " + std::to_string(entry.word & 0xffff), block.cpu);
        count("device interrupts", kAll);
      }
    }
  }
  return counts;
}

int64_t value(const Counts& counts, const std::string& name, uint32_t cpu) {
  const auto row = counts.find(name);
  if (row == counts.end()) return 0;
  const auto at = row->second.find(cpu);
  return at == row->second.end() ? 0 : at->second;
}

void compare(const std::string& name, int64_t least, int64_t seen, int64_t most, int64_t slack) {
  report(name, seen >= least - slack && seen <= most + slack,
         std::to_string(seen) + " in the trace, at least " + std::to_string(least) + " and at most " + std::to_string(most) + " counted");
}

void against_proc(const Counts& trace, const std::string& folder, bool arm, int64_t cpus) {
  const Counts a = read_counts(folder + "/counts-A"), b = read_counts(folder + "/counts-B");
  const Counts c = read_counts(folder + "/counts-C"), d = read_counts(folder + "/counts-D");
  for (const auto& [name, row] : d) {
    int64_t least = 0, most = 0, seen = 0;
    bool each = true;
    for (const auto& [cpu, at_d] : row) {
      const int64_t low = value(c, name, cpu) - value(b, name, cpu), high = at_d - value(a, name, cpu);
      const int64_t n = value(trace, name, cpu);
      each = each && (cpu == kAll || (n >= low - 1 && n <= high + 1));
      least += low;
      most += high;
      seen += n;
    }
    if (most == 0 && seen == 0) continue;
    // Vectors that the trace has by another name, or that say nothing of one event.
    if (name == "irq TLB" || name == "irq ERR" || name == "irq MIS") continue;
    // The kernel does not count faults that it left unresolved, as where it looks for a thread's rseq area with faults disabled
    // (7.2, several a thread); on x86-64 tracefs, below, has them all.
    if (!arm && name == "pgfault") most = std::max(most, value(trace, "pgfault", kAll));
    compare(name, least, seen, most, cpus);
    if (!each) report(name + " on each CPU", false, "the sum agrees, a CPU does not");
  }
  report("what happened is many", value(trace, "ctxt", kAll) >= 100 && value(trace, "pgfault", kAll) >= 1000 && value(trace, "ticks", kAll) >= 10 &&
             value(trace, "device interrupts", kAll) >= 20,
         "switches, faults, ticks, device interrupts");
}

int64_t sum_of(const Counts& counts, const std::string& prefix) {
  int64_t sum = 0;
  for (const auto& [name, row] : counts) {
    if (!name.starts_with(prefix)) continue;
    for (const auto& [cpu, n] : row) sum += n;
  }
  return sum;
}

// The text of tracefs: events from the line of the mark `in` to that of `out`, and all of them.
void against_tracefs(const Counts& trace, const std::string& path, bool arm, int64_t cpus) {
  struct Row {
    const char* event;
    const char* ours;
    int64_t inside = 0, all = 0;
  };
  std::vector<Row> rows = {{" sched_switch: ", "ctxt"},
                           {" page_fault_user: ", "pgfault"},
                           {" page_fault_kernel: ", "pgfault"},
                           {" sched_waking: ", "runnable"},
                           {" sched_wakeup_new: ", "runnable"},
                           {" softirq_entry: ", "softirqs"},
                           {" irq_handler_entry: ", "device interrupts"},
                           {" sys_enter: ", "system calls"},
                           {" sys_exit: ", "system call returns"}};
  std::ifstream in(path);
  if (!in) return;
  const std::string control = "NR " + std::to_string(KUTRACE_CONTROL_SYSCALL) + " ";
  bool inside = false, complete = false;
  for (std::string line; std::getline(in, line);) {
    if (line.find("tracing_mark_write: in") != std::string::npos) inside = true;
    if (line.find("tracing_mark_write: out") != std::string::npos) inside = false;
    if (const size_t at = line.find("entries-in-buffer/entries-written: "); at != std::string::npos) {
      std::istringstream numbers(line.substr(line.find(": ") + 2));
      int64_t kept = 0, written = 0;
      char slash = 0;
      complete = static_cast<bool>(numbers >> kept >> slash >> written) && kept == written;
    }
    if (line.find(control) != std::string::npos) continue;
    for (Row& row : rows) {
      if (line.find(row.event) == std::string::npos) continue;
      ++row.all;
      row.inside += inside;
      break;
    }
  }
  report("tracefs lost nothing", complete, path);
  std::map<std::string, std::pair<int64_t, int64_t>> sums;
  for (const Row& row : rows) {
    sums[row.ours].first += row.inside;
    sums[row.ours].second += row.all;
  }
  for (const auto& [ours, bounds] : sums) {
    // tracefs has no page faults on arm64, and calls interrupts from other CPUs those of a device.
    if (arm && ours == "pgfault") continue;
    int64_t seen = value(trace, ours, kAll);
    if (ours == "softirqs") seen = sum_of(trace, "softirq ");
    if (arm && ours == "device interrupts") seen += sum_of(trace, "irq IPI");
    compare("tracefs " + ours, bounds.first, seen, bounds.second, cpus);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("usage: counts_check TRACE FOLDER\n", stderr);
    return 2;
  }
  try {
    const std::string folder = argv[2];
    Diagnostics diagnostics;
    MappedInput input(argv[1]);
    TraceReader trace(input, diagnostics);
    const bool arm = read_counts(folder + "/counts-A").contains("irq IPI0");
    const Counts counts = count_trace(trace, arm);
    const auto cpus = std::count_if(trace.per_cpu().begin(), trace.per_cpu().end(), [](const auto& list) { return !list.empty(); });
    against_proc(counts, folder, arm, cpus);
    against_tracefs(counts, folder + "/ftrace", arm, cpus);
  } catch (const std::exception& e) {
    std::printf("FAILED counts_check: %s\n", e.what());
    return 2;
  }
  return failures == 0 ? 0 : 1;
}
