// SPDX-License-Identifier: BSD-3-Clause
// owners: several programs at the device: those that may only mark, owners that die, readers, programs whose memory does
// not come, programs of 32 bits; a line `ok NAME` or `FAILED NAME` each. Needs the module loaded with markgid=4242, the
// module slow, root, and nothing traced.
#include <sys/mman.h>

#include <csignal>

#include "device_calls.h"

namespace {

void markers() {
  const int fd = open_device();
  // Round and round: what is not stored was refused, not lost for want of room.
  reset(fd, KUTRACE_RESET_WRAP);
  ask(fd, KUTRACE_IOC_START);
  const int handed = open_device();
  check("rights go", restrict_to(handed, KUTRACE_RIGHT_MARK, 100) == 0 && status(handed).rights == KUTRACE_RIGHT_MARK);
  check("and do not come back", restrict_to(handed, kAllRights) == -EINVAL && restrict_to(handed, KUTRACE_RIGHT_CONTROL) == -EINVAL);
  const auto seen = status(handed);
  check("it sees that it traces, and no more", seen.state == KUTRACE_STATE_TRACING && seen.used == 0 && seen.starter == 0 && seen.start_us == 0);
  char byte;
  check("it does nothing but mark", ask(handed, KUTRACE_IOC_STOP) == -EPERM && reset(handed, KUTRACE_RESET_STOP) == -EPERM &&
                                        read(handed, &byte, 1) < 0 && lseek(handed, 0, SEEK_END) < 0 &&
                                        ask(handed, KUTRACE_IOC_STOP_ON_CLOSE, 1ul) == -EPERM && tracing(fd));
  check("it names what is its own", insert(handed, {name_word(KUTRACE_LOCKNAME, 2), 1}) == 2 &&
                                        insert(handed, {name_word(KUTRACE_PIDNAME, 2), 1}) == -EINVAL &&
                                        insert(handed, {name_word(KUTRACE_LOCKNAME, 2), 1}, KUTRACE_INSERT_BEFORE) == -EPERM);
  // More in a moment than is allowed in minutes.
  uint64_t stored = 0;
  for (uint32_t i = 0; i < 50000; ++i) stored += static_cast<uint64_t>(mark(handed, i));
  const uint64_t refused = status(fd).refused;
  check("its rate is limited", stored > 0 && refused > 0 && stored + refused == 50000);
  check("that of others is not", mark(fd, 1) == 1);
  apart("the group's process", [fd, refused] {
    if (setgroups(0, nullptr) != 0 || setgid(kMarkers) != 0 || setuid(65534) != 0) _exit(1);
    const int own = open_device(), other = open_device();
    check("the group marks", status(own).rights == KUTRACE_RIGHT_MARK && mark(own, 1) == 1 && ask(own, KUTRACE_IOC_STOP) == -EPERM);
    check("it cannot raise its rate", restrict_to(own, KUTRACE_RIGHT_MARK, ~0u) == 0);
    // The default is 100,000 a second, 10,000 a tenth of it; both together.
    uint64_t stored = 0;
    for (uint32_t i = 0; i < 200000; ++i) stored += static_cast<uint64_t>(mark(i % 2 == 0 ? own : other, i));
    check("its allowance is one", stored + status(fd).refused - refused == 200000);
  });
  apart("a nobody of another group", [] {
    become_nobody();
    check("other groups do not", open_device() < 0 && errno == EPERM);
  });
  ask(fd, KUTRACE_IOC_STOP);
  uint64_t header[KUTRACE_FIRST_ENTRY_BLOCK0];
  check("what was refused is in the trace", lseek(fd, 0, SEEK_SET) == 0 && read(fd, header, sizeof(header)) == sizeof(header) &&
                                                header[KUTRACE_HDR0_LOST] == status(fd).refused);
  close(handed);
  close(fd);
}

// The owner of what stops on close is killed while the descriptor is open in `heir`, or nowhere else.
void owner_dies(const char* name, bool stops) {
  const int fd = open_device();
  int ready[2];
  if (pipe(ready) != 0) _exit(1);
  const pid_t child = fork();
  if (child == 0) {
    const int own = open_device();
    char go = reset(own, 0) == 0 && ask(own, KUTRACE_IOC_STOP_ON_CLOSE, stops ? 1ul : 0ul) == 0 && ask(own, KUTRACE_IOC_START) == 0 ? 'y' : 'n';
    if (write(ready[1], &go, 1) != 1) _exit(1);
    pause();
  }
  char go = 'n';
  if (read(ready[0], &go, 1) != 1) go = 'n';
  const bool began = go == 'y' && tracing(fd);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  check(name, began && tracing(fd) != stops);
  ask(fd, KUTRACE_IOC_STOP);
  close(fd);
}

void readers() {
  const int fd = open_device(), other = open_device();
  reset(fd, 0);
  ask(fd, KUTRACE_IOC_START);
  uint64_t word;
  check("no reading while it traces", read(fd, &word, 8) < 0 && errno == EBUSY);
  ask(fd, KUTRACE_IOC_STOP);
  check("one reads", read(fd, &word, 8) == 8);
  check("others are told", read(other, &word, 8) < 0 && errno == EBUSY);
  check("reset under a reader", reset(other, 0) == 0 && read(fd, &word, 8) < 0 && errno == ESTALE);
  ask(other, KUTRACE_IOC_START);
  ask(other, KUTRACE_IOC_STOP);
  check("from the beginning it reads the new one", lseek(fd, 0, SEEK_SET) == 0 && read(fd, &word, 8) == 8);
  close(fd);
  check("when it is closed others read", read(other, &word, 8) == 8);
  close(other);
  apart("perfmon's reader", [] {
    become_capable(CAP_PERFMON);
    const int own = open_device();
    uint64_t first;
    check("who has no right to addresses does not get them", read(own, &first, 8) < 0 && errno == EACCES);
  });
}

// Memory that is never there (tests/vm/slow): who touches it hangs, and nobody else does.
void slow_memory() {
  using Way = void (*)(int, char*);
  // In turn: read(), a command's structure, entries, the call's name and page.
  const Way ways[] = {
      [](int fd, char* memory) { if (read(fd, memory, 64) < 0) return; },
      [](int fd, char* memory) { ask(fd, KUTRACE_IOC_STATUS, memory); },
      [](int fd, char* memory) { ask(fd, KUTRACE_IOC_RESET, memory); },
      [](int fd, char* memory) {
        kutrace_insert in{reinterpret_cast<uintptr_t>(memory), 2, KUTRACE_INSERT_BEFORE};
        ask(fd, KUTRACE_IOC_INSERT, &in);
      },
      [](int, char* memory) { kutrace_control(~uint64_t{KUTRACE_CMD_INSERTN}, reinterpret_cast<uintptr_t>(memory)); },
      [](int, char* memory) {
        kutrace_control(KUTRACE_CMD_SET4KB, 0);
        kutrace_control(KUTRACE_CMD_GET4KB, reinterpret_cast<uintptr_t>(memory));
      },
  };
  const int fd = open_device(), slow = open("/dev/slow", O_RDWR | O_CLOEXEC);
  reset(fd, 0);
  ask(fd, KUTRACE_IOC_START);
  ask(fd, KUTRACE_IOC_STOP);
  bool all = slow >= 0;
  for (const Way way : ways) {
    const pid_t child = fork();
    if (child == 0) {
      void* memory = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, slow, 0);
      if (memory != MAP_FAILED) way(fd, static_cast<char*>(memory));
      _exit(1);
    }
    char fault;
    all = all && read(slow, &fault, 1) == 1;
    // Were the mutex held, these would not come back.
    all = all && status(fd).size != 0 && ask(fd, KUTRACE_IOC_STOP) == 0 && kutrace_control(KUTRACE_CMD_CLOCK, 0) != 0;
    kill(child, SIGKILL);
    int result = 0;
    waitpid(child, &result, 0);
    all = all && WIFSIGNALED(result);
  }
  check("memory that does not come holds up nobody else", all);
  close(slow);
  close(fd);
}

