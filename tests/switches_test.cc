// SPDX-License-Identifier: BSD-3-Clause
// A context switch that was recorded is an edge; what a thread waits for is told by the call it is in; what is inferred is
// counted. Waits of the captured traces are compared with what the switches and wakeups among their events say.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "support/chain_run.h"
#include "support/encoder.h"
#include "support/scene.h"

namespace kutrace::test {
namespace {

constexpr uint32_t kSched = KUTRACE_SCHED, kRead = 0x800, kFutex = 0x800 + 202, kExit = 0x800 + 60, kKill = 0x800 + 62;

// A trace of one CPU in which thread 7 runs first, with times in counts since its start.
class Life {
 public:
  Life() : encoder_(options_) {
    encoder_.running(0, 7, "app");
    for (const auto& [call, name] : {std::pair{kRead, "read"}, {kFutex, "futex"}, {kExit, "exit"}, {kKill, "kill"}}) {
      encoder_.name(0, at(0), KUTRACE_SYSCALL64NAME, call & 0x1ff, name);
    }
  }
  Life& call(uint64_t t, uint32_t event, uint32_t arg = 0, uint32_t cpu = 0) {
    encoder_.entry(cpu, at(t), event, arg);
    return *this;
  }
  Life& leave(uint64_t t, uint32_t event, uint32_t value = 0x4000, uint32_t cpu = 0) {
    encoder_.leave(cpu, at(t), event, value);
    return *this;
  }
  std::unique_ptr<ChainRun> run(uint64_t end) { return run_chain(encoder_.finish(at(end))); }
  uint64_t origin() const { return options_.start_counter; }
  Encoder& encoder() { return encoder_; }

