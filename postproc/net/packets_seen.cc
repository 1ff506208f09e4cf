// SPDX-License-Identifier: BSD-3-Clause
#include "net/packets_seen.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "net/rpc_message.h"

namespace kutrace {

int64_t base_ns(const TimeBase& time) {
  // Beyond the year 2096, and before 1970, a wall clock is none; sums of such times would not fit.
  constexpr int64_t kLastMinute = 4000000000000000;
  return time.minute_us < 0 || time.minute_us > kLastMinute ? 0 : time.minute_us * 1000;
}

PacketsSeen::Times& PacketsSeen::of(uint32_t hash) {
  const auto [place, fresh] = times_.try_emplace(hash);
  if (fresh) diagnostics_.take(Limit::memory, sizeof(Times) + 48);
  return place->second;
}

void PacketsSeen::spans(const std::vector<Span>& batch) {
  for (const Span& s : batch) {
    if (s.event != KUTRACE_RX_PKT && s.event != KUTRACE_TX_PKT) continue;
    Times& t = of(static_cast<uint32_t>(s.arg));
    const bool sent = s.event == KUTRACE_TX_PKT;
    (sent ? t.sent : t.received) = base_ns(time_) + time_.ns(s.start);
    ++(sent ? t.sends : t.receipts);
  }
}

void PacketsSeen::captured(const PacketCapture& capture) {
  capture.each(
      [&](const Packet& packet) {
        const auto hash = message_hash(packet.payload);
        if (!hash) return;
        Times& t = of(*hash);
        t.sent = t.received = packet.ns;
        ++t.sends;
        ++t.receipts;
      },
      diagnostics_);
}

PacketFit fit_packets(const PacketsSeen& a, const PacketsSeen& b) {
  PacketFit fit;
  ClockFitter fitter;
  for (const auto& [hash, x] : a.all()) {
    const auto other = b.all().find(hash);
    if (other == b.all().end()) continue;
    const PacketsSeen::Times& y = other->second;
    if (x.sends == 1 && y.receipts == 1) fitter.to_b(x.sent, y.received);
    if (y.sends == 1 && x.receipts == 1) fitter.to_a(y.sent, x.received);
    fit.ambiguous +=
        (x.sends > 1 && y.receipts > 0) || (x.sends > 0 && y.receipts > 1) || (y.sends > 1 && x.receipts > 0) || (y.sends > 0 && x.receipts > 1);
  }
  fit.estimate = fitter.estimate();
  return fit;
}

Ticks MachineShift::tick(Ticks t) const {
  const double ns = static_cast<double>(add_clamped(line_.map(base_ns(b_) + b_.ns(t)), -base_ns(a_)));
  // A hostile file's times, which no document holds, stay times all the same.
  return static_cast<Ticks>(std::llround(std::clamp(ns / a_.ns_per_tick, -4e18, 4e18)));
}

int32_t MachineShift::cpu(int32_t number) const {
  if (number < 0) return number;
  if (number > UINT16_MAX - first_cpu_)
    throw Error(file_, std::nullopt, "has CPU " + std::to_string(number) + ", too high to stand beside others", "align fewer files");
  return number + first_cpu_;
}

int32_t MachineShift::thread(int32_t number) const {
  if (number <= 0) return number;
  if (number >= kThreads)
    throw Error(file_, std::nullopt, "has thread " + std::to_string(number) + ", which no Linux has", "check the file: kutrace check");
  return number + first_thread_;
}

void MachineShift::spans(const std::vector<Span>& batch) {
  out_.clear();
  for (Span s : batch) {
    const Ticks start = tick(s.start);
    s.dur = s.dur == 0 ? 0 : tick(s.end()) - start;
    s.start = start;
    if (s.event >= KUTRACE_TRAP && is_user(s)) s.event = KUTRACE_USER + thread(s.event - KUTRACE_USER);
    if (s.event == KUTRACE_ARC_WAKEUP || s.event == KUTRACE_ARC_IPI) s.arg = cpu(s.arg);
    if (s.event == KUTRACE_ARC_WAKEUP) s.ret = thread(s.ret);
    if (s.event == KUTRACE_RUNNABLE) s.arg = thread(s.arg);
    s.cpu = cpu(s.cpu);
    s.pid = thread(s.pid);
    out_.push_back(s);
  }
  next_.spans(out_);
}

}  // namespace kutrace
