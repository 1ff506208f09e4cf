// SPDX-License-Identifier: BSD-3-Clause
// What lies between the eBPF programs' rows and a raw trace: rows read in order of time, entries put into blocks that
// the chain reads back as they were. The rows here are written as the programs write them (record/bpf/rows.h).
#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <random>

#include "record/row_reader.h"
#include "record/trace_assembler.h"
#include "support/chain_run.h"

namespace kutrace::test {
namespace {

using record::Entry;
using record::Moment;
using record::RowReader;
using record::TraceAssembler;

constexpr uint64_t kBegin = 0x123456789ab;

uint64_t word_of(uint32_t event, uint32_t argument) { return uint64_t{event} << KUTRACE_EVENT_SHIFT | argument; }

// A row and the program side of it.
struct Row {
  explicit Row(uint32_t words) : memory(words) {}

  uint64_t claim(uint32_t count) {
    const uint64_t at = row.head;
    row.head += count;
    ++row.stored;
    return at;
  }
  void put(uint64_t at, uint64_t word) { memory[at & (memory.size() - 1)] = word; }
  void store(uint64_t time, uint32_t event, uint32_t argument) {
    put(claim(1), word_of(event, argument) | time << KUTRACE_TS_SHIFT);
  }
  void say_time(uint64_t time) {
    const uint64_t at = claim(2);
    put(at, word_of(KUTRACE_TSDELTA, 0) | time << KUTRACE_TS_SHIFT);
    put(at + 1, time);
  }
  void name(uint64_t time, uint32_t thread, const char* text) {
    uint64_t words[2] = {};
    std::memcpy(words, text, std::min<size_t>(std::strlen(text), 15));
    const uint64_t at = claim(3);
    put(at, word_of(KUTRACE_PIDNAME + 0x30, thread) | time << KUTRACE_TS_SHIFT);
    put(at + 1, words[0]);
    put(at + 2, words[1] | KUTRACE_ROW_NAME_MARK);
  }

  kutrace_row row{};
  std::vector<uint64_t> memory;
};

std::string text_of(const std::vector<Entry>& entries) {
  std::string text;
  for (const Entry& e : entries) {
    text += std::to_string(e.time - kBegin) + ":" + std::to_string(e.event()) + "/" + std::to_string(e.argument()) + " ";
  }
  return text;
}

std::vector<Entry> all_of(Row& row, RowReader& reader) {
  std::vector<Entry> entries;
  reader.finish([&](const Entry& e) { entries.push_back(e); });
  EXPECT_EQ(row.row.tail, row.row.head);
  return entries;
}

TEST(RecordRow, GivesEntriesWithTheirWholeTimes) {
  Row row(256);
  row.say_time(kBegin);
  row.store(kBegin + 5, 0x800, 1);
  row.store(kBegin + 0x7ffff, 0xa00, 2);
  row.say_time(kBegin + 0x12345678);
  row.store(kBegin + 0x12345679, 0x206, 77);
  RowReader reader(row.row, row.memory.data(), 256);
  EXPECT_EQ(text_of(all_of(row, reader)), "5:2048/1 524287:2560/2 305419897:518/77 ");
  EXPECT_EQ(reader.unfinished(), 0u);
}

TEST(RecordRow, SortsWhatAnInterruptPutBeforeAnOlderEntry) {
  Row row(256);
  row.say_time(kBegin);
  const uint64_t interrupted = row.claim(1);  // claimed, clock read late
  row.store(kBegin + 10, 0x5ec, 0);
  row.store(kBegin + 20, 0x7ec, 0);
  row.put(interrupted, word_of(0x800, 3) | (kBegin + 25) << KUTRACE_TS_SHIFT);
  row.store(kBegin + 22, 0x206, 4);  // clock read before, claimed after
  RowReader reader(row.row, row.memory.data(), 256);
  EXPECT_EQ(text_of(all_of(row, reader)), "10:1516/0 20:2028/0 22:518/4 25:2048/3 ");
}

TEST(RecordRow, WaitsForAWordThatIsClaimedAndNotStored) {
  Row row(256);
  row.say_time(kBegin);
  const uint64_t at = row.claim(2);
  row.store(kBegin + 9, 0x206, 4);
  RowReader reader(row.row, row.memory.data(), 256);
  const auto nothing = [](const Entry&) {};
  EXPECT_EQ(reader.drain(nothing), 2u);
  row.put(at, word_of(KUTRACE_PC_U, 0) | (kBegin + 7) << KUTRACE_TS_SHIFT);
  EXPECT_EQ(reader.drain(nothing), 0u);  // its address is not there yet
  row.put(at + 1, 0x401000);
  EXPECT_EQ(reader.drain(nothing), 3u);
  const auto entries = all_of(row, reader);
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0].more[0], 0x401000u);
}

TEST(RecordRow, CountsWhatWasNeverStored) {
  Row row(256);
  row.say_time(kBegin);
  row.claim(2);
  row.store(kBegin + 9, 0x206, 4);
  RowReader reader(row.row, row.memory.data(), 256);
  EXPECT_EQ(text_of(all_of(row, reader)), "9:518/4 ");
  EXPECT_EQ(reader.unfinished(), 2u);
}

TEST(RecordRow, TakesTheMarkOutOfNames) {
  Row row(256);
  row.say_time(kBegin);
  row.name(kBegin + 1, 42, "sh");
  RowReader reader(row.row, row.memory.data(), 256);
  const auto entries = all_of(row, reader);
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0].more[0], 0x6873u);
  EXPECT_EQ(entries[0].more[1], 0u);
}

