// SPDX-License-Identifier: BSD-3-Clause
// The module's buffer as shipped, in every order in which its accesses to memory can happen: claim, slow path, change of
// blocks, ring, start, stop and unload, on up to three CPUs, with interrupts and NMIs inside of each other. Each scenario is
// small, and gone through whole.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "kutrace/abi.h"
#include "model/explorer.h"
#include "model/machine.h"
#include "model/module.h"
#include "model/reading.h"

namespace {

constexpr uint64_t kMark = static_cast<uint64_t>(KUTRACE_MARKA) << KUTRACE_EVENT_SHIFT;
constexpr uint64_t kCall = static_cast<uint64_t>(KUTRACE_SYSCALL64 + 39) << KUTRACE_EVENT_SHIFT;
constexpr uint64_t kIrq = static_cast<uint64_t>(KUTRACE_IRQ + 0xec) << KUTRACE_EVENT_SHIFT;
constexpr uint64_t kNmi = static_cast<uint64_t>(KUTRACE_TRAP + 2) << KUTRACE_EVENT_SHIFT;
constexpr uint64_t kSample = static_cast<uint64_t>(KUTRACE_PC_U) << KUTRACE_EVENT_SHIFT;
constexpr uint64_t kName = static_cast<uint64_t>(KUTRACE_PIDNAME + 0x30) << KUTRACE_EVENT_SHIFT;
constexpr uint64_t kMostStates = 2'000'000;

// A call and its return: numbered, so that a return that is folded into another's call is found out.
void call(uint64_t kind, uint32_t number) {
  model_hook(kind | number);
  model_hook_return(kind, static_cast<long>(number & 0x7f));
}

// Fills the CPU's block with marks until so many words of it are left.
void fill(unsigned cpu, uint64_t left) {
  model::run_on(cpu);
  model_hook(kMark | 0xff0000);
  while (model_words_left(cpu) > left) model_hook(kMark | 0xff0000);
  while (model_words_left(cpu) < left) model_hook(kMark | 0xff0000);
  while (model_words_left(cpu) > left) model_hook(kMark | 0xff0000);
  model::run_on(0);
}

explorer::Interrupt irq(int most) {
  return {"irq", most, [](unsigned cpu) { return model::may_interrupt(cpu, false); },
          [](unsigned cpu) { model::interrupt(false, [cpu] { call(kIrq, 0x40 + cpu); }); }};
}

explorer::Interrupt nmi(int most) {
  return {"nmi", most, [](unsigned cpu) { return model::may_interrupt(cpu, true); },
          [](unsigned cpu) { model::interrupt(true, [cpu] { call(kNmi, 0x50 + cpu); }); }};
}

// What holds of every reading, whatever happened.
std::string unsound(const model::Reading& reading) {
  if (!reading.wrong.empty()) return reading.wrong;
  if (!model::violation().empty()) return model::violation();
  for (const model::Entry& e : reading.entries) {
    const uint32_t base = e.number >= KUTRACE_TRAP ? e.number & ~static_cast<uint32_t>(KUTRACE_RETURN_BIT) : e.number;
    const bool known = e.is(KUTRACE_MARKA) || e.is(KUTRACE_USERPID) || e.is(KUTRACE_LOST) || e.is(KUTRACE_MWAIT) || e.is(KUTRACE_PIDNAME + 0x30) || e.is(KUTRACE_PC_U) ||
                       base == KUTRACE_SYSCALL64 + 39 || base == KUTRACE_IRQ + 0xec || base == KUTRACE_TRAP + 2;
    if (!known) return "an entry that nobody stored: number " + std::to_string(e.number);
    if (kutrace_is_call(e.number) && e.delta != 0 && static_cast<uint32_t>(e.value) != (e.argument & 0x7f)) {
      return "the return of another call was folded into call " + std::to_string(e.argument);
    }
  }
  return "";
}

// Events of a kind: a call with its return folded is two.
uint64_t events(const model::Reading& reading, uint64_t kind) {
  const auto number = static_cast<uint32_t>(kind >> KUTRACE_EVENT_SHIFT);
  uint64_t n = 0;
  for (const model::Entry& e : reading.entries) {
    if (e.is(number)) n += e.delta != 0 ? 2 : 1;
    if (kutrace_is_call(number) && e.is(number | KUTRACE_RETURN_BIT)) ++n;
  }
  return n;
}

uint64_t marks(const model::Reading& reading, uint32_t number) {
  uint64_t n = 0;
  for (const model::Entry& e : reading.entries) n += e.is(KUTRACE_MARKA) && e.argument == number;
  return n;
}

class Interleavings : public ::testing::Test {
 protected:
  // Recording, with the blocks of the first CPUs filled but for so many words.
  void set_up(uint32_t blocks, uint8_t flags, std::vector<uint64_t> left) {
    model::reset(blocks, flags);
    kutrace_store_off(kMark | 0xff0000, nullptr, 1);
    kutrace_recording_start();
    for (unsigned cpu = 0; cpu < left.size(); ++cpu) fill(cpu, left[cpu]);
    ASSERT_EQ(model::violation(), "");
    before_ = model_lost(0) + model_lost(1) + model_lost(2);
    ASSERT_EQ(before_, 0u);
  }
  void explore(explorer::Scenario scenario, const std::function<std::string(const model::Reading&)>& holds) {
    scenario.memory = model::memory();
    scenario.end = [&] {
      // The explorer's CPUs have ended: the rest runs by itself.
      const std::string wrong = judge(holds);
      if (!wrong.empty()) explorer::fail(wrong);
    };
    const explorer::Result result = explorer::explore(scenario, kMostStates);
    std::printf("  %llu states, %llu executions, %llu of them to their end, %llu accesses\n", static_cast<unsigned long long>(result.states),
                static_cast<unsigned long long>(result.executions), static_cast<unsigned long long>(result.complete),
                static_cast<unsigned long long>(result.accesses));
    EXPECT_EQ(result.failure, "");
    EXPECT_TRUE(result.all) << "too many states: the scenario is too large";
    EXPECT_GT(result.complete, 1u);
  }

