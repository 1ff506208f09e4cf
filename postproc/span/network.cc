// SPDX-License-Identifier: BSD-3-Clause
#include "span/network.h"

#include <algorithm>
#include <cmath>

namespace kutrace {
namespace {

// The smallest message that is drawn, as a length code; shorter ones are taken as this.
constexpr uint32_t kLeastCode = 64;

uint32_t length_code(uint32_t arg) { return std::max(kLeastCode, (arg >> 16) & 0xff); }

}  // namespace

double length_of_code(uint32_t code) {
  static constexpr double kTenth[10] = {1, 1.0718, 1.1487, 1.2311, 1.3195, 1.4142, 1.5157, 1.6245, 1.7411, 1.8661};
  code = std::min(code, 255u);
  return std::ldexp(kTenth[code % 10], static_cast<int>(code / 10));
}

uint32_t bytes_of_length_code(uint32_t code) { return static_cast<uint32_t>(length_of_code(code) + 0.5); }

void Network::rx_user(uint32_t pid, uint32_t hash) {
  Pending p;
  p.received = true;
  auto found = received_.find(hash);
  if (found != received_.end()) {
    p.t = found->second;
    p.has_time = true;
    received_.erase(found);
  }
  pending_[pid] = p;
}

bool Network::rpc(uint32_t pid, uint32_t arg, Message& out) {
  if ((arg & 0xffff) == 0) return false;
  auto found = pending_.find(pid);
  if (found != pending_.end() && found->second.received) {
    Pending p = found->second;
    pending_.erase(found);
    if (!p.has_time) return false;
    out = {p.t, arg & 0xffff, bytes_of_length_code(length_code(arg)), true};
    return true;
  }
  Pending p;
  p.rpc = arg & 0xffff;
  p.code = length_code(arg);
  pending_[pid] = p;
  return false;
}

bool Network::tx_packet(uint32_t hash, Ticks t, Message& out) {
  auto sent = sent_.find(hash);
  if (sent == sent_.end()) return false;
  uint32_t pid = sent->second;
  sent_.erase(sent);
  auto found = pending_.find(pid);
  if (found == pending_.end() || found->second.received) return false;
  out = {t, found->second.rpc, bytes_of_length_code(found->second.code), false};
  pending_.erase(found);
  return true;
}

}  // namespace kutrace
