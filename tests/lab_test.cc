// SPDX-License-Identifier: BSD-3-Clause
// kutrace lab: what pairs mean, that no effect is seen where there is none, that each effect ends with a verdict and a reason.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "lab/lab.h"
#include "support/chain_run.h"
#include "support/temp_dir.h"

namespace kutrace::test {
namespace {

using lab::Conditions;
using lab::Effect;
using lab::Verdict;

const Effect kTwice = {"twice", "", "", "", 2, true, nullptr};

Verdict of(std::vector<double> ratios, const Conditions& conditions = {}, const Effect& effect = kTwice) {
  std::vector<std::pair<double, double>> pairs;
  for (const double r : ratios) pairs.emplace_back(100, 100 * r);
  const lab::Result result = judge(effect, pairs, conditions);
  EXPECT_FALSE(result.reason.empty());
  return result.verdict;
}

TEST(LabVerdict, PairsAgreeOrTheyDoNot) {
  EXPECT_EQ(of({3, 3, 3, 3, 3, 3, 3, 3, 3}), Verdict::kShown);
  EXPECT_EQ(of({3, 3, 3, 3, 1, 3, 3, 3, 3}), Verdict::kShown);
  EXPECT_EQ(of({3, 3, 3, 3, 1, 1, 3, 3, 3}), Verdict::kInconclusive);
  EXPECT_EQ(of({1, 1, 1, 1, 1, 1, 9, 1, 1}), Verdict::kNotHere);
  EXPECT_EQ(of({1, 1, 1, 1, 1, 1, 9, 9, 1}), Verdict::kInconclusive);
}

TEST(LabVerdict, ATimeOfAnEmulatorOrOfAHostThatStealsIsNone) {
  Conditions emulated, stolen;
  emulated.emulated = true;
  stolen.stolen = 0.5;
  const std::vector<double> clear(lab::kPairs, 5);
  EXPECT_EQ(of(clear, emulated), Verdict::kInconclusive);
  EXPECT_EQ(of(clear, stolen), Verdict::kInconclusive);
  Effect counted = kTwice;
  counted.timed = false;
  EXPECT_EQ(of(clear, emulated, counted), Verdict::kShown);
}

// The same work as both variants, on this machine as it is.
TEST(LabVerdict, NothingIsSeenWhereNothingIs) {
  const Effect nothing = {"nothing", "", "", "", 1.5, true, [] {
                            const auto work = [] {
                              volatile uint64_t x = 1;
                              timespec from{}, to{};
                              clock_gettime(CLOCK_MONOTONIC, &from);
                              for (int k = 0; k < 200000; ++k) x = x * 3;
                              clock_gettime(CLOCK_MONOTONIC, &to);
                              return 1e9 * static_cast<double>(to.tv_sec - from.tv_sec) + static_cast<double>(to.tv_nsec - from.tv_nsec);
                            };
                            return lab::Setting{work, work, "", nullptr};
                          }};
  for (int k = 0; k < 20; ++k) {
    const lab::Result r = lab::run(nothing);
    EXPECT_NE(r.verdict, Verdict::kShown) << r.reason;
  }
}

class LabCommand : public TempDir {
 protected:
  std::string out() {
    std::ifstream in(dir_ + "out");
    return {std::istreambuf_iterator<char>(in), {}};
  }
  int run(const std::string& arguments) { return shell(KUTRACE_TOOLS "/kutrace lab " + arguments + " > " + dir_ + "out 2>&1"); }
};

TEST_F(LabCommand, EachEffectEndsWithAVerdict) {
  ASSERT_EQ(run("all --check --json"), 0) << out();
  for (const Effect& e : lab::effects()) EXPECT_NE(out().find("{\"name\": \"" + std::string(e.name) + "\", \"verdict\": \""), std::string::npos) << out();
  // What counts depends on no time.
  EXPECT_NE(out().find("\"name\": \"aba\", \"verdict\": \"shown\""), std::string::npos) << out();
}

TEST_F(LabCommand, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(run("run nothing"), 2);
  EXPECT_NE(out().find("there is no effect nothing"), std::string::npos) << out();
  EXPECT_EQ(run("run"), 2);
  EXPECT_EQ(run("list"), 0);
  EXPECT_NE(out().find("out-of-order"), std::string::npos);
}

}  // namespace
}  // namespace kutrace::test
