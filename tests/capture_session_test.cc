// SPDX-License-Identifier: BSD-3-Clause
// go and stop against a model of the module: what is asked of it, and that the files are traces that our reader finds
// sound.
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "control/failure.h"
#include "control/session.h"
#include "support/chain_run.h"
#include "support/fake_module.h"
#include "support/temp_dir.h"

namespace {

using namespace kutrace::capture;
using kutrace::test::FakeModule;
using kutrace::test::FakeOptions;
namespace fs = std::filesystem;

class SessionTest : public kutrace::test::TempDir {
 protected:
  std::string file() const { return dir_ + "out.trace"; }
  std::vector<uint8_t> bytes() const {
    std::ifstream in(file(), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  // A whole recording; the trace as our reader takes it.
  std::unique_ptr<kutrace::test::ChainRun> record(const FakeOptions& fake, const GoOptions& go, uint32_t calls) {
    FakeModule module(fake);
    Session session(module, machine_);
    session.go(go);
    module.activity(calls);
    report_ = session.stop({file(), true});
    EXPECT_EQ(module.requests.back(), KUTRACE_IOC_RESET);
    return kutrace::test::run_chain(bytes());
  }
  Machine machine_;
  StopReport report_;
};

TEST_F(SessionTest, GoResetsInsertsNamesAndSwitchesOn) {
  FakeModule module;
  Session session(module, machine_);
  const GoReport report = session.go({});
  EXPECT_TRUE(module.tracing());
  EXPECT_EQ(module.requests.back(), KUTRACE_IOC_START);
  EXPECT_EQ(module.requests[module.requests.size() - 2], KUTRACE_IOC_INSERT);
  EXPECT_EQ(report.names, module.names.size());
  EXPECT_GT(report.names, 300u);
  EXPECT_EQ(report.refused, 0u);
  EXPECT_EQ(module.names[0].second, machine_.kernel_version().substr(0, 56));
  EXPECT_EQ(module.names.back().second, "kutrace_control");
}

TEST_F(SessionTest, TheFileIsASoundTrace) {
  const auto run = record({}, {}, 20000);
  EXPECT_EQ(run->damage(), "");
  EXPECT_EQ(run->faults(), std::vector<std::string>{});
  EXPECT_GE(report_.trace.blocks, 3u);
  EXPECT_EQ(report_.trace.bytes, run->file.size());
  EXPECT_FALSE(report_.trace.wrapped);
  EXPECT_EQ(report_.trace.first_us.size(), 2u);
  EXPECT_EQ(kutrace::test::shell(std::string(KUTRACE_TOOLS) + "/kutrace check " + file() + " >/dev/null 2>&1"), 0);
}

TEST_F(SessionTest, ByteAreasComeAlong) {
  for (const GoOptions go : {GoOptions{true, false, false, false}, GoOptions{false, true, false, false}}) {  // defect L2
    const auto run = record({}, go, 20000);
    EXPECT_EQ(run->damage(), "");
    EXPECT_EQ(run->faults(), std::vector<std::string>{});
    EXPECT_EQ(report_.trace.bytes, report_.trace.blocks * (KUTRACE_BLOCK_BYTES + KUTRACE_BYTE_AREA_BYTES));
  }
}

TEST_F(SessionTest, AWrappedBufferKeepsItsFlag) {
  const auto run = record({}, {false, false, true, false}, 200000);
  EXPECT_EQ(run->damage(), "");
  EXPECT_TRUE(report_.trace.wrapped);
  EXPECT_EQ(run->file[15] & KUTRACE_FLAG_WRAP, KUTRACE_FLAG_WRAP);
  for (const auto& [cpu, us] : report_.trace.first_us) EXPECT_GT(us, report_.trace.start_us) << cpu;
}

TEST_F(SessionTest, ABufferThatDidNotWrapLosesTheFlag) {
  const auto run = record({}, {false, false, true, false}, 100);
  EXPECT_FALSE(report_.trace.wrapped);
  EXPECT_EQ(run->file[15], KUTRACE_FORMAT_VERSION);
}

TEST_F(SessionTest, SomethingThatTracesAlreadyIsLeftAlone) {
  FakeModule module;
  Session session(module, machine_);
  session.go({});
  module.requests.clear();
  EXPECT_THROW(session.go({}), Failure);
  EXPECT_EQ(module.requests, std::vector<unsigned long>{KUTRACE_IOC_STATUS});
  EXPECT_TRUE(module.tracing());
  EXPECT_NO_THROW(session.go({false, false, false, true}));
}

TEST_F(SessionTest, ATraceThatNobodySavedIsLeftAlone) {
  FakeModule module;
  Session session(module, machine_);
  session.go({});
  session.off();
  EXPECT_THROW(session.go({}), Failure);
  session.stop({file(), false});
}

TEST_F(SessionTest, StopWithoutGoIsAnError) {
  FakeModule module;
  Session session(module, machine_);
  EXPECT_THROW(session.stop({file(), false}), Failure);
  EXPECT_FALSE(fs::exists(file()));
}

TEST_F(SessionTest, AFullDiskLeavesTheTraceInTheKernel) {
  FakeModule module;
  Session session(module, machine_);
  session.go({});
  module.activity(1000);
  try {
    session.stop({"/dev/full", false});
    FAIL();
  } catch (const Failure& f) {
    const std::string text = f.what();
    EXPECT_NE(text.find("No space left"), std::string::npos) << text;
    EXPECT_NE(text.find("still in the kernel"), std::string::npos) << text;
  }
  EXPECT_FALSE(module.tracing());
  EXPECT_GT(module.blocks(), 0u);
  EXPECT_NO_THROW(session.stop({file(), false}));
  EXPECT_EQ(kutrace::test::run_chain(bytes())->damage(), "");
}

TEST_F(SessionTest, AnExistingFileIsRefusedBeforeTracingEnds) {
  std::ofstream(file()) << "mine";
  FakeModule module;
  Session session(module, machine_);
  session.go({});
  EXPECT_THROW(session.stop({file(), false}), Failure);
  EXPECT_TRUE(module.tracing());
  EXPECT_EQ(fs::file_size(file()), 4u);
}

TEST_F(SessionTest, ABusyDeviceIsTold) {
  FakeOptions fake;
  fake.device_error = EBUSY;
  FakeModule module(fake);
  Session session(module, machine_);
  session.go({});
  try {
    session.stop({file(), false});
    FAIL();
  } catch (const Failure& f) {
    EXPECT_NE(std::string(f.what()).find("busy"), std::string::npos);
  }
  EXPECT_TRUE(fs::is_empty(dir_));
}

TEST_F(SessionTest, MissingCountersAreTold) {
  FakeOptions fake;
  fake.counters = false;
  FakeModule module(fake);
  Session session(module, machine_);
  try {
    session.go({true, false, false, false});
    FAIL();
  } catch (const Failure& f) {
    EXPECT_NE(std::string(f.what()).find("ipc"), std::string::npos) << f.what();
  }
  EXPECT_NO_THROW(session.go({}));
}

TEST_F(SessionTest, LostEventsAreReported) {
  FakeModule module;
  Session session(module, machine_);
  session.go({});
  module.activity(1000);
  module.lose(12);
  const StopReport report = session.stop({file(), false});
  EXPECT_EQ(report.losses.total, 12u);
  std::string text;
  for (const std::string& line : describe(report)) text += line + "\n";
  EXPECT_NE(text.find("12 events lost, CPU 0: 12"), std::string::npos) << text;
  EXPECT_NE(text.find("the buffer was full at t="), std::string::npos) << text;
}

TEST_F(SessionTest, MarksAreChecked) {
  FakeModule module;
  Session session(module, machine_);
  EXPECT_THROW(session.mark(KUTRACE_MARKA, "x"), Failure);  // nothing traces
  session.go({});
  session.mark(KUTRACE_MARKB, "hello");
  session.mark(KUTRACE_MARKD, "0x10");
  EXPECT_EQ(module.marks, (std::vector<uint64_t>{0x20bull << 32 | 39187408, 0x20dull << 32 | 16}));
  EXPECT_THROW(session.mark(KUTRACE_MARKD, "4294967296"), Failure);
  EXPECT_THROW(session.mark(KUTRACE_MARKD, "-1"), Failure);
  EXPECT_THROW(session.mark(KUTRACE_MARKD, "no"), Failure);
}

// The read-out must not depend on how the bytes come.
TEST_F(SessionTest, ATraceInPiecesIsTheSame) {
  record({}, {true, false, false, false}, 20000);
  const std::vector<uint8_t> whole = bytes();
  for (size_t piece : {1000u, 65536u, 73728u, 100001u}) {
    const std::string copy = dir_ + "copy";
    TraceFile out(copy, true);
    FileSink sink(out);
    BlockWriter writer(sink);
    for (size_t at = 0; at < whole.size(); at += piece) {
      writer.take({reinterpret_cast<const char*>(whole.data()) + at, std::min(piece, whole.size() - at)});
    }
    EXPECT_EQ(writer.finish().blocks, report_.trace.blocks);
    out.finish();
    std::ifstream in(copy, std::ios::binary);
    EXPECT_EQ(std::vector<uint8_t>(std::istreambuf_iterator<char>(in), {}), whole);
  }
}

TEST_F(SessionTest, ATraceThatEndsEarlyIsTold) {
  TraceFile out(file(), false);
  FileSink sink(out);
  BlockWriter writer(sink);
  writer.take(std::string(KUTRACE_BLOCK_BYTES + 100, '\0'));
  EXPECT_THROW(writer.finish(), Failure);
}

}  // namespace
