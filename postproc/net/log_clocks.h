// SPDX-License-Identifier: BSD-3-Clause
// One clock for the logs of several machines, from the RPCs that went between them.
#pragma once

#include <map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "net/clock_line.h"
#include "net/rpc_message.h"

namespace kutrace {

class LogClocks {
 public:
  void take(const Rpc& rpc);
  // Behind the last record: each machine gets the line that leads to the clock of the first machine that it is tied to.
  void solve();

  using Pair = std::pair<uint32_t, uint32_t>;  // client, server
  const std::map<Pair, ClockEstimate>& pairs() const { return pairs_; }
  // The machine whose clock `ip` goes by; itself when nothing ties it to an earlier one.
  uint32_t base_of(uint32_t ip) const;
  int64_t map(uint32_t ip, int64_t us) const;
  // The record with all its times by one clock, never running backward; times that are not there stay so.
  Rpc aligned(const Rpc& rpc) const;

 private:
  struct Way {
    uint32_t base;
    ClockLine line;  // 0: it is the base itself
  };
  std::vector<uint32_t> machines_;  // in the order in which they came
  std::unordered_set<uint32_t> known_;
  std::map<Pair, ClockFitter> fitters_;
  std::map<Pair, ClockEstimate> pairs_;
  std::map<uint32_t, Way> ways_;
};

}  // namespace kutrace
