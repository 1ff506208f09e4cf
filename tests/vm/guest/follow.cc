// SPDX-License-Identifier: BSD-3-Clause
// follow FILE BLOCKS: traces itself marking, and reads the blocks as they become full, more of them than the buffer has;
// in the middle the reader goes and another comes. Writes the trace, and into FILE.said how many marks were stored and how
// many events lost, for tests/vm/follow_check; a line `ok NAME` or `FAILED NAME` each.
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "kutrace/abi.h"

namespace {

using Block = std::vector<char>;

void check(const char* name, bool good) {
  std::printf("%s %s\n", good ? "ok" : "FAILED", name);
  std::fflush(stdout);
}

// What must be the same when a block comes again: all but the wall clock of its header, which is reckoned each time.
std::string content(const Block& block) {
  std::string bytes(block.begin(), block.end());
  std::memset(bytes.data() + 8 * KUTRACE_HDR_CLOCK, 0, 8);
  return bytes;
}

int open_device() { return open(KUTRACE_DEVICE, O_RDONLY | O_CLOEXEC); }

// Marks d, numbered from 0, from the last CPU, until told to end.
struct Marker {
  std::atomic<bool> done{false};
  uint64_t stored = 0;
  void run() {
    const auto cpu = static_cast<size_t>(sysconf(_SC_NPROCESSORS_ONLN)) - 1;
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    sched_setaffinity(0, sizeof(set), &set);
    const int fd = open_device();
    for (unsigned long number = 0; !done; ++number) {
      stored += ioctl(fd, KUTRACE_IOC_MARK(KUTRACE_MARKD), number) == 1 ? 1 : 0;
      if (number % 64 == 0) sched_yield();
    }
    close(fd);
  }
};

class Follower {
 public:
  Follower() : fd_(open_device()), room_(KUTRACE_BLOCK_BYTES + KUTRACE_BYTE_AREA_BYTES) {}
  ~Follower() { close(fd_); }
  Follower(const Follower&) = delete;
  Follower& operator=(const Follower&) = delete;
  // 1, 0, or -errno. Acknowledges all that came before.
  int next(uint64_t acknowledge) {
    last = {reinterpret_cast<uintptr_t>(room_.data()), acknowledge, 0, 0, static_cast<unsigned>(room_.size()), 0};
    const int result = ioctl(fd_, KUTRACE_IOC_NEXT, &last);
    return result < 0 ? -errno : result;
  }
  // The same, waiting for it.
  int wait_next(uint64_t acknowledge) {
    for (;;) {
      const int result = next(acknowledge);
      if (result != -EAGAIN) return result;
      pollfd p{fd_, POLLIN, 0};
      if (poll(&p, 1, -1) < 0 && errno != EINTR) return -errno;
    }
  }
  Block block() const { return {room_.begin(), room_.begin() + last.bytes}; }
  int fd() const { return fd_; }
  kutrace_next last{};

 private:
  int fd_;
  std::vector<char> room_;
};

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) return 2;
  const uint64_t wanted = std::strtoull(arguments[2], nullptr, 10);
  std::vector<Block> trace;
  Marker marker;
  kutrace_status status{};
  {
    auto first = std::make_unique<Follower>();
    kutrace_reset plain{0, 0}, follow{KUTRACE_RESET_FOLLOW, 0};
    ioctl(first->fd(), KUTRACE_IOC_RESET, &plain);
    check("a trace that is not made for it is not followed", first->next(0) == -EINVAL);
    check("made to be followed", ioctl(first->fd(), KUTRACE_IOC_RESET, &follow) == 0 && ioctl(first->fd(), KUTRACE_IOC_START) == 0);
    std::thread marks(&Marker::run, &marker);
    check("block 0 comes first", first->wait_next(0) == 1 && first->last.flags == KUTRACE_NEXT_FIRST && first->last.number == 0);
    trace.push_back(first->block());
    bool good = true;
    while (good && trace.size() < wanted / 2) {
      good = first->wait_next(trace.size()) == 1 && first->last.flags == 0 && first->last.number == trace.size();
      trace.push_back(first->block());
    }
    check("full blocks come while it traces, numbered", good);
    Follower other;
    check("another reader is told", other.next(0) == -EBUSY);
    check("no acknowledgement of what has not come", first->next(trace.size() + 1) == -EINVAL);
    // The last block has not been acknowledged: the next reader gets it again, perhaps not at once.
    const Block unread = trace.back();
    trace.pop_back();
    const uint64_t before = trace.size();
    first.reset();
    std::set<std::string> again;
    check("when the reader has gone another reads on", other.wait_next(before) == 1 && other.last.number == before);
    again.insert(content(other.block()));
    trace.push_back(other.block());
    good = true;
    while (good && trace.size() < wanted) {
      good = other.wait_next(trace.size()) == 1 && other.last.number == trace.size();
      again.insert(content(other.block()));
      trace.push_back(other.block());
    }
    check("it goes on from there", good);
    check("what was not acknowledged came again", again.contains(content(unread)));
    ioctl(other.fd(), KUTRACE_IOC_STATUS, &status);
    check("more came than the buffer has", trace.size() > status.blocks && status.reused > 0);
    check("nothing was overwritten unread", status.overtaken == 0);
    marker.done = true;
    marks.join();
    check("it stops", ioctl(other.fd(), KUTRACE_IOC_STOP) == 0);
    ioctl(other.fd(), KUTRACE_IOC_STATUS, &status);
    int result;
    while ((result = other.next(trace.size())) == 1) {
      if (other.last.flags == KUTRACE_NEXT_FIRST) {
        trace[0] = other.block();
        result = other.next(other.last.number + 1);
        break;
      }
      trace.push_back(other.block());
    }
    check("the rest and block 0 come at the end", result == 0);
    char byte;
    check("it cannot be read as if it were whole", read(other.fd(), &byte, 1) < 0 && errno == EINVAL);
    check("nor be continued", ioctl(other.fd(), KUTRACE_IOC_START) < 0 && errno == EINVAL);
  }
  FILE* out = std::fopen(arguments[1], "w");
  for (const Block& b : trace) std::fwrite(b.data(), 1, b.size(), out);
  std::fclose(out);
  out = std::fopen((std::string(arguments[1]) + ".said").c_str(), "w");
  std::fprintf(out, "%llu %llu\n", static_cast<unsigned long long>(marker.stored), static_cast<unsigned long long>(status.lost));
  std::fclose(out);
  return 0;
}
