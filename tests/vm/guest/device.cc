// SPDX-License-Identifier: BSD-3-Clause
// device: what /dev/kutrace and the page do, and what they refuse; a line `ok NAME` or `FAILED NAME` each. Needs the
// module loaded with markgid=4242, the module slow, root, and nothing traced.
//   device          all of it but what follows
//   device closed   the module was loaded with syscall=0
//   device unload   unloads the module under mappings of the page
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <vector>

#include "kutrace.h"

namespace {

constexpr gid_t kMarkers = 4242;
constexpr unsigned kAllRights = KUTRACE_RIGHT_CONTROL | KUTRACE_RIGHT_MARK | KUTRACE_RIGHT_ADDRESSES;

void check(const char* name, bool good) {
  std::printf("%s %s\n", good ? "ok" : "FAILED", name);
  std::fflush(stdout);
}

int open_device(int flags = O_RDONLY) { return open(KUTRACE_DEVICE, flags | O_CLOEXEC); }

// The command's result, or -errno.
template <typename T>
int ask(int fd, unsigned long request, T argument) {
  const int result = ioctl(fd, request, argument);
  return result < 0 ? -errno : result;
}
int ask(int fd, unsigned long request) { return ask(fd, request, 0ul); }

kutrace_status status(int fd) {
  kutrace_status s{};
  if (ask(fd, KUTRACE_IOC_STATUS, &s) != 0) s.size = 0;
  return s;
}
bool tracing(int fd) { return (status(fd).state & KUTRACE_STATE_TRACING) != 0; }
int reset(int fd, unsigned flags, unsigned reserved = 0) {
  kutrace_reset r{flags, reserved};
  return ask(fd, KUTRACE_IOC_RESET, &r);
}
int restrict_to(int fd, unsigned rights, unsigned rate = 0) {
  kutrace_restrict r{rights, rate};
  return ask(fd, KUTRACE_IOC_RESTRICT, &r);
}
int mark(int fd, uint32_t value) { return ask(fd, KUTRACE_IOC_MARK(KUTRACE_MARKD), static_cast<unsigned long>(value)); }
int insert(int fd, const std::vector<uint64_t>& words, unsigned flags = 0) {
  kutrace_insert in{reinterpret_cast<uintptr_t>(words.data()), static_cast<unsigned>(words.size()), flags};
  return ask(fd, KUTRACE_IOC_INSERT, &in);
}
uint64_t name_word(uint64_t kind, uint64_t words) { return (kind | words << 4) << KUTRACE_EVENT_SHIFT | 5; }

// In a process of its own.
void apart(const char* name, const std::function<void()>& what) {
  std::fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    what();
    std::fflush(stdout);
    _exit(0);
  }
  int result = 1;
  waitpid(child, &result, 0);
  if (result != 0) check(name, false);
}

void become_nobody() {
  if (setgroups(0, nullptr) != 0 || setgid(65534) != 0 || setuid(65534) != 0) _exit(1);
}

// Nobody with this one capability.
void become_capable(unsigned capability) {
  if (prctl(PR_SET_KEEPCAPS, 1) != 0) _exit(1);
  become_nobody();
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2]{};
  data[capability / 32].effective = data[capability / 32].permitted = 1u << capability % 32;
  if (syscall(SYS_capset, &header, data) != 0) _exit(1);
}

const volatile kutrace_page* map_page(int fd, int protection = PROT_READ, size_t size = 4096, off_t at = 0) {
  void* page = mmap(nullptr, size, protection, MAP_SHARED, fd, at);
  return page == MAP_FAILED ? nullptr : static_cast<const volatile kutrace_page*>(page);
}

