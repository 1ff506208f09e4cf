// SPDX-License-Identifier: BSD-3-Clause
// Percentiles of recorded values, by nearest rank: always a value that was recorded, as on the page.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <vector>

namespace kutrace {

// The value below which a share of `sorted` lies. None when there are fewer values than lie on average above one such value: 2 for a
// median, 20 for p95, 100 for p99. With fewer, the longest value of all would be called a percentile.
template <typename T>
std::optional<T> percentile(const std::vector<T>& sorted, int percent) {
  const auto n = static_cast<int64_t>(sorted.size());
  if (n * (100 - percent) < 100) return std::nullopt;
  const int64_t rank = (n * percent + 99) / 100;
  return sorted[static_cast<size_t>(std::max<int64_t>(rank, 1) - 1)];
}

}  // namespace kutrace
