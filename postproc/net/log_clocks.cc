// SPDX-License-Identifier: BSD-3-Clause
#include "net/log_clocks.h"

#include <algorithm>

namespace kutrace {

void LogClocks::take(const Rpc& r) {
  for (const uint32_t ip : {r.client_ip, r.server_ip}) {
    if (known_.insert(ip).second) machines_.push_back(ip);
  }
  // All four times bound the difference of the clocks from both sides; fewer say nothing of it.
  if (r.client_ip == r.server_ip || std::any_of(r.t.begin(), r.t.end(), [](int64_t t) { return t == 0; })) return;
  ClockFitter& fitter = fitters_[{r.client_ip, r.server_ip}];
  fitter.to_b(r.t[0] + wire_us(r.request_code), r.t[1]);
  fitter.to_a(r.t[2], r.t[3] - wire_us(r.response_code));
}

void LogClocks::solve() {
  std::map<uint32_t, std::vector<std::pair<uint32_t, ClockLine>>> neighbours;  // of a machine: who, and from their clock to its
  for (const auto& [pair, fitter] : fitters_) {
    const ClockEstimate& e = pairs_[pair] = fitter.estimate();
    neighbours[pair.first].emplace_back(pair.second, e.line);
    neighbours[pair.second].emplace_back(pair.first, e.line.inverse());
  }
  for (const uint32_t first : machines_) {
    if (ways_.contains(first)) continue;
    ways_[first] = {first, {}};
    std::vector<uint32_t> next{first};
    for (size_t i = 0; i < next.size(); ++i) {
      for (const auto& [ip, line] : neighbours[next[i]]) {
        if (ways_.contains(ip)) continue;
        ways_[ip] = {first, line.then(ways_[next[i]].line)};
        next.push_back(ip);
      }
    }
  }
}

uint32_t LogClocks::base_of(uint32_t ip) const {
  const auto way = ways_.find(ip);
  return way == ways_.end() ? ip : way->second.base;
}

int64_t LogClocks::map(uint32_t ip, int64_t us) const {
  const auto way = ways_.find(ip);
  return way == ways_.end() ? us : way->second.line.map(us);
}

Rpc LogClocks::aligned(const Rpc& rpc) const {
  Rpc out = rpc;
  int64_t before = 0;
  for (size_t i = 0; i < Rpc::kTimes; ++i) {
    if (rpc.t[i] == 0) continue;
    const bool clients = i == 0 || i == Rpc::kTimes - 1;
    out.t[i] = std::max(before, map(clients ? rpc.client_ip : rpc.server_ip, rpc.t[i]));
    before = out.t[i];
  }
  return out;
}

}  // namespace kutrace