void the_page() {
  const int fd = open(KUTRACE_PAGE_FILE, O_RDONLY | O_CLOEXEC);
  const auto* page = map_page(fd);
  check("nobody maps the page", page != nullptr && page->magic == KUTRACE_PAGE_MAGIC && page->tracing == 0 && page->gone == 0);
  kutrace_page copy{};
  check("and reads it", read(fd, &copy, sizeof(copy)) == sizeof(copy) && copy.magic == KUTRACE_PAGE_MAGIC);
  check("but not writable", map_page(fd, PROT_READ | PROT_WRITE) == nullptr);
  check("nor executable", map_page(fd, PROT_READ | PROT_EXEC) == nullptr);
  check("nor more than it", map_page(fd, PROT_READ, 8192) == nullptr && map_page(fd, PROT_READ, 4096, 4096) == nullptr);
  void* mapped = const_cast<kutrace_page*>(page);
  check("it cannot be made writable or executable",
        mprotect(mapped, 4096, PROT_READ | PROT_WRITE) != 0 && mprotect(mapped, 4096, PROT_READ | PROT_EXEC) != 0);
  check("its file cannot be written", open(KUTRACE_PAGE_FILE, O_RDWR | O_CLOEXEC) < 0 && errno == EACCES);
  close(fd);
}

void nobody() {
  become_nobody();
  for (int flags : {O_RDONLY, O_WRONLY, O_RDWR}) check("nobody does not get the device", open_device(flags) < 0 && errno == EPERM);
  the_page();
  check("nobody may not pull the trigger", open("/sys/kernel/debug/kutrace/trigger", O_WRONLY | O_CLOEXEC) < 0);
  check("nor look at the status", open("/sys/kernel/debug/kutrace/status", O_RDONLY | O_CLOEXEC) < 0);
}

void rights() {
  const int fd = open_device();
  check("root has all rights", status(fd).rights == kAllRights && status(fd).size == sizeof(kutrace_status));
  check("of the present version", status(fd).version == KUTRACE_DEVICE_VERSION);
  apart("nobody's process", nobody);
  apart("perfmon's process", [] {
    become_capable(CAP_PERFMON);
    const int own = open_device();
    check("CAP_PERFMON controls, without addresses", status(own).rights == (KUTRACE_RIGHT_CONTROL | KUTRACE_RIGHT_MARK));
    check("its trace has none", reset(own, 0) == 0 && (status(own).flags & KUTRACE_RESET_NO_ADDRESSES) != 0);
  });
  apart("ptrace's process", [] {
    become_capable(CAP_SYS_PTRACE);
    check("CAP_SYS_PTRACE does not control", open_device() < 0 && errno == EPERM);
  });
  apart("the descriptor's heir", [fd] {
    become_nobody();
    check("a descriptor keeps its rights", reset(fd, 0) == 0 && status(fd).rights == kAllRights);
  });
  check("what root traces has addresses", reset(fd, 0) == 0 && (status(fd).flags & KUTRACE_RESET_NO_ADDRESSES) == 0);
  check("unless it wants none", reset(fd, KUTRACE_RESET_NO_ADDRESSES) == 0 && (status(fd).flags & KUTRACE_RESET_NO_ADDRESSES) != 0);
  reset(fd, 0);
  close(fd);
}

