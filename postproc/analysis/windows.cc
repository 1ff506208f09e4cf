// SPDX-License-Identifier: BSD-3-Clause
#include "analysis/windows.h"

#include <algorithm>

#include "trace/event.h"

namespace kutrace {

std::string without_number(std::string_view name, int32_t number) {
  const std::string suffix = "." + std::to_string(number);
  if (name.ends_with(suffix)) name.remove_suffix(suffix.size());
  return std::string(name);
}

std::string mark_name(const std::string& label, bool& ends) {
  ends = label.starts_with('/');
  return ends ? label.substr(1) : label;
}

void WindowFinder::take(const Span& s) {
  if (s.event == KUTRACE_MARKA) {
    bool ends = false;
    const std::string name = mark_name(base40_text(static_cast<uint32_t>(s.arg)), ends);
    const auto key = std::make_pair(s.pid, name);
    if (!ends) {
      marks_[key] = s.start;
    } else if (const auto open = marks_.find(key); open != marks_.end()) {
      windows_.push_back({open->second, s.start, s.pid, 0, name});
      marks_.erase(open);
    }
    return;
  }
  if (s.event != KUTRACE_RPCIDREQ && s.event != KUTRACE_RPCIDRESP) return;
  const int32_t id = s.arg & 0xffff;
  if (id == 0) return;
  const auto key = std::make_pair(s.pid, id);
  if (s.event == KUTRACE_RPCIDREQ) {
    requests_[key] = {s.start, s.start, s.pid, id, without_number(pool_[s.name], id)};
  } else if (const auto open = requests_.find(key); open != requests_.end()) {
    windows_.push_back(open->second);
    windows_.back().to = s.start;
    requests_.erase(open);
  }
}

void Selection::set(std::vector<std::pair<Ticks, Ticks>> given, Ticks from, Ticks to) {
  all = false;
  windows.clear();
  std::sort(given.begin(), given.end());
  for (auto [a, b] : given) {
    a = std::max(a, from);
    b = std::min(b, to);
    if (a >= b) continue;
    if (!windows.empty() && a <= windows.back().second) {
      windows.back().second = std::max(windows.back().second, b);
    } else {
      windows.emplace_back(a, b);
    }
  }
}

Ticks Selection::inside(Ticks start, Ticks end) const {
  if (all) return end - start;
  Ticks sum = 0;
  auto at = std::partition_point(windows.begin(), windows.end(), [&](const auto& w) { return w.second <= start; });
  for (; at != windows.end() && at->first < end; ++at) sum += std::min(at->second, end) - std::max(at->first, start);
  return sum;
}

bool Selection::holds(Ticks t) const {
  if (all) return true;
  const auto at = std::partition_point(windows.begin(), windows.end(), [&](const auto& w) { return w.second <= t; });
  return at != windows.end() && at->first <= t;
}

Ticks Selection::length() const {
  Ticks sum = 0;
  for (const auto& [from, to] : windows) sum += to - from;
  return sum;
}

}  // namespace kutrace
