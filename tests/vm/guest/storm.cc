// SPDX-License-Identifier: BSD-3-Clause
// Unrest for the kernel module, in a guest. Usage:
//   storm work SECONDS    forks, threads, signals, faults, sockets and pipes, on all CPUs
//   storm cycle TIMES     go and stop by the control call, as fast as it goes
//   storm fuzz SECONDS    eight threads make control calls and use /dev/kutrace with random commands, pointers, lengths
//                         and, half of them, without privilege
// Ends with 0 when it has done that; what the kernel thinks of it stands on its console.
#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "kutrace.h"
#include "kutrace/abi.h"

namespace {

time_t now() { return ::time(nullptr); }

std::atomic<bool> done{false};

void forks() {
  while (!done) {
    pid_t child = fork();
    if (child == 0) {
      prctl(PR_SET_NAME, "storm_child");
      if (getpid() % 3 == 0) execl("/bin/true", "renamed", nullptr);
      _exit(0);
    }
    if (child > 0) waitpid(child, nullptr, 0);
  }
}

void signals() {
  std::signal(SIGUSR1, [](int) {});
  pthread_t self = pthread_self();
  std::thread other([self] {
    while (!done) {
      pthread_kill(self, SIGUSR1);
      usleep(100);
    }
  });
  while (!done) usleep(1000);
  other.join();
}

void faults() {
  while (!done) {
    const size_t size = 4 << 20;
    void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) continue;
    for (size_t at = 0; at < size; at += 4096) static_cast<volatile char*>(memory)[at] = 1;
    munmap(memory, size);
  }
}

// Sends to itself; whatever fails is tried again.
void sockets(int family, int type) {
  char message[200] = "storm";
  while (!done) {
    const int listener = socket(family, type, 0);
    sockaddr_storage address{};
    socklen_t size;
    if (family == AF_INET) {
      auto* v4 = reinterpret_cast<sockaddr_in*>(&address);
      v4->sin_family = AF_INET;
      v4->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      size = sizeof(*v4);
    } else {
      auto* v6 = reinterpret_cast<sockaddr_in6*>(&address);
      v6->sin6_family = AF_INET6;
      v6->sin6_addr = in6addr_loopback;
      size = sizeof(*v6);
    }
    bind(listener, reinterpret_cast<sockaddr*>(&address), size);
    getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
    if (type == SOCK_STREAM) listen(listener, 4);
    const int client = socket(family, type, 0);
    connect(client, reinterpret_cast<sockaddr*>(&address), size);
    const int server = type == SOCK_STREAM ? accept(listener, nullptr, nullptr) : listener;
    for (int i = 0; i < 200 && !done; ++i) {
      if (send(client, message, sizeof(message), MSG_NOSIGNAL) < 0) break;
      if (recv(server, message, sizeof(message), MSG_DONTWAIT) < 0 && i > 100) break;
    }
    if (server != listener) close(server);
    close(client);
    close(listener);
  }
}

void threads() {
  while (!done) {
    std::vector<std::thread> all;
    for (int i = 0; i < 8; ++i) all.emplace_back([] { sched_yield(); });
    for (std::thread& t : all) t.join();
  }
}

int work(int seconds) {
  std::vector<std::thread> all;
  all.emplace_back(forks);
  all.emplace_back(forks);
  all.emplace_back(signals);
  all.emplace_back(faults);
  all.emplace_back(threads);
  for (int family : {AF_INET, AF_INET6}) {
    for (int type : {SOCK_STREAM, SOCK_DGRAM}) all.emplace_back(sockets, family, type);
  }
  sleep(static_cast<unsigned>(seconds));
  done = true;
  for (std::thread& t : all) t.join();
  return 0;
}

