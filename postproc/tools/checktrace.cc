// SPDX-License-Identifier: BSD-3-Clause
// checktrace FILE: is this raw trace plausible? Lines OK, info, Warn, FAIL; last PASS or FAIL. Status 0 pass, 1 fail,
// 2 cannot read.
#include <map>

#include "chain.h"
#include "tools/tool.h"
#include "trace/decoder.h"

namespace {

using namespace kutrace;

class Verdict {
 public:
  void ok(const std::string& text) { line("OK   ", text); }
  void note(const std::string& text) { line("info ", text); }
  void warn(const std::string& text) { line("Warn ", text); }
  void fail(const std::string& text) {
    line("FAIL ", text);
    failed = true;
  }
  bool failed = false;

 private:
  static void line(const char* kind, const std::string& text) { std::printf("%s%s\n", kind, terminal_text(text).c_str()); }
};

// Counts of what the events of a trace are.
struct Census {
  uint64_t names = 0, traps = 0, irqs = 0, syscalls = 0, switches = 0, wakeups = 0, samples = 0, frequency = 0, idle = 0;
  uint64_t rpcs = 0, locks = 0, queues = 0, marks = 0, packets = 0, total = 0;
  std::map<uint32_t, std::pair<uint64_t, uint64_t>> calls;  // by call number: calls, returns
  std::map<uint32_t, std::string> texts;                    // by name kind: kernel, model, host

