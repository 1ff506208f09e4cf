// SPDX-License-Identifier: BSD-3-Clause
#include "analysis/neighbours.h"

#include <algorithm>
#include <random>

namespace kutrace {
namespace {

// Lengths of the runs of one kind and the other, in turn; `first`: whether the first is slow.
struct Runs {
  std::vector<size_t> slow, other;
  bool first = false;
};

Runs runs_of(const std::vector<bool>& slow) {
  Runs out;
  out.first = !slow.empty() && slow[0];
  for (size_t i = 0; i < slow.size();) {
    const size_t begin = i;
    while (i < slow.size() && slow[i] == slow[begin]) ++i;
    (slow[begin] ? out.slow : out.other).push_back(i - begin);
  }
  return out;
}

// The generator's own numbers: std::shuffle may differ from library to library.
void shuffle(std::vector<size_t>& list, std::mt19937_64& random) {
  for (size_t i = list.size(); i > 1; --i) std::swap(list[i - 1], list[random() % i]);
}

// Another order of the runs. Begins with either kind where both are as many.
std::vector<bool> shuffled(Runs& runs, std::mt19937_64& random) {
  shuffle(runs.slow, random);
  shuffle(runs.other, random);
  const bool even = runs.slow.size() == runs.other.size();
  bool kind = even ? random() % 2 == 0 : runs.first;
  std::vector<bool> out;
  for (size_t s = 0, o = 0; s < runs.slow.size() || o < runs.other.size(); kind = !kind) {
    out.insert(out.end(), kind ? runs.slow[s++] : runs.other[o++], kind);
  }
  return out;
}

double sum_where(const std::vector<double>& rates, const std::vector<bool>& slow) {
  double sum = 0;
  for (size_t i = 0; i < rates.size(); ++i) sum += slow[i] ? rates[i] : 0;
  return sum;
}

Coincidence count(const Neighbour& n, const std::vector<bool>& slow) {
  Coincidence c;
  c.name = n.name;
  std::vector<double> others;
  double all = 0;
  for (size_t i = 0; i < slow.size(); ++i) {
    all += n.rates[i];
    if (!slow[i]) others.push_back(n.rates[i]);
  }
  std::sort(others.begin(), others.end());
  const double much = others.empty() ? 0 : others[static_cast<size_t>(kMuch * static_cast<double>(others.size() - 1))];
  for (size_t i = 0; i < slow.size(); ++i) {
    c.slow += slow[i];
    c.much += slow[i] && n.rates[i] > much;
  }
  const double in_slow = sum_where(n.rates, slow);
  c.slow_rate = c.slow > 0 ? in_slow / static_cast<double>(c.slow) : 0;
  c.other_rate = others.empty() ? 0 : (all - in_slow) / static_cast<double>(others.size());
  return c;
}

}  // namespace

std::vector<bool> slow_parts(const std::vector<double>& lengths) {
  std::vector<double> sorted = lengths;
  std::sort(sorted.begin(), sorted.end());
  std::vector<bool> out(lengths.size());
  for (size_t i = 0; i < lengths.size(); ++i) out[i] = lengths[i] > kSlowFactor * sorted[(sorted.size() - 1) / 2];
  return out;
}

std::vector<Coincidence> coincidences(const std::vector<bool>& slow, const std::vector<Neighbour>& neighbours) {
  std::vector<Coincidence> out;
  std::vector<double> seen;
  for (const Neighbour& n : neighbours) {
    out.push_back(count(n, slow));
    seen.push_back(sum_where(n.rates, slow));
  }
  std::vector<int> as_much(neighbours.size());
  Runs runs = runs_of(slow);
  std::mt19937_64 random(kShuffleSeed);
  for (int k = 0; k < kShuffles; ++k) {
    const std::vector<bool> other = shuffled(runs, random);
    // Sums in another order differ in their last digits.
    for (size_t i = 0; i < neighbours.size(); ++i) as_much[i] += sum_where(neighbours[i].rates, other) >= seen[i] * (1 - 1e-12);
  }
  for (size_t i = 0; i < out.size(); ++i) out[i].p = (as_much[i] + 1.0) / (kShuffles + 1.0);
  std::stable_sort(out.begin(), out.end(), [](const Coincidence& a, const Coincidence& b) { return a.p != b.p ? a.p < b.p : a.slow_rate - a.other_rate > b.slow_rate - b.other_rate; });
  double least = 0;
  for (size_t i = 0; i < out.size(); ++i) {
    least = std::max(least, std::min(1.0, out[i].p * static_cast<double>(out.size() - i)));
    out[i].p = least;
  }
  return out;
}

}  // namespace kutrace
