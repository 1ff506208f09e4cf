// SPDX-License-Identifier: BSD-3-Clause
// Unrest for the kernel module, in a guest. Usage:
//   storm work SECONDS    forks, threads, signals, faults, sockets and pipes, on all CPUs
//   storm cycle TIMES     go and stop by the control call, as fast as it goes
// Ends with 0 when it has done that; what the kernel thinks of it stands on its console.
#include <arpa/inet.h>
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
#include <string>
#include <thread>
#include <vector>

#include "kutrace.h"

namespace {

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

}  // namespace

int main(int count, char** arguments) {
  const std::string what = count > 1 ? arguments[1] : "";
  const int number = count > 2 ? std::atoi(arguments[2]) : 10;
  if (what == "work") return work(number);
  if (what == "cycle") return cycle(number);
  std::fprintf(stderr, "usage: storm work SECONDS | cycle TIMES\n");
  return 2;
}
