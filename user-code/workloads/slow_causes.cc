// SPDX-License-Identifier: BSD-3-Clause
// slow_causes CAUSE [SEED]: requests between marks `req` and `/req`, a few of which are slow for one known reason, so that what is said of a trace
// of them can be checked. Prints which requests those are: a line `slow NUMBER` each, counted from 0.
//
//   kutrace record -o lock.trace -- slow_causes lock 7
//
// CAUSE: none; lock (held over a sleep); convoy (five others have the lock before); peer (answers late); lost (a datagram, sent again after a
// timeout); preempt (by a real-time thread); inversion (the holder of a lock is preempted by a thread that waits for nothing); interrupts (a storm of
// timers, which is not judged: docs/why.md); faults (pages that were given back). preempt and inversion need the right to real-time priorities.
#include <arpa/inet.h>
#include <linux/futex.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <memory>
#include <random>
#include <semaphore>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "kutrace.h"

namespace {

constexpr int kRequests = 60, kSlow = 5, kWarm = 10;  // the first ones are never slow
constexpr long kMillisecond = 1000000;

void must(bool good, const char* what) {
  if (good) return;
  std::perror(what);
  std::exit(1);
}
void sleep_ns(long ns) {
  const timespec t{ns / 1000000000, ns % 1000000000};
  nanosleep(&t, nullptr);
}
long now_ns() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000 + t.tv_nsec;
}
void compute(long loops) {
  uint64_t x = 88172645463325252u;
  for (long i = 0; i < loops; ++i) x ^= x << 13, x ^= x >> 7, x ^= x << 17;
  asm volatile("" : : "r"(x));
}
void spin_ns(long ns) {
  for (const long end = now_ns() + ns; now_ns() < end;) compute(10000);
}
void be(const char* name, int cpu, int realtime = 0) {
  prctl(PR_SET_NAME, name);
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<size_t>(cpu), &set);
  sched_setaffinity(0, sizeof(set), &set);
  if (realtime == 0) return;
  const sched_param p{.sched_priority = realtime};
  must(sched_setscheduler(0, SCHED_FIFO, &p) == 0, "a real-time priority");
}

// First come, first served: the order of a convoy is known.
class TicketLock {
 public:
  uint32_t take() { return next_.fetch_add(1); }
  void wait(uint32_t ticket) {
    for (uint32_t serving = serving_; serving != ticket; serving = serving_) {
      kutrace_lock_failed(kNumber);
      syscall(SYS_futex, &serving_, FUTEX_WAIT_PRIVATE, serving, nullptr, nullptr, 0);
    }
    kutrace_lock_acquired(kNumber);
  }
  void release() {
    kutrace_lock_released(kNumber);
    ++serving_;
    syscall(SYS_futex, &serving_, FUTEX_WAKE_PRIVATE, INT32_MAX, nullptr, nullptr, 0);
  }
  static void name() { kutrace_name_lock(kNumber, "table"); }

 private:
  static constexpr uint32_t kNumber = 77;
  std::atomic<uint32_t> next_{0}, serving_{0};
};

// What makes a request slow: prepare() is called before its first mark, request() between them. Threads are the cause's own and end with it.
class Cause {
 public:
  virtual ~Cause() = default;
  virtual void prepare(bool, long) {}
  virtual void request(bool) { compute(20000); }
};

// A request that takes a lock for its work.
class LockedCause : public Cause {
 public:
  void request(bool slow) override {
    lock_.wait(lock_.take());
    Cause::request(slow);
    lock_.release();
  }

 protected:
  TicketLock lock_;
};

class LockCause : public LockedCause {
 public:
  // How many hold the lock before the request, over a sleep or while they run.
  LockCause(int holders, bool sleeps) : sleeps_(sleeps) {
    for (int i = 0; i < holders; ++i) threads_.emplace_back([this] { hold(); });
  }
  ~LockCause() override {
    length_ = 0;
    go_.release(static_cast<int>(threads_.size()));
    for (std::thread& t : threads_) t.join();
  }
  void prepare(bool slow, long ns) override {
    if (!slow) return;
    length_ = ns / static_cast<long>(threads_.size());
    for (size_t i = 0; i < threads_.size(); ++i) {
      go_.release();
      queued_.acquire();
    }
  }

