// SPDX-License-Identifier: BSD-3-Clause
// truth_check TRACE TRUTH: does the trace have what the workload says that it did (user-code/workloads/truth.h), in that
// order and nothing else? A line for each thread and phase: `ok NAME` or `FAILED NAME: why`. Status 0 when all are ok.
#include <array>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "trace/decoder.h"

namespace {

using namespace kutrace;

struct Call {
  uint32_t event = 0;  // KUTRACE_SYSCALL64 or 32 + number
  std::optional<uint32_t> arg;
  std::optional<int> result;
  std::string name;
};

struct Expectation {
  std::string what, relation;
  int64_t number = 0;
};

struct Phase {
  std::string name;
  std::vector<Call> calls;
  std::vector<Expectation> expectations;
};

struct Life {
  uint32_t tid = 0;
  std::string name;
  std::vector<Phase> phases;
  std::optional<int> exit_status;
};

[[noreturn]] void cannot(const std::string& text) { throw Error(text, 0, "cannot be used", "run ground_truth again"); }

std::vector<Life> read_truth(const std::string& path) {
  std::ifstream in(path);
  std::vector<Life> lives;
  std::string line;
  bool complete = false;
  if (!std::getline(in, line) || line != "kutrace-truth 1") cannot(path);
  while (std::getline(in, line)) {
    std::istringstream words(line);
    std::string kind;
    uint32_t tid = 0;
    words >> kind;
    if (kind == "end-of-truth") {
      complete = true;
      continue;
    }
    if (kind == "process") continue;
    words >> tid;
    if (kind == "thread") {
      lives.emplace_back();
      lives.back().tid = tid;
      words >> lives.back().name;
      continue;
    }
    if (lives.empty() || lives.back().tid != tid) cannot(path + ": " + line);
    Life& life = lives.back();
    if (kind == "exit") {
      int status = 0;
      words >> status;
      life.exit_status = status;
    } else if (kind == "begin") {
      life.phases.emplace_back();
      words >> life.phases.back().name;
    } else if (kind == "call" || kind == "compat") {
      Call call;
      uint32_t number = 0;
      std::string argument, result;
      words >> number >> call.name >> argument >> result;
      call.event = (kind == "call" ? KUTRACE_SYSCALL64 : KUTRACE_SYSCALL32) + number;
      if (argument != "?") call.arg = static_cast<uint32_t>(std::stoul(argument));
      if (result != "?") call.result = std::stoi(result);
      if (life.phases.empty()) cannot(path + ": " + line);
      life.phases.back().calls.push_back(call);
    } else if (kind == "expect") {
      std::string phase;
      Expectation e;
      words >> phase >> e.what >> e.relation >> e.number;
      for (Phase& p : life.phases) {
        if (p.name == phase) p.expectations.push_back(e);
      }
    } else if (kind != "end") {
      cannot(path + ": " + line);
    }
    if (!words) cannot(path + ": " + line);
  }
  if (!complete) cannot(path);
  return lives;
}

bool is_system_call(uint32_t n) {
  return n >= KUTRACE_SYSCALL64 && kutrace_is_call(n) && n != KUTRACE_SCHED && n != KUTRACE_SCHED_SYSCALL;
}

// What the trace says of one phase.
struct Seen {
  Ticks begin = 0, end = 0;
  std::vector<Call> calls;
  Ticks slept = 0;
  int64_t faults = 0, wakeups = 0, switches = 0;
  std::set<uint32_t> cpus;
};

// What it says of one thread.
struct Trail {
  std::set<std::string> names;
  std::vector<std::string> marks;
  std::map<std::string, Seen> phases;
  Seen* open = nullptr;
  std::optional<uint32_t> pending;  // the call in progress, by its place in the open phase
  Ticks pending_since = 0;
  bool started = false;              // made runnable for the first time
  std::vector<uint32_t> firsts;      // the first calls and returns of all
  std::optional<int> first_result;   // of the return that comes before any call
  std::optional<int> exit_status;
};

class Reader {
 public:
  explicit Reader(const std::vector<Life>& lives) {
    for (const Life& life : lives) trails_[life.tid];
  }
  void name(const Event& e, const std::string& text) {
    if (e.num == KUTRACE_SYSCALL64NAME) call_names_[KUTRACE_SYSCALL64 + e.arg] = text;
    if (e.num != KUTRACE_PIDNAME) return;
    if (const auto at = trails_.find(e.arg); at != trails_.end()) at->second.names.insert(text);
  }
  void take(const Event& e) {
    if (e.num == KUTRACE_USERPID) {
      // The thread that this CPU ran.
      if (Trail* left = find(running_[e.cpu]); left != nullptr && left->open != nullptr && running_[e.cpu] != e.arg) {
        ++left->open->switches;
      }
      running_[e.cpu] = e.arg;
    }
    if (e.num == KUTRACE_RUNNABLE) {
      if (Trail* woken = find(e.arg)) {
        woken->started = true;
        if (woken->open != nullptr) ++woken->open->wakeups;
      }
    }
    Trail* own = find(e.pid);
    if (own == nullptr) return;
    if (e.num == KUTRACE_MARKA) {
      forget_the_marks_own_call(*own);
      mark(*own, base40_text(e.arg), e.t);
      return;
    }
    if (own->open != nullptr) own->open->cpus.insert(e.cpu);
    if (own->open != nullptr && e.num == KUTRACE_PAGE_FAULT) ++own->open->faults;
    if (is_system_call(e.num)) {
      call(*own, e);
    } else if (kutrace_is_return(e.num) && is_system_call(e.num & ~static_cast<uint32_t>(KUTRACE_RETURN_BIT))) {
      returned(*own, e.num & ~static_cast<uint32_t>(KUTRACE_RETURN_BIT), e.ret, e.t);
    }
  }
  const Trail& trail(uint32_t tid) const { return trails_.at(tid); }

