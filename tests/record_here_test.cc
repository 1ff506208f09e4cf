// SPDX-License-Identifier: BSD-3-Clause
// Recording by eBPF on the kernel that runs the tests: what is known to have happened stands in the trace, with the thread
// that did it. Judged are threads of this test, bound to one CPU; what else the machine does is not.
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <functional>
#include <iterator>
#include <map>
#include <semaphore>
#include <thread>

#include "control/failure.h"
#include "control/machine.h"
#include "kutrace.h"
#include "record/recorder.h"
#include "support/chain_run.h"

namespace kutrace::test {
namespace {

using record::BpfCapture;
using record::BpfOptions;
using record::Recorder;
using record::RecordSummary;

constexpr long kTurns = 2000;
// A call that nobody else makes; with our arguments it fails.
constexpr long kCall = SYS_sched_get_priority_max;
constexpr uint16_t kTags[] = {0x1111, 0x2222};

struct Sink final : record::BlockSink {
  void block(uint64_t index, std::span<const uint64_t> words) override {
    const auto* at = reinterpret_cast<const uint8_t*>(words.data());
    blocks[index].assign(at, at + words.size_bytes());
  }
  std::map<uint64_t, std::vector<uint8_t>> blocks;
};

struct Recorded {
  RecordSummary summary;
  std::unique_ptr<ChainRun> run;

  std::vector<Event> of(long event) const {
    std::vector<Event> found;
    std::ranges::copy_if(run->events, std::back_inserter(found), [&](const Event& e) { return e.num == event; });
    return found;
  }
};

Recorded record_here(const BpfOptions& options, const std::function<void()>& work) {
  Sink sink;
  const capture::Machine machine;
  BpfCapture capture(options);
  Recorder recorder(capture, sink, machine);
  recorder.start();
  work();
  Recorded result;
  result.summary = recorder.stop();
  std::vector<uint8_t> file;
  for (const auto& [index, bytes] : sink.blocks) file.insert(file.end(), bytes.begin(), bytes.end());
  result.run = run_chain(std::move(file), true);
  return result;
}

void stay_here() {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(sched_getcpu(), &one);
  ASSERT_EQ(sched_setaffinity(0, sizeof(one), &one), 0);
}

uint32_t kernel_id() { return *capture::Machine().kernel_ids().own; }

// Two threads in turns on one CPU, each with calls that carry its tag. Their ids, as the kernel's.
std::array<uint32_t, 2> take_turns() {
  std::array<uint32_t, 2> ids{};
  std::array<std::binary_semaphore, 2> turn{std::binary_semaphore(1), std::binary_semaphore(0)};
  const auto run = [&](uint32_t self) {
    ids[self] = kernel_id();
    for (long k = 0; k < kTurns; ++k) {
      turn[self].acquire();
      syscall(kCall, kTags[self]);
      turn[1 - self].release();
    }
  };
  stay_here();
  std::thread other(run, 1);
  run(0);
  other.join();
  return ids;
}

class RecordHere : public ::testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "skipped: needs root";
    if (access("/sys/kernel/btf/vmlinux", R_OK) != 0) GTEST_SKIP() << "skipped: this kernel has no type information";
    // No such command: a kernel that lets us use bpf at all says EINVAL.
    if (syscall(SYS_bpf, -1, nullptr, 0) == -1 && errno != EINVAL) GTEST_SKIP() << "skipped: bpf is not permitted here";
    if (!capture::Machine().kernel_ids().own) GTEST_SKIP() << "skipped: the kernel's ids cannot be known here";
    // A lockdown, a container's profile or a missing capability may refuse any of what a recorder does.
    try {
      BpfOptions small;
      small.row_words = 1 << 10;
      BpfCapture(small).attach();
    } catch (const capture::Failure& failure) {
      const std::string why = failure.what();
      if (why.find(std::strerror(EPERM)) == std::string::npos && why.find(std::strerror(EACCES)) == std::string::npos) throw;
      GTEST_SKIP() << "skipped: " << why;
    }
    options_.row_words = 1 << 21;
  }
  BpfOptions options_;
};

// Each call with its return, once, under the thread that made it.
void expect_turns(const Recorded& recorded, const std::array<uint32_t, 2>& ids) {
  ASSERT_EQ(recorded.summary.lost, 0u);
  EXPECT_EQ(recorded.summary.unfinished, 0u);
  const auto calls = recorded.of(KUTRACE_SYSCALL64 + kCall);
  for (uint32_t self = 0; self < 2; ++self) {
    const auto is_mine = [&](const Event& e) { return e.arg == kTags[self]; };
    EXPECT_EQ(std::ranges::count_if(calls, is_mine), kTurns);
    EXPECT_EQ(std::ranges::count_if(calls, [&](const Event& e) { return is_mine(e) && e.pid == ids[self]; }), kTurns);
  }
  const auto returns = recorded.of(KUTRACE_SYSCALL64 + kCall + KUTRACE_RETURN_BIT);
  const auto folded = std::ranges::count_if(calls, [](const Event& e) { return e.duration() > 0; });
  EXPECT_EQ(folded + static_cast<long>(returns.size()), 2 * kTurns);
}