 private:
  void hold() {
    be("holder", 1);
    for (;;) {
      go_.acquire();
      const long ns = length_;
      if (ns == 0) return;
      const uint32_t ticket = lock_.take();
      queued_.release();
      lock_.wait(ticket);
      sleeps_ ? sleep_ns(ns) : spin_ns(ns);
      lock_.release();
    }
  }
  bool sleeps_;
  std::atomic<long> length_{1};
  std::counting_semaphore<> go_{0}, queued_{0};
  std::vector<std::thread> threads_;
};

class InversionCause : public LockedCause {
 public:
  InversionCause() : low_([this] { hold(); }), middle_([this] { disturb(); }) {
    const sched_param p{.sched_priority = 20};
    must(sched_setscheduler(0, SCHED_FIFO, &p) == 0, "a real-time priority");
  }
  ~InversionCause() override {
    length_ = 0;
    go_.release();
    disturb_.release();
    low_.join();
    middle_.join();
  }
  void prepare(bool slow, long ns) override {
    if (!slow) return;
    length_ = ns;
    go_.release();
    held_.acquire();
  }

 private:
  void hold() {
    be("low", 1);
    for (;;) {
      go_.acquire();
      if (length_ == 0) return;
      lock_.wait(lock_.take());
      held_.release();
      disturb_.release();  // which takes the CPU at once
      spin_ns(kMillisecond);
      lock_.release();
    }
  }
  void disturb() {
    be("middle", 1, 10);
    for (;;) {
      disturb_.acquire();
      if (length_ == 0) return;
      spin_ns(length_);
    }
  }
  std::atomic<long> length_{1};
  std::binary_semaphore go_{0}, held_{0}, disturb_{0};
  std::thread low_, middle_;
};

class PreemptCause : public Cause {
 public:
  PreemptCause() : timer_(timerfd_create(CLOCK_MONOTONIC, 0)), thread_([this] { disturb(); }) {}
  ~PreemptCause() override {
    length_ = 0;
    arm(1);
    thread_.join();
    close(timer_);
  }
  void prepare(bool slow, long ns) override {
    if (slow) length_ = ns;
  }
  void request(bool slow) override {
    if (slow) arm(kMillisecond);
    compute(2000000);
  }

 private:
  void arm(long ns) {
    const itimerspec once{.it_interval = {}, .it_value = {0, ns}};
    timerfd_settime(timer_, 0, &once, nullptr);
  }
  void disturb() {
    be("urgent", 0, 50);
    uint64_t times;
    while (read(timer_, &times, sizeof(times)) > 0 && length_ != 0) spin_ns(length_);
  }
  int timer_;
  std::atomic<long> length_{1};
  std::thread thread_;
};

// A server that answers late (TCP), or does not get a datagram (UDP) and is asked again.
class PeerCause : public Cause {
 public:
  explicit PeerCause(bool loses) : loses_(loses) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(at);
    const int server = socket(AF_INET, loses ? SOCK_DGRAM : SOCK_STREAM, 0);
    must(server >= 0 && bind(server, reinterpret_cast<sockaddr*>(&at), size) == 0 && getsockname(server, reinterpret_cast<sockaddr*>(&at), &size) == 0, "a socket");
    if (!loses) must(listen(server, 1) == 0, "listen");
    socket_ = socket(AF_INET, loses ? SOCK_DGRAM : SOCK_STREAM, 0);
    must(connect(socket_, reinterpret_cast<sockaddr*>(&at), size) == 0, "connect");
    if (!loses) {
      const int one = 1, connection = accept(server, nullptr, nullptr);
      setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
      setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
      close(server);
      server_ = connection;
    } else {
      server_ = server;
    }
    thread_ = std::thread([this] { serve(); });
  }
  ~PeerCause() override {
    message_[0] = 'q';
    must(send(socket_, message_.data(), message_.size(), 0) > 0, "send");
    thread_.join();
    close(socket_);
    close(server_);
  }
  void prepare(bool slow, long ns) override {
    length_ = ns;
    message_[0] = slow ? 's' : 'a';
  }
  void request(bool) override {
    for (pollfd p{socket_, POLLIN, 0};; message_[0] = 'a') {
      kutrace_sending(message_.data(), message_.size());
      must(send(socket_, message_.data(), message_.size(), 0) > 0, "send");
      if (!loses_ || poll(&p, 1, static_cast<int>(length_ / kMillisecond)) == 1) break;
    }
    std::array<char, 64> answer{};
    must(recv(socket_, answer.data(), answer.size(), 0) > 0, "recv");
    kutrace_received(answer.data(), answer.size());
  }

 private:
  void serve() {
    be("peer", 1);
    std::array<char, 64> message{};
    sockaddr_in from{};
    for (;;) {
      socklen_t size = sizeof(from);
      if (recvfrom(server_, message.data(), message.size(), 0, reinterpret_cast<sockaddr*>(&from), &size) <= 0 || message[0] == 'q') return;
      kutrace_received(message.data(), message.size());
      if (message[0] == 's') {
        if (loses_) continue;
        sleep_ns(length_);
      }
      message[1] = 'r';
      kutrace_sending(message.data(), message.size());
      sendto(server_, message.data(), message.size(), 0, loses_ ? reinterpret_cast<sockaddr*>(&from) : nullptr, loses_ ? size : 0);
    }
  }
  bool loses_;
  int socket_ = -1, server_ = -1;
  std::atomic<long> length_{50 * kMillisecond};
  std::array<char, 64> message_{};
  std::thread thread_;
};

