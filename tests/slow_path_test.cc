// SPDX-License-Identifier: BSD-3-Clause
// The module's slow path as shipped, in user space: whatever the silence, the counter and the filling of the block, and
// wherever interrupts and NMIs come in between, no entry is written where it must not be, none is lost that could be stored,
// each stands at its time, and what is lost is counted.
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "kutrace/abi.h"
#include "model/machine.h"
#include "model/module.h"
#include "model/reading.h"

namespace {

constexpr uint64_t kMark = static_cast<uint64_t>(KUTRACE_MARKA) << KUTRACE_EVENT_SHIFT;
constexpr uint64_t kIrq = static_cast<uint64_t>(KUTRACE_IRQ + 0xec) << KUTRACE_EVENT_SHIFT;
constexpr uint64_t kNmi = static_cast<uint64_t>(KUTRACE_TRAP + 2) << KUTRACE_EVENT_SHIFT;
constexpr uint64_t kCall = static_cast<uint64_t>(KUTRACE_SYSCALL64 + 39) << KUTRACE_EVENT_SHIFT;
constexpr uint64_t kName = static_cast<uint64_t>(KUTRACE_PIDNAME + 0x30) << KUTRACE_EVENT_SHIFT;
constexpr uint64_t kStep = 1'900'000'000;  // what one TSDELTA says at most
constexpr uint64_t kTenYears = 47'000'000ULL * 86'400 * 3653;

// Marks with a number of their own at known times; what came of them.
class Recorder {
 public:
  Recorder(uint32_t blocks, uint8_t flags) {
    model::reset(blocks, flags);
    model::set_counter(now_, 0);
    kutrace_store_off(kMark | 0xffffff, nullptr, 1);
    kutrace_recording_start();
  }
  void at(uint64_t counter) { model::set_counter(now_ = counter, 0); }
  void pass(uint64_t counts) { at(now_ + counts); }
  uint64_t now() const { return now_; }
  void mark() {
    times_[++issued_] = now_;
    model_hook(kMark | issued_);
  }
  // What an interrupt does: its entry, a mark, its return.
  void interrupt(bool nmi, uint64_t later) {
    const uint64_t before = now_;
    model::interrupt(nmi, [&] {
      pass(later);
      ++(nmi ? nmi_events_ : events_);
      model_hook(nmi ? kNmi : kIrq);
      if (!nmi) mark();
      pass(10);
      ++(nmi ? nmi_events_ : events_);
      model_hook_return(nmi ? kNmi : kIrq, 0);
    });
    if (later > before) at(now_);
  }
  uint32_t issued() const { return issued_; }

  // Stops, and says what does not hold.
  void check(uint64_t most_lost_of_nmis, bool times_are_exact = true) {
    model::on_access(nullptr);
    kutrace_recording_stop();
    const model::Reading reading = model::read();
    EXPECT_EQ(reading.wrong, "");
    EXPECT_EQ(model::violation(), "");
    std::map<uint32_t, int> seen;
    uint64_t irqs = 0, nmis = 0;
    for (const model::Entry& e : reading.entries) {
      if (e.is(KUTRACE_IRQ + 0xec)) irqs += e.delta != 0 ? 2 : 1;
      if (e.is(KUTRACE_IRQ + 0xec + KUTRACE_RETURN_BIT)) ++irqs;
      if (e.is(KUTRACE_TRAP + 2)) nmis += e.delta != 0 ? 2 : 1;
      if (e.is(KUTRACE_TRAP + 2 + KUTRACE_RETURN_BIT)) ++nmis;
      if (!e.is(KUTRACE_MARKA) || e.argument == 0xffffff) continue;
      ++seen[e.argument];
      if (times_are_exact) {
        EXPECT_EQ(e.counter, times_[e.argument] & KUTRACE_LOW56) << "mark " << e.argument << " of " << issued_;
      }
    }
    for (uint32_t i = 1; i <= issued_; ++i) EXPECT_EQ(seen[i], 1) << "mark " << i << " of " << issued_;
    EXPECT_EQ(seen.size(), issued_);
    EXPECT_EQ(irqs, events_);
    EXPECT_EQ(nmis + reading.lost, nmi_events_);
    EXPECT_EQ(reading.lost, model_lost(0));
    EXPECT_LE(reading.lost, most_lost_of_nmis);
  }

