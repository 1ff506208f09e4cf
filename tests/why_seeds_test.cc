// SPDX-License-Identifier: BSD-3-Clause
// Stored traces of requests that are slow for a known reason: why names it first, and none where there is none. They were recorded in guests of the
// patched kernel 7.2 by tests/vm/guest/slow.sh; all reasons, recorded anew: tests/vm/run slow-2.
#include <gtest/gtest.h>

#include "support/seeded.h"

namespace kutrace::test {
namespace {

class WhySeeded : public testing::TestWithParam<const char*> {};

TEST_P(WhySeeded, CauseIsNamedFirst) {
  const std::string cause = GetParam(), stem = std::string(KUTRACE_TEST_DATA "/why/seeded/") + cause;
  const Verdict verdict = judge_seeded(cause, stem + ".trace.gz", stem + ".txt");
  EXPECT_EQ(verdict.seeded, cause == "none" ? 0 : 5);
  EXPECT_EQ(verdict.right, verdict.seeded) << verdict.wrong;
  EXPECT_EQ(verdict.named, 0);
}

INSTANTIATE_TEST_SUITE_P(All, WhySeeded, testing::Values("none", "lock", "convoy", "peer", "lost", "preempt", "inversion"));

// The judge itself: a trace with one cause is not taken for one with another.
TEST(WhySeeded, JudgesACauseThatIsAnother) {
  const std::string folder = KUTRACE_TEST_DATA "/why/seeded/";
  EXPECT_EQ(judge_seeded("peer", folder + "lock.trace.gz", folder + "lock.txt").right, 0);
  EXPECT_EQ(judge_seeded("inversion", folder + "lock.trace.gz", folder + "lock.txt").right, 0);
  EXPECT_GE(judge_seeded("none", folder + "lock.trace.gz", folder + "lock.txt").named, 5);
}

}  // namespace
}  // namespace kutrace::test