class InterruptCause : public Cause {
 public:
  InterruptCause() {
    const rlimit files{4096, 4096};
    setrlimit(RLIMIT_NOFILE, &files);
    for (int& timer : timers_) {
      timer = timerfd_create(CLOCK_MONOTONIC, 0);
      must(timer >= 0, "a timer");
    }
  }
  ~InterruptCause() override {
    for (const int timer : timers_) close(timer);
  }
  // On this CPU, one behind the other; the first when all are armed.
  void prepare(bool slow, long) override {
    if (!slow) return;
    const long start = now_ns() + kArming;
    for (size_t i = 0; i < timers_.size(); ++i) {
      const long at = start + static_cast<long>(i) * 5000;
      const itimerspec once{.it_interval = {}, .it_value = {at / 1000000000, at % 1000000000}};
      timerfd_settime(timers_[i], TFD_TIMER_ABSTIME, &once, nullptr);
    }
    sleep_ns(std::max(start - now_ns() - kMillisecond, 1L));
  }
  void request(bool) override { compute(1200000); }

 private:
  static constexpr long kArming = 100 * kMillisecond;
  std::array<int, 1500> timers_{};
};

class FaultCause : public Cause {
 public:
  FaultCause() {
    pages_ = static_cast<char*>(mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    must(pages_ != MAP_FAILED, "memory");
    madvise(pages_, kBytes, MADV_NOHUGEPAGE);
    request(false);
  }
  ~FaultCause() override { munmap(pages_, kBytes); }
  void prepare(bool slow, long) override {
    if (slow) madvise(pages_, kBytes, MADV_DONTNEED);
  }
  void request(bool) override {
    for (size_t at = 0; at < kBytes; at += 4096) pages_[at] = 1;
    compute(20000);
  }

 private:
  static constexpr size_t kBytes = size_t{4096} * 3000;
  char* pages_;
};

std::unique_ptr<Cause> make(const std::string& name) {
  if (name == "none") return std::make_unique<LockCause>(1, true);
  if (name == "lock") return std::make_unique<LockCause>(1, true);
  if (name == "convoy") return std::make_unique<LockCause>(5, false);
  if (name == "peer") return std::make_unique<PeerCause>(false);
  if (name == "lost") return std::make_unique<PeerCause>(true);
  if (name == "preempt") return std::make_unique<PreemptCause>();
  if (name == "inversion") return std::make_unique<InversionCause>();
  if (name == "interrupts") return std::make_unique<InterruptCause>();
  if (name == "faults") return std::make_unique<FaultCause>();
  return nullptr;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string name = argc > 1 ? argv[1] : "";
  std::mt19937_64 random(argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1);
  be("victim", 0);
  TicketLock::name();
  const std::unique_ptr<Cause> cause = make(name);
  if (!cause) {
    std::fprintf(stderr, "usage: slow_causes none|lock|convoy|peer|lost|preempt|inversion|interrupts|faults [SEED]\n");
    return 2;
  }
  std::set<int> slow;
  while (name != "none" && slow.size() < kSlow) slow.insert(kWarm + static_cast<int>(random() % (kRequests - kWarm)));
  for (int i = 0; i < kRequests; ++i) {
    const bool now = slow.count(i) != 0;
    cause->prepare(now, (20 + static_cast<long>(random() % 40)) * kMillisecond);
    kutrace_mark_a("req");
    cause->request(now);
    kutrace_mark_a("/req");
    sleep_ns(3 * kMillisecond);
  }
  for (const int i : slow) std::printf("slow %d\n", i);
  return 0;
}
