// SPDX-License-Identifier: BSD-3-Clause
// fuzz SEED ROUNDS: eight threads, half of them without privilege, go so often through every door of the module, each
// with numbers of its own that follow from the seed: the device's commands, reads, seeks, maps and polls, the page,
// debugfs, system call 1023. What the kernel thinks of it stands on its console; afterwards the module must obey as
// before.
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <thread>
#include <vector>

#include "kutrace.h"
#include "kutrace/memory.h"

namespace {

constexpr size_t kBufferBytes = 1 << 18;
constexpr const char* kFiles[] = {KUTRACE_DEVICE, KUTRACE_PAGE_FILE, "/sys/kernel/debug/kutrace/status",
                                  "/sys/kernel/debug/kutrace/version", "/sys/kernel/debug/kutrace/trigger"};
constexpr unsigned long kCommands[] = {KUTRACE_IOC_STATUS, KUTRACE_IOC_RESET, KUTRACE_IOC_START,    KUTRACE_IOC_STOP, KUTRACE_IOC_INSERT,
                                       KUTRACE_IOC_CPU_LOST, KUTRACE_IOC_RESTRICT, KUTRACE_IOC_NEXT, KUTRACE_IOC_STOP_ON_CLOSE, KUTRACE_IOC_MEMORY,
                                       KUTRACE_IOC_MODEL};

class Fuzzer {
 public:
  Fuzzer(uint64_t seed, bool privileged, int handed) : random_(seed), handed_(handed), buffer_(kBufferBytes) {
    // Of this thread alone.
    if (!privileged) syscall(SYS_setresuid, 65534, 65534, 65534);
    edge_ = static_cast<char*>(mmap(nullptr, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    munmap(edge_ + 4096, 4096);
  }
  void run(uint64_t rounds) {
    for (uint64_t i = 0; i < rounds; ++i) step();
    for (const int fd : open_) close(fd);
  }

 private:
  uint64_t below(uint64_t n) { return random_() % n; }

  // Anything that could be handed over as an address.
  uint64_t pointer() {
    switch (below(7)) {
      case 0: return 0;
      case 1: return random_();
      case 2: return 0xffffffff81000000 + below(1 << 24);
      case 3: return reinterpret_cast<uintptr_t>(edge_ + 4096 - below(64));
      case 4: return reinterpret_cast<uintptr_t>(edge_ + below(4096));
      default: return reinterpret_cast<uintptr_t>(buffer_.data());
    }
  }
  // Any descriptor that this thread may have.
  int descriptor() {
    if (open_.empty() || below(5) == 0) return handed_;
    return open_[below(open_.size())];
  }
  uint64_t entry() {
    const uint64_t words = below(11), kinds[] = {0x002, 0x007, 0x102, 0x105, 0x107};
    if (below(2) == 0) return (kinds[below(5)] | words << 4) << KUTRACE_EVENT_SHIFT | below(1 << 16);
    return random_() & (below(2) == 0 ? ~0ull : 0x00000fff'ffffffffull);
  }
  void fill() {
    for (size_t at = 0; at < 64; at += 8) {
      const uint64_t word = entry();
      std::memcpy(edge_ + at, &word, 8);
      std::memcpy(buffer_.data() + at, &word, 8);
    }
  }

  void open_one() {
    if (open_.size() >= 6) {
      const size_t which = below(open_.size());
      close(open_[which]);
      open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(which));
    }
    const int fd = open(kFiles[below(3) == 0 ? below(5) : 0], static_cast<int>(below(3)) | O_CLOEXEC | (below(2) == 0 ? O_NONBLOCK : 0));
    if (fd >= 0) open_.push_back(fd);
  }
  void call() {
    const uint64_t command = below(8) == 0 ? random_() : below(2) == 0 ? below(20) : ~below(20);
    kutrace_control(command, below(3) == 0 ? below(8) : pointer());
  }
  // A command with anything behind it.
  void wild_command() {
    unsigned long request = kCommands[below(std::size(kCommands))];
    if (below(4) == 0) request = _IOC(below(4), 0xe7, below(256), below(1 << 14));
    ioctl(descriptor(), request, below(3) == 0 ? below(3) : pointer());
  }
  // One whose structure could be meant.
  void good_command() {
    const int fd = descriptor();
    switch (below(9)) {
      case 0: {
        kutrace_reset r{static_cast<unsigned>(below(64)), below(16) == 0 ? 1u : 0u};
        ioctl(fd, KUTRACE_IOC_RESET, &r);
        break;
      }
      case 1: ioctl(fd, KUTRACE_IOC_START); break;
      case 2: ioctl(fd, KUTRACE_IOC_STOP); break;
      case 3: {
        kutrace_insert in{pointer(), static_cast<unsigned>(below(600)), static_cast<unsigned>(below(3))};
        ioctl(fd, KUTRACE_IOC_INSERT, &in);
        break;
      }
      case 4: {
        kutrace_cpu_lost l{static_cast<unsigned>(below(4) == 0 ? random_() : below(70)), 0, 0};
        ioctl(fd, KUTRACE_IOC_CPU_LOST, &l);
        break;
      }
      case 5: {
        kutrace_next n{pointer(), below(4) == 0 ? random_() : below(300), 0, 0, static_cast<unsigned>(below(3) == 0 ? below(1 << 17) : 80000), 0};
        ioctl(fd, KUTRACE_IOC_NEXT, &n);
        break;
      }
      case 6:
        // The one that is handed to all stays as it is.
        if (fd != handed_ && below(8) == 0) {
          kutrace_restrict r{static_cast<unsigned>(below(9)), static_cast<unsigned>(random_())};
          ioctl(fd, KUTRACE_IOC_RESTRICT, &r);
        }
        break;
      case 7: {
        kutrace_memory m{static_cast<unsigned>(below(4) == 0 ? random_() : KUTRACE_TICK_SHORTEST + below(5000000)), static_cast<unsigned>(below(3)),
                         static_cast<unsigned>(random_() & (below(4) == 0 ? ~0u : 0x800003f0u)), 0};
        ioctl(fd, KUTRACE_IOC_MEMORY, &m);
        break;
      }
      default:
        for (int i = 0; i < 20; ++i) ioctl(fd, KUTRACE_IOC_MARK(below(32)), static_cast<unsigned long>(random_() & 0xffffffff));
    }
  }
  void read_some() {
    const int fd = descriptor();
    lseek(fd, static_cast<off_t>(below(1 << 22)), static_cast<int>(below(5)));
    syscall(SYS_read, fd, pointer(), below(kBufferBytes));
    syscall(SYS_pread64, fd, pointer(), below(kBufferBytes), below(3) == 0 ? random_() : below(1 << 22));
  }
  void write_some() {
    const char* words[] = {"stop", "go", "go\n", "nonsense", "", "stopstopstop"};
    const char* word = words[below(std::size(words))];
    if (write(descriptor(), word, std::strlen(word)) < 0) syscall(SYS_write, descriptor(), pointer(), below(20));
  }
  void map_some() {
    void* page = mmap(nullptr, below(3) * 4096, static_cast<int>(below(8)), below(2) == 0 ? MAP_SHARED : MAP_PRIVATE, descriptor(),
                      static_cast<off_t>(below(3) * 4096));
    if (page == MAP_FAILED) return;
    if (below(2) == 0) mprotect(page, 4096, PROT_READ | PROT_WRITE);
    if (below(2) == 0) madvise(page, 4096, static_cast<int>(below(20)));
    if (below(2) == 0) mremap(page, 4096, below(3) * 4096, MREMAP_MAYMOVE);
    munmap(page, 4096);
  }
  void wait_some() {
    pollfd p{descriptor(), static_cast<short>(below(64)), 0};
    poll(&p, 1, 0);
  }
  void splice_some() {
    int pipes[2];
    if (pipe2(pipes, O_NONBLOCK) != 0) return;
    splice(descriptor(), nullptr, pipes[1], nullptr, below(kBufferBytes), SPLICE_F_NONBLOCK);
    close(pipes[0]);
    close(pipes[1]);
  }
  void step() {
    if (below(8) == 0) fill();
    switch (below(10)) {
      case 0: open_one(); break;
      case 1: call(); break;
      case 2:
      case 3: wild_command(); break;
      case 4:
      case 5: good_command(); break;
      case 6: read_some(); break;
      case 7: map_some(); break;
      case 8: below(2) == 0 ? wait_some() : splice_some(); break;
      default: write_some();
    }
    if (below(64) == 0) prctl(PR_SET_NAME, below(2) == 0 ? "fuzz" : "another name");
  }

  std::mt19937_64 random_;
  int handed_;
  std::vector<char> buffer_;
  char* edge_;
  std::vector<int> open_;
};

bool obeys() {
  const int fd = open(KUTRACE_DEVICE, O_RDONLY | O_CLOEXEC);
  kutrace_reset r{KUTRACE_RESET_STOP, 0};
  kutrace_status s{};
  const bool good = fd >= 0 && ioctl(fd, KUTRACE_IOC_RESET, &r) == 0 && ioctl(fd, KUTRACE_IOC_START) == 0 &&
                    ioctl(fd, KUTRACE_IOC_MARK(KUTRACE_MARKA), 1ul) == 1 && ioctl(fd, KUTRACE_IOC_STOP) == 0 &&
                    ioctl(fd, KUTRACE_IOC_STATUS, &s) == 0 && s.state == KUTRACE_STATE_STOPPED && s.used > 0 &&
                    ioctl(fd, KUTRACE_IOC_RESET, &r) == 0;
  if (fd >= 0) close(fd);
  return good;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) return 2;
  const uint64_t seed = std::strtoull(arguments[1], nullptr, 10), rounds = std::strtoull(arguments[2], nullptr, 10);
  const int handed = open(KUTRACE_DEVICE, O_RDONLY | O_CLOEXEC);
  kutrace_restrict marks{KUTRACE_RIGHT_MARK, 0};
  if (handed < 0 || ioctl(handed, KUTRACE_IOC_RESTRICT, &marks) != 0) return 1;
  std::vector<std::thread> all;
  for (uint64_t i = 0; i < 8; ++i) all.emplace_back([=] { Fuzzer(seed * 8 + i, i % 2 == 0, handed).run(rounds); });
  for (std::thread& t : all) t.join();
  close(handed);
  std::printf("%s\n", obeys() ? "ok the module obeys after all that" : "FAILED the module does not obey");
  return 0;
}