 private:
  Trail* find(uint32_t tid) {
    const auto at = trails_.find(tid);
    return at == trails_.end() ? nullptr : &at->second;
  }
  // A mark is made by an ioctl, which is recorded as what it is and is none of the calls that the workload tells of.
  void forget_the_marks_own_call(Trail& trail) const {
    if (trail.open == nullptr || !trail.pending || *trail.pending + 1 != trail.open->calls.size()) return;
    if (!is_named(trail.open->calls.back().event, "ioctl")) return;
    trail.open->calls.pop_back();
    trail.pending.reset();
  }
  static void mark(Trail& trail, const std::string& label, Ticks t) {
    trail.marks.push_back(label);
    if (label.starts_with('/')) {
      if (trail.open != nullptr) trail.open->end = t;
      trail.open = nullptr;
    } else {
      trail.open = &trail.phases[label];
      trail.open->begin = t;
    }
    trail.pending.reset();
  }
  void call(Trail& trail, const Event& e) {
    if (trail.firsts.size() < 4) trail.firsts.push_back(e.num);
    if (is_named(e.num, "exit") || is_named(e.num, "exit_group")) {
      trail.exit_status = static_cast<int>(e.arg);
    }
    if (trail.open == nullptr) return;
    Call made;
    made.event = e.num;
    made.arg = e.arg;
    trail.pending = static_cast<uint32_t>(trail.open->calls.size());
    trail.pending_since = e.t;
    trail.open->calls.push_back(made);
    if (e.duration() > 0) returned(trail, e.num, e.ret, e.t + e.duration());
  }
  void returned(Trail& trail, uint32_t number, uint16_t value, Ticks t) {
    if (trail.firsts.empty()) {
      trail.firsts.push_back(number | KUTRACE_RETURN_BIT);
      trail.first_result = static_cast<int16_t>(value);
    }
    if (trail.open == nullptr || !trail.pending) return;
    Call& made = trail.open->calls[*trail.pending];
    if (made.event != number) return;
    made.result = static_cast<int16_t>(value);
    if (is_named(number, "nanosleep")) trail.open->slept += t - trail.pending_since;
    trail.pending.reset();
  }

