// SPDX-License-Identifier: BSD-3-Clause
// TCP on this machine, and what the server and the client of RPCs say to each other over it: a header, then so many bytes; answered by the same.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <vector>

#include "workload.h"

namespace kutrace::workload {

inline constexpr const char* kMethods[] = {"ping", "read", "write", "sink", "checksum", "quit"};

struct RpcHeader {
  uint32_t id, method, bytes, answer_bytes;
};

inline sockaddr_in rpc_address(long port) {
  sockaddr_in a{};
  a.sin_family = AF_INET;
  a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  a.sin_port = htons(static_cast<uint16_t>(port));
  return a;
}

// false: the other side has gone.
inline bool rpc_read(int fd, void* to, size_t size) {
  for (size_t got = 0; got < size;) {
    const long bytes = must(read(fd, static_cast<char*>(to) + got, size - got), "read");
    if (bytes == 0) return false;
    got += static_cast<size_t>(bytes);
  }
  return true;
}

inline void rpc_write(int fd, const RpcHeader& header, const std::vector<char>& data, size_t bytes) {
  std::vector<char> message(sizeof header + bytes);
  std::memcpy(message.data(), &header, sizeof header);
  if (bytes > 0) std::memcpy(message.data() + sizeof header, data.data(), bytes);
  for (size_t sent = 0; sent < message.size();) sent += static_cast<size_t>(must(write(fd, message.data() + sent, message.size() - sent), "write"));
}

inline void rpc_no_delay(int fd) {
  const int on = 1;
  must(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), "TCP_NODELAY");
}

}  // namespace kutrace::workload
