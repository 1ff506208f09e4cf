// SPDX-License-Identifier: BSD-3-Clause
#include "analysis/memory_use.h"

#include <algorithm>
#include <cmath>

#include "analysis/windows.h"

namespace kutrace {
namespace {

constexpr uint64_t kMapNode = 64;

uint32_t argument(const Span& s) { return static_cast<uint32_t>(s.arg); }

}  // namespace

void MemoryUse::spans(const std::vector<Span>& batch) {
  for (const Span& s : batch) {
    if (kutrace_is_sampling(static_cast<unsigned>(s.event)) != 0) {
      if (s.cpu >= 0) sampling(s);
    } else if (s.pid > 0 && is_execution(s) && is_user(s) && latest_name_[s.pid] != s.name) {
      latest_name_[s.pid] = s.name;
      const auto [place, fresh] = names_.insert_or_assign(s.pid, without_number(pool_[s.name], s.pid));
      if (fresh) diagnostics_.take(Limit::memory, 3 * kMapNode + place->second.size());
    }
  }
}

void MemoryUse::sampling(const Span& s) {
  const auto [place, fresh] = states_.try_emplace(s.cpu);
  if (fresh) diagnostics_.take(Limit::memory, sizeof(State) + sizeof(CpuTicks) + 2 * kMapNode);
  State& state = place->second;
  CpuTicks& ticks = cpus_[s.cpu];
  switch (s.event) {
    case KUTRACE_TICK_ON:
      interval_ = argument(s) & KUTRACE_TICK_INTERVAL_MASK;
      staggered_ = (argument(s) & KUTRACE_TICK_STAGGERED) != 0;
      if ((argument(s) & KUTRACE_TICK_AGAIN) == 0) state = {true, false, s.start, INT64_MIN, 0, 0};
      break;
    case KUTRACE_SAMPLED: sampled_ |= argument(s); break;
    case KUTRACE_TICK_SKIPPED: state.pending = argument(s); break;
    case KUTRACE_TICK: tick(s, state, ticks); break;
    case KUTRACE_TICK_OFF:
      ticks.skipped += argument(s);
      state.on = false;
      break;
    default:
      diagnostics_.take(Limit::memory, sizeof(Use));
      // The entries of one sample follow each other at once; what they are of began with the sample before.
      if (state.at != INT64_MIN && s.start - state.at > time_.from_ns(2000)) state.sampled = state.at;
      uses_.push_back({std::min(state.sampled, s.start), s.start, s.cpu, std::max(s.pid, 0), static_cast<uint16_t>(s.event), argument(s)});
      state.at = s.start;
  }
}

void MemoryUse::tick(const Span& s, State& state, CpuTicks& ticks) {
  diagnostics_.take(Limit::memory, sizeof(int64_t) + sizeof(ticks.at[0]));
  const int64_t late = argument(s);
  // The entry is stored a moment after the lateness was looked at: less than half an interval, or the first numbers are off by one.
  const int64_t due = time_.ns(s.start) - late;
  if (!base_) base_ = due;
  if (!state.placed && interval_ > 0) state.boundary = std::llround((static_cast<double>(due) - static_cast<double>(*base_)) / interval_);
  state.placed = true;
  ++ticks.taken;
  ticks.skipped += state.pending;
  ticks.late.push_back(late);
  ticks.at.emplace_back(state.boundary, late);
  state.boundary += 1 + static_cast<int64_t>(state.pending);
  state.pending = 0;
  state.sampled = s.start;
  state.at = INT64_MIN;
}

std::string MemoryUse::program(int32_t tid) const {
  if (tid <= 0) return "-idle-";
  const auto found = names_.find(tid);
  return found == names_.end() || found->second.empty() ? std::to_string(tid) : found->second;
}

std::vector<int64_t> MemoryUse::skews() const {
  std::map<int64_t, std::array<int64_t, 3>> by_boundary;  // earliest, latest, CPUs
  for (const auto& [cpu, ticks] : cpus_) {
    for (const auto& [boundary, late] : ticks.at) {
      const auto [place, fresh] = by_boundary.try_emplace(boundary, std::array<int64_t, 3>{late, late, 0});
      if (fresh) diagnostics_.take(Limit::memory, kMapNode);
      auto& [earliest, latest, n] = place->second;
      earliest = std::min(earliest, late);
      latest = std::max(latest, late);
      ++n;
    }
  }
  std::vector<int64_t> out;
  for (const auto& [boundary, b] : by_boundary) {
    if (b[2] > 1) out.push_back(b[1] - b[0]);
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace kutrace
