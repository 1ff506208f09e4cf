// SPDX-License-Identifier: BSD-3-Clause
#include "analysis/compare.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>

namespace kutrace {
namespace {

constexpr double kInfinite = std::numeric_limits<double>::infinity();

// Numbers below a limit: std::uniform_int_distribution differs between libraries.
class Dice {
 public:
  size_t below(size_t limit) { return static_cast<size_t>((static_cast<unsigned __int128>(engine_()) * limit) >> 64); }

 private:
  std::mt19937_64 engine_{kDrawSeed};
};

// How often each of `n` pieces is drawn in `n` drawings.
void draw(Dice& dice, std::vector<uint32_t>& times) {
  std::fill(times.begin(), times.end(), 0);
  for (size_t i = 0; i < times.size(); ++i) ++times[dice.below(times.size())];
}

double total(const std::vector<double>& values) { return std::accumulate(values.begin(), values.end(), 0.0); }

// Lengths of one side, sorted, each with the piece of consecutive ones that it is in.
class Pieces {
 public:
  explicit Pieces(const std::vector<int64_t>& values) {
    const size_t n = std::min(values.size(), kMostValues);
    count_ = static_cast<size_t>(std::sqrt(static_cast<double>(n)));
    for (size_t i = 0; i < n; ++i) {
      const size_t from = i * values.size() / n;  // evenly, when there are more than are taken
      sorted_.emplace_back(values[from], static_cast<uint32_t>(i * count_ / n));
    }
    std::sort(sorted_.begin(), sorted_.end());
  }
  size_t count() const { return count_; }
  // By nearest rank, when piece i counts times[i].
  int64_t median(const std::vector<uint32_t>& times) const {
    uint64_t all = 0, seen = 0;
    for (const auto& [value, piece] : sorted_) all += times[piece];
    for (const auto& [value, piece] : sorted_) {
      seen += times[piece];
      if (2 * seen >= all) return value;
    }
    return 0;
  }