TEST_F(RecordHere, EveryCallHasItsThread) {
  std::array<uint32_t, 2> ids{};
  const Recorded recorded = record_here(options_, [&] { ids = take_turns(); });
  expect_turns(recorded, ids);
  // What the kernel did not show of other threads stands in the trace as lost.
  EXPECT_EQ(recorded.run->diagnostics.count(Finding::kEventsLost), recorded.summary.unseen);
}

// A kernel may switch without a word: who runs is seen at the next event, and that a switch is missing is counted.
TEST_F(RecordHere, ASwitchThatIsNotShownIsSeenAndCounted) {
  options_.without = {"sched_switch"};
  std::array<uint32_t, 2> ids{};
  const Recorded recorded = record_here(options_, [&] { ids = take_turns(); });
  expect_turns(recorded, ids);
  EXPECT_GE(recorded.summary.unseen, static_cast<uint64_t>(2 * kTurns - 1));
  EXPECT_EQ(recorded.run->diagnostics.count(Finding::kEventsLost), recorded.summary.unseen);
  EXPECT_TRUE(std::ranges::any_of(recorded.summary.not_recorded, [](const std::string& s) { return s.find("sched_switch") == 0; }));
}

// Of the library by the call, and of a script; what only the kernel can know is no mark.
TEST_F(RecordHere, MarksAreStored) {
  constexpr uint32_t kNoThread = 0x3ffffff0;
  uint32_t id = 0;
  const Recorded recorded = record_here(options_, [&] {
    stay_here();
    id = kernel_id();
    setenv(KUTRACE_DESCRIPTOR_VARIABLE, KUTRACE_MARKS_BY_CALL, 1);
    ASSERT_EQ(kutrace_attach(), 1);
    kutrace_mark_a("begin");
    kutrace_mark_d(1234567);
    kutrace_rpc_request(77, 1000);
    ioctl(-1, KUTRACE_IOC_MARK(KUTRACE_USERPID), static_cast<unsigned long>(kNoThread));
    EXPECT_EQ(shell(std::string(KUTRACE_TOOLS) + "/kutrace mark /begin"), 0);
    EXPECT_EQ(shell(std::string(KUTRACE_TOOLS) + "/kutrace mark 89"), 0);
    EXPECT_EQ(shell(std::string(KUTRACE_TOOLS) + "/kutrace mark 'no mark' 2>/dev/null"), 2);
  });
  ASSERT_EQ(recorded.summary.lost, 0u);
  const auto has = [&](uint32_t event, uint32_t argument, bool own) {
    return std::ranges::any_of(recorded.of(event), [&](const Event& e) { return e.arg == argument && (e.pid == id) == own; });
  };
  EXPECT_TRUE(has(KUTRACE_MARKA, kutrace_base40("begin"), true));
  EXPECT_TRUE(has(KUTRACE_MARKD, 1234567, true));
  EXPECT_EQ(recorded.of(KUTRACE_RPCIDREQ).size(), 1u);
  EXPECT_TRUE(has(KUTRACE_MARKA, kutrace_base40("/begin"), false));
  EXPECT_TRUE(has(KUTRACE_MARKD, 89, false));
  EXPECT_TRUE(std::ranges::none_of(recorded.of(KUTRACE_USERPID), [](const Event& e) { return e.arg == kNoThread; }));
}

// Rows that cannot hold it: what is lost is counted, in the summary and in the trace.
TEST_F(RecordHere, LossesAreExact) {
  options_.row_words = 1 << 10;
  uint32_t id = 0;
  const Recorded recorded = record_here(options_, [&] {
    stay_here();
    id = kernel_id();
    for (int k = 0; k < 1000000; ++k) syscall(kCall, kTags[0]);
  });
  const RecordSummary& s = recorded.summary;
  EXPECT_GT(s.lost, 0u);
  EXPECT_EQ(recorded.run->diagnostics.count(Finding::kEventsLost), s.lost + s.unseen + s.unfinished);
  // All that remains has its thread.
  for (const Event& e : recorded.of(KUTRACE_SYSCALL64 + kCall)) {
    if (e.arg == kTags[0]) {
      ASSERT_EQ(e.pid, id);
    }
  }
}

}  // namespace
}  // namespace kutrace::test