int cycle(int times) {
  uint64_t bad = 0;
  for (int i = 0; i < times; ++i) {
    bad += kutrace_control(KUTRACE_CMD_RESET, i % 3 == 0 ? KUTRACE_RESET_WRAP : 0) != 0;
    bad += kutrace_control(KUTRACE_CMD_ON, 0) != 1;
    kutrace_control(KUTRACE_CMD_INSERT1, static_cast<uint64_t>(KUTRACE_MARKD) << KUTRACE_EVENT_SHIFT | static_cast<uint64_t>(i));
    bad += kutrace_control(KUTRACE_CMD_OFF, 0) != 0;
  }
  std::printf("%d cycles, %llu refused\n", times, static_cast<unsigned long long>(bad));
  return bad == 0 ? 0 : 1;
}

void fuzz_thread(unsigned seed, bool privileged, time_t until) {
  std::mt19937_64 random(seed);
  if (!privileged) syscall(SYS_setresuid, 65534, 65534, 65534);  // of this thread alone
  std::vector<char> buffer(1 << 20);
  char* edge = static_cast<char*>(mmap(nullptr, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  munmap(edge + 4096, 4096);
  auto pointer = [&]() -> uint64_t {
    switch (random() % 6) {
      case 0: return 0;
      case 1: return random();
      case 2: return 0xffffffff81000000 + random() % (1 << 24);
      case 3: return reinterpret_cast<uint64_t>(edge + 4096 - random() % 64);
      case 4: return reinterpret_cast<uint64_t>(edge + random() % 4096);
      default: return reinterpret_cast<uint64_t>(buffer.data());
    }
  };
  while (now() < until) {
    for (char* at : {edge, buffer.data()}) {
      for (int i = 0; i < 8; ++i) {
        const uint64_t word = random() & (random() % 2 == 0 ? ~0ull : 0x00000fff'ffffffffull);
        std::memcpy(at + 8 * i, &word, 8);
      }
    }
    const uint64_t command = random() % 8 == 0 ? random() : random() % 2 == 0 ? random() % 20 : ~(random() % 20);
    kutrace_control(command, random() % 3 == 0 ? random() % 8 : pointer());
    if (random() % 4 != 0) continue;
    const int file = open(KUTRACE_DEVICE, random() % 2 == 0 ? O_RDONLY : O_RDWR);
    if (file < 0) continue;
    lseek(file, static_cast<off_t>(random() % (1 << 22)), static_cast<int>(random() % 5));
    syscall(SYS_read, file, pointer(), random() % buffer.size());
    syscall(SYS_pread64, file, pointer(), random() % buffer.size(), random() % 3 == 0 ? random() : random() % (1 << 22));
    void* page = mmap(nullptr, random() % 3 * 4096, static_cast<int>(random() % 8), random() % 2 == 0 ? MAP_SHARED : MAP_PRIVATE,
                      file, static_cast<off_t>(random() % 3 * 4096));
    if (page != MAP_FAILED) {
      if (random() % 2 == 0) mprotect(page, 4096, PROT_READ | PROT_WRITE);
      munmap(page, 4096);
    }
    close(file);
  }
}

int fuzz(int seconds) {
  const time_t until = now() + seconds;
  const unsigned seed = std::random_device{}();
  std::printf("seed %u\n", seed);
  std::vector<std::thread> all;
  for (unsigned i = 0; i < 8; ++i) all.emplace_back(fuzz_thread, seed + i, i % 2 == 0, until);
  for (std::thread& t : all) t.join();
  // Nobody has lost control over it.
  if (kutrace_control(KUTRACE_CMD_RESET, 0) != 0 || kutrace_control(KUTRACE_CMD_TEST, 0) != 0) {
    std::printf("control is lost\n");
    return 1;
  }
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  const std::string what = count > 1 ? arguments[1] : "";
  const int number = count > 2 ? std::atoi(arguments[2]) : 10;
  if (what == "work") return work(number);
  if (what == "cycle") return cycle(number);
  if (what == "fuzz") return fuzz(number);
  std::fprintf(stderr, "usage: storm work SECONDS | cycle TIMES | fuzz SECONDS\n");
  return 2;
}