 private:
  size_t count_;
  std::vector<std::pair<int64_t, uint32_t>> sorted_;
};

// The chance that all of `k` parts in which something happened are on the side with `n` of them, `m` being the other's: either way round.
double one_sided_chance(size_t k, size_t n, size_t m) {
  double log_p = 0;
  for (size_t i = 0; i < k; ++i) log_p += std::log(static_cast<double>(n - i) / static_cast<double>(n + m - i));
  return std::min(1.0, 2 * std::exp(log_p));
}

// From the logarithms of the ratios that were drawn. With fewer events than pieces neighbours are the same event, and the draws differ too little.
void conclude(Comparison& c, std::vector<double>& drawn, double margin, double wider = 1) {
  const double centre = std::log(c.ratio);
  for (double& x : drawn) x = centre + wider * (x - centre);
  std::sort(drawn.begin(), drawn.end());
  const size_t n = drawn.size();
  c.low = std::exp(drawn[n / 40]);
  c.high = std::exp(drawn[n - 1 - n / 40]);
  const double mean = total(drawn) / static_cast<double>(n);
  double squares = 0;
  for (const double x : drawn) squares += (x - mean) * (x - mean);
  c.error = std::sqrt(squares / static_cast<double>(n - 1));
  const double beyond = std::fabs(centre) - std::log1p(margin);
  if (beyond <= 0 || c.pieces < 2) return;
  c.p = c.error == 0 ? 0 : std::min(1.0, 2 * student_tail(beyond / c.error, c.pieces - 1));
}

}  // namespace

double student_tail(double t, double freedom) {
  const double z = std::sqrt(freedom * std::log1p(t * t / freedom)) * (8 * freedom + 1) / (8 * freedom + 3);
  const double tail = 0.5 * std::erfc(z / std::sqrt(2.0));
  return t < 0 ? 1 - tail : tail;
}

Comparison compare_amounts(const Amounts& a, const Amounts& b, double margin) {
  Comparison c;
  const size_t parts = std::min(a.sum.size(), b.sum.size());
  c.pieces = static_cast<int>(std::min<uint64_t>({parts, a.events, b.events}));
  const double base_a = total(a.base), base_b = total(b.base), sum_a = total(a.sum), sum_b = total(b.sum);
  c.a = sum_a / base_a;
  c.b = sum_b / base_b;
  auto seen = [](const Amounts& of) {
    const auto with_some = std::count_if(of.sum.begin(), of.sum.end(), [](double x) { return x > 0; });
    return std::min(static_cast<uint64_t>(with_some), of.events);
  };
  if (sum_a <= 0 || sum_b <= 0) {
    c.ratio = sum_a > 0 ? 0 : sum_b > 0 ? kInfinite : 1;
    c.low = c.ratio;
    c.high = c.ratio;
    if (sum_a > 0) c.p = one_sided_chance(seen(a), a.sum.size(), b.sum.size());
    if (sum_b > 0) c.p = one_sided_chance(seen(b), b.sum.size(), a.sum.size());
    return c;
  }
  c.ratio = c.b / c.a;
  Dice dice;
  std::vector<uint32_t> times_a(a.sum.size()), times_b(b.sum.size());
  auto rate = [](const Amounts& of, const std::vector<uint32_t>& times) {
    double sum = 0, base = 0;
    for (size_t i = 0; i < times.size(); ++i) {
      sum += times[i] * of.sum[i];
      base += times[i] * of.base[i];
    }
    return base > 0 ? sum / base : 0;
  };
  std::vector<double> drawn;
  for (int i = 0; i < kDraws; ++i) {
    draw(dice, times_a);
    draw(dice, times_b);
    const double of_a = rate(a, times_a), of_b = rate(b, times_b);
    // A draw without any of it says nothing of the ratio, but that it is rare: it then may be anything.
    drawn.push_back(of_a > 0 && of_b > 0 ? std::log(of_b / of_a) : of_a > 0 ? -20 : of_b > 0 ? 20 : 0);
  }
  conclude(c, drawn, margin, std::sqrt(static_cast<double>(parts) / std::max(1, c.pieces)));
  return c;
}

Comparison compare_medians(const std::vector<int64_t>& a, const std::vector<int64_t>& b, double margin) {
  Comparison c;
  c.values_a = a.size();
  c.values_b = b.size();
  if (std::min(a.size(), b.size()) < kLeastValues) {
    c.verdict = Comparison::Verdict::kTooFew;
    return c;
  }
  const Pieces of_a(a), of_b(b);
  c.pieces = static_cast<int>(std::min(of_a.count(), of_b.count()));
  std::vector<uint32_t> times_a(of_a.count(), 1), times_b(of_b.count(), 1);
  // A length of nothing is less than the clock can tell.
  auto length = [](int64_t t) { return static_cast<double>(std::max<int64_t>(t, 1)); };
  c.a = length(of_a.median(times_a));
  c.b = length(of_b.median(times_b));
  c.ratio = c.b / c.a;
  Dice dice;
  std::vector<double> drawn;
  for (int i = 0; i < kDraws; ++i) {
    draw(dice, times_a);
    draw(dice, times_b);
    drawn.push_back(std::log(length(of_b.median(times_b)) / length(of_a.median(times_a))));
  }
  conclude(c, drawn, margin);
  return c;
}

double Comparison::least_shown(double margin, size_t asked) const {
  if (ratio <= 0 || std::isinf(ratio) || pieces < 2) return kInfinite;
  double low_t = 0, high_t = 1e6;  // the t whose two-sided tail is the first threshold of Holm
  for (int i = 0; i < 100; ++i) {
    const double t = (low_t + high_t) / 2;
    (2 * student_tail(t, pieces - 1) > kFalseAlarms / static_cast<double>(asked) ? low_t : high_t) = t;
  }
  return (1 + margin) * std::exp(high_t * error);
}

void judge(std::vector<Comparison*> all) {
  std::erase_if(all, [](const Comparison* c) { return c->verdict == Comparison::Verdict::kTooFew; });
  std::sort(all.begin(), all.end(), [](const Comparison* x, const Comparison* y) { return x->p < y->p; });
  double least = 0;
  for (size_t i = 0; i < all.size(); ++i) {
    least = std::max(least, std::min(1.0, all[i]->p * static_cast<double>(all.size() - i)));
    all[i]->p = least;
    if (least < kFalseAlarms) all[i]->verdict = Comparison::Verdict::kChanged;
  }
}

}  // namespace kutrace
