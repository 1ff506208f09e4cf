// SPDX-License-Identifier: BSD-3-Clause
// The programs on the captured traces: agreement with the reference's documents, soundness, and round trips.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "support/chain_run.h"
#include "support/temp_dir.h"

namespace kutrace::test {
namespace {

const std::string kTools = KUTRACE_TOOLS "/";
const std::string kData = KUTRACE_TEST_DATA "/";
const std::string kSpandiff = KUTRACE_SPANDIFF " --least 99.9 ";

class Golden : public TempDir {};
class GoldenTrace : public Golden, public testing::WithParamInterface<const char*> {};

TEST_P(GoldenTrace, AgreesWithTheReference) {
  const std::string stem = kData + GetParam();
  EXPECT_EQ(shell(kSpandiff + stem + ".reference.json.gz " + stem + ".trace.gz"), 0);
}

TEST_P(GoldenTrace, IsSound) { EXPECT_EQ(shell(kTools + "kutrace check " + kData + GetParam() + ".trace.gz"), 0); }

TEST_P(GoldenTrace, EventTextSurvivesAnOutsideSort) {
  const std::string events = kTools + "rawtoevent " + kData + GetParam() + ".trace.gz 2>/dev/null | ";
  const std::string spans = kTools + "eventtospan t 2>/dev/null > " + dir_;
  EXPECT_EQ(shell(events + spans + "one.json"), 0);
  EXPECT_EQ(shell(events + "LC_ALL=C sort -n | " + spans + "two.json"), 0);
  EXPECT_EQ(shell(kSpandiff + dir_ + "one.json " + dir_ + "two.json"), 0);
  // In locks some events of a CPU have the same 10 ns: a sort by text then changes their order (defect S20).
  if (std::string(GetParam()) == "locks") return;
  EXPECT_EQ(shell("cmp " + dir_ + "one.json " + dir_ + "two.json"), 0);
}

TEST_P(GoldenTrace, PageHoldsTheSameDocument) {
  const std::string trace = kData + GetParam() + ".trace.gz ";
  EXPECT_EQ(shell(kTools + "kutrace report -t t -o " + dir_ + "page.html " + trace), 0);
  EXPECT_EQ(shell(kTools + "unmakeself " + dir_ + "page.html > " + dir_ + "one.json"), 0);
  EXPECT_EQ(shell(kTools + "spantojson -t t " + trace + " > " + dir_ + "two.json"), 0);
  EXPECT_EQ(shell("cmp " + dir_ + "one.json " + dir_ + "two.json"), 0);
}

INSTANTIATE_TEST_SUITE_P(All, GoldenTrace, testing::Values("hello", "rpc", "getpid", "locks"));

TEST_F(Golden, ReferenceEventTextAgreesWithReferenceSpans) {
  EXPECT_EQ(shell("zcat " + kData + "hello.reference.events.gz | LC_ALL=C sort -n | "
                  + kTools + "eventtospan hello > " + dir_ + "h.json"), 0);
  EXPECT_EQ(shell(kSpandiff + kData + "hello.reference.json.gz " + dir_ + "h.json"), 0);
}

TEST_F(Golden, ReferenceDocumentRoundTrips) {
  EXPECT_EQ(shell(kTools + "spantojson " + kData + "hello.reference.json.gz > " + dir_ + "one.json"), 0);
  EXPECT_EQ(shell(kTools + "spantojson " + dir_ + "one.json > " + dir_ + "two.json"), 0);
  EXPECT_EQ(shell("cmp " + dir_ + "one.json " + dir_ + "two.json"), 0);
  EXPECT_EQ(shell(KUTRACE_SPANDIFF " --least 100 --tolerance 0 "
                  + kData + "hello.reference.json.gz " + dir_ + "one.json"), 0);
}

TEST_F(Golden, DemoDocumentReads) {
  const int status = shell(kTools + "kutrace check " + kData + "hello_world_demo.reference.json.gz");
  EXPECT_TRUE(status == 0 || status == 1) << status;
}

}  // namespace
}  // namespace kutrace::test