 private:
  uint64_t at(uint64_t t) const { return options_.start_counter + t; }
  EncoderOptions options_;
  Encoder encoder_;
};

std::string waits_of(const ChainRun& run, const Life& life, int32_t pid) {
  std::string text;
  for (const Span& s : run.waits(pid)) {
    text += std::to_string(run.counter(s.start) - life.origin()) + "+" + std::to_string(s.dur) + " " + run.name(s) + "\n";
  }
  return text;
}

// A virtual machine that is not given its CPU stays in the scheduler for long, behind the switch.
TEST(Switches, TheSchedulerBehindTheSwitchBelongsToTheNewThread) {
  Life life;
  life.call(100, kRead).call(1000, kSched).call(1100, KUTRACE_USERPID, 8);
  life.encoder().running(1, 9, "other");
  life.call(2000, kRead, 0, 1).call(5000, KUTRACE_RUNNABLE, 7, 1);
  life.leave(90000, kSched).call(95000, kSched).call(95500, KUTRACE_USERPID, 7).leave(96000, kSched).leave(99000, kRead, 0x4000);
  const auto run = life.run(100000);
  EXPECT_EQ(run->row(0, life.origin()),
            "3+97 7 app.7\n100+900 7 read\n1000+100 7 -sched-\n1100+88900 8 -sched-\n90000+5000 8 .8\n95000+500 8 -sched-\n"
            "95500+500 7 -sched-\n96000+3000 7 read\n");
  EXPECT_EQ(waits_of(*run, life, 7), "1100+3900 wait_unk\n5000+90500 wait_cpu\n");
  EXPECT_EQ(run->faults(), std::vector<std::string>());
}

TEST(Switches, ACheckerSeesASwitchThatIsNoEdge) {
  StringPool pool;
  Checker checker(pool);
  checker.switched(0, 150, 8);
  checker.switched(0, 400, 7);
  checker.spans({piece(0, 100, 200, 7, kSched), piece(0, 200, 400, 8, KUTRACE_USER + 8), piece(0, 400, 500, 7, kSched)});
  const auto faults = checker.faults(TimeBase());
  EXPECT_EQ(faults.back(), "1 recorded context switches are no edge, first on CPU 0 at tick 150 from ? to 8, shown as 7 from tick 100 to 200");
}

// The waker looked at the thread at some moment since its own piece began: a thread that has come back to user code since
// then may have been going to sleep at that moment, and so may a kernel thread, and one behind a fault whose end is not recorded.
TEST(Switches, ACheckerSeesAThreadThatIsWokenInUserCode) {
  for (const bool by_start : {false, true}) {
    for (const auto& [before, waker_start] : {std::pair{kRead, 90}, {kRead, 110}, {uint32_t{KUTRACE_USER + 7}, 110}, {uint32_t{KUTRACE_TRAP + 14}, 110}}) {
      StringPool pool;
      Checker checker(pool);
      checker.spans({piece(0, 80, 95, 7, static_cast<int32_t>(before)), piece(0, 95, 100, 7, KUTRACE_IRQ + 0xec)});
      const Span user = piece(0, 100, 150, 7, KUTRACE_USER + 7), waker = piece(1, waker_start, 130, 9, 0x800);
      Span wake = piece(1, 120, 120, 9, KUTRACE_RUNNABLE);
      wake.arg = 7;
      checker.spans(by_start ? std::vector{waker, user, wake} : std::vector{wake, waker, user});
      const auto faults = checker.faults(TimeBase());
      const std::vector<std::string> want{"1 threads are woken while shown in user code, first thread 7 at tick 120"};
      EXPECT_EQ(faults, before == kRead && waker_start == 110 ? want : std::vector<std::string>()) << by_start << " " << before;
    }
  }
}

// ---- what a thread waits for ---------------------------------------------------------------------------------

std::string wait_in(uint32_t sleeps_in, uint32_t woken_by) {
  Life life;
  life.encoder().running(1, 9, "other");
  life.call(100, sleeps_in).call(1000, kSched).call(1100, KUTRACE_USERPID, 0).leave(1200, kSched);
  life.call(100, kRead, 0, 1).leave(600, kRead, 0x4000, 1).call(4000, woken_by, 0, 1).call(5000, KUTRACE_RUNNABLE, 7, 1);
  const auto run = life.run(100000);
  return run->name(run->waits(7).at(0));
}

TEST(Waits, AJoinEndedByAnExitingThreadIsALockWait) { EXPECT_EQ(wait_in(kFutex, kExit), "wait_lock"); }
TEST(Waits, AReadEndedByASignalIsAPipeWait) { EXPECT_EQ(wait_in(kRead, kKill), "wait_pipe"); }
TEST(Waits, AReadEndedByANetworkSoftirqIsANetworkWait) {
  Life life;
  life.encoder().running(1, 9, "other");
  life.call(100, kRead).call(1000, kSched).call(1100, KUTRACE_USERPID, 0).leave(1200, kSched);
  life.call(4000, KUTRACE_BOTTOM_HALF, 3, 1).call(5000, KUTRACE_RUNNABLE, 7, 1);
  EXPECT_EQ(life.run(100000)->name(life.run(100000)->waits(7).at(0)), "wait_net");
}
TEST(Waits, AReadEndedByWhatIsNotKnownIsUnknown) { EXPECT_EQ(wait_in(kRead, 0x800 + 300), "wait_unk"); }

// ---- what is inferred ---------------------------------------------------------------------------------------

TEST(Inferred, EachRecordHasItsFinding) {
  for (const char* name : {"hello.trace.gz", "rpc.trace.gz", "locks.trace.gz", "vectors/g1_rpc.trace.gz", "vectors/g4_mwait.trace.gz"}) {
    const auto run = run_chain(data_bytes(name));
    uint64_t records = 0, found = 0;
    for (const Span& s : run->spans) records += (s.flags & Span::kInferred) != 0 ? 1 : 0;
    for (const Finding f : {Finding::kUnknownStart, Finding::kMissingSched, Finding::kInferredMessage, Finding::kOpenWait,
                            Finding::kMissingReturn, Finding::kMissingCall, Finding::kResumedInUser, Finding::kInferredIdleExit,
                            Finding::kMissingSwitch, Finding::kEventsLost}) {
      found += run->diagnostics.count(f);
    }
    // A thread made by fork has two: the wakeup and its arc.
    found += 2 * run->diagnostics.count(Finding::kInferredWakeup);
    EXPECT_GT(records, 0u) << name;
    EXPECT_LE(records, found) << name;
  }
}

// ---- the waits of captured traces -----------------------------------------------------------------------------

using Wait = std::tuple<int64_t, int64_t, uint32_t, bool>;  // from, to, thread, ready

// By the switches and wakeups alone: a thread that was switched away from waits until its first wakeup and is ready from
// there, or from the switch, until the switch to it.
std::set<Wait> waits_by_events(const std::vector<Event>& events) {
  struct Thread {
    bool off = false, woken = false;
    Ticks since = 0;
  };
  std::map<uint32_t, Thread> threads;
  std::map<uint32_t, uint32_t> on;
  std::set<Wait> out;
  auto take = [&](Thread& thread, uint32_t pid, Ticks t, bool ready) {
    if (t > thread.since) out.insert({thread.since, t, pid, ready});
    thread.since = t;
  };
  for (const Event& e : events) {
    on.try_emplace(e.cpu, e.pid);
    if (e.num == KUTRACE_RUNNABLE) {
      Thread& thread = threads[e.arg];
      if (!thread.off || thread.woken) continue;
      take(thread, e.arg, e.t, false);
      thread.woken = true;
    } else if (e.num == KUTRACE_USERPID && on[e.cpu] != e.pid) {
      threads[on[e.cpu]] = {true, false, e.t};
      Thread& next = threads[e.pid];
      if (next.off) take(next, e.pid, e.t, true);
      next.off = false;
      on[e.cpu] = e.pid;
    }
  }
  return out;
}

struct Golden {
  const char* name;
  size_t waits;  // with a reason, ended by a wakeup
};

class GoldenWaits : public testing::TestWithParam<Golden> {};

TEST_P(GoldenWaits, AreThoseThatSwitchesAndWakeupsTell) {
  const auto run = run_chain(data_bytes(std::string(GetParam().name) + ".trace.gz"), true);
  std::set<Wait> ours;
  for (const Span& s : run->spans) {
    if (!is_wait(s) || (s.flags & Span::kInferred) != 0) continue;
    ours.insert({s.start, s.end(), static_cast<uint32_t>(s.pid), s.event == KUTRACE_WAITA + ('c' - 'a')});
  }
  size_t waits = 0;
  for (const Wait& w : waits_by_events(run->events)) {
    const auto& [from, to, pid, ready] = w;
    if (pid == 0) continue;
    waits += ready ? 0 : 1;
    EXPECT_TRUE(ours.contains(w)) << "thread " << pid << (ready ? " ready" : " waits") << " from tick " << from << " to " << to;
  }
  EXPECT_EQ(waits, GetParam().waits);
}

INSTANTIATE_TEST_SUITE_P(All, GoldenWaits, testing::Values(Golden{"hello", 64}, Golden{"rpc", 121}, Golden{"getpid", 77}, Golden{"locks", 1152}),
                         [](const auto& i) { return std::string(i.param.name); });

}  // namespace
}  // namespace kutrace::test
