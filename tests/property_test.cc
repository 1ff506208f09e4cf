// SPDX-License-Identifier: BSD-3-Clause
// Random lawful lives of a simulated machine, recorded, decoded and built into spans again: what comes back is exactly
// what happened. KUTRACE_SEED gives another life, KUTRACE_PROPERTY_EVENTS sets the events of each life.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <unordered_map>
#include <unordered_set>

#include "support/chain_run.h"
#include "support/simulator.h"

namespace kutrace::test {
namespace {

uint64_t from_environment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 0);
}

std::ostream& operator<<(std::ostream& out, const Piece& p) {
  return out << p.start << ".." << p.end << " cpu " << p.cpu << " pid " << p.pid << " event 0x" << std::hex << p.event
             << std::dec << " arg " << p.arg << " ret " << p.ret;
}
std::ostream& operator<<(std::ostream& out, const Wait& w) {
  return out << w.start << ".." << w.end << " pid " << w.pid << (w.ready ? " ready" : " waiting");
}
std::ostream& operator<<(std::ostream& out, const Arc& a) {
  return out << a.start << ".." << a.end << " cpu " << a.from_cpu << " pid " << a.from_pid << " to cpu " << a.to_cpu
             << " pid " << a.to_pid;
}
std::ostream& operator<<(std::ostream& out, const Point& p) {
  return out << p.t << " cpu " << p.cpu << " arg " << p.arg;
}
std::ostream& operator<<(std::ostream& out, const Sample& s) {
  return out << s.start << ".." << s.end << " cpu " << s.cpu << " pid " << s.pid;
}

Piece piece_of(const ChainRun& run, const Span& s) {
  return {run.counter(s.start), run.counter(s.end()), static_cast<uint32_t>(s.cpu), static_cast<uint32_t>(s.pid),
          static_cast<uint32_t>(s.event), static_cast<uint32_t>(s.arg), static_cast<uint32_t>(s.ret)};
}

// Fails at the first place where two lists differ, with what is around it.
template <typename T>
void expect_same(const char* what, const std::vector<T>& truth, const std::vector<T>& ours) {
  const auto [t, o] = std::mismatch(truth.begin(), truth.end(), ours.begin(), ours.end());
  if (t == truth.end() && o == ours.end()) return;
  std::ostringstream text;
  text << what << ": truth has " << truth.size() << ", ours " << ours.size() << "; first difference at "
       << t - truth.begin() << "\n";
  for (auto i = std::max(truth.begin(), t - 3); i < std::min(truth.end(), t + 3); ++i) text << "  truth " << *i << "\n";
  const auto at = ours.begin() + (t - truth.begin());
  for (auto i = std::max(ours.begin(), at - 3); i < std::min(ours.end(), at + 3); ++i) text << "  ours  " << *i << "\n";
  ADD_FAILURE() << text.str();
}

struct Case {
  const char* name;
  uint32_t cpus, threads;
  double counts_per_us;
  uint64_t start_counter;
  uint64_t share;  // of the default number of events, percent
  uint64_t idle_step = 400000;
  uint64_t busy_step = 1500;
  double late = 0.01;
  uint32_t flags = 0;
  uint32_t ring_blocks = 0;
  uint32_t sched = KUTRACE_SCHED;
  uint32_t first_pid = 70000;
};

std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.name; }

