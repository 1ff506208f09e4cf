// SPDX-License-Identifier: BSD-3-Clause
// Mappings of processes: from records made by hand, and of a program that started and ended while it was watched.
#include <gtest/gtest.h>
#include <linux/perf_event.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>

#include "record/mapping_watch.h"

namespace kutrace::test {
namespace {

using record::Mapping;
using record::MappingBook;

template <typename Bytes>
void append(std::vector<uint8_t>& to, const Bytes& bytes) {
  for (const auto byte : bytes) to.push_back(static_cast<uint8_t>(byte));
}

template <typename T>
void put(std::vector<uint8_t>& to, T value) {
  const auto* at = reinterpret_cast<const uint8_t*>(&value);
  for (size_t i = 0; i < sizeof(value); ++i) to.push_back(at[i]);
}

// A record of perf_event_open(2) with its time behind it.
std::vector<uint8_t> made(uint32_t type, uint16_t misc, const std::vector<uint8_t>& body, uint64_t time) {
  std::vector<uint8_t> out;
  put(out, perf_event_header{type, misc, static_cast<uint16_t>(sizeof(perf_event_header) + body.size() + 8)});
  append(out, body);
  put(out, time);
  return out;
}

std::vector<uint8_t> mapped(int32_t pid, uint64_t start, const std::string& path, uint64_t time, bool with_id = true) {
  std::vector<uint8_t> body;
  put(body, pid);
  put(body, pid);
  for (const uint64_t value : {start, uint64_t{0x1000}, uint64_t{0x2000}}) put(body, value);
  std::vector<uint8_t> id(24, 0);
  id[0] = 4;
  for (uint8_t i = 0; i < 4; ++i) id[4 + i] = static_cast<uint8_t>(0xa0 + i);
  append(body, id);
  put<uint64_t>(body, 5);  // rights and flags
  append(body, path);
  body.resize((body.size() + 8) / 8 * 8, 0);
  return made(PERF_RECORD_MMAP2, with_id ? PERF_RECORD_MISC_MMAP_BUILD_ID : 0, body, time);
}

std::vector<uint8_t> numbers(uint32_t type, uint16_t misc, std::initializer_list<int32_t> values, uint64_t time) {
  std::vector<uint8_t> body;
  for (const int32_t value : values) put(body, value);
  return made(type, misc, body, time);
}

std::vector<uint8_t> joined(std::initializer_list<std::vector<uint8_t>> records) {
  std::vector<uint8_t> out;
  for (const auto& r : records) append(out, r);
  return out;
}

TEST(Mappings, AreToldInOrderOfTimeWhateverTheCpu) {
  MappingBook book;
  // On CPU 1 the parent maps a file, then forks; on CPU 0 the child runs another program, which maps its own.
  book.take({joined({numbers(PERF_RECORD_COMM, PERF_RECORD_MISC_COMM_EXEC, {8, 8}, 30), mapped(8, 0x500000, "/bin/child", 40)}),
             joined({mapped(7, 0x400000, "/bin/parent", 10), mapped(7, 0x7f0000, "[vdso]", 11), mapped(7, 0x7e0000, "//anon", 12, false),
                     numbers(PERF_RECORD_FORK, 0, {8, 7, 8, 7}, 20), numbers(PERF_RECORD_FORK, 0, {9, 7, 9, 7}, 21),
                     numbers(PERF_RECORD_FORK, 0, {7, 7, 77, 7}, 22)})});
  EXPECT_EQ(maps_text(book),
            "==== /proc/7/maps\n400000-401000 r-xp 00002000 00:00 0 /bin/parent\n==== /proc/8/maps\n500000-501000 r-xp 00002000 00:00 0 /bin/child\n"
            "==== /proc/9/maps\n400000-401000 r-xp 00002000 00:00 0 /bin/parent\n==== build-ids\na0a1a2a3 /bin/child\na0a1a2a3 /bin/parent\n");
}

TEST(Mappings, RecordsThatAreNoneEndTheirCpu) {
  const std::vector<uint8_t> whole = joined({mapped(7, 0x400000, "/bin/x", 10), mapped(7, 0x500000, "/bin/y\nz", 20, false)});
  for (size_t size = 0; size <= whole.size(); ++size) {
    MappingBook book;
    book.take({std::vector<uint8_t>(whole.begin(), whole.begin() + static_cast<long>(size))});
    EXPECT_LE(book.processes().size(), 1u);
  }
  for (size_t at = 0; at < whole.size(); ++at) {
    std::vector<uint8_t> bytes = whole;
    bytes[at] = static_cast<uint8_t>(~bytes[at]);
    MappingBook book;
    book.take({bytes});
    EXPECT_FALSE(maps_text(book).empty());
  }
  MappingBook book;
  book.add_maps(5,
                "00400000-00500000 r-xp 00001000 08:01 12   /bin/a b\n00500000-00600000 rw-p 0 08:01 12 /bin/data\nnonsense /x\n00600000-00700000 "
                "r-xp 0 0:0 0\n7000-8000 r-xp 0 08:01 1 /gone (deleted)");
  ASSERT_EQ(book.processes().at(5).size(), 1u);
  EXPECT_EQ(book.processes().at(5)[0].path, "/bin/a b");
  EXPECT_EQ(book.processes().at(5)[0].offset, 0x1000u);
}

TEST(Mappings, OfAProgramThatEndedMeanwhileAreKnown) {
  record::MappingWatch watch;
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    execl("/bin/true", "true", nullptr);
    _exit(1);
  }
  int status = 1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
  const MappingBook book = watch.stop();
  EXPECT_TRUE(book.processes().contains(getpid())) << "what ran before";
  if (!watch.watches()) GTEST_SKIP() << "perf events are not allowed here";
  ASSERT_TRUE(book.processes().contains(child));
  bool found = false;
  for (const Mapping& m : book.processes().at(child)) found = found || m.path.ends_with("/true");
  EXPECT_TRUE(found) << maps_text(book);
}

}  // namespace
}  // namespace kutrace::test
