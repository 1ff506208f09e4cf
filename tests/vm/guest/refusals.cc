// SPDX-License-Identifier: BSD-3-Clause
// refusals: what the control call must refuse, and reading beside it (device.cc has the device); a line `ok NAME` or `FAILED NAME`
// each. Needs the module loaded, root, and nothing traced.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <vector>

#include "kutrace.h"

namespace {

void check(const char* name, bool good) {
  std::printf("%s %s\n", good ? "ok" : "FAILED", name);
  std::fflush(stdout);
}

uint64_t ask(uint64_t command, uint64_t argument = 0) { return kutrace_control(command, argument); }

constexpr uint64_t kAllOnes = KUTRACE_CMD_ERROR;
constexpr uint64_t mark(uint32_t value) { return static_cast<uint64_t>(KUTRACE_MARKD) << KUTRACE_EVENT_SHIFT | value; }
uint64_t address(const void* p) { return reinterpret_cast<uintptr_t>(p); }

// errno of reading a byte; 0 if that works.
int read_error() {
  const int fd = open(KUTRACE_DEVICE, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return errno;
  char byte;
  const int error = read(fd, &byte, 1) < 0 ? errno : 0;
  close(fd);
  return error;
}

// The shared page's `tracing`, or -1.
int page_says() {
  const int fd = open(KUTRACE_DEVICE, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -1;
  void* page = mmap(nullptr, 4096, PROT_READ, MAP_SHARED, fd, 0);
  close(fd);
  if (page == MAP_FAILED) return -1;
  const int value = static_cast<int>(static_cast<const volatile kutrace_page*>(page)->tracing);
  munmap(page, 4096);
  return value;
}

void without_privilege() {
  std::fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    if (setgid(65534) != 0 || setuid(65534) != 0) _exit(1);
    bool all = true;
    for (uint64_t command = 0; command < 40; ++command) all = all && ask(command) == kAllOnes;
    for (uint64_t command : {~uint64_t{KUTRACE_CMD_INSERT1}, ~uint64_t{KUTRACE_CMD_INSERTN}}) all = all && ask(command) == kAllOnes;
    check("nobody gets all ones for every command", all);
    check("nobody may not open the device", read_error() == EPERM);
    std::fflush(stdout);
    _exit(0);
  }
  int status = 1;
  waitpid(child, &status, 0);
  check("nobody's process ends well", status == 0);
}

void unknown_commands() {
  bool all = true;
  const uint64_t numbers[] = {18, 19, 100, 1023, 0x7fffffff, 0x80000000, 0xffffffff, 1ull << 32, 1ull << 63, ~0ull, ~1ull, ~9ull, ~100ull};
  for (uint64_t n : numbers) {
    for (uint64_t argument : {uint64_t{0}, ~uint64_t{0}, uint64_t{1} << 63}) all = all && ask(n, argument) == kAllOnes;
  }
  check("unknown commands get all ones", all);
  check("unknown flags of RESET get all ones", ask(KUTRACE_CMD_RESET, 8) == kAllOnes && ask(KUTRACE_CMD_RESET, ~0ull) == kAllOnes);
}

// While something traces.
void bad_events() {
  ask(KUTRACE_CMD_RESET);
  check("tracing starts", ask(KUTRACE_CMD_ON) == 1 && ask(KUTRACE_CMD_TEST) == 1);
  check("the page says so", page_says() == 1);
  check("starting again changes nothing", ask(KUTRACE_CMD_ON) == 1);
  check("a mark is stored", ask(KUTRACE_CMD_INSERT1, mark(1)) == 1);
  check("a mark for a trace that is off is not", ask(~uint64_t{KUTRACE_CMD_INSERT1}, mark(2)) == 0);
  bool none = true;
  // What only the kernel can know, and what would make a reader skip entries.
  for (uint64_t n : {0x000ull, 0x032ull, 0x101ull, 0x102ull, 0x206ull, 0x207ull, 0x213ull, 0x21dull, 0x280ull, 0x281ull, 0x400ull, 0x40eull, 0x5ecull,
                     0x800ull, 0x827ull, 0xa27ull, 0xdffull, 0xfffull}) {
    none = none && ask(KUTRACE_CMD_INSERT1, n << KUTRACE_EVENT_SHIFT | 7) == 0;
  }
  check("events that only the kernel may make are not taken", none);
  check("another thread's switch is not taken", ask(KUTRACE_CMD_INSERT1, uint64_t{KUTRACE_USERPID} << KUTRACE_EVENT_SHIFT | 1) == 0);

  std::vector<uint64_t> name(9, 0x6161616161616161);
  bool lengths = true;
  for (uint64_t words : {0ull, 1ull, 9ull, 10ull, 15ull}) {
    name[0] = (KUTRACE_LOCKNAME | words << 4) << KUTRACE_EVENT_SHIFT;
    lengths = lengths && ask(KUTRACE_CMD_INSERTN, address(name.data())) == 0;
  }
  check("names of impossible lengths are not taken", lengths);
  name[0] = uint64_t{KUTRACE_MARKA} << KUTRACE_EVENT_SHIFT;
  check("nor what is no name", ask(KUTRACE_CMD_INSERTN, address(name.data())) == 0);
  name[0] = (KUTRACE_LOCKNAME | 8ull << 4) << KUTRACE_EVENT_SHIFT | 5;
  check("the longest name is", ask(KUTRACE_CMD_INSERTN, address(name.data())) == 8);
  check("tracing goes on after all that", ask(KUTRACE_CMD_TEST) == 1);

  bool pointers = true;
  for (uint64_t p : {0ull, 8ull, 0xffff888000000000ull, 0xffffffff81000000ull, ~0ull, ~7ull, 1ull << 63, 0x7ffffffff000ull}) {
    pointers = pointers && ask(KUTRACE_CMD_INSERTN, p) == kAllOnes;
  }
  check("pointers to nowhere and into the kernel get all ones", pointers);
  // The name's last words are on a page that is not there.
  char* two = static_cast<char*>(mmap(nullptr, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  munmap(two + 4096, 4096);
  std::memcpy(two + 4096 - 16, name.data(), 16);
  check("a name that ends on no page gets all ones", ask(KUTRACE_CMD_INSERTN, address(two + 4096 - 16)) == kAllOnes);
  const uint64_t short_name = (KUTRACE_LOCKNAME | 2ull << 4) << KUTRACE_EVENT_SHIFT;
  std::memcpy(two + 4096 - 16, &short_name, 8);
  check("a short one before its end is taken", ask(KUTRACE_CMD_INSERTN, address(two + 4096 - 16)) == 2);
  check("the device is busy while something traces", read_error() == EBUSY);
}

// With a trace that is over.
void bad_reads() {
  static uint64_t page[512];
  check("tracing stops", ask(KUTRACE_CMD_OFF) == 0 && ask(KUTRACE_CMD_TEST) == 0 && page_says() == 0);
  check("a mark is not stored then", ask(KUTRACE_CMD_INSERT1, mark(3)) == 0);
  const uint64_t words = ask(KUTRACE_CMD_GETCOUNT);
  check("there are whole blocks", words >= KUTRACE_BLOCK_WORDS && words % KUTRACE_BLOCK_WORDS == 0 && words / KUTRACE_BLOCK_WORDS == ask(KUTRACE_CMD_STAT));
  check("GET4KB needs SET4KB of the same program", ask(KUTRACE_CMD_GET4KB, address(page)) == kAllOnes);
  check("words past the end are 0", ask(KUTRACE_CMD_GETWORD, words) == 0 && ask(KUTRACE_CMD_GETWORD, ~0ull) == 0 && ask(KUTRACE_CMD_GETWORD, 1ull << 61) == 0);
  bool misaligned = true;
  for (uint64_t at : {1ull, 8ull, 511ull, 513ull, ~0ull}) misaligned = misaligned && ask(KUTRACE_CMD_SET4KB, at) == kAllOnes;
  check("misaligned positions get all ones", misaligned);
  bool outside = true;
  for (uint64_t at : {words, words + 512, uint64_t{1} << 40, uint64_t{1} << 60, ~uint64_t{511}}) {
    outside = outside && (ask(KUTRACE_CMD_SET4KB, at) == kAllOnes || ask(KUTRACE_CMD_GET4KB, address(page)) == kAllOnes);
  }
  check("positions outside get all ones", outside);
  check("the last page can be read", ask(KUTRACE_CMD_SET4KB, words - 512) == 0 && ask(KUTRACE_CMD_GET4KB, address(page)) == 0);
  ask(KUTRACE_CMD_SET4KB, 0);
  bool pointers = true;
  for (uint64_t p : {0ull, 0xffff888000000000ull, 0xffffffff81000000ull, ~0ull, ~4095ull}) {
    const uint64_t result = ask(KUTRACE_CMD_GET4KB, p);
    pointers = pointers && (result == kAllOnes || (result > 0 && result <= 4096));
  }
  check("pages are not written to nowhere or into the kernel", pointers);
  check("without byte areas there are none", ask(KUTRACE_CMD_GETIPCWORD, 0) == 0 && ask(KUTRACE_CMD_GETIPC4KB, address(page)) == kAllOnes);
  check("the first page is the header", ask(KUTRACE_CMD_GET4KB, address(page)) == 0 && page[KUTRACE_HDR0_START_COUNTER] != 0 &&
                                            page[KUTRACE_HDR0_STOP_US] > page[KUTRACE_HDR0_START_US]);

  const int fd = open(KUTRACE_DEVICE, O_RDONLY | O_CLOEXEC);
  uint64_t first[512];
  check("the device gives the same", read(fd, first, sizeof(first)) == sizeof(first) && std::memcmp(first, page, sizeof(page)) == 0);
  check("a second reader is told that it is busy", read_error() == EBUSY);
  check("it ends where the trace ends", lseek(fd, 0, SEEK_END) == static_cast<off_t>(words * 8) && read(fd, first, 8) == 0);
  char* volatile nowhere = reinterpret_cast<char*>(uintptr_t{8});
  check("a read into nowhere fails", lseek(fd, 0, SEEK_SET) == 0 && read(fd, nowhere, 64) < 0 && errno == EFAULT);
  close(fd);
  check("then another may read", read_error() == 0);
  check("reset empties it", ask(KUTRACE_CMD_RESET) == 0 && ask(KUTRACE_CMD_GETCOUNT) == 0 && ask(KUTRACE_CMD_STAT) == 0);
}

}  // namespace

int main() {
  without_privilege();
  unknown_commands();
  bad_events();
  bad_reads();
  return 0;
}