  // Numbers differ between architectures; the trace has their names.
  bool is_named(uint32_t event, const char* name) const {
    const auto at = call_names_.find(event);
    return at != call_names_.end() && at->second == name;
  }
  std::map<uint32_t, std::string> call_names_;
  std::map<uint32_t, Trail> trails_;
  std::map<uint32_t, uint32_t> running_;  // by CPU
};

std::string text_of(const Call& c) {
  std::string text = (c.name.empty() ? "event " + std::to_string(c.event) : c.name) + "(" + (c.arg ? std::to_string(*c.arg) : "?") + ") = ";
  return text + (c.result ? std::to_string(*c.result) : "?");
}

// Empty if the two agree.
std::string compare_calls(const std::vector<Call>& truth, const std::vector<Call>& seen) {
  for (size_t k = 0; k < truth.size() || k < seen.size(); ++k) {
    const std::string place = "call " + std::to_string(k + 1) + " of " + std::to_string(truth.size()) + ": ";
    if (k >= truth.size()) return "besides its " + std::to_string(truth.size()) + " calls the trace has " + text_of(seen[k]);
    if (k >= seen.size()) return place + "made " + text_of(truth[k]) + ", the trace has no more";
    const bool same_argument = !truth[k].arg || *truth[k].arg == *seen[k].arg;
    const bool same_result = !truth[k].result || (seen[k].result && *seen[k].result == *truth[k].result);
    if (truth[k].event != seen[k].event || !same_argument || !same_result || !seen[k].result) {
      return place + "made " + text_of(truth[k]) + ", the trace has " + text_of(seen[k]);
    }
  }
  return "";
}

std::string compare_expectations(const Phase& truth, const Seen& seen, const TimeBase& time) {
  for (const Expectation& e : truth.expectations) {
    int64_t value = 0;
    if (e.what == "faults") value = seen.faults;
    if (e.what == "wakeups") value = seen.wakeups;
    if (e.what == "switches") value = seen.switches;
    if (e.what == "cpus") value = static_cast<int64_t>(seen.cpus.size());
    if (e.what == "sleep_us") value = time.ns(seen.slept) / 1000;
    if (e.relation == "exactly" ? value != e.number : value < e.number) {
      return e.what + ": " + e.relation + " " + std::to_string(e.number) + ", the trace has " + std::to_string(value);
    }
  }
  return "";
}

int failures = 0;

void report(const std::string& name, const std::string& why) {
  if (why.empty()) {
    std::printf("ok %s\n", name.c_str());
  } else {
    std::printf("FAILED %s: %s\n", name.c_str(), why.c_str());
    ++failures;
  }
}

void compare(const Life& life, bool first, const Trail& trail, const TimeBase& time) {
  const std::string who = life.name + " " + std::to_string(life.tid);
  report(who + " has its name", trail.names.contains(life.name) ? "" : "no thread name entry says it");
  std::vector<std::string> marks;
  for (const Phase& p : life.phases) {
    marks.push_back(p.name);
    marks.push_back("/" + p.name);
  }
  report(who + " has its marks in order", marks == trail.marks ? "" : std::to_string(trail.marks.size()) + " marks in the trace");
  for (const Phase& p : life.phases) {
    const auto at = trail.phases.find(p.name);
    std::string why = "its marks are not in the trace";
    if (at != trail.phases.end()) {
      why = compare_calls(p.calls, at->second.calls);
      if (why.empty()) why = compare_expectations(p, at->second, time);
    }
    report(who + " phase " + p.name + " (" + std::to_string(p.calls.size()) + " calls)", why);
  }
  if (life.exit_status) {
    report(who + " ends", trail.exit_status == life.exit_status ? "" : "its last call is not exit of that status");
  }
  if (first) return;
  // Made in the trace: somebody made it runnable, and it comes back from the call that made it with 0.
  report(who + " is made runnable", trail.started ? "" : "no runnable entry has its id");
  report(who + " begins with the return of its creation",
         trail.first_result == 0 ? "" : trail.first_result ? "returns " + std::to_string(*trail.first_result) : "no such return");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("usage: truth_check TRACE TRUTH\n", stderr);
    return 2;
  }
  try {
    const std::vector<Life> lives = read_truth(argv[2]);
    Diagnostics diagnostics;
    MappedInput input(argv[1]);
    TraceReader trace(input, diagnostics);
    Decoder decoder(trace, diagnostics);
    Reader reader(lives);
    for_each_event(
        decoder, [&](const Event& e, const std::string& text) { reader.name(e, text); }, [&](const Event& e) { reader.take(e); });
    for (const Life& life : lives) compare(life, &life == &lives.front(), reader.trail(life.tid), decoder.info().time);
  } catch (const std::exception& e) {
    std::printf("FAILED truth_check: %s\n", e.what());
    return 2;
  }
  return failures == 0 ? 0 : 1;
}
