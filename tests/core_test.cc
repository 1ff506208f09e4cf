// SPDX-License-Identifier: BSD-3-Clause
// The hot path of the kernel module, compiled for user space: what it stores, and that it may be interrupted anywhere.
#include <gtest/gtest.h>
#include <simdjson.h>

#include <random>
#include <vector>

#include "support/kernel_types.h"

struct kutrace_cpu;

namespace {

struct Machine;
Machine* machine;

void interrupt();
uint64_t* cpu_next();
bool cpu_full(const uint64_t* slot);
uint64_t cpu_since(uint64_t raw);
bool cpu_beyond(uint64_t since);
bool cpu_claim(uint64_t* before, uint64_t* after);
uint64_t counter(uint32_t kind);
kutrace_cpu& cpu_here();

}  // namespace

#define KUTRACE_CPU_HERE() nullptr
#define KUTRACE_CPU_NEXT(here) ((void)(here), cpu_next())
#define KUTRACE_CPU_FULL(here, slot) cpu_full(slot)
#define KUTRACE_CPU_SINCE(here, raw) cpu_since(raw)
#define KUTRACE_CPU_BEYOND(here, since) cpu_beyond(since)
#define KUTRACE_CPU_CLAIM(here, before, after) cpu_claim(before, after)
#define KUTRACE_CPU_PUT(here, field, value) (interrupt(), cpu_here().field = (value))
#define KUTRACE_COUNTER(kind) counter(kind)
#define KUTRACE_SAMPLE(here, sample, raw) static_cast<void>(0)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wpedantic"
#include "kutrace_core.h"
#pragma GCC diagnostic pop

namespace {

constexpr uint32_t kShift = 6, kKind = KUTRACE_CLOCK_TSC;
constexpr uint64_t kCall = static_cast<uint64_t>(KUTRACE_SYSCALL64 + 39) << KUTRACE_EVENT_SHIFT;

struct Machine {
  std::vector<uint64_t> words = std::vector<uint64_t>(KUTRACE_BLOCK_WORDS + 1);
  kutrace_cpu cpu{};
  uint64_t now = 1'000'000'000;
  std::mt19937_64 random{1};
  uint32_t interrupts_of_1000 = 0;
  int depth = 0;
  uint64_t stored = 0, folded = 0, interrupted = 0;