// Many times round a small row, drained at every fill.
TEST(RecordRow, GoesRound) {
  for (uint32_t every = 1; every < 60; ++every) {
    Row row(64);
    RowReader reader(row.row, row.memory.data(), 64);
    std::vector<Entry> entries;
    const auto take = [&](const Entry& e) { entries.push_back(e); };
    row.say_time(kBegin);
    for (uint32_t k = 0; k < 1000; ++k) {
      row.store(kBegin + k, 0x206, k);
      if (k % every == 0) reader.drain(take);
      ASSERT_LE(row.row.head - row.row.tail, 64u);
    }
    reader.finish(take);
    ASSERT_EQ(entries.size(), 1000u);
    for (uint32_t k = 0; k < 1000; ++k) {
      ASSERT_EQ(entries[k].argument(), k);
      ASSERT_EQ(entries[k].time, kBegin + k);
    }
  }
}

// Anything in the memory of a row: no crash, no hang, all words taken.
TEST(RecordRow, BelievesNothing) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 200; ++round) {
    Row row(256);
    for (uint64_t& w : row.memory) w = random() % 4 == 0 ? 0 : random();
    row.row.head = random() % 257;
    RowReader reader(row.row, row.memory.data(), 256);
    all_of(row, reader);
  }
}

struct Sink final : record::BlockSink {
  void block(uint64_t index, std::span<const uint64_t> words) override {
    EXPECT_FALSE(blocks.contains(index));
    blocks[index].assign(words.begin(), words.end());
  }
  std::vector<uint8_t> file() const {
    std::vector<uint8_t> bytes;
    for (const auto& [index, words] : blocks) {
      EXPECT_EQ(index * KUTRACE_BLOCK_BYTES, bytes.size());
      const auto* at = reinterpret_cast<const uint8_t*>(words.data());
      bytes.insert(bytes.end(), at, at + words.size() * 8);
    }
    return bytes;
  }
  std::map<uint64_t, std::vector<uint64_t>> blocks;
};

Entry entry(uint64_t time, uint32_t event, uint32_t argument) {
  Entry e;
  e.time = time;
  e.word = word_of(event, argument);
  return e;
}

// 2026-11-28 05:00:30 UTC
constexpr Moment kStart{kBegin, 1795842030000000};

TEST(RecordBlocks, AreReadBackAsTheyWere) {
  Sink sink;
  TraceAssembler assembler(sink, 2, KUTRACE_ROW_SHIFT, kStart, 0);
  EXPECT_TRUE(assembler.name({KUTRACE_PIDNAME, 7, "seven"}));
  assembler.running(0, 7);
  // 30,000 calls on CPU 0: several blocks; silences of each length that is told in another way.
  uint64_t time = kBegin + 100;
  const uint64_t silences[] = {300, 0xe0000, 0xe0001, 0x12345678, 1900000001, uint64_t{1} << 40};
  std::vector<uint64_t> times;
  for (uint32_t k = 0; k < 30000; ++k) {
    assembler.put(0, entry(time, KUTRACE_SYSCALL64 + 1, k & 0xffff));
    times.push_back(time);
    assembler.put(0, entry(time + 260, KUTRACE_SYSCALL64 + 1 + KUTRACE_RETURN_BIT, 5));
    time += 260 + (k % 1000 == 0 ? silences[k / 1000 % 6] : 1);
  }
  assembler.finish({time + 1000, 0}, 3);
  const auto run = run_chain(sink.file(), true);
  std::vector<uint64_t> seen;
  for (const Event& e : run->events) {
    if (e.num == KUTRACE_SYSCALL64 + 1) seen.push_back(run->counter(e.t));
  }
  EXPECT_EQ(seen, times);
  EXPECT_TRUE(run->has(Finding::kEventsLost));
  EXPECT_TRUE(run->faults().empty());
}

TEST(RecordBlocks, FoldReturnsAsTheModuleDoes) {
  struct Case {
    uint64_t after;
    uint32_t value;
    bool folded;
  };
  for (const Case c : {Case{255, 5, true}, Case{256, 5, false}, Case{1, 0xffff, true}, Case{1, 127, true}, Case{1, 128, false},
                       Case{1, 0xff7f, false}, Case{0, 0, true}}) {
    Sink sink;
    TraceAssembler assembler(sink, 1, KUTRACE_ROW_SHIFT, kStart, 0);
    assembler.put(0, entry(kBegin + 10, KUTRACE_SYSCALL64, 3));
    assembler.put(0, entry(kBegin + 10 + c.after, KUTRACE_SYSCALL64 + KUTRACE_RETURN_BIT, c.value));
    assembler.finish({kBegin + 1000, 0}, 0);
    const std::vector<uint64_t>& block = sink.blocks[1];
    const uint64_t call = block[KUTRACE_FIRST_ENTRY_OTHER];
    EXPECT_EQ(call >> KUTRACE_DELTA_SHIFT & 0xff, c.folded ? std::max<uint64_t>(c.after, 1) : 0) << c.after << " " << c.value;
    EXPECT_EQ(block[KUTRACE_FIRST_ENTRY_OTHER + 1] == 0, c.folded) << c.after << " " << c.value;
  }
}

TEST(RecordBlocks, SayHowTimePassedAndNotWhatTheWallClockSaid) {
  Sink sink;
  TraceAssembler assembler(sink, 1, KUTRACE_ROW_SHIFT, kStart, 0);
  assembler.put(0, entry(kBegin + 10, KUTRACE_MARKD, 3));
  assembler.finish({kBegin + 62500000, kStart.us + 6000000}, 0);  // a second; the wall clock was set by five
  const std::vector<uint64_t>& block = sink.blocks[0];
  EXPECT_EQ(block[KUTRACE_HDR0_STOP_US] - block[KUTRACE_HDR0_START_US], 1000000u);
}

}  // namespace
}  // namespace kutrace::test
