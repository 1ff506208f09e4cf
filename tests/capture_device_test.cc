// SPDX-License-Identifier: BSD-3-Clause
// The device's interface: that it is the same for every program, and how the model of the module answers.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>

#include "support/fake_module.h"

namespace {

using kutrace::test::FakeModule;
using kutrace::test::FakeOptions;

uint64_t address(const void* p) { return reinterpret_cast<uintptr_t>(p); }

// Numbers that programs have been compiled with. A structure may grow, at its end and by a new number.
TEST(DeviceInterface, IsWhatProgramsWereCompiledWith) {
  EXPECT_EQ(sizeof(kutrace_status), 112u);
  EXPECT_EQ(offsetof(kutrace_status, blocks), 24u);
  EXPECT_EQ(offsetof(kutrace_status, starter), 104u);
  EXPECT_EQ(sizeof(kutrace_next), 40u);
  EXPECT_EQ(offsetof(kutrace_next, bytes), 32u);
  EXPECT_EQ(KUTRACE_IOC_STATUS, 0xc070e700u);
  EXPECT_EQ(KUTRACE_IOC_RESET, 0x4008e701u);
  EXPECT_EQ(static_cast<unsigned>(KUTRACE_IOC_START), 0xe702u);
  EXPECT_EQ(static_cast<unsigned>(KUTRACE_IOC_STOP), 0xe703u);
  EXPECT_EQ(KUTRACE_IOC_INSERT, 0x4010e704u);
  EXPECT_EQ(KUTRACE_IOC_CPU_LOST, 0xc010e705u);
  EXPECT_EQ(KUTRACE_IOC_RESTRICT, 0x4008e706u);
  EXPECT_EQ(KUTRACE_IOC_NEXT, 0xc028e707u);
  EXPECT_EQ(static_cast<unsigned>(KUTRACE_IOC_STOP_ON_CLOSE), 0xe708u);
  EXPECT_EQ(static_cast<unsigned>(KUTRACE_IOC_MARK(KUTRACE_MARKA)), 0xe78au);
}

class DeviceTest : public testing::Test {
 protected:
  int ask(unsigned long request, const void* argument) { return module_.command(3, request, address(argument)); }
  int ask(unsigned long request, uint64_t number = 0) { return module_.command(3, request, number); }
  int reset(unsigned flags) {
    const kutrace_reset r{flags, 0};
    return ask(KUTRACE_IOC_RESET, &r);
  }
  FakeModule module_;
};

TEST_F(DeviceTest, ARefusedResetChangesNothing) {
  FakeOptions none;
  none.counters = false;
  FakeModule module(none);
  const kutrace_reset plain{0, 0}, ipc{KUTRACE_RESET_IPC, 0};
  ASSERT_EQ(module.command(3, KUTRACE_IOC_RESET, address(&plain)), 0);
  ASSERT_EQ(module.command(3, KUTRACE_IOC_START, 0), 0);
  ASSERT_EQ(module.command(3, KUTRACE_IOC_MARK(KUTRACE_MARKA), 7), 1);
  ASSERT_EQ(module.command(3, KUTRACE_IOC_STOP, 0), 0);
  const uint64_t blocks = module.blocks();
  EXPECT_EQ(module.command(3, KUTRACE_IOC_RESET, address(&ipc)), -EOPNOTSUPP);
  EXPECT_EQ(module.blocks(), blocks);
}

TEST_F(DeviceTest, ResetIsRefusedWhileItTraces) {
  ASSERT_EQ(reset(0), 0);
  ASSERT_EQ(ask(KUTRACE_IOC_START), 0);
  EXPECT_EQ(ask(KUTRACE_IOC_START), -EALREADY);
  EXPECT_EQ(reset(0), -EBUSY);
  EXPECT_TRUE(module_.tracing());
  EXPECT_EQ(reset(KUTRACE_RESET_STOP), 0);
  EXPECT_FALSE(module_.tracing());
  EXPECT_EQ(reset(64), -EINVAL);
}

TEST_F(DeviceTest, AShortStatusIsTheBeginningOfIt) {
  kutrace_status s{};
  s.blocks = 12345;
  EXPECT_EQ(ask(_IOC(_IOC_READ | _IOC_WRITE, 0xe7, 0, 16), &s), 0);
  EXPECT_EQ(s.size, 16u);
  EXPECT_EQ(s.version, static_cast<unsigned>(KUTRACE_DEVICE_VERSION));
  EXPECT_EQ(s.blocks, 12345u);
}

TEST_F(DeviceTest, ARestrictedDescriptorOnlyMarks) {
  ASSERT_EQ(reset(0), 0);
  ASSERT_EQ(ask(KUTRACE_IOC_START), 0);
  const kutrace_restrict mark{KUTRACE_RIGHT_MARK, 1000}, all{KUTRACE_RIGHT_MARK | KUTRACE_RIGHT_CONTROL, 0};
  ASSERT_EQ(ask(KUTRACE_IOC_RESTRICT, &mark), 0);
  EXPECT_EQ(ask(KUTRACE_IOC_RESTRICT, &all), -EINVAL);
  EXPECT_EQ(ask(KUTRACE_IOC_STOP), -EPERM);
  EXPECT_EQ(ask(KUTRACE_IOC_MARK(KUTRACE_MARKA), 5), 1);
  EXPECT_EQ(ask(KUTRACE_IOC_MARK(KUTRACE_RUNNABLE), 5), -EINVAL);
  const uint64_t method[2] = {static_cast<uint64_t>(KUTRACE_METHODNAME | 2 << 4) << KUTRACE_EVENT_SHIFT | 9, 0x74726174};
  const uint64_t thread[2] = {static_cast<uint64_t>(KUTRACE_PIDNAME | 2 << 4) << KUTRACE_EVENT_SHIFT | 9, 0x74726174};
  kutrace_insert in{address(method), 2, 0};
  EXPECT_EQ(ask(KUTRACE_IOC_INSERT, &in), 2);
  in.from = address(thread);
  EXPECT_EQ(ask(KUTRACE_IOC_INSERT, &in), -EINVAL);
}

TEST_F(DeviceTest, AFollowerGetsTheFirstBlockFirstAndLast) {
  ASSERT_EQ(reset(KUTRACE_RESET_FOLLOW), 0);
  ASSERT_EQ(ask(KUTRACE_IOC_START), 0);
  module_.activity(20000);
  std::vector<char> room(KUTRACE_BLOCK_BYTES + KUTRACE_BYTE_AREA_BYTES);
  kutrace_next n{address(room.data()), 0, 0, 0, static_cast<unsigned>(room.size()), 0};
  EXPECT_EQ(ask(KUTRACE_IOC_NEXT, &n), -EAGAIN);
  ASSERT_EQ(ask(KUTRACE_IOC_STOP), 0);
  uint64_t got = 0;
  std::vector<unsigned> flags;
  int result;
  while ((result = ask(KUTRACE_IOC_NEXT, &n)) == 1) {
    EXPECT_EQ(n.number, got++);
    EXPECT_EQ(n.bytes, static_cast<unsigned>(KUTRACE_BLOCK_BYTES));
    flags.push_back(n.flags);
    n = {address(room.data()), got, 0, 0, static_cast<unsigned>(room.size()), 0};
  }
  EXPECT_EQ(result, 0);
  ASSERT_EQ(flags.size(), module_.blocks() + 1);
  EXPECT_EQ(flags.front(), static_cast<unsigned>(KUTRACE_NEXT_FIRST));
  EXPECT_EQ(flags.back(), static_cast<unsigned>(KUTRACE_NEXT_FIRST));
  EXPECT_EQ(flags[1], 0u);
}

TEST_F(DeviceTest, WhatWasOpenBeforeTheStartGivesTheTrace) {
  const int fd = module_.open_device();
  ASSERT_GE(fd, 0);
  ASSERT_EQ(reset(0), 0);
  ASSERT_EQ(ask(KUTRACE_IOC_START), 0);
  module_.activity(10);
  ASSERT_EQ(ask(KUTRACE_IOC_STOP), 0);
  std::vector<char> block(KUTRACE_BLOCK_BYTES);
  EXPECT_EQ(read(fd, block.data(), block.size()), KUTRACE_BLOCK_BYTES);
  close(fd);
}

}  // namespace