void bad_commands() {
  const int fd = open_device();
  check("unknown flags", reset(fd, 64) == -EINVAL && reset(fd, ~0u) == -EINVAL);
  check("what is reserved", reset(fd, 0, 1) == -EINVAL);
  bool all = true;
  for (unsigned long request : {0ul, 1ul, ~0ul, 0xe709ul, 0xe77ful, 0xe7a0ul, 0x4008e702ul, 0x5401ul}) all = all && ask(fd, request) == -ENOTTY;
  check("unknown commands", all);
  all = true;
  for (unsigned long request : {KUTRACE_IOC_STATUS, KUTRACE_IOC_RESET, KUTRACE_IOC_INSERT, KUTRACE_IOC_CPU_LOST, KUTRACE_IOC_RESTRICT, KUTRACE_IOC_NEXT}) {
    for (unsigned long bad : {0ul, 8ul, 0xffff888000000000ul, 0xffffffff81000000ul, ~7ul}) all = all && ask(fd, request, bad) == -EFAULT;
  }
  check("addresses of nothing and of the kernel", all);
  kutrace_status s{};
  s.blocks = 12345;
  check("a short status", ask(fd, _IOC(_IOC_READ | _IOC_WRITE, 0xe7, 0, 16), &s) == 0 && s.size == 16 && s.blocks == 12345);
  check("a status too short", ask(fd, _IOC(_IOC_READ | _IOC_WRITE, 0xe7, 0, 8), &s) == -EINVAL);
  struct {
    kutrace_status known;
    char more[64];
  } long_status{};
  check("a long status", ask(fd, _IOC(_IOC_READ | _IOC_WRITE, 0xe7, 0, sizeof(long_status)), &long_status) == 0 &&
                             long_status.known.size == sizeof(kutrace_status));
  kutrace_cpu_lost lost{~0u, 0, 0};
  check("a CPU that is not there", ask(fd, KUTRACE_IOC_CPU_LOST, &lost) == -EINVAL);
  lost.cpu = 0;
  check("one that is", ask(fd, KUTRACE_IOC_CPU_LOST, &lost) == 0 && lost.lost == 0);
  check("STOP_ON_CLOSE of 2", ask(fd, KUTRACE_IOC_STOP_ON_CLOSE, 2ul) == -EINVAL);
  close(fd);
}

void refused_without_effect() {
  const int fd = open_device();
  reset(fd, 0);
  check("it starts", ask(fd, KUTRACE_IOC_START) == 0 && tracing(fd));
  check("it has started", ask(fd, KUTRACE_IOC_START) == -EALREADY);
  const auto before = status(fd);
  check("no reset while it traces", reset(fd, 0) == -EBUSY);
  check("no reset with flags that are unknown", reset(fd, KUTRACE_RESET_STOP | 64) == -EINVAL);
#ifdef __x86_64__
  // Emulation offers no counters.
  check("no reset with counters that are not there",
        reset(fd, KUTRACE_RESET_STOP | KUTRACE_RESET_IPC) == -EOPNOTSUPP && reset(fd, KUTRACE_RESET_STOP | KUTRACE_RESET_LLC) == -EOPNOTSUPP &&
            kutrace_control(KUTRACE_CMD_RESET, KUTRACE_RESET_IPC) == KUTRACE_CMD_ERROR);
#endif
  check("no such command of the call", kutrace_control(100, 0) == KUTRACE_CMD_ERROR && kutrace_control(KUTRACE_CMD_SET4KB, 1) == KUTRACE_CMD_ERROR &&
                                           kutrace_control(KUTRACE_CMD_RESET, 8) == KUTRACE_CMD_ERROR);
  const auto after = status(fd);
  check("and it traces on after all that", tracing(fd) && after.generation == before.generation && mark(fd, 1) == 1);
  check("it stops", ask(fd, KUTRACE_IOC_STOP) == 0 && !tracing(fd) && (status(fd).state & KUTRACE_STATE_STOPPED) != 0);
  check("and stops again", ask(fd, KUTRACE_IOC_STOP) == 0);
#ifdef __x86_64__
  check("a refused reset leaves the trace",
        reset(fd, KUTRACE_RESET_IPC) == -EOPNOTSUPP && status(fd).used == after.used && (status(fd).state & KUTRACE_STATE_STOPPED) != 0);
#endif
  close(fd);
}

