// SPDX-License-Identifier: BSD-3-Clause
// The small raw traces of tests/data/vectors: where the reference is right our events and spans are the same; where it
// is wrong the defect's own test (defects_raw_test.cc, defects_span_test.cc) states what is right.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <sstream>
#include <tuple>

#include "support/chain_run.h"

namespace kutrace::test {
namespace {

struct Line {
  int64_t t;
  int n, cpu, pid;
  int64_t arg;
  int ret;
};

std::ostream& operator<<(std::ostream& out, const Line& e) {
  return out << e.t << " event " << e.n << " cpu " << e.cpu << " pid " << e.pid << " arg " << e.arg << " ret " << e.ret;
}

// Events of event text. Left out: names; the reference's second line for a network speed (defect R12); the arg of a
// context switch, which the reference gives for recorded ones only; the frequency point it adds at a sample's time.
std::vector<Line> events_of(const std::string& text) {
  std::vector<Line> out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    Line e{};
    int rpc = 0, ipc = 0;
    long long t = 0, dur = 0, arg = 0;
    if (std::sscanf(line.c_str(), "%lld %lld %d %d %d %d %lld %d %d", &t, &dur, &e.n, &e.cpu, &e.pid, &rpc, &arg, &e.ret,
                    &ipc) != 9) {
      continue;
    }
    e.t = t;
    e.arg = arg;
    if (e.n < KUTRACE_USERPID || (e.n == KUTRACE_MBIT_SEC && e.pid == 0)) continue;
    if (e.n == KUTRACE_USERPID) e.arg = 0;
    out.push_back(e);
  }
  std::stable_sort(out.begin(), out.end(), [](const Line& a, const Line& b) {
    return std::tie(a.t, a.n, a.cpu, a.arg) < std::tie(b.t, b.n, b.cpu, b.arg);
  });
  return out;
}

bool same(const Line& a, const Line& b) {
  return std::abs(a.t - b.t) <= 1 && a.n == b.n && a.cpu == b.cpu && a.pid == b.pid && a.arg == b.arg && a.ret == b.ret;
}

struct Vector {
  const char* name;
  bool events;      // ours equal the reference's
  bool spans;       // every span of the reference is one of ours
  const char* why;  // the defect otherwise, or what the vector is for
};
std::ostream& operator<<(std::ostream& out, const Vector& v) { return out << v.name; }

const Vector kVectors[] = {
    {"d1", true, true, "short folded calls"},
    {"d2", false, false, "R1: a block's first entry before a 2^20 boundary, its start behind it"},
    {"d2ok", false, false,
     "the same without the boundary; our row begins at the first entry, not at the block's start"},
    {"d3", false, false, "R3: late store over a boundary"},
    {"d4_dffff", true, true, "a step below the TSDELTA threshold"},
    {"d4_e0000", false, false, "R4: a step of just the threshold"},
    {"d5", false, false, "R2: TSDELTA first in a block"},
    {"d6", false, true, "R5: events behind 999 s"},
    {"d7", false, true, "R5: flight recording started long before the stop"},
    {"d8", false, true, "R7: CPU 80"},
    {"d8b", false, true, "R7: CPU 80 owns block 0"},
    {"d9", false, false, "R11: thread ids of more than 16 bits"},
    {"d10", true, true, "S6: the block's clock in another minute than the start pair"},
    {"d11", true, true, "S5: no wall clock in the block"},
    {"d12", true, true, "S8: a wait from time 0"},
    {"d13", true, false, "S7: 9 s of idle"},
    {"d14", true, true, "T1: an apostrophe in a name"},
    {"d15", true, false, "S16: a rename to a part of the old name"},
    {"e1_mbit0", true, true, "S4: network speed 0; the reference crashed and left no spans"},
    {"e2_y2038", true, true, "R15, S5: a year from 2038 on"},
    {"e3_eqts", true, true, "S20: equal times"},
    {"e3_neqts", true, false, "S9: the scheduler in pieces; times that differ"},
    {"e4_lowres", true, false, "R8: a folded call of one count"},
    {"e6_mbs", true, true, "network speed"},
    {"e8_pc", false, true, "R13: a PC sample moved to a stale timer interrupt"},
    {"e9_ipc", true, true, "IPC bytes"},
    {"e9_llc", true, true, "LLC bytes"},
    {"e9_both", true, true, "IPC and LLC bytes"},
    {"f1_new", true, false, "S9: the scheduler belongs to both; scheduler number 0xdff"},
    {"f1_old", true, false, "S9: scheduler number 0x9ff"},
    {"g1_rpc", true, false, "S13: RPC ids with their length byte"},
    {"g2_preempt", true, false, "an RPC preempted; our user span is cut at the RPC's request"},
    {"g3_kernel", true, false, "S9: the scheduler belongs to both; a blocked call resumes in the kernel"},
    {"g3_neither", true, false, "S11: a blocked call resumes, undecided until the next call"},
    {"g3_user", true, false, "S11: a blocked call left unseen"},
    {"g4_mwait", true, false, "S9: the scheduler belongs to both; idle exit of a known model"},
    {"h1", false, false, "R14: a scheduler exit with time stamp 0xfffff"},
    {"h2", true, false, "S9: the scheduler belongs to both; the same one count earlier"},
    {"i1", false, false, "R12: mark_d and network speed of more than 16 bits"},
};

class Vectors : public testing::TestWithParam<Vector> {};

TEST_P(Vectors, EventsAreTheReferencesWhereItIsRight) {
  const Vector& v = GetParam();
  const std::string stem = std::string("vectors/") + v.name;
  const auto ours = events_of(event_text(data_bytes(stem + ".trace.gz")));
  const auto theirs = events_of(data_text(stem + ".reference.events.gz"));
  const bool equal = std::equal(ours.begin(), ours.end(), theirs.begin(), theirs.end(), same);
  if (equal == v.events) return;
  std::ostringstream text;
  for (const Line& e : theirs) text << "  reference " << e << "\n";
  for (const Line& e : ours) text << "  ours      " << e << "\n";
  ADD_FAILURE() << v.why << ": events are " << (equal ? "equal" : "different") << "\n" << text.str();
}

TEST_P(Vectors, SpansOfTheReferenceAreOursWhereItIsRight) {
  const Vector& v = GetParam();
  const std::string stem = std::string("vectors/") + v.name;
  const auto ours = run_chain(data_bytes(stem + ".trace.gz"));
  // Some vectors have one thread on two CPUs at once; a CPU's own row is never at fault.
  for (const std::string& fault : ours->faults()) EXPECT_FALSE(fault.starts_with("CPU")) << fault;
  std::string json = data_text(stem + ".reference.json.gz");
  if (json.find('{') == std::string::npos) return;  // the reference crashed or left half a document (S4, S5)
  const auto theirs = run_text(json);
  auto units = [&](Ticks t) { return ours->header.time.units(t); };
  std::string missing;
  for (const Span& r : theirs->spans) {
    if (!is_execution(r) || r.dur == 0) continue;
    const bool found = std::any_of(ours->spans.begin(), ours->spans.end(), [&](const Span& s) {
      if (s.event != r.event || s.pid != r.pid || s.cpu != r.cpu) return false;
      // The reference begins a new user span at a switch to the thread that runs already; ours goes on.
      if (is_user(r) && units(s.start) <= r.start && units(s.end()) >= r.end()) return true;
      return std::abs(units(s.start) - r.start) <= 1 && std::abs(units(s.end()) - r.end()) <= 1;
    });
    if (!found) missing += "  " + std::to_string(r.start) + "+" + std::to_string(r.dur) + " " + theirs->name(r) + "\n";
  }
  EXPECT_EQ(missing.empty(), v.spans) << v.why << "\n" << missing;
}

INSTANTIATE_TEST_SUITE_P(All, Vectors, testing::ValuesIn(kVectors), testing::PrintToStringParamName());

}  // namespace
}  // namespace kutrace::test
