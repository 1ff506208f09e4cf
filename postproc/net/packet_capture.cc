// SPDX-License-Identifier: BSD-3-Clause
#include "net/packet_capture.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "base/file_kind.h"

namespace kutrace {
namespace {

constexpr size_t kFileHeader = 24, kRecordHeader = 16, kLinkAt = 20;
constexpr uint32_t kMicroseconds = 0xa1b2c3d4, kNanoseconds = 0xa1b23c4d;

// Kinds of network: bytes before the IP packet, and where in them its EtherType stands (none: always IP).
struct Link {
  uint32_t number;
  size_t bytes;
  int type_at;
};
constexpr Link kLinks[] = {{0, 4, -1}, {1, 14, 12}, {101, 0, -1}, {113, 16, 14}, {228, 0, -1}, {276, 20, 0}};
constexpr uint16_t kIpv4 = 0x0800, kIpv6 = 0x86dd, kVlan = 0x8100;
constexpr uint8_t kTcp = 6, kUdp = 17;

uint32_t raw_word(std::span<const uint8_t> bytes, size_t at) {
  uint32_t value;
  std::memcpy(&value, bytes.data() + at, sizeof(value));
  return value;
}

const Link* find_link(uint32_t number) {
  const auto* found = std::find_if(std::begin(kLinks), std::end(kLinks), [&](const Link& l) { return l.number == number; });
  return found == std::end(kLinks) ? nullptr : found;
}

bool has_magic_of_one(uint32_t magic) { return magic == kMicroseconds || magic == kNanoseconds; }

}  // namespace

bool is_packet_capture(std::span<const uint8_t> bytes) {
  if (bytes.size() < kFileHeader) return false;
  const uint32_t magic = raw_word(bytes, 0);
  return has_magic_of_one(magic) || has_magic_of_one(__builtin_bswap32(magic));
}

PacketCapture::PacketCapture(const AnyInput& input) : input_(input) {
  const auto bytes = input.bytes();
  if (!is_packet_capture(bytes)) {
    const std::string_view head(reinterpret_cast<const char*>(bytes.data()), std::min(bytes.size(), kFileHead));
    const FileKind* kind = file_kind(head);
    const bool newer = kind != nullptr && kind->id == FileKind::Id::pcapng;
    throw Error(input.name(), 0, newer ? "is a packet capture of the newer kind (pcapng)" : "is no packet capture",
                newer ? "convert it first: tcpdump -r FILE -w FILE.pcap" : "give a file that tcpdump -w wrote");
  }
  const uint32_t magic = raw_word(bytes, 0);
  swapped_ = !has_magic_of_one(magic);
  if ((swapped_ ? __builtin_bswap32(magic) : magic) == kNanoseconds) unit_ns_ = 1;
  link_ = word(kLinkAt) & 0xffff;
  if (find_link(link_) == nullptr) {
    throw Error(input.name(), kLinkAt, "was captured on a network of kind " + std::to_string(link_) + ", which is not known",
                "capture on an Ethernet interface, or on all (tcpdump -i any)");
  }
}

uint32_t PacketCapture::word(size_t at) const {
  const uint32_t value = raw_word(input_.bytes(), at);
  return swapped_ ? __builtin_bswap32(value) : value;
}

uint16_t PacketCapture::half(std::span<const uint8_t> from, size_t at) const { return static_cast<uint16_t>(from[at] << 8 | from[at + 1]); }

void PacketCapture::each(const std::function<void(const Packet&)>& take, Diagnostics& diagnostics) const {
  const auto bytes = input_.bytes();
  auto bad = [&](size_t at, const char* what) {
    diagnostics.add_at(Finding::kBadRecord, [&] { return input_.name() + " at offset " + std::to_string(at) + ": " + what; });
  };
  for (size_t at = kFileHeader; at < bytes.size();) {
    if (bytes.size() - at < kRecordHeader || bytes.size() - at - kRecordHeader < word(at + 8)) return bad(at, "the capture ends within a packet");
    const auto frame = bytes.subspan(at + kRecordHeader, word(at + 8));
    Packet packet;
    packet.ns = static_cast<int64_t>(word(at)) * 1000000000 + word(at + 4) * unit_ns_;
    if (network(frame, packet)) take(packet);
    at += kRecordHeader + frame.size();
  }
}

bool PacketCapture::network(std::span<const uint8_t> frame, Packet& packet) const {
  const Link& link = *find_link(link_);
  size_t head = link.bytes;
  if (frame.size() <= head) return false;
  uint16_t type = frame[head] >> 4 == 6 ? kIpv6 : kIpv4;
  if (link.type_at >= 0) type = half(frame, static_cast<size_t>(link.type_at));
  if (type == kVlan && frame.size() > head + 4) {
    type = half(frame, head + 2);
    head += 4;
  }
  const auto rest = frame.subspan(head);
  return type == kIpv4 ? ipv4(rest, packet) : type == kIpv6 && ipv6(rest, packet);
}

bool PacketCapture::ipv4(std::span<const uint8_t> b, Packet& packet) const {
  if (b.size() < 20 || b[0] >> 4 != 4) return false;
  const size_t header = static_cast<size_t>(b[0] & 0xf) * 4, total = half(b, 2);
  const bool later_fragment = (half(b, 6) & 0x1fff) != 0;
  if (header < 20 || total < header || b.size() < header || later_fragment) return false;
  packet.from = __builtin_bswap32(raw_word(b, 12));
  packet.to = __builtin_bswap32(raw_word(b, 16));
  return transport(b.first(std::min(b.size(), total)).subspan(header), b[9], packet);
}

bool PacketCapture::ipv6(std::span<const uint8_t> b, Packet& packet) const {
  constexpr size_t kHeader = 40;
  if (b.size() < kHeader || b[0] >> 4 != 6) return false;
  return transport(b.first(std::min<size_t>(b.size(), kHeader + half(b, 4))).subspan(kHeader), b[6], packet);
}

bool PacketCapture::transport(std::span<const uint8_t> b, uint8_t protocol, Packet& packet) const {
  constexpr size_t kUdpHeader = 8, kTcpHeader = 20;
  packet.tcp = protocol == kTcp;
  if (b.size() < (packet.tcp ? kTcpHeader : kUdpHeader) || (protocol != kTcp && protocol != kUdp)) return false;
  const size_t header = packet.tcp ? static_cast<size_t>(b[12] >> 4) * 4 : kUdpHeader;
  if (header < kUdpHeader || b.size() < header) return false;
  packet.payload = b.subspan(header);
  return true;
}

}  // namespace kutrace
