// SPDX-License-Identifier: BSD-3-Clause
// Asks a server of RPCs, one after another on each connection.
#include <atomic>

#include "rpc.h"

using namespace kutrace::workload;

namespace {

// The server may be about to begin: it is asked for until it is there.
int connected(long port) {
  const sockaddr_in a = rpc_address(port);
  for (int tries = 0;; ++tries) {
    const int fd = static_cast<int>(must(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
    if (connect(fd, reinterpret_cast<const sockaddr*>(&a), sizeof a) == 0) {
      rpc_no_delay(fd);
      return fd;
    }
    close(fd);
    if (tries == 500) fail("no server");
    sleep_us(10000);
  }
}

uint32_t number_of(const std::string& method) {
  for (uint32_t k = 0; k < std::size(kMethods); ++k) {
    if (method == kMethods[k]) return k;
  }
  fail(method.c_str());
}

// Of quit, which may come from a client of its own: no id that another client has given.
constexpr uint32_t kQuitId = 65535;

// What of the two sides is long.
RpcHeader header_of(uint32_t id, const std::string& method, uint32_t size) {
  const bool sends = method == "write" || method == "sink" || method == "checksum";
  return {id, number_of(method), sends ? size : 64, method == "read" ? size : 64};
}

}  // namespace

KUTRACE_WORKLOAD(rpc_client) {
  const Options o(argc, argv, "Asks a server of RPCs on this machine (a phase each, of the method's name; of checksum: check).",
                  {{"port", "7075", "its TCP port"}, {"method", "ping", "ping, read, write, sink, checksum, quit: n of each, one after another"}, {"n", "10", "RPCs of each method"}, {"parallel", "1", "connections that do so"}, {"size", "4096", "bytes of what is long"}, {"gap", "0", "us between them"}});
  const long port = o.number("port", 1024, 65535), n = o.number("n", 1, 10000), gap = o.number("gap", 0, 100000);
  const auto size = static_cast<uint32_t>(o.number("size", 1, 1 << 20));
  const auto methods = o.words("method", {"ping", "read", "write", "sink", "checksum", "quit"});
  static const char* const names[] = {"ping", "read", "write", "sink", "check", "quit"};
  static std::atomic<uint32_t> next_id{1};
  run_threads(static_cast<int>(o.number("parallel", 1, 64)), [&](int) {
    const int fd = connected(port);
    std::vector<char> data(1 << 20, 'q');
    for (const std::string& method : methods) {
      for (long k = 0; k < (method == "quit" ? 1 : n); ++k) {
        const RpcHeader header = header_of(method == "quit" ? kQuitId : next_id++, method, size);
        kutrace_name_method(header.id, method.c_str());
        const Phase phase(names[header.method]);
        kutrace_rpc_request(header.id, header.bytes);
        rpc_write(fd, header, data, header.bytes);
        RpcHeader answer;
        if (method != "quit" && rpc_read(fd, &answer, sizeof answer)) rpc_read(fd, data.data(), answer.answer_bytes);
        kutrace_rpc_response(header.id, header.answer_bytes);
        kutrace_rpc_resume(0);
        if (gap > 0) sleep_us(gap);
      }
    }
    close(fd);
  });
}
