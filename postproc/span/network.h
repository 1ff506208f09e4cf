// SPDX-License-Identifier: BSD-3-Clause
// Ties packets seen by the kernel to RPC messages of user programs (docs/trace-format.md, 3.10).
#pragma once

#include <cstdint>
#include <functional>
#include <unordered_map>

#include "span/span.h"

namespace kutrace {

// What a TenLg length code means: 2^(code/10); and the same as bytes, rounded.
double length_of_code(uint32_t code);
uint32_t bytes_of_length_code(uint32_t code);

class Network {
 public:
  struct Message {
    Ticks t;        // packet time: a received message ends here, a sent one begins
    uint32_t rpc;
    uint32_t bytes;
    bool received;
  };

  void rx_packet(uint32_t hash, Ticks t) { received_[hash] = t; }
  void rx_user(uint32_t pid, uint32_t hash);
  void tx_user(uint32_t pid, uint32_t hash) { sent_[hash] = pid; }
  // Each returns true when a message is complete.
  bool tx_packet(uint32_t hash, Ticks t, Message& out);
  bool rpc(uint32_t pid, uint32_t arg, Message& out);

 private:
  struct Pending {
    Ticks t = 0;
    bool received = false;
    bool has_time = false;
    uint32_t rpc = 0;
    uint32_t code = 0;
  };
  std::unordered_map<uint32_t, Ticks> received_;
  std::unordered_map<uint32_t, uint32_t> sent_;
  std::unordered_map<uint32_t, Pending> pending_;  // by thread
};

}  // namespace kutrace