  Machine() {
    machine = this;
    cpu.next = words.data() + 1;
    cpu.limit = words.data() + words.size();
    kutrace_core_anchor(&cpu, now, kShift);
  }
  bool entry(uint64_t word) {
    u64* at;
    if (!kutrace_core_entry(word, kShift, kKind, nullptr, &at)) return false;
    ++stored;
    return true;
  }
  bool pair(uint64_t word, uint64_t data) {
    if (!kutrace_core_pair(word, data, kShift, kKind)) return false;
    stored += 3;
    return true;
  }
  // Whether the return was folded.
  bool fold(uint64_t call, long value) {
    const uint64_t before = folded;
    return leave(call, value) && folded > before;
  }
  // Folds, or stores the return.
  bool leave(uint64_t call, long value) {
    u64* at;
    bool fits = false;
    if (!kutrace_core_leave(call, value, kShift, kKind, nullptr, &at, &fits)) return false;
    ++(fits ? folded : stored);
    return true;
  }
  uint64_t last() const { return cpu.next[-1]; }
};

// What an interrupt does: a call, something inside, its return, folded if that can be.
void interrupt() {
  Machine& m = *machine;
  if (m.depth > 3 || m.random() % 1000 >= m.interrupts_of_1000) return;
  ++m.depth;
  ++m.interrupted;
  m.now += m.random() % 20000;
  const uint64_t irq = static_cast<uint64_t>(KUTRACE_IRQ + m.random() % 200) << KUTRACE_EVENT_SHIFT;
  m.entry(irq);
  if (m.random() % 2 == 0) m.entry(static_cast<uint64_t>(KUTRACE_RUNNABLE) << KUTRACE_EVENT_SHIFT | 7);
  m.now += m.random() % 20000;
  m.leave(irq, 0);
  --m.depth;
}

uint64_t* cpu_next() {
  interrupt();
  uint64_t* next = machine->cpu.next;
  interrupt();
  return next;
}
bool cpu_full(const uint64_t* slot) {
  interrupt();
  return slot >= machine->cpu.limit;
}
uint64_t cpu_since(uint64_t raw) { return raw - machine->cpu.base; }
bool cpu_beyond(uint64_t since) {
  interrupt();
  return since >= machine->cpu.window;
}
bool cpu_claim(uint64_t* before, uint64_t* after) {
  interrupt();
  if (machine->cpu.next != before) return false;
  machine->cpu.next = after;
  interrupt();
  return true;
}
uint64_t counter(uint32_t) {
  machine->now += 1 + machine->random() % 100;
  return machine->now;
}

kutrace_cpu& cpu_here() { return machine->cpu; }

uint32_t stamp(uint64_t word) { return static_cast<uint32_t>(word >> KUTRACE_TS_SHIFT); }

TEST(Core, StoresNumberArgumentAndTime) {
  Machine m;
  ASSERT_TRUE(m.entry(kCall | 0x1234));
  EXPECT_EQ(m.last() & 0xfffffffffff, kCall | 0x1234);
  EXPECT_EQ(stamp(m.last()), m.now >> kShift & KUTRACE_TS_MASK);
}

TEST(Core, FoldsASmallResultSoonAfterItsCall) {
  for (const long value : {0l, 1l, 127l, -1l, -128l}) {
    Machine m;
    ASSERT_TRUE(m.entry(kCall | 0xffff));
    m.now += 64 * 200;
    ASSERT_TRUE(m.fold(kCall, value)) << value;
    EXPECT_EQ(m.last() >> KUTRACE_RETVAL_SHIFT & 0xff, static_cast<uint64_t>(value) & 0xff);
    EXPECT_NEAR(static_cast<double>(m.last() >> KUTRACE_DELTA_SHIFT & 0xff), 201.0, 2.0);
    EXPECT_EQ(m.last() & 0xffff, 0xffffu);
  }
}

TEST(Core, AFoldedReturnInTheSameCountTakesOne) {
  Machine m;
  m.now |= 63;  // whatever it is, then on by less than a count
  ASSERT_TRUE(m.entry(kCall));
  const uint64_t at = m.last();
  uint32_t delta = 0;
  ASSERT_TRUE(kutrace_core_folds(at, kCall, 3, at >> KUTRACE_TS_SHIFT, &delta));
  EXPECT_EQ(delta, 1u);
}

TEST(Core, DoesNotFoldWhatIsNotItsCallOrTooLateOrTooLarge) {
  Machine m;
  EXPECT_FALSE(m.fold(kCall, 0)) << "an empty block";
  ASSERT_TRUE(m.entry(kCall | 1));
  const uint64_t call = m.last();
  uint32_t delta;
  const uint64_t count = call >> KUTRACE_TS_SHIFT;
  EXPECT_FALSE(kutrace_core_folds(call, kCall + (1ull << KUTRACE_EVENT_SHIFT), 0, count, &delta));
  EXPECT_FALSE(kutrace_core_folds(call, kCall, 128, count, &delta));
  EXPECT_FALSE(kutrace_core_folds(call, kCall, -129, count, &delta));
  EXPECT_TRUE(kutrace_core_folds(call, kCall, 0, count + 255, &delta));
  EXPECT_FALSE(kutrace_core_folds(call, kCall, 0, count + 256, &delta));
  EXPECT_FALSE(kutrace_core_folds(call | 1 << KUTRACE_DELTA_SHIFT, kCall, 0, count, &delta)) << "folded already";
  EXPECT_FALSE(kutrace_core_folds(0, kCall, 0, 0, &delta)) << "claimed, not stored";
}

TEST(Core, AReturnThatDoesNotFoldIsAnEntryOfItsOwn) {
  Machine m;
  ASSERT_TRUE(m.leave(kCall, 3)) << "its call is not here";
  EXPECT_EQ(m.last() & 0xfffffffffff, kutrace_core_return_word(kCall, 3));
  ASSERT_TRUE(m.entry(kCall));
  ASSERT_TRUE(m.leave(kCall, 1000)) << "too large";
  EXPECT_EQ(m.last() & 0xfffffffffff, kutrace_core_return_word(kCall, 1000));
  EXPECT_EQ(stamp(m.last()), m.now >> kShift & KUTRACE_TS_MASK);
  m.cpu.limit = m.cpu.next;
  EXPECT_FALSE(m.leave(kCall, 3)) << "no room";
  m.cpu.limit = m.words.data() + m.words.size();
  m.now += KUTRACE_WINDOW << kShift;
  EXPECT_FALSE(m.leave(kCall, 3)) << "a long silence";
  EXPECT_EQ(m.folded, 0u);
}

TEST(Core, LeavesAFullBlockAndALongSilenceToTheSlowPath) {
  Machine m;
  m.cpu.limit = m.cpu.next + 1;
  EXPECT_TRUE(m.entry(kCall));
  EXPECT_FALSE(m.entry(kCall));
  Machine silent;
  silent.now += (KUTRACE_WINDOW << kShift) - 1000;
  EXPECT_TRUE(silent.entry(kCall));
  silent.now += 2000;
  EXPECT_FALSE(silent.entry(kCall));
  EXPECT_FALSE(silent.fold(kCall, 0));
  Machine back;
  back.now = back.cpu.base - 1000;
  EXPECT_FALSE(back.entry(kCall));
}

TEST(Core, TheLatestTimeIsKnownThroughoutTheWindow) {
  for (uint64_t step = 0; step < KUTRACE_WINDOW << kShift; step += 99'999'7) {
    Machine m;
    m.now += step;
    if (!m.entry(kCall)) break;
    uint64_t time = 0;
    ASSERT_TRUE(kutrace_core_latest(&m.cpu, m.words.data(), &time));
    EXPECT_EQ(time, m.now >> kShift);
  }
}

TEST(Core, DataStandsBehindItsWordAndAZeroBehindIt) {
  constexpr uint64_t kSample = static_cast<uint64_t>(KUTRACE_PC_U) << KUTRACE_EVENT_SHIFT;
  Machine m;
  ASSERT_TRUE(m.entry(kCall));
  m.now += 64 * 1000;
  ASSERT_TRUE(m.pair(kSample | 3, kCall));
  const uint64_t* words = m.words.data() + 1;
  ASSERT_EQ(m.cpu.next, words + 4);
  EXPECT_EQ(words[1] & 0xfffffffffff, kSample | 3);
  EXPECT_EQ(stamp(words[1]), m.now >> kShift & KUTRACE_TS_MASK);
  EXPECT_EQ(words[2], kCall);
  EXPECT_EQ(words[3], 0u);
  uint64_t time = 0;
  ASSERT_TRUE(kutrace_core_latest(&m.cpu, m.words.data() + 1, &time));
  EXPECT_EQ(time, m.now >> kShift);
  EXPECT_FALSE(m.fold(kCall, 0)) << "data that looks like its call";
}

TEST(Core, LeavesDataWithoutRoomToTheSlowPath) {
  for (int room = 0; room < 3; ++room) {
    Machine m;
    m.cpu.limit = m.cpu.next + room;
    EXPECT_FALSE(m.pair(kCall, 1));
    EXPECT_EQ(m.stored, 0u);
  }
  Machine m;
  m.cpu.limit = m.cpu.next + 3;
  EXPECT_TRUE(m.pair(kCall, 1));
}

// Interrupts between any two steps, inside of interrupts too: no entry is lost or overwritten, and slots are in time.
TEST(Core, MayBeInterruptedAnywhere) {
  uint64_t interrupts = 0, folds = 0;
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    Machine m;
    m.random.seed(seed);
    m.interrupts_of_1000 = 30;
    uint64_t calls = 0;
    while (m.cpu.next < m.cpu.limit - 100) {
      m.now += m.random() % 3000;
      if (m.now - m.cpu.base > m.cpu.window - 2'000'000) kutrace_core_anchor(&m.cpu, m.now, kShift);
      if (!m.entry(kCall | (m.random() & 0xffff))) break;
      ++calls;
      ASSERT_TRUE(m.leave(kCall, static_cast<long>(m.random() % 100)));
    }
    interrupts += m.interrupted;
    folds += m.folded;
    ASSERT_GT(calls, 100u);
    EXPECT_EQ(static_cast<uint64_t>(m.cpu.next - m.words.data() - 1), m.stored);
    uint32_t before = stamp(m.words[1]);
    for (const uint64_t* word = m.words.data() + 1; word < m.cpu.next; ++word) {
      ASSERT_NE(*word, 0u) << "claimed and never stored";
      ASSERT_LT((stamp(*word) - before) & KUTRACE_TS_MASK, 0x80000u) << "time goes back, seed " << seed;
      before = stamp(*word);
      const uint32_t number = static_cast<uint32_t>(*word >> KUTRACE_EVENT_SHIFT & KUTRACE_EVENT_MASK);
      if ((*word >> KUTRACE_DELTA_SHIFT & 0xff) == 0) continue;
      ASSERT_TRUE(kutrace_is_call(number)) << std::hex << *word;
    }
  }
  EXPECT_GT(interrupts, 10'000u);
  EXPECT_GT(folds, 100'000u);
}

TEST(Core, NibblesAreThoseOfTheFormat) {
  EXPECT_EQ(kutrace_core_ipc(0), 0u);
  EXPECT_EQ(kutrace_core_ipc(7), 7u);
  EXPECT_EQ(kutrace_core_ipc(9), 8u);
  EXPECT_EQ(kutrace_core_ipc(16), 12u);
  EXPECT_EQ(kutrace_core_ipc(27), 14u);
  EXPECT_EQ(kutrace_core_ipc(63), 15u);
  EXPECT_EQ(kutrace_core_llc(0), 0u);
  EXPECT_EQ(kutrace_core_llc(7), 1u);
  EXPECT_EQ(kutrace_core_llc(8), 2u);
  EXPECT_EQ(kutrace_core_llc(15), 2u);
  EXPECT_EQ(kutrace_core_llc(16), 3u);
  EXPECT_EQ(kutrace_core_llc(65535), 14u);
  EXPECT_EQ(kutrace_core_llc(65536), 15u);
  simdjson::dom::parser parser;
  const simdjson::dom::element facts = parser.load(KUTRACE_TEST_DATA "/facts.vectors.json");
  auto each = [](const simdjson::dom::element& list, auto&& check) {
    uint32_t code = 0;
    for (const uint64_t least : list.get_array()) check(least, code++);
    EXPECT_EQ(code, 16u);
  };
  each(facts["ipc"]["eighths"], [](uint64_t least, uint32_t code) { EXPECT_EQ(kutrace_core_ipc(least), code); });
  each(facts["llc"]["misses"], [](uint64_t least, uint32_t code) { EXPECT_EQ(kutrace_core_llc(least), code); });
  for (const simdjson::dom::element row : facts["ipc_llc"].get_array()) {
    auto n = [&row](const char* key) { return static_cast<uint32_t>(row[key].get_uint64().value()); };
    EXPECT_EQ(kutrace_core_ipc_llc(n("ipc"), n("llc")), n("code")) << n("ipc") << " " << n("llc");
  }
}

}  // namespace
