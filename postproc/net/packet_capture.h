// SPDX-License-Identifier: BSD-3-Clause
// A packet capture (libpcap's format, either byte order, us or ns) as TCP and UDP packets with their payload.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "base/any_input.h"
#include "base/diagnostics.h"

namespace kutrace {

struct Packet {
  int64_t ns = 0;  // since 1970
  bool tcp = false;
  uint32_t from = 0, to = 0;  // IPv4 addresses as Rpc has them; 0 for IPv6
  std::span<const uint8_t> payload;
};

// Whether the bytes begin as a capture does.
bool is_packet_capture(std::span<const uint8_t> bytes);

class PacketCapture {
 public:
  // Throws Error when it is none, or of a kind of network that is not known.
  explicit PacketCapture(const AnyInput& input);
  // Calls `take` for each packet of TCP or UDP, in the order of the file. A record that contradicts the file's size is a finding and ends it.
  void each(const std::function<void(const Packet&)>& take, Diagnostics& diagnostics) const;

 private:
  uint32_t word(size_t at) const;
  uint16_t half(std::span<const uint8_t> from, size_t at) const;  // of the network: the higher byte first
  bool network(std::span<const uint8_t> frame, Packet& packet) const;
  bool ipv4(std::span<const uint8_t> bytes, Packet& packet) const;
  bool ipv6(std::span<const uint8_t> bytes, Packet& packet) const;
  bool transport(std::span<const uint8_t> bytes, uint8_t protocol, Packet& packet) const;

  const AnyInput& input_;
  bool swapped_ = false;
  int64_t unit_ns_ = 1000;
  uint32_t link_ = 0;
};

}  // namespace kutrace
