// SPDX-License-Identifier: BSD-3-Clause
// Doing too much, and the lean way to the same result, one after the other.
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <thread>
#include <vector>

#include "workload.h"

using namespace kutrace::workload;

namespace {

// A file of n bytes: each by itself, then all at once.
void reading(long n) {
  const int fd = static_cast<int>(must(memfd_create("waste", MFD_CLOEXEC), "memfd_create"));
  std::vector<char> bytes(static_cast<size_t>(n), 'x');
  must(write(fd, bytes.data(), bytes.size()), "write");
  must(lseek(fd, 0, SEEK_SET), "lseek");
  {
    const Phase phase("small");
    for (long k = 0; k < n; ++k) must(read(fd, bytes.data(), 1), "read");
  }
  must(lseek(fd, 0, SEEK_SET), "lseek");
  const Phase phase("big");
  must(read(fd, bytes.data(), bytes.size()), "read");
}

char* map(size_t bytes) {
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) fail("mmap");
  madvise(memory, bytes, MADV_NOHUGEPAGE);
  return static_cast<char*>(memory);
}

void use(char* memory, size_t bytes, size_t page) {
  for (size_t at = 0; at < bytes; at += page) *static_cast<volatile char*>(memory + at) = 1;
}

// Memory that is given back and asked for again, as an allocator does above its threshold; then kept.
void allocating(long n, size_t bytes) {
  const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  {
    const Phase phase("fresh");
    for (long k = 0; k < n; ++k) {
      char* memory = map(bytes);
      use(memory, bytes, page);
      must(munmap(memory, bytes), "munmap");
    }
  }
  const Phase phase("reuse");
  char* memory = map(bytes);
  for (long k = 0; k < n; ++k) use(memory, bytes, page);
}

// Each of n keys by looking at all; then by halves.
void searching(long n, Random random) {
  std::vector<uint64_t> keys(static_cast<size_t>(n));
  for (uint64_t& key : keys) key = random.next();
  std::sort(keys.begin(), keys.end());
  size_t found = 0;
  {
    const Phase phase("waste");
    for (const uint64_t key : keys) found += static_cast<size_t>(std::find(keys.begin(), keys.end(), key) - keys.begin());
  }
  {
    const Phase phase("lean");
    for (const uint64_t key : keys) found += static_cast<size_t>(std::lower_bound(keys.begin(), keys.end(), key) - keys.begin());
  }
  volatile size_t kept = found;
  (void)kept;
}

// Something comes after `ms`: asking all the time whether it is there, or being told. The asking gives up after the same number of questions
// whatever the machine, so that a slow one is not flooded.
void asking(long ms, long most) {
  for (const bool lean : {false, true}) {
    int ends[2];
    must(pipe(ends), "pipe");
    const std::jthread teller([&] {
      sleep_us(ms * 1000);
      must(write(ends[1], "x", 1), "write");
    });
    pollfd p{ends[0], POLLIN, 0};
    const Phase phase(lean ? "lean" : "waste");
    if (!lean) {
      for (long k = 0; k < most && poll(&p, 1, 0) == 0; ++k) work_us(5);
    }
    must(poll(&p, 1, -1), "poll");
  }
}

}  // namespace

KUTRACE_WORKLOAD(waste) {
  const Options o(argc, argv, "Too much, and the lean way: reading bytes (small, big), allocating (fresh, reuse), searching, polling (waste, lean).",
                  {{"kind", "read", "read, alloc, search or poll"}, {"n", "1000", "how often; for poll the most questions"}, {"kb", "512", "of memory that is allocated"}, {"ms", "30", "until what is polled for comes"}});
  const long n = o.number("n", 1, 100000);
  const std::string kind = o.words("kind", {"read", "alloc", "search", "poll"}).front();
  { const Phase warm("start"); }
  if (kind == "read") reading(n);
  if (kind == "alloc") allocating(n, static_cast<size_t>(o.number("kb", 4, 1 << 20)) << 10);
  if (kind == "search") searching(n, Random(o.seed()));
  if (kind == "poll") asking(o.number("ms", 1, 1000), n);
}
