// SPDX-License-Identifier: BSD-3-Clause
// What a connection over loopback does with small writes, with a reader that sleeps, and with being opened anew each time.
#include <thread>

#include "rpc.h"

using namespace kutrace::workload;

namespace {

// A socket that listens on a port of the kernel's choice.
class Listener {
 public:
  Listener() : fd_(static_cast<int>(must(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"))) {
    sockaddr_in a = rpc_address(0);
    must(bind(fd_, reinterpret_cast<sockaddr*>(&a), sizeof a), "bind");
    must(listen(fd_, 16), "listen");
    socklen_t size = sizeof a;
    must(getsockname(fd_, reinterpret_cast<sockaddr*>(&a), &size), "getsockname");
    port_ = ntohs(a.sin_port);
  }
  ~Listener() { close(fd_); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  int next() const { return static_cast<int>(must(accept(fd_, nullptr, nullptr), "accept")); }
  int connected() const {
    const int fd = static_cast<int>(must(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
    sockaddr_in a = rpc_address(port_);
    must(connect(fd, reinterpret_cast<sockaddr*>(&a), sizeof a), "connect");
    return fd;
  }

 private:
  int fd_;
  uint16_t port_ = 0;
};

constexpr size_t kHalf = 40;

// A request is two small writes; the answer comes when both are there.
void answers(int fd) {
  char request[2 * kHalf];
  while (rpc_read(fd, request, sizeof request)) must(write(fd, request, kHalf), "write");
  close(fd);
}

void two_writes(bool no_delay, long n) {
  const Listener listener;
  const std::jthread server([&] { answers(listener.next()); });
  const int fd = listener.connected();
  const int on = no_delay ? 1 : 0;
  must(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), "TCP_NODELAY");
  char half[kHalf] = {};
  for (long k = 0; k < n; ++k) {
    const Phase phase(no_delay ? "nodly" : "nagle");
    must(write(fd, half, sizeof half), "write");
    must(write(fd, half, sizeof half), "write");
    rpc_read(fd, half, sizeof half);
  }
  close(fd);
}

void connections(bool each, long n) {
  const Listener listener;
  const std::jthread server([&] {
    for (long k = 0; k < (each ? n : 1); ++k) answers(listener.next());
  });
  char request[2 * kHalf] = {};
  const Phase phase(each ? "conn" : "keep");
  int fd = -1;
  for (long k = 0; k < n; ++k) {
    if (fd < 0) fd = listener.connected();
    must(write(fd, request, sizeof request), "write");
    rpc_read(fd, request, kHalf);
    if (each) {
      close(fd);
      fd = -1;
    }
  }
  if (fd >= 0) close(fd);
}

// The receiver sleeps before it reads; what is sent does not fit into the buffers meanwhile.
void window(long n, long rest_ms) {
  const Listener listener;
  constexpr size_t kPiece = 1 << 16;
  const std::jthread server([&] {
    std::vector<char> piece(kPiece);
    const int fd = listener.next();
    for (bool more = true; more;) {
      sleep_us(rest_ms * 1000);
      for (int k = 0; k < 16 && more; ++k) more = must(read(fd, piece.data(), piece.size()), "read") > 0;
    }
    close(fd);
  });
  const int fd = listener.connected();
  const int small = 1 << 16;
  must(setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof small), "SO_SNDBUF");
  const std::vector<char> piece(kPiece);
  {
    const Phase phase("flow");
    for (long k = 0; k < n; ++k) {
      for (size_t sent = 0; sent < kPiece;) sent += static_cast<size_t>(must(write(fd, piece.data() + sent, kPiece - sent), "write"));
    }
  }
  close(fd);
}

}  // namespace

KUTRACE_WORKLOAD(netflow) {
  const Options o(argc, argv, "Requests of two small writes (nagle, nodly), a connection each or one for all (conn, keep), a reader that sleeps (flow).",
                  {{"how", "nagle,nodelay", "nagle, nodelay, connect, keep, window: in this order"}, {"n", "20", "requests, or pieces of 64 KB"}, {"rest", "50", "ms that the reader sleeps"}});
  const long n = o.number("n", 1, 10000);
  for (const std::string& how : o.words("how", {"nagle", "nodelay", "connect", "keep", "window"})) {
    if (how == "nagle" || how == "nodelay") two_writes(how == "nodelay", n);
    if (how == "connect" || how == "keep") connections(how == "connect", n);
    if (how == "window") window(n, o.number("rest", 1, 1000));
  }
}
