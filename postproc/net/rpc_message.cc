// SPDX-License-Identifier: BSD-3-Clause
#include "net/rpc_message.h"

#include <arpa/inet.h>

#include <cstring>

#include "kutrace/abi.h"
#include "span/network.h"

namespace kutrace {
namespace {

// Places in a header and in the first part of a log's record, which are the same.
enum Place : size_t {
  kId = 0,
  kParent = 4,
  kTimes = 8,
  kClientIp = 40,
  kServerIp = 44,
  kClientPort = 48,
  kServerPort = 50,
  kRequestCode = 52,
  kResponseCode = 53,
  kType = 54,
  kMethod = 56,
  kMethodBytes = 8,
  kStatus = 64,
  kDataBytes = 68,  // of a log's record
  kData = 72
};

constexpr uint32_t kMaxHeader = 4095, kMaxData = (1 << 24) - 1;

template <typename T>
T at(std::span<const uint8_t> bytes, size_t place) {
  T value;
  std::memcpy(&value, bytes.data() + place, sizeof(value));
  return value;
}

Rpc common(std::span<const uint8_t> b) {
  Rpc r;
  r.id = at<uint32_t>(b, kId);
  r.parent = at<uint32_t>(b, kParent);
  r.t = at<std::array<int64_t, Rpc::kTimes>>(b, kTimes);
  r.client_ip = at<uint32_t>(b, kClientIp);
  r.server_ip = at<uint32_t>(b, kServerIp);
  r.client_port = at<uint16_t>(b, kClientPort);
  r.server_port = at<uint16_t>(b, kServerPort);
  r.request_code = b[kRequestCode];
  r.response_code = b[kResponseCode];
  r.type = at<uint16_t>(b, kType);
  const char* method = reinterpret_cast<const char*>(b.data() + kMethod);
  r.method.assign(method, ::strnlen(method, kMethodBytes));
  r.status = at<uint32_t>(b, kStatus);
  return r;
}

// Times that a clock can have: not yet, or within 2000 to 2100.
bool possible(const Rpc& r) {
  constexpr int64_t kFirst = 946684800000000, kLast = 4102444800000000;
  for (const int64_t t : r.t) {
    if (t != 0 && (t < kFirst || t > kLast)) return false;
  }
  return r.type <= static_cast<uint16_t>(RpcType::kText);
}

// Text of the data: a string has its length in four bytes before it.
std::string text_of(std::span<const uint8_t> data, uint32_t data_bytes) {
  const size_t present = std::min<size_t>(data.size(), data_bytes);
  const auto length = at<uint32_t>(data, 0);
  const bool is_string = present > 4 && length > 0 && length <= data_bytes - 4;
  const std::span<const uint8_t> text = is_string ? data.subspan(4, std::min<size_t>(length, present - 4)) : data.first(present);
  return {reinterpret_cast<const char*>(text.data()), ::strnlen(reinterpret_cast<const char*>(text.data()), text.size())};
}

}  // namespace

std::optional<uint32_t> message_hash(std::span<const uint8_t> message) {
  std::array<uint32_t, 8> words;
  if (message.size() < sizeof(words)) return std::nullopt;
  std::memcpy(words.data(), message.data(), sizeof(words));
  uint32_t hash = 0;
  for (const uint32_t word : words) hash ^= word;
  return hash;
}

std::optional<uint32_t> rpc_marker(std::span<const uint8_t> bytes) {
  if (bytes.size() < kRpcMarkerBytes || at<uint32_t>(bytes, 0) != KUTRACE_DEFAULT_PKT_MATCH) return std::nullopt;
  const auto header = at<uint32_t>(bytes, 4), data = at<uint32_t>(bytes, 8), sum = at<uint32_t>(bytes, 12);
  if (header > kMaxHeader || data > kMaxData || sum != KUTRACE_DEFAULT_PKT_MATCH + ((header << 20) ^ data)) return std::nullopt;
  return data;
}

std::optional<Rpc> rpc_header(std::span<const uint8_t> bytes) {
  if (bytes.size() < sizeof(uint32_t)) return std::nullopt;
  std::array<uint8_t, kRpcHeaderBytes> whole{};
  std::memcpy(whole.data(), bytes.data(), std::min(bytes.size(), whole.size()));
  return common(whole);
}

std::vector<Rpc> read_rpc_log(const AnyInput& log, Diagnostics& diagnostics) {
  std::vector<Rpc> out;
  const auto bytes = log.bytes();
  auto place = [&](size_t offset) { return log.name() + " at offset " + std::to_string(offset); };
  diagnostics.take(Limit::memory, bytes.size() / kRpcLogBytes * sizeof(Rpc));
  for (size_t offset = 0; offset + kRpcLogBytes <= bytes.size() && !diagnostics.spent(); offset += kRpcLogBytes) {
    const auto record = bytes.subspan(offset, kRpcLogBytes);
    Rpc r = common(record);
    r.data_bytes = at<uint32_t>(record, kDataBytes);
    r.data = text_of(record.subspan(kData), r.data_bytes);
    if (!possible(r)) diagnostics.add_at(Finding::kBadRecord, [&] { return place(offset); });
    // A place for each record, so that a log can be written again with other times.
    if (!possible(r)) r.type = static_cast<uint16_t>(RpcType::kText), r.t = {};
    out.push_back(std::move(r));
  }
  if (const size_t rest = bytes.size() % kRpcLogBytes; rest != 0) {
    diagnostics.add_at(Finding::kBadRecord,
                       [&] { return place(bytes.size() - rest) + ": " + std::to_string(rest) + " bytes, not " + std::to_string(kRpcLogBytes); });
  }
  return out;
}

void put_rpc_times(const Rpc& rpc, std::span<uint8_t> record) { std::memcpy(record.data() + kTimes, rpc.t.data(), sizeof(rpc.t)); }

std::string address_text(uint32_t ip) {
  std::string text;
  for (int shift = 24; shift >= 0; shift -= 8) text += (text.empty() ? "" : ".") + std::to_string((ip >> shift) & 0xff);
  return text;
}

std::string address_text(uint32_t ip, uint16_t port) { return address_text(ip) + ":" + std::to_string(port); }

std::optional<uint32_t> address_value(const std::string& text) {
  in_addr address;
  if (::inet_pton(AF_INET, text.c_str(), &address) != 1) return std::nullopt;
  return ntohl(address.s_addr);
}

int64_t wire_us(uint32_t length_code) { return (static_cast<int64_t>(length_of_code(length_code)) + 100) / 120; }

}  // namespace kutrace