class Life : public testing::TestWithParam<Case> {
 protected:
  void live(bool wrapped) {
    const Case& c = GetParam();
    static const uint64_t seed = from_environment("KUTRACE_SEED", 1);
    SCOPED_TRACE("repeat with KUTRACE_SEED=" + std::to_string(seed));
    std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
    SimOptions o;
    o.seed = seed;
    o.cpus = c.cpus;
    o.threads = c.threads;
    o.events = from_environment("KUTRACE_PROPERTY_EVENTS", 250000) * c.share / 100;
    o.counts_per_us = c.counts_per_us;
    o.start_counter = c.start_counter;
    o.idle_step = c.idle_step;
    o.busy_step = c.busy_step;
    o.late = c.late;
    o.flags = c.flags;
    o.ring_blocks = c.ring_blocks;
    o.sched = c.sched;
    o.first_pid = c.first_pid;
    sim_ = std::make_unique<Simulator>(o);
    run_ = run_chain(sim_->run());
    const Truth& t = sim_->truth();
    std::printf("%llu events, %zu blocks, %llu folded, %llu late, %llu wakeups, %llu forks, %llu long idle\n",
                static_cast<unsigned long long>(t.events), sim_->encoder().blocks(),
                static_cast<unsigned long long>(t.folded), static_cast<unsigned long long>(t.late),
                static_cast<unsigned long long>(t.wakeups), static_cast<unsigned long long>(t.forks),
                static_cast<unsigned long long>(t.long_idle));
    EXPECT_EQ(run_->damage(), "");
    EXPECT_EQ(run_->faults(), std::vector<std::string>());
    EXPECT_EQ(sim_->encoder().wrapped(), wrapped);
  }

  std::vector<std::vector<Piece>> pieces() const {
    std::vector<std::vector<Piece>> rows(GetParam().cpus);
    for (const Span& s : run_->spans) {
      if (is_execution(s) && s.dur > 0) rows[static_cast<size_t>(s.cpu)].push_back(piece_of(*run_, s));
    }
    return rows;
  }

  std::unique_ptr<Simulator> sim_;
  std::unique_ptr<ChainRun> run_;
};

class WholeLife : public Life {};

TEST_P(WholeLife, ComesBackExactly) {
  live(false);
  const Truth& truth = sim_->truth();
  const auto rows = pieces();
  for (size_t cpu = 0; cpu < rows.size(); ++cpu) {
    expect_same(("CPU " + std::to_string(cpu)).c_str(), truth.cpus[cpu], rows[cpu]);
    if (HasFailure()) return;
  }
  std::vector<Wait> waits;
  std::vector<Arc> arcs;
  std::vector<Point> marks;
  std::vector<Sample> samples;
  for (const Span& s : run_->spans) {
    const uint64_t start = run_->counter(s.start), end = run_->counter(s.end());
    const auto cpu = static_cast<uint32_t>(s.cpu), pid = static_cast<uint32_t>(s.pid);
    if (is_wait(s)) waits.push_back({start, end, pid, s.event == KUTRACE_WAITA + 2});
    if (s.event == KUTRACE_MARKA) marks.push_back({start, cpu, KUTRACE_MARKA, static_cast<uint32_t>(s.arg)});
    if (s.event == KUTRACE_PC_U || s.event == KUTRACE_PC_K) samples.push_back({start, end, cpu, pid});
    if (s.event == KUTRACE_ARC_WAKEUP) {
      arcs.push_back({start, end, cpu, pid, static_cast<uint32_t>(s.arg), static_cast<uint32_t>(s.ret)});
    }
  }
  auto sorted = [](auto list) {
    std::sort(list.begin(), list.end());
    return list;
  };
  expect_same("waits", sorted(truth.waits), sorted(waits));
  expect_same("wakeup arcs", sorted(truth.arcs), sorted(arcs));
  expect_same("marks", sorted(truth.marks), sorted(marks));
  expect_same("samples", sorted(truth.samples), sorted(samples));
}

// In a flight recording the beginning is gone: a thread's pieces are exact from the moment at which its stack is known.
// Where the scheduler's span ends before a thread whose past is gone, no reader can tell: an older thread leaves the
// scheduler at its exit, a new one (which records none) runs from the switch on.
class WrappedLife : public Life {};