#ifdef __x86_64__
// A 32-bit program's ioctl.
int ask32(int fd, unsigned request, const void* argument) {
  int result;
  asm volatile("int $0x80"
               : "=a"(result)
               : "0"(54), "b"(fd), "c"(request), "d"(static_cast<unsigned>(reinterpret_cast<uintptr_t>(argument)))
               : "memory", "r8", "r9", "r10", "r11");
  return result;
}

void of_32_bits() {
  auto* low = static_cast<char*>(mmap(nullptr, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0));
  const int fd = open_device();
  auto* s = reinterpret_cast<kutrace_status*>(low);
  check("a 32-bit program asks", ask32(fd, KUTRACE_IOC_STATUS, s) == 0 && s->rights == kAllRights && s->size == sizeof(*s));
  auto* r = reinterpret_cast<kutrace_reset*>(low);
  *r = {0, 0};
  check("it resets, starts and stops", ask32(fd, KUTRACE_IOC_RESET, r) == 0 && ask32(fd, KUTRACE_IOC_START, nullptr) == 0 && tracing(fd));
  check("it marks", ask32(fd, KUTRACE_IOC_MARK(KUTRACE_MARKA), reinterpret_cast<void*>(0xffffffffull)) == 1);
  auto* in = reinterpret_cast<kutrace_insert*>(low);
  auto* words = reinterpret_cast<uint64_t*>(low + 4096);
  words[0] = name_word(KUTRACE_LOCKNAME, 2);
  words[1] = 0x33;
  *in = {reinterpret_cast<uintptr_t>(words), 2, 0};
  check("it names", ask32(fd, KUTRACE_IOC_INSERT, in) == 2);
  check("it stops", ask32(fd, KUTRACE_IOC_STOP, nullptr) == 0 && !tracing(fd));
  close(fd);
}
#endif

}  // namespace

int main() {
  markers();
  owner_dies("what stops on close does, when its owner is killed", true);
  owner_dies("what does not goes on", false);
  readers();
  slow_memory();
#ifdef __x86_64__
  of_32_bits();
#endif
  const int fd = open_device();
  reset(fd, 0);
  close(fd);
  return 0;
}