 private:
  uint64_t now_ = 5'000'000'000;
  uint32_t issued_ = 0;
  uint64_t events_ = 0, nmi_events_ = 0;
  std::map<uint32_t, uint64_t> times_;
};

std::vector<uint64_t> silences() {
  std::vector<uint64_t> all;
  for (const uint64_t around : {uint64_t{1}, uint64_t{0xc0000}, uint64_t{KUTRACE_TS_MAX_STEP}, uint64_t{1} << 20, kStep, 2 * kStep, 3 * kStep,
                                4 * kStep, 5 * kStep, 64 * kStep, 65 * kStep, 66 * kStep, kTenYears}) {
    for (const uint64_t silence : {around - 1, around, around + 1}) all.push_back(silence);
  }
  return all;
}

TEST(SlowPath, StandsAnySilenceAtAnyFillingOfTheBlock) {
  for (const uint64_t silence : silences()) {
    for (uint32_t filling = 0; filling <= model::kBlockWords; ++filling) {
      Recorder r(8, 0);
      for (uint32_t i = 0; i < filling; ++i) r.mark();
      r.pass(silence);
      r.mark();
      r.mark();
      SCOPED_TRACE("silence " + std::to_string(silence) + ", filling " + std::to_string(filling));
      r.check(0);
      if (HasFailure()) return;
    }
  }
}

// Suspended machines and guests that move: how far back does not matter, nor where the block is.
TEST(SlowPath, StandsACounterThatGoesBack) {
  for (const uint64_t back : silences()) {
    for (uint32_t filling = 0; filling <= model::kBlockWords; ++filling) {
      Recorder r(8, 0);
      r.at(kTenYears + 10);
      for (uint32_t i = 0; i < filling; ++i) r.mark();
      r.at(kTenYears + 10 - back);
      r.mark();
      r.mark();
      SCOPED_TRACE("back " + std::to_string(back) + ", filling " + std::to_string(filling));
      // The hot path cannot see all of the steps in between, nor can readers tell them from steps forward.
      r.check(0, back < 0x20000 || back >= 2 * (KUTRACE_TS_MASK + 1));
      if (HasFailure()) return;
    }
  }
}

TEST(SlowPath, EntriesOfSeveralWordsFitOrTakeTheNextBlock) {
  const uint64_t words[7] = {1, 0, 3, 0, 5, 0, 7};
  for (uint32_t count = 2; count <= KUTRACE_MAX_ENTRY_WORDS; ++count) {
    for (uint32_t filling = 0; filling <= model::kBlockWords; ++filling) {
      for (const uint64_t silence : {uint64_t{1}, 3 * kStep}) {
        Recorder r(8, 0);
        for (uint32_t i = 0; i < filling; ++i) r.mark();
        r.pass(silence);
        model_hook_words(static_cast<uint64_t>(KUTRACE_METHODNAME + (count << 4)) << KUTRACE_EVENT_SHIFT | 7, words, count);
        r.mark();
        SCOPED_TRACE(std::to_string(count) + " words, filling " + std::to_string(filling));
        r.check(0);
        if (HasFailure()) return;
      }
    }
  }
}

// One interruption, at each access to memory that there is, in each filling of the block; what it does takes a while, too.
TEST(SlowPath, MayBeInterruptedAtAnyAccess) {
  uint64_t places = 0;
  for (const bool nmi : {false, true}) {
    for (const uint64_t silence : {uint64_t{1}, uint64_t{1} << 20, 5 * kStep}) {
      for (const uint64_t inside : {uint64_t{0}, uint64_t{1} << 20, 5 * kStep}) {
        for (uint32_t filling = model::kBlockWords - 16; filling <= model::kBlockWords; ++filling) {
          for (uint64_t place = 1; true; ++place) {
            Recorder r(16, 0);
            for (uint32_t i = 0; i < filling; ++i) r.mark();
            r.pass(silence);
            uint64_t accesses = 0;
            bool in = false, interrupted = false;
            model::on_access([&] {
              if (in || ++accesses != place || !model::may_interrupt(0, nmi)) return;
              in = interrupted = true;
              // An event may be stamped before the interrupt that overtakes it.
              r.interrupt(nmi, inside);
              in = false;
            });
            r.mark();
            model::on_access(nullptr);
            r.pass(1);
            r.mark();
            places += interrupted;
            SCOPED_TRACE("place " + std::to_string(place) + ", filling " + std::to_string(filling) + ", silence " + std::to_string(silence) +
                         (nmi ? ", NMI" : ", interrupt") + " of " + std::to_string(inside));
            kutrace_recording_stop();
            const model::Reading reading = model::read();
            ASSERT_EQ(reading.wrong, "");
            ASSERT_EQ(model::violation(), "");
            uint64_t stored = 0;
            std::map<uint32_t, int> seen;
            for (const model::Entry& e : reading.entries) {
              if (e.is(KUTRACE_MARKA) && e.argument != 0xffffff) ++seen[e.argument];
              if (kutrace_is_call(e.number)) stored += e.delta != 0 ? 2 : 1;
              if (kutrace_is_return(e.number)) ++stored;
            }
            ASSERT_EQ(seen.size(), r.issued());
            for (const auto& [mark, times] : seen) ASSERT_EQ(times, 1) << mark;
            ASSERT_EQ(stored + reading.lost, interrupted ? 2u : 0u) << "an entry and a return";
            ASSERT_LE(reading.lost, nmi ? 2u : 0u);
            if (accesses < place) break;
          }
        }
      }
    }
  }
  EXPECT_GT(places, 5'000u);
}

// Without a block there is nothing to be done but to count; when there is one again, the loss stands before what comes.
TEST(SlowPath, CountsWhatAFullBufferCannotTake) {
  Recorder r(2, 0);
  uint64_t stored = 0;
  for (uint32_t i = 0; i < 3 * model::kBlockWords; ++i) {
    r.pass(5);
    model_hook(kMark | i);
  }
  model_hook(kCall | 1);
  model_hook_return(kCall, 1);
  kutrace_recording_stop();
  const model::Reading reading = model::read();
  EXPECT_EQ(reading.wrong, "");
  EXPECT_EQ(model::violation(), "");
  for (const model::Entry& e : reading.entries) stored += e.is(KUTRACE_MARKA) && e.argument != 0xffffff;
  EXPECT_GT(stored, model::kBlockWords);
  EXPECT_EQ(stored + reading.lost, 3 * model::kBlockWords + 2);
  EXPECT_EQ(reading.entries.back().number, static_cast<uint32_t>(KUTRACE_LOST));
}

// A loss that is later than one TSDELTA can say stands right behind the last entry, not at a made-up time.
TEST(SlowPath, ALossLongAfterTheLastEntryIsNotGivenAWrongTime) {
  for (const uint64_t silence : {uint64_t{100}, kStep, kStep + 1, 70 * kStep, kTenYears}) {
    Recorder r(2, 0);
    while (model_lost(0) == 0) {
      r.pass(1);
      model_hook(kMark | 1);
    }
    Recorder full(2, 0);
    while (model_words_left(0) > 0 || model_used() < 2) model_hook(kMark | 1);
    const uint64_t last = full.now();
    full.pass(silence);
    model_hook(kMark | 2);
    kutrace_recording_stop();
    const model::Reading reading = model::read();
    EXPECT_EQ(reading.wrong, "");
    EXPECT_EQ(reading.lost, 1u);
    const model::Entry& lost = reading.entries.back();
    EXPECT_EQ(lost.number, static_cast<uint32_t>(KUTRACE_LOST));
    EXPECT_TRUE(lost.counter == last + silence || lost.counter == last) << lost.counter << " " << last << " " << silence;
  }
}

// Names before the start have no times of their own. Readers cannot take a step as the first entry of a block.
TEST(SlowPath, ABlockBeginsWithAnEntryHoweverLateTheFirstNameIs) {
  constexpr uint64_t kText[2] = {0x656d616e, 0};
  for (const uint64_t silence : silences()) {
    model::reset(8, 0);
    model::set_counter(5'000'000'000, silence);  // passes at each look at the counter
    ASSERT_TRUE(kutrace_store_off(kName | 7, kText, 3));
    ASSERT_TRUE(kutrace_store_off(kName | 8, kText, 3));
    kutrace_recording_start();
    model_hook(kMark | 1);
    kutrace_recording_stop();
    const model::Reading reading = model::read();
    EXPECT_EQ(reading.wrong, "") << "silence " << silence;
    EXPECT_EQ(model::violation(), "") << "silence " << silence;
  }
}

// A return after a loss must not be folded into a call before it: that call may be another's.
TEST(SlowPath, DoesNotFoldAcrossALoss) {
  Recorder r(2, 0);
  while (model_words_left(0) > 1 || model_used() < 2) model_hook(kMark | 1);
  model_hook(kCall | 1);
  model_hook(kMark | 2);       // lost
  model_hook_return(kCall, 1);  // could be folded by time and number
  kutrace_recording_stop();
  const model::Reading reading = model::read();
  EXPECT_EQ(reading.lost, 2u);
  for (const model::Entry& e : reading.entries) EXPECT_EQ(e.delta, 0u);
}

// A recording that goes on after a stop: nothing of the time between is anybody's, however long it was and however full the block.
TEST(SlowPath, APauseIsMarkedAtAnyFilling) {
  for (const uint64_t pause : silences()) {
    for (uint32_t filling = 0; filling <= model::kBlockWords; ++filling) {
      Recorder r(16, 0);
      for (uint32_t i = 0; i < filling; ++i) r.mark();
      r.pass(1);
      kutrace_recording_stop();
      const uint64_t stopped = r.now();
      r.pass(pause);
      kutrace_recording_start();
      r.mark();
      kutrace_recording_stop();
      SCOPED_TRACE("pause " + std::to_string(pause) + ", filling " + std::to_string(filling));
      const model::Reading reading = model::read();
      ASSERT_EQ(reading.wrong, "");
      ASSERT_EQ(model::violation(), "");
      bool left = false;
      for (const model::Entry& e : reading.entries) {
        if (e.is(KUTRACE_MWAIT) && e.argument == KUTRACE_IDLE_OFFLINE && e.cpu == 0) {
          EXPECT_EQ(e.counter, stopped & KUTRACE_LOW56);
          left = true;
        }
      }
      ASSERT_TRUE(left);
    }
  }
}

// After a stop nothing is stored, whoever asks and however much room there was.
TEST(SlowPath, StoresNothingAfterAStop) {
  Recorder r(8, 0);
  r.mark();
  kutrace_recording_stop();
  const size_t before = model::read().entries.size();
  EXPECT_FALSE(model_insert(kMark | 77));
  EXPECT_EQ(model::read().entries.size(), before);
}

// CPUs without an event are in the trace from its beginning, as what was found to run there.
TEST(SlowPath, CpusWithoutAnEventHaveARow) {
  Recorder r(8, 0);
  r.pass(1000);
  r.mark();
  model::run_on(1);
  r.pass(70 * kStep);
  r.mark();
  model::run_on(0);
  kutrace_recording_stop();
  const model::Reading reading = model::read();
  EXPECT_EQ(reading.wrong, "");
  std::map<unsigned, uint64_t> first, thread;
  for (const model::Entry& e : reading.entries) {
    if (!e.is(KUTRACE_USERPID) || first.count(e.cpu) != 0) continue;
    first[e.cpu] = e.counter;
    thread[e.cpu] = e.argument;
  }
  ASSERT_EQ(first.size(), model::kCpus);
  for (unsigned cpu = 0; cpu < model::kCpus; ++cpu) {
    EXPECT_EQ(first[cpu], 5'000'000'000u) << cpu;
    EXPECT_EQ(thread[cpu], 100 + cpu);
  }
}

// In a ring blocks are used again; what stood in them must not be read as new.
TEST(SlowPath, ARingHasItsNewestEntriesAndNothingElse) {
  for (uint32_t rounds = 1; rounds < 40; ++rounds) {
    Recorder r(6, KUTRACE_FLAG_WRAP);
    const uint32_t marks = rounds * 37;
    for (uint32_t i = 1; i <= marks; ++i) {
      r.pass(i % 50 == 0 ? 3 * kStep : i % 77 == 0 ? 9 * kStep : 3);
      r.mark();
    }
    kutrace_recording_stop();
    const model::Reading reading = model::read();
    ASSERT_EQ(reading.wrong, "") << rounds;
    ASSERT_EQ(model::violation(), "");
    ASSERT_EQ(reading.lost, 0u);
    std::map<uint32_t, int> seen;
    for (const model::Entry& e : reading.entries) {
      if (e.is(KUTRACE_MARKA) && e.argument != 0xffffff) ++seen[e.argument];
    }
    // The newest, without a gap, each once.
    ASSERT_FALSE(seen.empty());
    ASSERT_EQ(seen.rbegin()->first, marks);
    ASSERT_EQ(seen.rbegin()->first - seen.begin()->first + 1, seen.size());
    for (const auto& [mark, times] : seen) ASSERT_EQ(times, 1) << mark;
  }
}

// A word that is claimed, or a call that a return is about to be folded into, and then an interrupt that goes through blocks while
// another CPU takes all that it can: what was interrupted goes on in a block that is still its own.
TEST(SlowPath, ALateStoreGoesIntoABlockThatIsStillItsCpus) {
  for (uint32_t blocks = 4; blocks <= 9; ++blocks) {
    for (uint32_t filling = model::kBlockWords - 14; filling < model::kBlockWords; ++filling) {
      for (uint64_t place = 1; true; ++place) {
        Recorder r(blocks, KUTRACE_FLAG_WRAP);
        model::run_on(1);
        for (uint32_t i = 0; i < 4; ++i) r.mark();
        model::run_on(0);
        for (uint32_t i = 0; i < filling; ++i) r.mark();
        uint64_t accesses = 0;
        bool in = false;
        model::on_access([&] {
          if (in || ++accesses != place || !model::may_interrupt(0, false)) return;
          in = true;
          for (uint32_t round = 0; round < 6; ++round) {
            model::interrupt(false, [&] {
              for (uint32_t i = 0; i < model::kBlockWords; ++i) model_hook(kMark | 0xfffffe);
            });
            model::run_on(1);
            for (uint32_t i = 0; i < model::kBlockWords; ++i) model_hook(kMark | 0xfffffe);
            model::run_on(0);
          }
          in = false;
        });
        model_hook(kCall | 0x33);
        model_hook_return(kCall, 0x33);
        model::on_access(nullptr);
        ASSERT_EQ(model::violation(), "") << blocks << " blocks, filling " << filling << ", place " << place;
        if (accesses < place) break;
      }
    }
  }
}

// Others stand still, one of them with the lock: an event is lost, and nobody waits.
TEST(SlowPath, APanicWaitsForNoLock) {
  Recorder r(6, KUTRACE_FLAG_WRAP);
  model::on_access(nullptr);
  model_hold_lock(true);
  oops_in_progress = 1;
  for (uint32_t i = 0; i < 3 * model::kBlockWords; ++i) model_hook(kMark | i);
  EXPECT_GT(model_lost(0), 0u);
  EXPECT_EQ(model::violation(), "");
  oops_in_progress = 0;
  model_hold_lock(false);
}

}  // namespace
