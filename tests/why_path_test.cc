// SPDX-License-Identifier: BSD-3-Clause
// Critical paths of small scenes, one rule each: who leads through a wait, and what is said where nobody does.
#include <gtest/gtest.h>

#include "analysis/why_report.h"
#include "support/scene.h"

namespace kutrace::test {
namespace {

// A scene's records, and the path through them.
struct Followed {
  Followed(Scene& scene, int32_t tid, Ticks from, Ticks to) : records(scene.pool, diagnostics) {
    scene.give(records);
    records.finish();
    path = why_path(records, tid, from, to, diagnostics);
  }
  Diagnostics diagnostics;
  WhyRecords records;
  WhyPath path;
};

// "10 user 1 | 20 behind 1 2": length, kind, whose time, and because of whom, of each part.
std::string path_of(Scene& scene, int32_t tid, Ticks from, Ticks to) {
  const Followed followed(scene, tid, from, to);
  const WhyRecords& records = followed.records;
  std::string text;
  Ticks at = from;
  for (const WhyPart& p : followed.path.parts) {
    EXPECT_EQ(p.from, at) << "a gap, or an overlap";
    at = p.to;
    text += (text.empty() ? "" : " | ") + std::to_string(p.to - p.from) + " " + std::string(why_words(p.kind).id) + " " + std::to_string(p.tid);
    if (p.actor >= 0) text += " " + std::to_string(p.actor);
    if (p.name != 0) text += " " + std::string(records.text(p.name));
  }
  EXPECT_EQ(at, to);
  return text;
}

// The sentences of the links, and of the steps that wait.
std::string said_of(Scene& scene, int32_t tid, Ticks from, Ticks to) {
  const Followed followed(scene, tid, from, to);
  const WhyPath& path = followed.path;
  const WhySentences words(followed.records, path);
  std::string text;
  for (size_t i = 1; i < path.links.size(); ++i) text += words.link(path.links[i]) + "\n";
  for (const WhyStep& step : words.steps()) {
    if (step.state != WhyState::running) text += step.text + "\n";
  }
  return text;
}

TEST(WhyPath, OfAThreadThatRunsIsItsSpans) {
  Scene s;
  s.user(0, 1, 0, 10).call(0, 1, 10, 15, "read").irq(0, 1, 15, 18, "eth0").softirq(0, 1, 18, 20, "BH:rx").user(0, 1, 20, 30);
  EXPECT_EQ(path_of(s, 1, 0, 30), "10 user 1 | 5 kernel 1 read | 3 irq 1 eth0 | 2 softirq 1 BH:rx | 10 user 1");
  EXPECT_EQ(path_of(s, 1, 12, 25), "3 kernel 1 read | 3 irq 1 eth0 | 2 softirq 1 BH:rx | 5 user 1");
}

TEST(WhyPath, OfAThreadThatIsPreemptedNamesWhoRan) {
  Scene s;
  s.user(0, 1, 0, 10).wait(1, 10, 40, 'c').user(0, 2, 10, 25).irq(0, 2, 25, 28, "timer").call(0, 3, 28, 36, "write").sched(0, 3, 36, 40).user(0, 1, 40, 50).idle(1, 0, 50);
  EXPECT_EQ(path_of(s, 1, 0, 50), "10 user 1 | 15 behind 1 2 | 3 behind_irq 1 timer | 8 behind 1 3 write | 4 behind_sched 1 | 10 user 1");
  EXPECT_EQ(said_of(s, 1, 0, 50),
            "t1.1 was ready; CPU 0, where it then ran: t2.2 150 ns, .3 in write 80 ns, switching 40 ns, else 30 ns; idle meanwhile: CPU 1; it was not asleep before\n");
}

TEST(WhyPath, OfAThreadOnASleepyCpuBlamesNobody) {
  Scene s;
  s.user(0, 2, 0, 10).call(0, 2, 10, 20, "write").wake(15, 0, 2, 1).call(1, 1, 0, 5, "read").wait(1, 5, 15, 'p').wait(1, 15, 30, 'c').idle(1, 5, 27).sched(1, 0, 27, 30).call(1, 1, 30, 40, "read");
  EXPECT_EQ(path_of(s, 1, 0, 40), "5 kernel 1 read | 5 user 2 | 5 kernel 2 write | 12 waking 1 | 3 waking 1 | 10 kernel 1 read");
}

TEST(WhyPath, FollowsAWakerOnlyWithinTheWait) {
  Scene s;
  // 2 waited for 3 until behind the beginning of the wait of 1.
  s.call(0, 1, 0, 10, "read").wait(1, 10, 50, 'p').wake(50, 1, 2, 1).call(0, 1, 50, 60, "read");
  s.call(1, 2, 0, 5, "futex").wait(2, 5, 20, 'l').wake(20, 2, 3, 2).call(1, 2, 20, 30, "futex").call(1, 2, 30, 55, "write").call(2, 3, 0, 25, "futex");
  EXPECT_EQ(path_of(s, 1, 0, 60), "10 kernel 1 read | 10 kernel 3 futex | 10 kernel 2 futex | 20 kernel 2 write | 10 kernel 1 read");
  EXPECT_EQ(said_of(s, 1, 0, 60), ".1 waited in read until .2 woke it from write\n.2 waited in futex until .3 woke it from futex\n");
}

TEST(WhyPath, NeverBlamesTheThreadThatAnInterruptFound) {
  Scene s;
  s.call(0, 1, 0, 10, "nanosleep").wait(1, 10, 50, 't').user(1, 2, 0, 48).irq(1, 2, 48, 55, "local_timer_vector").wake(50, 1, 2, 1).call(0, 1, 50, 60, "nanosleep");
  EXPECT_EQ(path_of(s, 1, 0, 60), "10 kernel 1 nanosleep | 40 timer 1 local_timer_vector | 10 kernel 1 nanosleep");
  EXPECT_EQ(said_of(s, 1, 0, 60), ".1 waited in nanosleep for a timer (local_timer_vector), probably its own\n");
  Scene device;
  device.call(0, 1, 0, 10, "read").wait(1, 10, 50, 'p').user(1, 2, 0, 48).irq(1, 2, 48, 55, "virtio3").wake(50, 1, 2, 1);
  EXPECT_EQ(said_of(device, 1, 0, 50), ".1 waited in read until interrupt virtio3 woke it; of which request is not recorded\n");
  Scene disk;
  disk.call(0, 1, 0, 10, "pread64").wait(1, 10, 50, 'd').idle(1, 0, 48).irq(1, 0, 48, 50, "nvme0q1").softirq(1, 0, 50, 55, "BH:block").wake(50, 1, 0, 1);
  EXPECT_EQ(said_of(disk, 1, 0, 50), ".1 waited in pread64 for a disk (BH:block); which one is not recorded\n");
}

TEST(WhyPath, TellsASenderFromAnInterruptBySoftirqsBefore) {
  Scene inline_rx;
  inline_rx.call(0, 1, 0, 10, "read").wait(1, 10, 50, 'n').call(1, 2, 0, 45, "sendto").softirq(1, 2, 45, 55, "BH:rx").wake(50, 1, 2, 1);
  EXPECT_EQ(path_of(inline_rx, 1, 0, 50), "10 kernel 1 read | 35 kernel 2 sendto | 5 softirq 2 BH:rx");
  Scene behind;
  behind.call(0, 1, 0, 10, "read").wait(1, 10, 50, 'n').call(1, 2, 0, 30, "sendto").irq(1, 2, 30, 40, "eth0").softirq(1, 2, 40, 45, "BH:timer").softirq(1, 2, 45, 55, "BH:rx").wake(50, 1, 2, 1);
  EXPECT_EQ(path_of(behind, 1, 0, 50), "10 kernel 1 read | 40 net 1 BH:rx");
  Scene nested;  // the interrupt came into the softirq, which the call raised
  nested.call(0, 1, 0, 10, "read").wait(1, 10, 50, 'n').call(1, 2, 0, 30, "sendto").softirq(1, 2, 30, 40, "BH:rx").irq(1, 2, 40, 45, "eth0").softirq(1, 2, 45, 55, "BH:rx").wake(50, 1, 2, 1);
  EXPECT_EQ(path_of(nested, 1, 0, 50), "10 kernel 1 read | 20 kernel 2 sendto | 10 softirq 2 BH:rx | 5 irq 2 eth0 | 5 softirq 2 BH:rx");
}

TEST(WhyPath, FindsTheSenderOfAMessage) {
  Scene s;
  s.call(0, 1, 0, 10, "recvfrom").wait(1, 10, 50, 'n').idle(1, 0, 45).irq(1, 0, 45, 48, "eth0").softirq(1, 0, 48, 55, "BH:rx").wake(50, 1, 0, 1).call(0, 1, 50, 60, "recvfrom").receives(58, 1, 99);
  s.user(2, 2, 0, 20).call(2, 2, 20, 40, "sendto").sends(30, 2, 99);
  EXPECT_EQ(path_of(s, 1, 0, 60), "10 kernel 1 recvfrom | 10 user 2 | 10 kernel 2 sendto | 20 net 1 2 BH:rx | 10 kernel 1 recvfrom");
  EXPECT_EQ(said_of(s, 1, 0, 60), ".1 waited in recvfrom for a message that t2.2 sent\n.1 waited in recvfrom while a message of t2.2 was under way\n");
}

TEST(WhyPath, FollowsHoldersBeforeWakers) {
  Scene s;  // 2 holds the lock over a sleep
  s.tries(8, 1).call(0, 1, 0, 10, "futex").wait(1, 10, 50, 'l').wake(50, 1, 2, 1).call(0, 1, 50, 60, "futex").takes(55, 1);
  s.takes(2, 2).call(1, 2, 0, 12, "nanosleep").wait(2, 12, 40, 't').irq(1, 0, 38, 42, "local_timer_vector").wake(40, 1, 0, 2).user(1, 2, 42, 48).wait(2, 40, 42, 'c').releases(47, 2).call(1, 2, 48, 52, "futex");
  EXPECT_EQ(path_of(s, 1, 0, 60), "10 kernel 1 futex | 2 kernel 2 nanosleep | 28 timer 2 local_timer_vector | 2 behind_irq 2 local_timer_vector | 5 user 2 | 1 user 2 | 2 kernel 2 futex | 10 kernel 1 futex");
  EXPECT_NE(said_of(s, 1, 0, 60).find(".1 waited in futex for lock L, held by t2.2\n"), std::string::npos) << said_of(s, 1, 0, 60);
}

TEST(WhyPath, TellsAConvoyPieceByPieceAndALockThatIsFree) {
  Scene s;
  s.tries(8, 1).call(0, 1, 0, 10, "futex").wait(1, 10, 50, 'l').call(0, 1, 50, 60, "futex").takes(55, 1);
  s.takes(5, 2).user(1, 2, 0, 60).releases(20, 2).takes(25, 3).user(2, 3, 0, 60).releases(45, 3).wake(50, 2, 3, 1);
  EXPECT_EQ(path_of(s, 1, 0, 60), "10 kernel 1 futex | 10 user 2 | 5 free 1 L | 20 user 3 | 5 user 3 | 10 kernel 1 futex");
}

TEST(WhyPath, EndsWhereThreadsWaitForEachOther) {
  Scene s;
  s.takes(1, 1, 7).takes(1, 2, 8).tries(8, 1, 8).tries(8, 2, 7).call(0, 1, 0, 10, "futex").wait(1, 10, 50, 'l').call(1, 2, 0, 10, "futex").wait(2, 10, 50, 'l');
  s.takes(60, 1, 8).takes(61, 2, 7).idle(0, 10, 70).idle(1, 10, 70);
  EXPECT_EQ(path_of(s, 1, 0, 50), "10 kernel 1 futex | 40 circle 2 1 L");
}

TEST(WhyPath, RepairsLocksWhoseRecordsRace) {
  Scene s;  // 2 released later than 3 took it, and once more
  s.tries(8, 1).call(0, 1, 0, 10, "futex").wait(1, 10, 50, 'l').call(0, 1, 50, 60, "futex").takes(55, 1);
  s.takes(5, 2).takes(30, 3).releases(31, 2).releases(50, 3).releases(52, 3).user(1, 2, 0, 60).user(2, 3, 0, 60);
  EXPECT_EQ(path_of(s, 1, 0, 60), "10 kernel 1 futex | 20 user 2 | 20 user 3 | 10 kernel 1 futex");
}

TEST(WhyPath, SaysWhatIsNotRecorded) {
  Scene s;
  s.idle(1, 0, 90).call(0, 1, 0, 10, "poll").wait(1, 10, 50, 'z').call(0, 1, 50, 60, "poll").wait(1, 60, 90, 'z');
  EXPECT_EQ(path_of(s, 1, 0, 90), "10 kernel 1 poll | 40 unwoken 1 | 10 kernel 1 poll | 30 open 1");
  EXPECT_EQ(said_of(s, 1, 0, 90), ".1 waited in poll until it went on; no wakeup is recorded\n.1 waited in poll and still did when the trace ended\n");
  EXPECT_EQ(path_of(s, 77, 0, 90), "90 unseen 77");
  Scene asleep;  // woken by a thread that has no record before
  asleep.call(0, 1, 0, 10, "read").wait(1, 10, 50, 'p').call(1, 2, 45, 55, "write").wake(50, 1, 2, 1);
  EXPECT_EQ(path_of(asleep, 1, 0, 50), "10 kernel 1 read | 35 unseen 2 | 5 kernel 2 write");
}

TEST(WhyPath, GoesToWhoMadeAThread) {
  Scene s;  // 3 makes 2, which wakes 1
  s.call(0, 1, 0, 10, "read").wait(1, 10, 50, 'p').wake(50, 1, 2, 1).user(2, 3, 0, 20).call(2, 3, 20, 30, "clone3").wake(25, 2, 3, 2).wait(2, 25, 30, 'c').idle(1, 0, 30).user(1, 2, 30, 55);
  EXPECT_EQ(path_of(s, 1, 0, 50), "10 kernel 1 read | 10 user 3 | 5 kernel 3 clone3 | 5 waking 2 | 20 user 2");
}

TEST(WhyPath, WokenInIdleCodeIsWokenFromAnotherCpu) {
  Scene s;
  s.call(0, 1, 0, 10, "read").wait(1, 10, 50, 'p').idle(1, 0, 60).wake(50, 1, 0, 1).user(2, 2, 0, 60).ipi(48, 2, 2, 1);
  EXPECT_EQ(path_of(s, 1, 0, 50), "10 kernel 1 read | 40 user 2");
  EXPECT_EQ(said_of(s, 1, 0, 50), ".1 waited in read until t2.2 interrupted the CPU that woke it\n");
  Scene unknown;
  unknown.call(0, 1, 0, 10, "read").wait(1, 10, 50, 'p').idle(1, 0, 60).wake(50, 1, 0, 1);
  EXPECT_EQ(said_of(unknown, 1, 0, 50), ".1 waited in read until an interrupt between CPUs (-idle-) woke it; who sent it is not recorded\n");
}

// A token that two threads pass to each other while a third waits: the path takes each pass once, and no stack grows with them.
TEST(WhyPath, IsLinearInTheRecords) {
  constexpr Ticks kRounds = 100000;
  Scene s;
  s.call(2, 1, 0, 10, "read").wait(1, 10, 10 + 20 * kRounds, 'p').wake(10 + 20 * kRounds, 0, 2, 1);
  for (Ticks i = 0; i < kRounds; ++i) {
    const Ticks t = 10 + 20 * i;
    s.call(1, 3, t, t + 10, "write").wake(t + 10, 1, 3, 2).wait(2, t, t + 10, 'p').call(0, 2, t + 10, t + 20, "write").wake(t + 20, 0, 2, 3).wait(3, t + 10, t + 20, 'p');
  }
  s.call(0, 2, 10 + 20 * kRounds, 20 + 20 * kRounds, "write");
  Diagnostics diagnostics;
  WhyRecords records(s.pool, diagnostics);
  s.give(records);
  records.finish();
  const WhyPath path = why_path(records, 1, 0, 10 + 20 * kRounds, diagnostics);
  EXPECT_EQ(path.parts.size(), 1 + 2 * static_cast<size_t>(kRounds));
  for (const WhyLink& link : path.links) EXPECT_LE(link.depth, 2u);
}

// 20 pairs of marks around a little more work each; the eighth, and as many as `usual` says, wait behind another thread for `length`, too.
struct Twenty {
  explicit Twenty(int usual, Ticks length = 60000, Ticks work = 200000) {
    Ticks at = 0;
    for (int i = 0; i < 20; ++i) {
      scene.mark(at, 1, "x").user(0, 1, at, at + work + i);
      at += work + i;
      if (i == 7 || i < usual) {
        scene.wait(1, at, at + length, 'c').user(0, 2, at, at + length).user(0, 1, at + length, at + length + 100);
        at += length + 100;
      }
      scene.mark(at, 1, "/x");
    }
    scene.give(records);
    records.finish();
  }
  WhyAnswer answer(size_t i) { return why_answers(records, {records.windows()[i]}, diagnostics)[0]; }
  std::optional<WhyCauseKey> named(size_t i) { return answer(i).named; }
  Scene scene;
  Diagnostics diagnostics;
  WhyRecords records{scene.pool, diagnostics};
};
const WhyCauseKey kBehindTwo{WhyCause::preempted, "t2"};

TEST(WhyCauses, NameWhatTheOthersDoNotHave) {
  Twenty one(0);
  const WhyAnswer answer = one.answer(7);
  EXPECT_EQ(answer.named, kBehindTwo);
  EXPECT_EQ(answer.sums.at(kBehindTwo).ns, 600000);
  EXPECT_EQ(answer.others->count(), 20u);
  EXPECT_EQ(answer.others->rank(2600000 + 1070), 1u);
  EXPECT_EQ(answer.others->typical(kBehindTwo), 0);
}

TEST(WhyCauses, OfWhatIsUsualAddUp) {
  Twenty all(20);
  const auto others = all.answer(7).others;
  int64_t sum = 0;
  for (const auto& [key, ns] : others->typical()) sum += ns;
  EXPECT_EQ(sum, others->typical_elapsed());
  EXPECT_GE(others->typical_count(), WhyOthers::kFewest);
}

TEST(WhyCauses, ComeWithInstructionsPerCycle) {
  Scene s;
  s.with_ipc().user(0, 1, 0, 10).ipc(8).call(0, 1, 10, 40, "read").ipc(4).irq(0, 1, 40, 90, "eth0").ipc(15);
  Diagnostics diagnostics;
  WhyRecords records(s.pool, diagnostics);
  s.give(records);
  records.finish();
  const WhyTotals totals = why_totals(records, why_path(records, 1, 0, 90, diagnostics));
  EXPECT_DOUBLE_EQ(totals.ipc.mean(), (10 * 1 + 30 * 0.5) / 40);
  EXPECT_DOUBLE_EQ(why_totals(records, why_path(records, 1, 40, 90, diagnostics)).ipc.mean(), 0);
}

TEST(WhyCauses, AreNoneInWhatIsUsual) {
  Twenty one(0);
  for (const size_t i : {0, 1, 10, 18, 19}) EXPECT_EQ(one.named(i), std::nullopt) << i;
  Twenty all(20);
  for (const size_t i : {0, 7, 19}) EXPECT_EQ(all.named(i), std::nullopt) << i;
}

TEST(WhyCauses, AreNoneBelowATenthOfTheTimeOrATenthOfAMillisecond) {
  EXPECT_EQ(Twenty(0, 20000).named(7), std::nullopt);
  EXPECT_EQ(Twenty(0, 23000).named(7), kBehindTwo);
  EXPECT_EQ(Twenty(0, 9000, 1000).named(7), std::nullopt);
  EXPECT_EQ(Twenty(0, 10001, 1000).named(7), kBehindTwo);
}

TEST(WhySentences, PrintLengthsExactly) {
  EXPECT_EQ(why_duration(0), "0 ns");
  EXPECT_EQ(why_duration(999), "999 ns");
  EXPECT_EQ(why_duration(1000), "1.000 us");
  EXPECT_EQ(why_duration(999999), "999.999 us");
  EXPECT_EQ(why_duration(1000499), "1.000 ms");
  EXPECT_EQ(why_duration(1000500), "1.001 ms");
  EXPECT_EQ(why_duration(41023457), "41.023 ms");
  EXPECT_EQ(why_time(48123456789), "48.123456789");
  EXPECT_EQ(why_time(-1), "-0.000000001");
}

}  // namespace
}  // namespace kutrace::test
