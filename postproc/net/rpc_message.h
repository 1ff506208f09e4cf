// SPDX-License-Identifier: BSD-3-Clause
// The RPCs of the book's programs: a message on the wire (marker, header, data) and a record of a log. All integers are little-endian.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/any_input.h"
#include "base/diagnostics.h"

namespace kutrace {

enum class RpcType : uint16_t { kReqSend, kReqRcv, kRespSend, kRespRcv, kText };

struct Rpc {
  // Request sent (client's clock), request received and response sent (server's), response received (client's); us since 1970, 0: not yet.
  static constexpr size_t kTimes = 4;

  uint32_t id = 0, parent = 0;
  std::array<int64_t, kTimes> t{};
  uint32_t client_ip = 0, server_ip = 0;  // the first number of the address in the highest byte
  uint16_t client_port = 0, server_port = 0;
  uint8_t request_code = 0, response_code = 0;  // TenLg of the bytes
  uint16_t type = 0;
  std::string method;
  uint32_t status = 0, data_bytes = 0;
  std::string data;  // the first bytes of it
};

constexpr size_t kRpcMarkerBytes = 16, kRpcHeaderBytes = 72, kRpcLogBytes = 96;
// A trace has 16 bits for an RPC's id: the lower half, or the upper one where that is zero.
constexpr uint32_t short_rpc_id(uint32_t id) { return (id & 0xffff) != 0 ? id & 0xffff : id >> 16; }
// XOR of the first eight 4-byte words of a message or packet, as kernel and programs store it; none of fewer bytes.
std::optional<uint32_t> message_hash(std::span<const uint8_t> message);

// The marker of a message that begins here: the size of its data; none where no marker is, or one that contradicts itself.
std::optional<uint32_t> rpc_marker(std::span<const uint8_t> bytes);
// The header behind a marker, as far as it is there: at least the id, else none.
std::optional<Rpc> rpc_header(std::span<const uint8_t> bytes);

// Records of a log. What cannot be one, and bytes too few for one at the end, are findings.
std::vector<Rpc> read_rpc_log(const AnyInput& log, Diagnostics& diagnostics);
// Puts the four times of a record into its place in the log.
void put_rpc_times(const Rpc& rpc, std::span<uint8_t> record);

// "192.168.1.60:41000"
std::string address_text(uint32_t ip);
std::string address_text(uint32_t ip, uint16_t port);
// Its IP; none when the text is no address.
std::optional<uint32_t> address_value(const std::string& text);

// Microseconds that a message of such a length takes on a wire of 1 Gbit/s with its packets' overhead (trace-format.md, 4.7).
int64_t wire_us(uint32_t length_code);

}  // namespace kutrace
