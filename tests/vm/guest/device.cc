// SPDX-License-Identifier: BSD-3-Clause
// device: who may do what with /dev/kutrace and the page, and what they refuse; a line `ok NAME` or `FAILED NAME` each.
// Needs the module loaded, root, and nothing traced.
//   device          all of it but what follows
//   device closed   the module was loaded with syscall=0
//   device unload   unloads the module under mappings of the page
#include <sys/mman.h>

#include <cstring>

#include "device_calls.h"
#include "kutrace/memory.h"

namespace {

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

// What the ticks interrupted in the kernel.
struct Samples {
  unsigned kernel = 0, shown = 0;
};

// Those of a complete trace.
Samples read_samples(int fd) {
  Samples s;
  std::vector<uint64_t> block(KUTRACE_BLOCK_WORDS);
  size_t at = KUTRACE_FIRST_ENTRY_BLOCK0;
  lseek(fd, 0, SEEK_SET);
  while (read(fd, block.data(), KUTRACE_BLOCK_BYTES) == KUTRACE_BLOCK_BYTES) {
    for (size_t words = 1; at + 1 < block.size() && block[at] != ~0ull; at += words) {
      const auto event = static_cast<unsigned>(block[at] >> KUTRACE_EVENT_SHIFT & KUTRACE_EVENT_MASK);
      words = kutrace_is_name(event) ? KUTRACE_EVENT_LENGTH(event) : event == KUTRACE_PC_U ? 2 : 1;
      if (event != KUTRACE_PC_U || block[at + 1] >> 63 == 0) continue;
      ++s.kernel;
      s.shown += block[at + 1] != KUTRACE_PC_HIDDEN ? 1 : 0;
    }
    at = KUTRACE_FIRST_ENTRY_OTHER;
  }
  return s;
}

// Traces work in the kernel until a tick has met it.
Samples sample_kernel(unsigned flags) {
  const int fd = open_device(), zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
  std::vector<char> buffer(1 << 20);
  Samples s;
  while (s.kernel == 0) {
    if (reset(fd, flags) != 0 || ask(fd, KUTRACE_IOC_START) != 0) break;
    for (int i = 0; i < 200; ++i) {
      if (read(zero, buffer.data(), buffer.size()) < 0) break;
    }
    if (ask(fd, KUTRACE_IOC_STOP) != 0) break;
    s = read_samples(fd);
  }
  close(zero);
  close(fd);
  return s;
}

void addresses() {
  const Samples all = sample_kernel(0), none = sample_kernel(KUTRACE_RESET_NO_ADDRESSES);
  check("who may have addresses of the kernel has them", all.kernel > 0 && all.shown == all.kernel);
  check("unless it leaves them out", none.kernel > 0 && none.shown == 0);
  apart("perfmon's samples", [] {
    become_capable(CAP_PERFMON);
    const Samples s = sample_kernel(0);
    check("who may not has none", s.kernel > 0 && s.shown == 0);
  });
}

// What asks for samples that cannot be, and what may not ask. A start with counters that the machine has not changes nothing.
void sampling(int fd) {
  const auto want = [fd](unsigned interval, unsigned flags, unsigned used, unsigned reserved = 0) {
    kutrace_memory m{interval, flags, used, reserved};
    return ask(fd, KUTRACE_IOC_MEMORY, &m);
  };
  const unsigned faults = KUTRACE_USED_BIT(KUTRACE_USED_FAULTS);
  check("ticks too short or too long", want(KUTRACE_TICK_SHORTEST - 1, 0, faults) == -EINVAL && want(KUTRACE_TICK_LONGEST + 1, 0, faults) == -EINVAL);
  check("unknown samples", want(KUTRACE_TICK_SHORTEST, 0, 1u << 30) == -EINVAL && want(KUTRACE_TICK_SHORTEST, 2, faults) == -EINVAL &&
                               want(KUTRACE_TICK_SHORTEST, 0, faults, 1) == -EINVAL);
  const int handed = open_device();
  restrict_to(handed, KUTRACE_RIGHT_MARK);
  kutrace_memory m{KUTRACE_TICK_LONGEST, 0, faults, 0};
  check("who only marks asks for no samples", ask(handed, KUTRACE_IOC_MEMORY, &m) == -EPERM && ask(handed, KUTRACE_IOC_MODEL, 1ul) == -EPERM);
  close(handed);
  check("samples are asked for", want(KUTRACE_TICK_SHORTEST, 0, faults | KUTRACE_USED_BIT(KUTRACE_USED_MODEL_BYTES)) == 0 && ask(fd, KUTRACE_IOC_START) == 0);
  check("but not while it traces", want(KUTRACE_TICK_LONGEST, 0, faults) == -EBUSY);
  check("a model uses no more than it may at once", ask(fd, KUTRACE_IOC_MODEL, 1ul << 63) == -EINVAL && ask(fd, KUTRACE_IOC_MODEL, KUTRACE_MODEL_MOST + 1) == -EINVAL &&
                                                      ask(fd, KUTRACE_IOC_MODEL, KUTRACE_MODEL_MOST) == 0);
  ask(fd, KUTRACE_IOC_STOP);
  const unsigned counted = KUTRACE_USED_BIT(KUTRACE_USED_CACHE_MISSES);
  const int started = want(KUTRACE_TICK_LONGEST, 0, counted) == 0 ? ask(fd, KUTRACE_IOC_START) : -EINVAL;
  check("without counters it does not start", started == 0 || (started == -EOPNOTSUPP && !tracing(fd)));
  ask(fd, KUTRACE_IOC_STOP);
  check("a reset forgets them", reset(fd, 0) == 0 && ask(fd, KUTRACE_IOC_START) == 0 && ask(fd, KUTRACE_IOC_STOP) == 0 && reset(fd, 0) == 0);
}

void bad_commands() {
  const int fd = open_device();
  check("unknown flags", reset(fd, 64) == -EINVAL && reset(fd, ~0u) == -EINVAL);
  check("what is reserved", reset(fd, 0, 1) == -EINVAL);
  bool all = true;
  for (unsigned long request : {0ul, 1ul, ~0ul, 0xe709ul, 0xe77ful, 0xe800ul, 0x4008e702ul, 0x5401ul}) all = all && ask(fd, request) == -ENOTTY;
  check("unknown commands", all);
  all = true;
  for (unsigned long request : {KUTRACE_IOC_STATUS, KUTRACE_IOC_RESET, KUTRACE_IOC_INSERT, KUTRACE_IOC_CPU_LOST, KUTRACE_IOC_RESTRICT, KUTRACE_IOC_NEXT,
                                KUTRACE_IOC_MEMORY}) {
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
  sampling(fd);
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
  // A CPU may have taken a block until it stopped.
  const auto stopped = status(fd);
  check("a refused reset leaves the trace",
        reset(fd, KUTRACE_RESET_IPC) == -EOPNOTSUPP && status(fd).used == stopped.used && (status(fd).state & KUTRACE_STATE_STOPPED) != 0);
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
  for (unsigned long n : {0x200ul, 0x204ul, 0x206ul, 0x209ul, 0x20eul, 0x213ul, 0x214ul, 0x21cul, 0x21ful, 0x27ful}) none = none && ask(fd, KUTRACE_MARK_COMMAND(n), 7ul) == -EINVAL;
  check("nor marks of them", none);
  for (unsigned long n : {0x201ul, 0x203ul, 0x20aul, 0x20dul, 0x210ul, 0x212ul, 0x216ul, 0x21bul, 0x220ul}) none = none && ask(fd, KUTRACE_MARK_COMMAND(n), 7ul) == 1;
  check("but all others", none);
  ask(fd, KUTRACE_IOC_STOP);
  close(fd);
}

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
    addresses();
    bad_commands();
    refused_without_effect();
    events();
    const int fd = open_device();
    reset(fd, 0);
    close(fd);
  }
  return 0;
}