  void name(const Event& e, const std::string& text) {
    ++names;
    if (e.num >= KUTRACE_KERNEL_VERSION && e.num <= KUTRACE_HOST_NAME) texts[e.num] = text;
  }
  void take(const Event& e) {
    ++total;
    const uint32_t n = e.num;
    if (n >= KUTRACE_TRAP) {
      const uint32_t call = n & ~static_cast<uint32_t>(KUTRACE_RETURN_BIT);
      auto& pair = calls[call];
      if (call == n) {
        ++pair.first;
        if (e.duration() > 0) ++pair.second;
        (n >= KUTRACE_SYSCALL64 ? syscalls : n >= KUTRACE_IRQ ? irqs : traps) += 1;
      } else {
        ++pair.second;
      }
      return;
    }
    switches += n == KUTRACE_USERPID;
    wakeups += n == KUTRACE_RUNNABLE;
    samples += e.is_sample();
    frequency += n == KUTRACE_PSTATE || n == KUTRACE_PSTATE2;
    idle += n == KUTRACE_MWAIT;
    rpcs += n >= KUTRACE_RPCIDREQ && n <= KUTRACE_RPCIDMID;
    locks += n >= KUTRACE_LOCKNOACQUIRE && n <= KUTRACE_LOCKWAKEUP;
    queues += n == KUTRACE_ENQUEUE || n == KUTRACE_DEQUEUE;
    marks += n >= KUTRACE_MARKA && n <= KUTRACE_MARKD;
    packets += n >= KUTRACE_RX_PKT && n <= KUTRACE_TX_USER;
  }
};

void judge_clock(const TraceReader& reader, Verdict& v) {
  const TimePairs& p = reader.pairs();
  const double rate = 1.0 / p.us_per_count();
  char text[120];
  std::snprintf(text, sizeof(text), "%.3f counts/us, %.3f s from start to stop", rate,
                static_cast<double>(p.stop_us - p.start_us) / 1e6);
  if (rate < 25 || rate > 100) {
    v.warn(text);
  } else {
    v.ok(text);
  }
  const std::string date = format_utc(static_cast<int64_t>(p.start_us));
  // A machine without a battery starts in 1970 and is right all the same.
  if (date < "2016" || date >= "2100") {
    v.warn("starts " + date + " UTC: the wall clock was probably not set");
  } else {
    v.ok("starts " + date + " UTC");
  }
}

void judge_census(const Census& c, bool need_faults, Verdict& v) {
  auto need = [&](uint64_t n, const char* what) {
    if (n == 0) {
      v.fail(std::string("no ") + what);
    } else {
      v.ok(std::to_string(n) + " " + what);
    }
  };
  if (need_faults) need(c.traps, "traps");
  need(c.irqs, "interrupts");
  need(c.syscalls, "system calls");
  need(c.names, "names");
  need(c.switches, "context switches");
  if (c.wakeups == 0) v.warn("no wakeups");
  if (!c.texts.contains(KUTRACE_KERNEL_VERSION)) v.warn("no kernel version");
  for (const auto& [kind, text] : c.texts) v.note(text);
  auto seen = [&](uint64_t n, const char* what) { v.note((n == 0 ? "no " : std::to_string(n) + " ") + std::string(what)); };
  seen(c.samples, "PC samples");
  seen(c.frequency, "frequency events");
  seen(c.idle, "low-power idle events");
  if (c.rpcs > 0) seen(c.rpcs, "RPC events");
  if (c.locks > 0) seen(c.locks, "lock events");
  if (c.queues > 0) seen(c.queues, "queue events");
  if (c.marks > 0) seen(c.marks, "marks");
  if (c.packets > 0) seen(c.packets, "packet events");
  for (const auto& [call, pair] : c.calls) {
    const uint64_t sum = pair.first + pair.second;
    const uint64_t more = std::max(pair.first, pair.second);
    if (pair.first >= 10 && static_cast<double>(more) > 0.55 * static_cast<double>(sum)) {
      v.warn("event " + std::to_string(call) + ": " + std::to_string(pair.first) + " calls, " +
             std::to_string(pair.second) + " returns");
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Checks that a raw trace is plausible.", "checktrace"};
  std::string file;
  bool verbose = false, no_faults = false, quiet = false;
  app.add_option("FILE", file, "raw trace, plain or gzip")->required();
  app.add_flag("-v,--verbose", verbose, "more places of each finding");
  app.add_flag("-q,--quiet", quiet, "only the last line");
  app.add_flag("--nopf", no_faults, "a trace without page faults is fine");
  return run_tool(app, argc, argv, {"-nopf"}, [&](Diagnostics& diagnostics) {
    MappedInput input(file, diagnostics.budget());
    require_raw(input);
    TraceReader reader(input, diagnostics);
    Decoder decoder(reader, diagnostics);
    Census census;
    for_each_event(
        decoder, [&](const Event& e, const std::string& text) { census.name(e, text); },
        [&](const Event& e) { census.take(e); }, [&] { return diagnostics.spent(); });
    diagnostics.tell_limits();
    Verdict verdict;
    size_t cpus = 0;
    for (const auto& list : reader.per_cpu()) cpus += list.empty() ? 0 : 1;
    if (!quiet) {
      verdict.note(std::to_string(reader.blocks().size()) + " blocks, " + std::to_string(cpus) + " CPUs, " +
                   std::to_string(census.total) + " events" + (reader.info().wrapped ? ", wrap-around" : "") +
                   ((reader.info().flags & KUTRACE_FLAG_IPC) != 0 ? ", IPC" : ""));
      judge_clock(reader, verdict);
      judge_census(census, !no_faults, verdict);
      diagnostics.each([&](const FindingInfo& row, uint64_t count) {
        if (row.severity == Severity::kInfo) return;
        const Diagnostics::Entry& found = diagnostics.at(row.finding);
        std::string text = std::to_string(count) + " x " + row.text;
        size_t shown = verbose ? found.examples.size() : std::min<size_t>(2, found.examples.size());
        for (size_t k = 0; k < shown; ++k) text += "; " + found.examples[k];
        if (row.severity == Severity::kDamage) {
          verdict.fail(text);
        } else {
          verdict.warn(text);
        }
      });
    } else {
      verdict.failed = diagnostics.total(Severity::kDamage) > 0 || census.switches == 0;
    }
    std::printf("%s %s\n", verdict.failed ? "FAIL" : "PASS", terminal_text(file).c_str());
    return verdict.failed ? kFindings : kSound;
  });
}