void events() {
  const int fd = open_device();
  reset(fd, 0);
  const std::vector<uint64_t> lock = {name_word(KUTRACE_LOCKNAME, 2), 0x6b636f6c}, thread = {name_word(KUTRACE_PIDNAME, 2), 0x6e616d65};
  check("a name before the start", insert(fd, lock, KUTRACE_INSERT_BEFORE) == 2 && insert(fd, lock) == 0);
  check("and no mark", mark(fd, 1) == 0);
  ask(fd, KUTRACE_IOC_START);
  check("names while it traces", insert(fd, lock) == 2 && insert(fd, thread) == 2 && insert(fd, lock, KUTRACE_INSERT_BEFORE) == 0);
  std::vector<uint64_t> several = lock;
  several.push_back(static_cast<uint64_t>(KUTRACE_MARKD) << KUTRACE_EVENT_SHIFT | 3);
  several.insert(several.end(), thread.begin(), thread.end());
  check("several entries", insert(fd, several) == 5);
  several.pop_back();
  check("none if one is cut short", insert(fd, several) == -EINVAL);
  check("too many words", insert(fd, std::vector<uint64_t>(KUTRACE_INSERT_WORDS + 1, several[2])) == -EINVAL);
  check("as many as may be", insert(fd, std::vector<uint64_t>(KUTRACE_INSERT_WORDS, several[2])) == KUTRACE_INSERT_WORDS);
  bool none = true;
  for (uint64_t n : {0x000ull, 0x101ull, 0x127ull, 0x206ull, 0x207ull, 0x213ull, 0x21dull, 0x280ull, 0x400ull, 0x827ull, 0xfffull, 0x012ull, 0x192ull}) {
    none = none && insert(fd, {n << KUTRACE_EVENT_SHIFT | 7, 0}) == -EINVAL;
  }
  check("no events that only the kernel may make", none);
  none = true;
  for (unsigned long n : {0x200ul, 0x204ul, 0x206ul, 0x209ul, 0x20eul, 0x213ul, 0x214ul, 0x21cul, 0x21ful}) none = none && ask(fd, KUTRACE_IOC_MARK(n), 7ul) == -EINVAL;
  check("nor marks of them", none);
  for (unsigned long n : {0x201ul, 0x203ul, 0x20aul, 0x20dul, 0x210ul, 0x212ul, 0x216ul, 0x21bul}) none = none && ask(fd, KUTRACE_IOC_MARK(n), 7ul) == 1;
  check("but all others", none);
  ask(fd, KUTRACE_IOC_STOP);
  close(fd);
}

void markers() {
  const int fd = open_device();
  reset(fd, 0);
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

void closed_door() {
  check("the system call is not there", kutrace_control(KUTRACE_CMD_TEST, 0) == static_cast<uint64_t>(-ENOSYS) &&
                                            kutrace_control(KUTRACE_CMD_VERSION, 0) == static_cast<uint64_t>(-ENOSYS));
  const int fd = open_device();
  check("the device is", reset(fd, 0) == 0 && ask(fd, KUTRACE_IOC_START) == 0 && mark(fd, 1) == 1 && ask(fd, KUTRACE_IOC_STOP) == 0);
  close(fd);
}

// Mappings of the page, by either way, and an open descriptor of it do not hold the module.
void unload() {
  const int fd = open_device(), file = open(KUTRACE_PAGE_FILE, O_RDONLY | O_CLOEXEC);
  const auto *by_file = map_page(file), *by_device = map_page(fd);
  check("mapped both ways", by_file != nullptr && by_device != nullptr && by_file->magic == KUTRACE_PAGE_MAGIC && by_device->magic == KUTRACE_PAGE_MAGIC);
  check("an open device holds the module", syscall(SYS_delete_module, "kutrace_mod", O_NONBLOCK) != 0);
  reset(fd, 0);
  ask(fd, KUTRACE_IOC_START);
  check("the mappings say that it traces", by_file->tracing == 1 && by_device->tracing == 1);
  close(fd);
  check("it goes under its mappings", syscall(SYS_delete_module, "kutrace_mod", O_NONBLOCK) == 0);
  check("which say so", by_file->gone == 1 && by_device->gone == 1 && by_file->tracing == 0);
  char byte;
  check("and a descriptor of the page says so", pread(file, &byte, 1, 0) < 0 && errno == ENODEV);
}

}  // namespace

int main(int count, char** arguments) {
  const char* what = count > 1 ? arguments[1] : "";
  if (std::strcmp(what, "closed") == 0) {
    closed_door();
  } else if (std::strcmp(what, "unload") == 0) {
    unload();
  } else {
    rights();
    bad_commands();
    refused_without_effect();
    events();
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
  }
  return 0;
}
