// SPDX-License-Identifier: BSD-3-Clause
// Comparisons: seldom a difference where there is none, whatever the distribution and however neighbours hang together; a difference where
// there is one; and what `kutrace diff` says of real traces.
#include "analysis/compare.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <iterator>
#include <random>

#include "support/chain_run.h"
#include "support/temp_dir.h"

namespace kutrace::test {
namespace {

// Values of one process whose logarithm wanders: each depends on the one before by `hold`.
class Process {
 public:
  Process(uint64_t seed, double spread, double hold) : dice_(seed), spread_(spread), hold_(hold) {}
  double next() {
    // Sums of 12 uniform numbers: the library's normal_distribution differs between libraries.
    double normal = -6;
    for (int i = 0; i < 12; ++i) normal += static_cast<double>(dice_() >> 11) / 9007199254740992.0;
    state_ = hold_ * state_ + std::sqrt(1 - hold_ * hold_) * normal;
    return std::exp(spread_ * state_);
  }

 private:
  std::mt19937_64 dice_;
  double spread_, hold_, state_ = 0;
};

constexpr int kPairs = 200, kQuantities = 6;

// Of 200 pairs, how many show a difference in any of 6 quantities, when B is `factor` times A.
int pairs_with_difference(double spread, double hold, double factor, bool lengths) {
  int shown = 0;
  for (int pair = 0; pair < kPairs; ++pair) {
    std::vector<Comparison> all;
    for (int q = 0; q < kQuantities; ++q) {
      const auto seed = static_cast<uint64_t>(pair * kQuantities + q);
      Process a(2 * seed, spread, hold), b(2 * seed + 1, spread, hold);
      if (lengths) {
        std::vector<int64_t> of_a, of_b;
        for (int i = 0; i < 150; ++i) of_a.push_back(static_cast<int64_t>(1e5 * a.next()));
        for (int i = 0; i < 120; ++i) of_b.push_back(static_cast<int64_t>(1e5 * factor * b.next()));
        all.push_back(compare_medians(of_a, of_b, 0.1));
      } else {
        Amounts of_a, of_b;
        for (int i = 0; i < 20; ++i) {
          of_a.sum.push_back(a.next());
          of_b.sum.push_back(factor * b.next());
          of_a.base.push_back(0.1);
          of_b.base.push_back(0.1);
        }
        all.push_back(compare_amounts(of_a, of_b, 0.1));
      }
    }
    std::vector<Comparison*> pointers;
    for (Comparison& c : all) pointers.push_back(&c);
    judge(pointers);
    for (const Comparison& c : all) {
      if (c.verdict == Comparison::Verdict::kChanged) {
        ++shown;
        break;
      }
    }
  }
  return shown;
}

TEST(Compare, SeldomShowsADifferenceWhereThereIsNone) {
  EXPECT_LE(pairs_with_difference(0.3, 0, 1, false), 15);
  EXPECT_LE(pairs_with_difference(1.0, 0, 1, false), 15);
  EXPECT_LE(pairs_with_difference(0.5, 0.3, 1, false), 15);
  EXPECT_LE(pairs_with_difference(0.5, 0, 1, true), 15);
  EXPECT_LE(pairs_with_difference(1.0, 0.5, 1, true), 15);
}

TEST(Compare, ShowsADifferenceWhereThereIsOne) {
  EXPECT_GE(pairs_with_difference(0.2, 0, 1.6, false), 195);
  EXPECT_GE(pairs_with_difference(0.5, 0, 2.0, true), 195);
}

TEST(Compare, WithinTheMarginNothingChanged) {
  Amounts a, b;
  for (int i = 0; i < 20; ++i) {
    a.sum.push_back(1000);
    b.sum.push_back(1090);
    a.base.push_back(1);
    b.base.push_back(1);
  }
  EXPECT_EQ(compare_amounts(a, b, 0.1).p, 1);
  EXPECT_LT(compare_amounts(a, b, 0.05).p, 1e-9);  // no part differs from another
}

TEST(Compare, OneSideOnly) {
  Amounts a{std::vector<double>(20, 1), std::vector<double>(20, 1)}, none{std::vector<double>(20, 0), std::vector<double>(20, 1)};
  const Comparison always = compare_amounts(a, none, 0.1);
  EXPECT_EQ(always.ratio, 0);
  EXPECT_LT(always.p, 1e-10);
  Amounts once = none;
  once.sum[7] = 1000;
  const Comparison one = compare_amounts(none, once, 0.1);
  EXPECT_TRUE(std::isinf(one.ratio));
  EXPECT_DOUBLE_EQ(one.p, 1);  // half of all single events are on this side
  EXPECT_EQ(compare_amounts(none, none, 0.1).p, 1);
}

// A wait that lasts as long as the window is one event, however many parts it lies in.
TEST(Compare, OneLongEventIsOne) {
  Amounts waits{std::vector<double>(20, 1), std::vector<double>(20, 1), 1}, none{std::vector<double>(20, 0), std::vector<double>(20, 1), 0};
  EXPECT_DOUBLE_EQ(compare_amounts(waits, none, 0.1).p, 1);
  Amounts half = waits;
  std::fill_n(half.sum.begin(), 12, 0);
  EXPECT_DOUBLE_EQ(compare_amounts(waits, half, 0.1).p, 1);
  half.events = waits.events = 2;
  EXPECT_GT(compare_amounts(waits, half, 0.1).p, 0.2);
  half.events = waits.events = 20;
  EXPECT_LT(compare_amounts(waits, half, 0.1).p, 0.05);
}

TEST(Compare, FewLengthsSayNothing) {
  const std::vector<int64_t> many(100, 5), few(19, 5);
  EXPECT_EQ(compare_medians(many, few, 0.1).verdict, Comparison::Verdict::kTooFew);
  EXPECT_EQ(compare_medians(many, many, 0.1).verdict, Comparison::Verdict::kNoneShown);
}

TEST(Compare, HolmLetsOneThroughWhereAllWouldFail) {
  std::vector<Comparison> all(10);
  for (Comparison& c : all) c.p = 0.9;
  all[3].p = 0.004;
  all[5].p = 0.03;
  std::vector<Comparison*> pointers;
  for (Comparison& c : all) pointers.push_back(&c);
  judge(pointers);
  EXPECT_DOUBLE_EQ(all[3].p, 0.04);
  EXPECT_EQ(all[3].verdict, Comparison::Verdict::kChanged);
  EXPECT_DOUBLE_EQ(all[5].p, 0.27);
  EXPECT_EQ(all[5].verdict, Comparison::Verdict::kNoneShown);
}

TEST(Compare, StudentsTail) {
  // Tables: 5 % one-sided at 2.015 of 5, 2.5 % at 2.228 of 10, 0.5 % at 2.756 of 29.
  EXPECT_NEAR(student_tail(2.015, 5), 0.05, 5e-4);
  EXPECT_NEAR(student_tail(2.228, 10), 0.025, 5e-4);
  EXPECT_NEAR(student_tail(2.756, 29), 0.005, 5e-4);
  EXPECT_NEAR(student_tail(0, 10), 0.5, 1e-12);
  EXPECT_NEAR(student_tail(-2.228, 10), 0.975, 5e-4);
}

class Diff : public TempDir {
 protected:
  std::string read(const std::string& name) {
    std::ifstream in(dir_ + name);
    EXPECT_TRUE(in) << name;
    return {std::istreambuf_iterator<char>(in), {}};
  }
  // Of traces of tests/data.
  int diff(const std::string& arguments) {
    return shell("cd " KUTRACE_TEST_DATA "; " KUTRACE_TOOLS "/kutrace diff " + arguments + " > " + dir_ + "out 2> " + dir_ + "err");
  }
};

TEST_F(Diff, ATraceDoesNotDifferFromItself) {
  for (const std::string trace : {"hello", "locks", "rpc"}) {
    EXPECT_EQ(diff(trace + ".trace.gz " + trace + ".trace.gz"), 0) << trace << read("out") << read("err");
    EXPECT_NE(read("out").find("No difference shown."), std::string::npos) << trace << read("out");
  }
}

TEST_F(Diff, TwoProgramsDiffer) {
  ASSERT_EQ(diff("rpc.trace.gz locks.trace.gz --json"), 1) << read("err");
  EXPECT_NE(read("out").find("\"verdict\": \"changed\""), std::string::npos);
  ASSERT_EQ(diff("rpc.trace.gz locks.trace.gz --to-b 1"), 2);  // it begins later
  ASSERT_EQ(diff("rpc.trace.gz locks.trace.gz"), 1);
  EXPECT_NE(read("out").find("\nserver4, net     waiting / s "), std::string::npos) << read("out");
}

TEST_F(Diff, TextHasHundredColumns) {
  ASSERT_EQ(diff("rpc.trace.gz locks.trace.gz --all"), 1);
  std::ifstream in(dir_ + "out");
  for (std::string line; std::getline(in, line);) EXPECT_LE(line.size(), 100u) << line;
}

TEST_F(Diff, WindowsOfOneTrace) {
  ASSERT_EQ(diff("locks.trace.gz --to-a 20 --from-b 20"), 2);
  EXPECT_NE(read("err").find("give a window that lies in it"), std::string::npos) << read("err");
}

TEST_F(Diff, SaysWhatIsWrong) {
  EXPECT_EQ(diff("hello.trace.gz"), 2);
  EXPECT_NE(read("err").find("is compared with itself; give a second trace"), std::string::npos) << read("err");
  EXPECT_EQ(diff("hello.trace.gz hello.trace.gz --per-rpc"), 2);
  EXPECT_NE(read("err").find("has no RPC with both ends"), std::string::npos) << read("err");
  EXPECT_EQ(diff("rpc.trace.gz nothing"), 2);
  EXPECT_EQ(diff("rpc.trace.gz rpc.trace.gz --per-rpc"), 0) << read("err");
}

// Recordings of one program (tests/data/steady), each cut into ten windows.
class Steady : public Diff {
 protected:
  static constexpr int kWindows = 10, kRecordings = 40;

