// SPDX-License-Identifier: BSD-3-Clause
// Serves RPCs until one says quit.
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "rpc.h"

using namespace kutrace::workload;

namespace {

struct Setting {
  int workers;
  long service_us, slow_every, slow_ms;
};

// Requests that came, for the workers.
class Work {
 public:
  struct Item {
    int fd;
    RpcHeader header;
    std::vector<char> data;
  };
  void put(Item item) {
    const std::lock_guard hold(mutex_);
    items_.push_back(std::move(item));
    there_.notify_one();
  }
  void close() {
    const std::lock_guard hold(mutex_);
    closed_ = true;
    there_.notify_all();
  }
  bool take(Item& item) {
    std::unique_lock hold(mutex_);
    there_.wait(hold, [&] { return closed_ || !items_.empty(); });
    if (items_.empty()) return false;
    item = std::move(items_.front());
    items_.pop_front();
    return true;
  }

 private:
  std::mutex mutex_;
  std::condition_variable there_;
  std::deque<Item> items_;
  bool closed_ = false;
};

uint32_t sum_of(const std::vector<char>& data) {
  uint32_t sum = 0;
  for (int round = 0; round < 20; ++round) {
    for (const char c : data) sum = sum * 31 + static_cast<uint8_t>(c);
  }
  return sum;
}

void serve(const Work::Item& item, const Setting& s, std::atomic<long>& count) {
  kutrace_rpc_request(item.header.id, item.header.bytes);
  const long number = ++count;
  {
    const Phase phase("serve");
    if (item.header.method == 4) {
      volatile uint32_t sum = sum_of(item.data);
      (void)sum;
    }
    if (s.service_us > 0) sleep_us(s.service_us);
    if (s.slow_every > 0 && number % s.slow_every == 0) work_us(s.slow_ms * 1000);
  }
  kutrace_rpc_response(item.header.id, item.header.answer_bytes);
  kutrace_rpc_resume(0);
  rpc_write(item.fd, item.header, std::vector<char>(item.header.answer_bytes, 'a'), item.header.answer_bytes);
}

// Reads what one client sends, until it goes; true: it said quit.
bool receive(int fd, Work& work) {
  RpcHeader header;
  while (rpc_read(fd, &header, sizeof header)) {
    if (header.bytes > 1 << 20 || header.answer_bytes > 1 << 20) fail("a client that is none");
    std::vector<char> data(header.bytes);
    if (!rpc_read(fd, data.data(), data.size())) return false;
    if (std::strcmp(kMethods[header.method % std::size(kMethods)], "quit") == 0) return true;
    work.put({fd, header, std::move(data)});
  }
  return false;
}

}  // namespace

KUTRACE_WORKLOAD(rpc_server) {
  const Options o(argc, argv, "Serves RPCs on this machine (phase serve) until a client says quit.",
                  {{"port", "7075", "TCP port"}, {"workers", "2", "threads that serve"}, {"service", "0", "us that each takes, asleep"}, {"slow", "0", "every how many one takes longer; 0: none"}, {"slow-ms", "20", "ms of computing of those"}});
  const Setting s{static_cast<int>(o.number("workers", 1, 64)), o.number("service", 0, 100000), o.number("slow", 0, 100000), o.number("slow-ms", 1, 1000)};
  const int listener = static_cast<int>(must(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
  const int on = 1;
  must(setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), "SO_REUSEADDR");
  const sockaddr_in a = rpc_address(o.number("port", 1024, 65535));
  must(bind(listener, reinterpret_cast<const sockaddr*>(&a), sizeof a), "bind");
  must(listen(listener, 64), "listen");
  Work work;
  std::atomic<long> count{0};
  std::vector<std::jthread> workers, clients;
  for (int k = 0; k < s.workers; ++k) {
    workers.emplace_back([&] {
      for (Work::Item item; work.take(item);) serve(item, s, count);
    });
  }
  // Whoever says quit ends the listening, which wakes this one.
  std::atomic<bool> quit{false};
  while (!quit) {
    const int fd = accept(listener, nullptr, nullptr);
    if (fd < 0) break;
    rpc_no_delay(fd);
    clients.emplace_back([&, fd] {
      if (receive(fd, work)) {
        quit = true;
        shutdown(listener, SHUT_RDWR);
      }
      close(fd);  // clients go when they have their answers
    });
  }
  clients.clear();
  work.close();
  workers.clear();
  close(listener);
}
