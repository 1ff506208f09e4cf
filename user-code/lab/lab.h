// SPDX-License-Identifier: BSD-3-Clause
// kutrace lab: does this machine show an effect? Two variants of the same work, in pairs, by turns; then a verdict with its reason. "Not here" is a
// normal answer and "inconclusive" an honest one; a wrong "shown" is a defect.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace kutrace::lab {

// Of one variant in one pair: nanoseconds, or how often something happened.
using Variant = std::function<double()>;

struct Setting {
  Variant plain, effect;       // what is measured without the effect and with it
  std::string not_here;        // set: why this machine cannot show it
  std::function<void()> free;  // what is given back afterwards
};

struct Effect {
  const char *name, *words;
  const char *plain_words, *effect_words;
  double ratio;  // what is shown: the effect is at least so many times the plain variant
  bool timed;    // false: counts, which hold under emulation, too
  Setting (*prepare)();
};
const std::vector<Effect>& effects();

enum class Verdict { kShown, kNotHere, kInconclusive };
const char* verdict_name(Verdict verdict);

constexpr int kPairs = 9;

struct Conditions {
  bool emulated = false;
  double stolen = 0;  // share of this machine's time that its host kept, while the pairs ran
  double others = 0;  // CPUs' worth of what else ran here
};

struct Result {
  std::string name;
  Verdict verdict = Verdict::kInconclusive;
  std::string reason;
  bool measured = false;
  double plain_median = 0, effect_median = 0, ratio_median = 0, ratio_least = 0, ratio_most = 0;
  Conditions conditions;
};

// What pairs (plain, effect) mean. Apart from the measuring, so that it can be tested.
Result judge(const Effect& effect, const std::vector<std::pair<double, double>>& pairs, const Conditions& conditions);
Result run(const Effect& effect);
// Whether a time that is measured here is a processor's, or an emulator's.
bool is_emulated();

}  // namespace kutrace::lab