  // Whether `kutrace diff` shows that window `number` of recording b differs from that of recording a.
  bool differs(const std::string& a, const std::string& b, int number) {
    const int status = diff(window(a, number, "a") + window(b, number, "b") + file(a) + " " + file(b));
    EXPECT_TRUE(status == 0 || status == 1) << read("err");
    return status == 1;
  }
  int changed_windows(const std::string& b) {
    int shown = 0;
    for (int number = 0; number < kWindows; ++number) shown += differs(std::to_string(number + 1), b, number);
    return shown;
  }

 private:
  static std::string file(const std::string& recording) { return "steady/" + recording + ".trace.xz"; }
  std::string window(const std::string& recording, int number, const std::string& side) {
    const auto [known, fresh] = extents_.try_emplace(recording);
    if (fresh) {
      const auto run = run_chain(data_bytes(file(recording)));
      const RowCheck& cpu = run->checker->cpus().begin()->second;
      known->second = {static_cast<double>(run->header.time.ns(cpu.first)) / 1e9, static_cast<double>(run->header.time.ns(cpu.last)) / 1e9};
    }
    const auto [first, last] = known->second;
    auto edge = [first, last](int of) { return std::to_string(first + (last - first) * of / kWindows); };
    return "--from-" + side + " " + edge(number) + " --to-" + side + " " + edge(number + 1) + " ";
  }
  std::map<std::string, std::pair<double, double>> extents_;  // seconds
};

TEST_F(Steady, OfTwoHundredPairsOfRecordingsAtMostFifteenShowADifference) {
  int pairs = 0, shown = 0;
  for (int recording = 1; recording < kRecordings; recording += 2) {
    for (int number = 0; number < kWindows; ++number, ++pairs) shown += differs(std::to_string(recording), std::to_string(recording + 1), number);
  }
  EXPECT_EQ(pairs, 200);
  EXPECT_LE(shown, 15);
  std::printf("%d of %d pairs show a difference\n", shown, pairs);
}

TEST_F(Steady, NineOfTenPairsWithARealChangeShowIt) {
  for (const std::string percent : {"130", "150", "200"}) EXPECT_GE(changed_windows("more-" + percent), 9) << percent;
}

}  // namespace
}  // namespace kutrace::test
