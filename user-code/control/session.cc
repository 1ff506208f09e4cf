// SPDX-License-Identifier: BSD-3-Clause
#include "control/session.h"

#include <sched.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "control/failure.h"
#include "kutrace.h"

namespace kutrace::capture {
namespace {

// Keeps this thread on the CPU it is on: names inserted from two CPUs would fill two blocks, and only the first is kept
// by a wrapping buffer.
class Pin {
 public:
  Pin() {
    const int cpu = sched_getcpu();
    saved_ = sched_getaffinity(0, sizeof(before_), &before_) == 0 && cpu >= 0 && cpu < CPU_SETSIZE;
    if (!saved_) return;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(static_cast<size_t>(cpu), &one);
    sched_setaffinity(0, sizeof(one), &one);
  }
  ~Pin() {
    if (saved_) sched_setaffinity(0, sizeof(before_), &before_);
  }
  Pin(const Pin&) = delete;
  Pin& operator=(const Pin&) = delete;

 private:
  cpu_set_t before_{};
  bool saved_ = false;
};

std::string number(const char* format, double value) {
  char text[64];
  std::snprintf(text, sizeof(text), format, value);
  return text;
}

std::string seconds(uint64_t us) { return number("%.3f s", static_cast<double>(us) / 1e6); }

std::string count(uint64_t n, const char* what) { return std::to_string(n) + " " + what + (n == 1 ? "" : "s"); }

}  // namespace

Stat Session::stat() {
  const kutrace_status now = module_.status("ask for the state of the buffer");
  Stat s;
  s.tracing = (now.state & KUTRACE_STATE_TRACING) != 0;
  s.blocks = now.used;
  s.version = now.version;
  s.losses = losses();
  return s;
}

Losses Session::losses() {
  const kutrace_status now = module_.status("ask what was lost");
  Losses l;
  l.total = now.lost;
  l.refused = now.refused;
  l.full_us = now.full_us;
  const long cpus = sysconf(_SC_NPROCESSORS_CONF);
  for (uint32_t cpu = 0; l.total > 0 && static_cast<long>(cpu) < cpus; ++cpu) {
    if (const uint64_t n = module_.lost_on(cpu); n > 0) l.per_cpu.emplace_back(cpu, n);
  }
  return l;
}

GoReport Session::insert_names() {
  GoReport report;
  NameList names = gather_names(machine_);
  report.threads_left_out = names.threads_left_out;
  report.threads_unknown = names.threads_unknown;
  const auto own = machine_.kernel_ids().own;
  if (own) names.entries.push_back({KUTRACE_PIDNAME, *own, "kutrace_control"});
  std::vector<uint64_t> batch;
  uint32_t in_batch = 0;
  const auto insert = [&] {
    // Of a batch that is not stored whole, how many of its entries were does not matter: the buffer is full.
    const bool whole = batch.empty() || module_.insert_before(batch) == batch.size();
    (whole ? report.names : report.refused) += in_batch;
    batch.clear();
    in_batch = 0;
  };
  for (const NameEntry& name : names.entries) {
    uint64_t words[KUTRACE_MAX_ENTRY_WORDS];
    const unsigned n = kutrace_pack_name(name.kind, name.number, name.text.data(), name.text.size(), words);
    if (batch.size() + n > KUTRACE_INSERT_WORDS) insert();
    batch.insert(batch.end(), words, words + n);
    ++in_batch;
  }
  insert();
  if (own) {
    const uint64_t running = static_cast<uint64_t>(KUTRACE_USERPID) << KUTRACE_EVENT_SHIFT | *own;
    module_.insert_before({&running, 1});
  }
  return report;
}

GoReport Session::init(const GoOptions& options) {
  if (!options.force) {
    const kutrace_status now = module_.status("start tracing");
    if ((now.state & KUTRACE_STATE_TRACING) != 0) {
      throw Failure("something traces already", "`kutrace_control stop` saves that trace; --force throws it away");
    }
    if (now.used > 0) {
      throw Failure(count(now.used, "block") + " of an earlier trace are not saved yet",
                    "`kutrace_control stop` saves them; `reset` or --force throws them away");
    }
  }
  const Pin pin;
  const unsigned flags = (options.wrap ? KUTRACE_RESET_WRAP : 0u) | (options.ipc ? KUTRACE_RESET_IPC : 0u) |
                         (options.llc ? KUTRACE_RESET_LLC : 0u) | (options.force ? KUTRACE_RESET_STOP : 0u);
  if (!module_.reset(flags)) {
    throw Failure("the module cannot count instructions or cache misses here (ipc, llc)",
                  "trace without; virtual machines often have no such counters");
  }
  if (options.memory) module_.sample(*options.memory);
  return insert_names();
}

GoReport Session::go(const GoOptions& options) {
  // Until tracing is on: block 0 says that this thread runs on its CPU.
  const Pin pin;
  const GoReport report = init(options);
  if (options.stop_with_us) module_.stop_with_us();
  on();
  return report;
}

void Session::on() { module_.start(); }
void Session::off() { module_.stop(); }
void Session::reset() { module_.reset(KUTRACE_RESET_STOP); }

void Session::mark(uint32_t event, const std::string& text) {
  uint32_t argument = 0;
  if (event == KUTRACE_MARKD) {
    char* end = nullptr;
    const unsigned long value = std::strtoul(text.c_str(), &end, 0);
    if (text.empty() || *end != '\0' || text[0] == '-' || value > UINT32_MAX) {
      throw Failure("mark d takes a number below 2^32, not `" + text + "`", "marks a, b and c take labels");
    }
    argument = static_cast<uint32_t>(value);
  } else {
    argument = kutrace_base40(text.c_str());
  }
  if (!module_.mark(event, argument)) {
    throw Failure("the mark was not stored: nothing traces, or the buffer is full", "start tracing with `go`");
  }
}

StopReport Session::stop(const StopOptions& options) {
  if (const kutrace_status now = module_.status("stop tracing"); now.used == 0 && (now.state & KUTRACE_STATE_TRACING) == 0) {
    throw Failure("nothing was traced", "start with `kutrace_control go`");
  }
  TraceFile file = open_file(options);
  return save(file);
}

TraceFile Session::open_file(const StopOptions& options) const {
  return TraceFile(options.path.empty() ? free_trace_name(default_trace_name(std::time(nullptr), machine_.host_name(), getpid()))
                                        : options.path,
                   options.overwrite);
}

StopReport Session::save(TraceFile& file) {
  return save_by(file.path(), [&] { return read_out(module_, file); }, [&] { file.finish(); });
}

StopReport Session::save_newest_first(BlockSink& sink, const std::string& path, const std::function<void()>& finish) {
  return save_by(path, [&] { return read_out_newest_first(module_, stat().blocks, sink); }, finish);
}

StopReport Session::save_by(const std::string& path, const std::function<TraceSummary()>& read, const std::function<void()>& finish) {
  off();
  StopReport report;
  report.losses = losses();
  report.path = path;
  try {
    report.trace = read();
    if (report.trace.blocks == 0) throw Failure("the trace is empty", "trace for longer");
    finish();
  } catch (const Failure& f) {
    throw Failure(f.what(), "tracing is off and the trace still in the kernel: `kutrace_control stop -o FILE` tries again");
  }
  reset();
  return report;
}

std::vector<std::string> describe(const GoReport& r) {
  std::vector<std::string> lines;
  if (r.threads_left_out > 0) {
    lines.push_back(count(r.threads_left_out, "thread name") +
                    " left out, the first block has no room for more; those that run get their names anyway");
  }
  if (r.threads_unknown) {
    lines.push_back("no thread that runs already gets its name: /proc shows the ids of a PID namespace, traces hold the kernel's; "
                    "record outside the container, or mount the host's /proc in it");
  }
  if (r.refused > 0) lines.push_back(count(r.refused, "name") + " not stored: the buffer is too small");
  return lines;
}

std::vector<std::string> describe(const Losses& l, uint64_t start_us) {
  std::vector<std::string> lines;
  if (l.refused > 0) lines.push_back(count(l.refused, "mark") + " refused: more a second than a program may make (markrate of the module)");
  if (l.total == 0) return lines;
  std::string line = count(l.total, "event") + " lost";
  for (const auto& [cpu, n] : l.per_cpu) line += ", CPU " + std::to_string(cpu) + ": " + std::to_string(n);
  lines.push_back(line);
  if (l.full_us > 0) {
    const std::string when = start_us > 0 && l.full_us >= start_us
                                 ? "t=" + seconds(l.full_us - start_us) + " after the start"
                                 : "t=" + number("%.6f", static_cast<double>(l.full_us) / 1e6) + " s since 1970";
    lines.push_back("the buffer was full at " + when +
                    "; trace for less time, load the module with more (modprobe kutrace_mod tracemb=N), or keep the "
                    "latest with --wrap");
  }
  return lines;
}

std::vector<std::string> describe(const StopReport& r) {
  std::vector<std::string> lines;
  const TraceSummary& t = r.trace;
  const uint64_t run = t.stop_us > t.start_us ? t.stop_us - t.start_us : 0;
  lines.push_back("wrote " + (r.path == "-" ? std::string("standard output") : r.path) + ": " + count(t.blocks, "block") +
                  ", " + number("%.1f MB", static_cast<double>(t.bytes) / 1e6) + ", " + seconds(run));
  if (t.wrapped) {
    std::string line = "the buffer came round; kept of the end:";
    const char* comma = " ";
    for (const auto& [cpu, us] : t.first_us) {
      line += comma + ("CPU " + std::to_string(cpu)) + " " + seconds(t.stop_us > us ? t.stop_us - us : 0);
      comma = ", ";
    }
    lines.push_back(line);
  }
  for (std::string& line : describe(r.losses, t.start_us)) lines.push_back(std::move(line));
  return lines;
}

}  // namespace kutrace::capture