 private:
  static std::string judge(const std::function<std::string(const model::Reading&)>& holds) {
    explorer::Pause pause;
    kutrace_recording_stop();
    const model::Reading reading = model::read();
    const std::string wrong = unsound(reading);
    return wrong.empty() ? holds(reading) : wrong;
  }
  uint64_t before_ = 0;
};

// Everything that was issued is in the trace once, but for what NMIs could not store, which is counted.
std::string nothing_but_nmis_lost(const model::Reading& r, uint64_t calls, uint64_t irqs, uint64_t nmis) {
  if (events(r, kCall) != 2 * calls) return std::to_string(events(r, kCall)) + " events of calls";
  if (irqs != ~0ULL && events(r, kIrq) > 2 * irqs) return "more interrupts than there were";
  if (events(r, kIrq) % 2 != 0) return "half an interrupt";
  if ((events(r, kNmi) + r.lost) % 2 != 0) return "half an NMI, which is not counted";
  if (events(r, kNmi) + r.lost > 2 * nmis) return "more NMIs than there were";
  return "";
}

TEST_F(Interleavings, AClaimWithInterruptsInsideOfEachOther) {
  set_up(4, 0, {12});
  explore({.programs = {[] { call(kCall, 1); call(kCall, 2); }}, .interrupts = {irq(2), nmi(1)}},
          [](const model::Reading& r) { return nothing_but_nmis_lost(r, 2, 2, 1); });
}

TEST_F(Interleavings, TheEndOfABlockWithInterruptsAndAnNmi) {
  for (const uint64_t left : {0, 1, 2}) {
    set_up(6, 0, {left});
    explore({.programs = {[] { call(kCall, 1); }}, .interrupts = {irq(2), nmi(1)}},
            [](const model::Reading& r) { return nothing_but_nmis_lost(r, 1, 2, 1); });
  }
}

TEST_F(Interleavings, TwoNmisInASlowPath) {
  for (const uint64_t left : {0, 1}) {
    set_up(6, 0, {left});
    explore({.programs = {[] { call(kCall, 1); call(kCall, 2); }}, .interrupts = {nmi(2)}},
            [](const model::Reading& r) { return nothing_but_nmis_lost(r, 2, 0, 2); });
  }
}

TEST_F(Interleavings, NamesOfThreadsInARing) {
  set_up(4, KUTRACE_FLAG_WRAP, {2});
  explore({.programs = {[] {
             const uint64_t text[2] = {0x636261, 0};
             model_hook_words(kName | 7, text, 3);
             call(kCall, 1);
           }},
           .interrupts = {irq(1), nmi(2)}},
          [](const model::Reading& r) {
            if (events(r, kCall) != 2) return std::string("a call is missing");
            return std::string();
          });
}

// Data that looks like a call, and what comes in between: that is not taken for the entry before, nor its time for another's.
TEST_F(Interleavings, ASampleAtTheEndOfABlock) {
  for (const uint64_t left : {1, 2, 3, 4, 6}) {
    set_up(6, 0, {left});
    model::set_counter(model::counter(), 1);
    explore({.programs = {[] { model_hook_pair(kSample | 1, kCall); call(kCall, 1); }}, .interrupts = {irq(1), nmi(1)}},
            [](const model::Reading& r) {
              if (events(r, kSample) != 1) return std::string("the sample is missing");
              return nothing_but_nmis_lost(r, 1, 1, 1);
            });
  }
}

// Two CPUs take each other's blocks.
TEST_F(Interleavings, TwoCpusInARing) {
  set_up(6, KUTRACE_FLAG_WRAP, {1, 1});
  explore({.programs = {[] { call(kCall, 1); }, [] { call(kCall, 2); }}, .interrupts = {irq(1)}},
          [](const model::Reading&) { return std::string(); });
}

// The block that a CPU has only just left is the next one that the other takes.
TEST_F(Interleavings, ABlockIsTakenAsSoonAsItIsLeft) {
  set_up(5, KUTRACE_FLAG_WRAP, {1, 1});
  // The first CPU has one block, an old one that has been used before; the second has the other three.
  for (int i = 0; i < 5; ++i) fill(0, 1);
  for (int i = 0; i < 6; ++i) fill(1, 1);
  explore({.programs = {[] { model_hook(kMark | 1); model_hook(kMark | 2); }, [] { model_hook(kMark | 3); model_hook(kMark | 4); }}},
          [](const model::Reading& r) {
            return marks(r, 2) + marks(r, 4) != 2 ? std::string("one of the latest marks is missing") : std::string();
          });
}

// Each CPU's recording is its events up to one of them: none is missing before the last that is there.
TEST_F(Interleavings, AStopCutsEachCpuBetweenTwoEvents) {
  set_up(8, 0, {3, 1});
  explore({.programs = {[] { model_hook(kMark | 1); model_hook(kMark | 2); }, [] { kutrace_recording_stop(); }}},
          [](const model::Reading& r) {
            bool ended = false;
            for (uint32_t i = 1; i <= 2; ++i) {
              const uint64_t n = marks(r, i);
              if (n > 1 || (n == 1 && ended)) return "mark " + std::to_string(i) + " stands behind one that is missing";
              ended = n == 0;
            }
            return r.lost != 0 ? std::string("something is lost") : std::string();
          });
}

// Time passes with each look at it: an event whose look is after that of the stop is not stored.
TEST_F(Interleavings, NothingIsLaterThanTheStop) {
  set_up(8, 0, {0, 1});
  model::set_counter(model::counter(), 1);
  explore({.programs = {[] { model_hook(kMark | 1); }, [] { kutrace_recording_stop(); }}},
          [](const model::Reading& r) {
            for (const model::Entry& e : r.entries) {
              if (e.counter > model_stop_counter()) return std::string("an entry is later than the stop");
            }
            return std::string();
          });
}

TEST_F(Interleavings, AStopAtTheEndOfABlock) {
  set_up(8, 0, {1, 1});
  explore({.programs = {[] { model_hook(kMark | 1); call(kCall, 3); },
                        [] { kutrace_recording_stop(); }}},
          [](const model::Reading& r) {
            return marks(r, 1) == 0 && events(r, kCall) != 0 ? std::string("a mark is missing before a call") : std::string();
          });
}

// When a stop has returned nobody is in the module, nor comes: its memory may go.
TEST_F(Interleavings, AfterAStopNobodyIsInTheModule) {
  set_up(8, 0, {1, 1});
  explore({.programs = {[] { call(kCall, 1); },
                        [] {
                          kutrace_recording_stop();
                          model_forbid(true);
                        }}},
          [](const model::Reading&) {
            model_forbid(false);
            return std::string();
          });
}

// Programs that insert entries know nothing of the key: what they store is in a recording, or nowhere.
TEST_F(Interleavings, AnInsertDuringAStop) {
  set_up(8, 0, {3, 1});
  explore({.programs = {[] { model_insert(kMark | 1); }, [] { kutrace_recording_stop(); model_note_end(); }}},
          [](const model::Reading& r) {
            if (r.entries.size() != model_noted_end()) return std::string("something was stored after the stop");
            return r.lost != 0 ? std::string("something is lost") : std::string();
          });
}

// A pause: what is stored after it stands behind the mark of the pause, on each CPU.
TEST_F(Interleavings, AStopAndAnotherStart) {
  set_up(8, 0, {3, 1});
  explore({.programs = {[] { model_hook(kMark | 1); model_hook(kMark | 2); },
                        [] {
                          kutrace_recording_stop();
                          kutrace_recording_start();
                        }}},
          [](const model::Reading& r) {
            uint32_t last = 0;
            uint64_t stored = 0;
            for (const model::Entry& e : r.entries) {
              if (!e.is(KUTRACE_MARKA) || e.argument == 0xff0000) continue;
              ++stored;
              if (e.argument <= last) return std::string("marks are out of order");
              last = e.argument;
            }
            return stored + r.lost > 2 ? std::string("more marks than there were") : std::string();
          });
}

TEST_F(Interleavings, AStartWhileEventsHappen) {
  model::reset(8, 0);
  kutrace_store_off(kMark | 0xff0000, nullptr, 1);
  explore({.programs = {[] { model_hook(kMark | 1); model_hook(kMark | 2); }, [] { kutrace_recording_start(); }}},
          [](const model::Reading& r) {
            // From some mark on, all are there.
            bool begun = false;
            for (uint32_t i = 1; i <= 2; ++i) {
              const uint64_t n = marks(r, i);
              if (n > 1 || (n == 0 && begun)) return "mark " + std::to_string(i) + " is missing behind one that is there";
              begun = n == 1;
            }
            return r.lost != 0 ? std::string("something is lost") : std::string();
          });
}

}  // namespace
