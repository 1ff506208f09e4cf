// SPDX-License-Identifier: BSD-3-Clause
// Recordings of coroTracer become ours, with what they do not tell said.
#include <gtest/gtest.h>

#include <cstring>

#include "base/error.h"
#include "coro/coro_file.h"
#include "coro/coro_import.h"

namespace kutrace::test {
namespace {

CoroFile imported(std::span<const uint8_t> bytes, std::string& notes) {
  const MappedInput input(bytes, "given");
  Diagnostics diagnostics;
  const ImportedCoros result = import_coros(input, diagnostics);
  for (const std::string& n : result.notes) notes += n + "\n";
  return read_coro_file({reinterpret_cast<const uint8_t*>(result.file.data()), result.file.size()}, diagnostics);
}

std::string events(const CoroFile& file) {
  std::string text;
  for (const CoroEvent& e : file.events) {
    text += std::to_string(e.time) + " " + std::to_string(file.threads[e.thread].tid) + " " + coro_kind_name(e.kind) + " " + std::to_string(e.id) + (e.site == 0 ? "" : " " + file.site(e.site).function) + "\n";
  }
  return text;
}

TEST(CoroImport, LinesOutOfOrderWithOthersAmongThem) {
  const MappedInput input(KUTRACE_TEST_DATA "/coro_tracer.jsonl");
  std::string notes;
  const CoroFile file = imported(input.bytes(), notes);
  EXPECT_EQ(events(file),
            "5000 7 create 1\n5000 7 resume 1\n5100 7 suspend 1 0xa0010\n5300 7 create 2\n5300 7 resume 2\n5400 7 suspend 2 0xa0010\n5900 8 resume 1\n");
  EXPECT_EQ(file.lost(), 2u);  // numbers 2 and 3 of the first
  EXPECT_TRUE(file.damage.empty());
  EXPECT_NE(notes.find("2 lines are no events"), std::string::npos) << notes;
  EXPECT_NE(notes.find("2 events are missing"), std::string::npos);
  EXPECT_NE(notes.find("who woke it"), std::string::npos);
  EXPECT_NE(notes.find("several may be one"), std::string::npos);
}

// Its memory: a header and stations of 1024 bytes.
std::vector<uint8_t> memory(uint32_t allocated, uint32_t most) {
  std::vector<uint8_t> bytes(1024 * (1 + most));
  const auto put = [&](size_t at, uint64_t value, size_t size) { std::memcpy(&bytes[at], &value, size); };
  put(0, 0x434f524f54524352, 8);
  put(8, 1, 4);
  put(12, most, 4);
  put(16, allocated, 4);
  for (uint64_t s = 0; s < most; ++s) {
    const size_t station = 1024 * (s + 1);
    put(station, 0x1000 * (s + 1), 8);
    for (uint64_t i = 0; i < 8; ++i) {
      const size_t slot = station + 0x40 + 64 * i;
      put(slot, 100 * (s + 1) + i, 8);
      put(slot + 8, 40 + s, 8);
      put(slot + 16, i % 2 == 0 ? 0 : 0xbeef, 8);
      put(slot + 24, i, 8);
      bytes[slot + 63] = i % 2 == 0;
    }
  }
  return bytes;
}

TEST(CoroImport, Memory) {
  std::string notes;
  const CoroFile file = imported(memory(3, 2), notes);
  EXPECT_EQ(file.events.size(), 2u * 9);
  EXPECT_EQ(file.threads.size(), 2u);
  EXPECT_TRUE(file.damage.empty());
  EXPECT_NE(notes.find("1 coroutines had no station"), std::string::npos) << notes;
  EXPECT_NE(notes.find("how many were overwritten is not known"), std::string::npos);
}

TEST(CoroImport, WhatIsNeither) {
  std::string notes;
  std::vector<uint8_t> bytes = memory(1, 1);
  bytes[8] = 9;
  EXPECT_THROW(imported(bytes, notes), Error);
  for (size_t cut : {size_t{0}, size_t{7}, size_t{1024}, size_t{1500}}) {
    std::vector<uint8_t> part = memory(1, 1);
    part.resize(cut);
    EXPECT_THROW(imported(part, notes), Error) << cut;
  }
  const std::string text = "{\"ts\": 1}\n[]\n";
  EXPECT_THROW(imported({reinterpret_cast<const uint8_t*>(text.data()), text.size()}, notes), Error);
}

}  // namespace
}  // namespace kutrace::test