TEST_P(WrappedLife, ComesBackExactlyWhereItIsKnown) {
  live(true);
  const Truth& truth = sim_->truth();
  uint64_t all_there = 0;
  for (uint32_t cpu = 0; cpu < GetParam().cpus; ++cpu) {
    const uint64_t oldest = sim_->encoder().oldest(cpu, false);
    ASSERT_NE(oldest, UINT64_MAX) << "CPU " << cpu << " has no block left";
    all_there = std::max(all_there, oldest);
  }
  std::unordered_map<uint64_t, uint64_t> known;  // thread, or CPU << 32 for its idle thread
  for (const Known& k : truth.known) {
    if (k.t >= all_there) known.try_emplace(k.pid != 0 ? k.pid : static_cast<uint64_t>(k.cpu + 1) << 32, k.t);
  }
  auto is_known = [&](const Piece& p) {
    auto k = known.find(p.pid != 0 ? p.pid : static_cast<uint64_t>(p.cpu + 1) << 32);
    return k != known.end() && p.start >= k->second;
  };
  const auto rows = pieces();
  size_t compared = 0, total = 0;
  for (size_t cpu = 0; cpu < rows.size(); ++cpu) {
    const std::vector<Piece>& all = truth.cpus[cpu];
    std::unordered_set<uint64_t> open_ended;  // starts of the pieces before an unknown thread
    for (size_t i = 0; i + 1 < all.size(); ++i) {
      if (all[i].pid != all[i + 1].pid && !is_known(all[i + 1])) open_ended.insert(all[i].start);
    }
    auto exact = [&](std::vector<Piece> row) {
      std::erase_if(row, [&](const Piece& p) { return !is_known(p) || open_ended.contains(p.start); });
      return row;
    };
    const auto row = exact(all);
    expect_same(("CPU " + std::to_string(cpu)).c_str(), row, exact(rows[cpu]));
    compared += row.size();
    total += static_cast<size_t>(std::count_if(all.begin(), all.end(), [&](const Piece& p) { return p.start >= all_there; }));
  }
  std::printf("%zu of %zu pieces compared\n", compared, total);
  EXPECT_GT(compared, 1000u);
}

constexpr uint64_t k32 = 0x1'0000'0000;
const Case kWhole[] = {
    {"OneCpu", 1, 5, 40, k32 - 1000, 100},
    {"TwoCpus", 2, 8, 40.56, 0x60d5c0f, 100},
    {"FourCpus", 4, 16, 54, k32 - 500000, 200},
    {"EightBusyCpus", 8, 60, 62.5, 0x7f'ffff'fff0, 200, 400000, 300},
    {"ManyLateStores", 4, 16, 40, 0xfff00, 100, 400000, 1500, 0.2},
    {"OldSchedulerNumber", 4, 16, 25, 3 * k32 - 77, 100, 400000, 1500, 0.01, 0, 0, KUTRACE_SCHED_SYSCALL},
    {"ThreadIdsAround65536", 3, 12, 99.9, 0x100000 - 5000, 50, 400000, 1500, 0.01, 0, 0, KUTRACE_SCHED, 65536},
    {"LongIdle", 3, 6, 32, k32 - 9, 20, 32 * 10'000'000ull},
    {"SlowCounter", 4, 12, 1.0, k32 - 5, 50, 5000, 300},
    {"WithByteArea", 4, 16, 40, k32, 50, 400000, 1500, 0.01, KUTRACE_FLAG_IPC},
    {"SixtyFourCpus", 64, 150, 40, 0xff'ffff'f000, 200},
    {"ThreeHundredCpus", 300, 600, 33.3, k32 - 100000, 150},
};
INSTANTIATE_TEST_SUITE_P(Property, WholeLife, testing::ValuesIn(kWhole), testing::PrintToStringParamName());

const Case kWrapped[] = {
    {"WrappedTwoCpus", 2, 8, 40, k32 - 500000, 150, 400000, 1500, 0.01, KUTRACE_FLAG_WRAP, 8},
    {"WrappedEightCpus", 8, 40, 62.5, 0xfffff00, 200, 400000, 800, 0.05, KUTRACE_FLAG_WRAP | KUTRACE_FLAG_IPC, 24},
};
INSTANTIATE_TEST_SUITE_P(Property, WrappedLife, testing::ValuesIn(kWrapped), testing::PrintToStringParamName());

}  // namespace
}  // namespace kutrace::test
