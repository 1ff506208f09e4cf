// SPDX-License-Identifier: BSD-3-Clause
#include "lab/lab.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace kutrace::lab {
namespace {

// The middle one of an odd number.
double median(std::vector<double> list) {
  std::nth_element(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(list.size() / 2), list.end());
  return list[list.size() / 2];
}

std::string number(double x) {
  std::ostringstream out;
  out.precision(3);
  out << x;
  return out.str();
}

// Ticks of /proc/stat: of all CPUs those that were idle, stolen by the host, and all.
struct Ticks {
  double busy = 0, idle = 0, stolen = 0;
  double all() const { return busy + idle + stolen; }
};
Ticks machine_ticks() {
  std::ifstream in("/proc/stat");
  std::string cpu;
  std::array<double, 8> t{};
  in >> cpu;
  for (double& x : t) in >> x;
  return {t[0] + t[1] + t[2] + t[5] + t[6], t[3] + t[4], t[7]};
}

double own_seconds() {
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

constexpr double kMostStolen = 0.1;
// Pairs that must agree: with all but one at the ratio or above, chance has no part in it.
constexpr int kPairsThatAgree = kPairs - 1;
// Of each variant in a pair.
constexpr int kTurns = 3;

}  // namespace

const char* verdict_name(Verdict verdict) {
  return verdict == Verdict::kShown ? "shown" : verdict == Verdict::kNotHere ? "not here" : "inconclusive";
}

bool is_emulated() {
#if defined(__x86_64__)
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (!__get_cpuid(1, &a, &b, &c, &d) || (c & 1u << 31) == 0) return false;
  __cpuid(0x40000000, a, b, c, d);
  char name[13] = {};
  std::memcpy(name, &b, 4);
  std::memcpy(name + 4, &c, 4);
  std::memcpy(name + 8, &d, 4);
  return std::strcmp(name, "TCGTCGTCGTCG") == 0;
#else
  // QEMU's board is the same emulated or not; better no verdict than a wrong one.
  std::ifstream in("/sys/firmware/devicetree/base/compatible");
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  return text.find("linux,dummy-virt") != std::string::npos;
#endif
}

Result judge(const Effect& effect, const std::vector<std::pair<double, double>>& pairs, const Conditions& conditions) {
  Result r;
  r.name = effect.name;
  r.conditions = conditions;
  std::vector<double> plain, with, ratios;
  for (const auto& [a, b] : pairs) {
    plain.push_back(a);
    with.push_back(b);
    ratios.push_back(a > 0 ? b / a : 0);
  }
  r.measured = true;
  r.plain_median = median(plain);
  r.effect_median = median(with);
  r.ratio_median = median(ratios);
  r.ratio_least = *std::min_element(ratios.begin(), ratios.end());
  r.ratio_most = *std::max_element(ratios.begin(), ratios.end());
  const auto agree = std::count_if(ratios.begin(), ratios.end(), [&](double x) { return x >= effect.ratio; });
  const auto against = std::count_if(ratios.begin(), ratios.end(), [&](double x) { return x < effect.ratio; });
  const std::string pairs_text = " of " + std::to_string(pairs.size()) + " pairs reach " + number(effect.ratio) + " times";
  if (effect.timed && conditions.emulated) {
    r.reason = "the processor is emulated: its times are the emulator's";
  } else if (effect.timed && conditions.stolen > kMostStolen) {
    r.reason = number(100 * conditions.stolen) + " % of the time was kept by the host";
  } else if (agree >= kPairsThatAgree) {
    r.verdict = Verdict::kShown;
    r.reason = std::to_string(agree) + pairs_text;
  } else if (against >= kPairsThatAgree) {
    r.verdict = Verdict::kNotHere;
    r.reason = "only " + std::to_string(agree) + pairs_text;
  } else {
    r.reason = "the pairs do not agree: " + std::to_string(agree) + pairs_text;
  }
  return r;
}

Result run(const Effect& effect) {
  const bool emulated = is_emulated();
  Setting setting = effect.prepare();
  if (!setting.not_here.empty()) {
    Result r;
    r.name = effect.name;
    r.verdict = Verdict::kNotHere;
    r.reason = setting.not_here;
    r.conditions.emulated = emulated;
    return r;
  }
  setting.plain();  // warm
  setting.effect();
  const Ticks before = machine_ticks();
  const double own_before = own_seconds();
  std::vector<std::pair<double, double>> pairs;
  for (int k = 0; k < kPairs; ++k) {
    // By turns, and the least of each: who else ran here meanwhile only ever made it longer.
    double a = INFINITY, b = INFINITY;
    for (int turn = 0; turn < kTurns; ++turn) {
      a = std::min(a, setting.plain());
      b = std::min(b, setting.effect());
    }
    pairs.emplace_back(a, b);
  }
  const Ticks after = machine_ticks();
  Conditions c;
  c.emulated = emulated;
  const double all = after.all() - before.all();
  if (all > 0) {
    const double seconds = all / static_cast<double>(sysconf(_SC_CLK_TCK));
    const double cpus = static_cast<double>(sysconf(_SC_NPROCESSORS_ONLN));
    c.stolen = (after.stolen - before.stolen) / all;
    c.others = std::max(0.0, (after.busy - before.busy) / static_cast<double>(sysconf(_SC_CLK_TCK)) - (own_seconds() - own_before)) / (seconds / cpus);
  }
  if (setting.free) setting.free();
  return judge(effect, pairs, c);
}

}  // namespace kutrace::lab
