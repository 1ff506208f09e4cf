// SPDX-License-Identifier: BSD-3-Clause
// sampler FOLDER [TRACEFS]: traces a few busy moments by itself, and notes the kernel's own counts four times: A before
// the start, B after it, C before the stop, D after it. So what happened from B to C is in the trace, and what is in
// the trace happened from A to D. FOLDER gets counts-A ... counts-D: the files of /proc, each after a line
// "== NAME". With TRACEFS, marks `in` and `out` go there at B and C.
#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <thread>
#include <vector>

#include "kutrace.h"

namespace {

constexpr const char* kFiles[] = {"interrupts", "softirqs", "stat", "vmstat"};
constexpr size_t kRoom = 65536;

// Opened, and its memory touched, beforehand: taking a sample is a seek and a few reads a file.
class Sample {
 public:
  Sample() {
    for (const char* name : kFiles) {
      files_.push_back(open((std::string("/proc/") + name).c_str(), O_RDONLY | O_CLOEXEC));
      texts_.emplace_back(kRoom, '\1');
    }
  }
  ~Sample() {
    for (int fd : files_) close(fd);
  }
  Sample(const Sample&) = delete;
  Sample& operator=(const Sample&) = delete;
  void take() {
    for (size_t k = 0; k < files_.size(); ++k) {
      size_t at = 0;
      for (;;) {
        const ssize_t n = read(files_[k], texts_[k].data() + at, kRoom - at);
        if (n <= 0) break;
        at += static_cast<size_t>(n);
      }
      lengths_[k] = at;
    }
  }
  void write(const std::string& path) const {
    std::FILE* out = std::fopen(path.c_str(), "we");
    if (out == nullptr) return;
    for (size_t k = 0; k < files_.size(); ++k) {
      std::fprintf(out, "== %s\n%.*s", kFiles[k], static_cast<int>(lengths_[k]), texts_[k].data());
    }
    std::fclose(out);
  }

 private:
  std::vector<int> files_;
  std::vector<std::string> texts_;
  size_t lengths_[4] = {};
};

void pause_ms(long ms) {
  const timespec t{0, ms * 1000000};
  nanosleep(&t, nullptr);
}

// Interrupts of a device.
void read_disk() {
  const int disk = open("/dev/vda", O_RDONLY | O_DIRECT | O_CLOEXEC);
  if (disk < 0) return;
  constexpr size_t kSize = 4096;
  void* memory = mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  for (int k = 0; k < 40; ++k) {
    if (pread(disk, memory, kSize, static_cast<off_t>(k * kSize)) != static_cast<ssize_t>(kSize)) std::perror("/dev/vda");
  }
  munmap(memory, kSize);
  close(disk);
}

// Faults, forks, switches, wakeups, timers, packets and disk reads on all CPUs. No exec: the faults that the kernel takes on the
// new program's behalf, without a trap, count in vmstat.
void work() {
  std::vector<std::thread> threads;
  int sockets[2];
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) != 0) return;
  for (int end : sockets) {
    threads.emplace_back([end, first = end == sockets[0]] {
      char byte = 0;
      for (int k = 0; k < 200; ++k) {
        if (first && write(end, &byte, 1) != 1) return;
        if (read(end, &byte, 1) != 1) return;
        if (!first && write(end, &byte, 1) != 1) return;
      }
    });
  }
  threads.emplace_back([] {
    for (int k = 0; k < 20; ++k) pause_ms(5);
  });
  threads.emplace_back([] {
    for (int k = 0; k < 4; ++k) {
      char* memory = static_cast<char*>(mmap(nullptr, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
      for (size_t at = 0; at < 1 << 20; at += 4096) memory[at] = 1;
      munmap(memory, 1 << 20);
    }
  });
  threads.emplace_back(read_disk);
  for (int k = 0; k < 5; ++k) {
    const pid_t child = fork();
    if (child == 0) {
      pause_ms(2);
      _exit(0);
    }
    waitpid(child, nullptr, 0);
  }
  for (std::thread& t : threads) t.join();
  close(sockets[0]);
  close(sockets[1]);
}

// As a control program may that is not bound to a CPU: its names come from one, and it switches tracing on from another.
void start_elsewhere() {
  cpu_set_t before, one;
  sched_getaffinity(0, sizeof(before), &before);
  for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
    if (!CPU_ISSET(cpu, &before)) continue;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    sched_setaffinity(0, sizeof(one), &one);
    if (cpu == 0) kutrace_control(~static_cast<uint64_t>(KUTRACE_CMD_INSERT1), static_cast<uint64_t>(KUTRACE_MARKD) << KUTRACE_EVENT_SHIFT);
  }
  kutrace_control(KUTRACE_CMD_ON, 0);
  sched_setaffinity(0, sizeof(before), &before);
}

void note(int marker, const char* text) {
  if (marker >= 0 && write(marker, text, std::strlen(text)) < 0) std::perror("trace_marker");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  const std::string folder = argv[1];
  const int marker = argc > 2 ? open((std::string(argv[2]) + "/trace_marker").c_str(), O_WRONLY | O_CLOEXEC) : -1;
  Sample a, b, c, d;
  work();  // once, so that libraries and the kernel's caches are warm
  if (kutrace_control(KUTRACE_CMD_RESET, 0) != 0) {
    std::fputs("sampler: the module refuses\n", stderr);
    return 2;
  }
  a.take();
  start_elsewhere();
  b.take();
  note(marker, "in\n");
  work();
  note(marker, "out\n");
  c.take();
  kutrace_control(KUTRACE_CMD_OFF, 0);
  d.take();
  a.write(folder + "/counts-A");
  b.write(folder + "/counts-B");
  c.write(folder + "/counts-C");
  d.write(folder + "/counts-D");
  return 0;
}
