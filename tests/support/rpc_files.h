// SPDX-License-Identifier: BSD-3-Clause
// Logs of RPCs and packet captures, byte by byte as the book's programs and libpcap write them. Knows the formats, and nothing of their readers.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kutrace::test {

template <typename T>
void put(std::string& out, T value) {
  for (size_t i = 0; i < sizeof(T); ++i) out += static_cast<char>(static_cast<uint64_t>(value) >> 8 * i);
}
template <typename T>
void put_swapped(std::string& out, T value) {
  for (size_t i = sizeof(T); i-- > 0;) out += static_cast<char>(static_cast<uint64_t>(value) >> 8 * i);
}

struct LoggedRpc {
  uint32_t id = 0, parent = 0;
  std::array<int64_t, 4> t{};
  uint32_t client = 0xc0a8013c, server = 0xc0a80150;  // 192.168.1.60 and .80
  uint8_t request = 66, response = 66;
  uint16_t type = 3;
  std::string_view method = "read", text = "key";
};

// What a header on the wire and a record of a log have in common: 64 bytes.
inline std::string rpc_fields(const LoggedRpc& r) {
  std::string out;
  put(out, r.id);
  put(out, r.parent);
  for (const int64_t t : r.t) put(out, t);
  put(out, r.client);
  put(out, r.server);
  put<uint16_t>(out, 41000);
  put<uint16_t>(out, 12345);
  put(out, r.request);
  put(out, r.response);
  put(out, r.type);
  out += r.method;
  out.resize(64);
  return out;
}

inline std::string log_record(const LoggedRpc& r) {
  std::string out = rpc_fields(r);
  put<uint32_t>(out, 0);
  put<uint32_t>(out, 97);
  put(out, static_cast<uint32_t>(r.text.size()));
  out += r.text;
  out.resize(96);
  return out;
}

// Marker, header and `data` bytes.
inline std::string rpc_message(const LoggedRpc& r, uint32_t data) {
  std::string out;
  put<uint32_t>(out, 0xd1c517e5);
  put<uint32_t>(out, 72);
  put(out, data);
  put(out, 0xd1c517e5u + ((72u << 20) ^ data));
  out += rpc_fields(r) + std::string(8 + data, '\0');
  return out;
}

// A TCP packet as `tcpdump -i any` captures it (16 bytes before the IP header), at `us` since 1970.
inline std::string captured(int64_t us, uint32_t from, uint32_t to, const std::string& payload, bool swapped = false) {
  std::string frame(14, '\0');
  put_swapped<uint16_t>(frame, 0x0800);
  std::string ip(1, 0x45);
  ip += '\0';
  put_swapped<uint16_t>(ip, static_cast<uint16_t>(40 + payload.size()));
  ip += std::string(5, '\0') + '\x06' + std::string(2, '\0');
  put_swapped(ip, from);
  put_swapped(ip, to);
  std::string tcp(12, '\0');
  tcp += '\x50' + std::string(7, '\0');
  frame += ip + tcp + payload;
  std::string out;
  auto word = [&](uint32_t value) { swapped ? put_swapped(out, value) : put(out, value); };
  word(static_cast<uint32_t>(us / 1000000));
  word(static_cast<uint32_t>(us % 1000000));
  word(static_cast<uint32_t>(frame.size()));
  word(static_cast<uint32_t>(frame.size()));
  return out + frame;
}

inline std::string capture_head(bool swapped = false, uint32_t link = 113, uint32_t magic = 0xa1b2c3d4) {
  std::string out;
  auto word = [&](uint32_t value) { swapped ? put_swapped(out, value) : put(out, value); };
  for (const uint32_t value : {magic, 0x00040002u, 0u, 0u, 65535u, link}) word(value);
  return out;
}

}  // namespace kutrace::test
