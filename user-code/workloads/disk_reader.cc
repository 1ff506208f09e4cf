// SPDX-License-Identifier: BSD-3-Clause
// Blocks of a file or a disk: in order or not, from the disk or from memory, one at a time or several; and written down to the disk.
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

#include "workload.h"

using namespace kutrace::workload;

namespace {

struct Disk {
  std::string path;
  size_t block;
  long n;
};

// On a boundary, which reading past the cache needs.
using Block = std::unique_ptr<char, decltype(&std::free)>;
Block get_block(size_t bytes) {
  void* memory = nullptr;
  if ((errno = posix_memalign(&memory, 4096, bytes)) != 0) fail("memory for a block");
  return {static_cast<char*>(memory), &std::free};
}

int open_it(const Disk& d, int flags) { return static_cast<int>(must(open(d.path.c_str(), flags | O_CLOEXEC), d.path.c_str())); }

// What the cache holds of it is forgotten, or left.
void forget(int fd) {
  must(fsync(fd), "fsync");
  if ((errno = posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED)) != 0) fail("posix_fadvise");
}

void read_blocks(const Disk& d, int fd, const char* name, const std::function<long(long)>& which) {
  const Block block = get_block(d.block);
  const Phase phase(name);
  for (long k = 0; k < d.n; ++k) must(pread(fd, block.get(), d.block, which(k) * static_cast<long>(d.block)), "pread");
}

// Threads that read past the cache, `depth` at a time.
void deep(const Disk& d, int depth) {
  run_threads(depth, [&](int k) {
    const int fd = open_it(d, O_RDONLY | O_DIRECT);
    const Block block = get_block(d.block);
    {
      const Phase phase(depth == 1 ? "d1" : "d8");
      for (long i = 0; i < d.n / depth; ++i) must(pread(fd, block.get(), d.block, (i * depth + k) * 64 * static_cast<long>(d.block)), "pread");
    }
    close(fd);
  });
}

// Writes, each down to the disk or none.
void written(const Disk& d, bool each) {
  const int fd = open_it(d, O_WRONLY);
  const Block block = get_block(d.block);
  std::fill_n(block.get(), d.block, 'x');
  {
    const Phase phase(each ? "each" : "none");
    for (long k = 0; k < d.n; ++k) {
      must(pwrite(fd, block.get(), d.block, (4096 + k) * static_cast<long>(d.block)), "pwrite");
      if (each) must(fdatasync(fd), "fdatasync");
    }
  }
  must(fsync(fd), "fsync");
  close(fd);
}

}  // namespace

KUTRACE_WORKLOAD(disk_reader) {
  const Options o(argc, argv, "Reads blocks (seq, rand; cold, warm; one or eight at a time past the cache: d1, d8), or overwrites them (none, each down to the disk). Writing needs a disk that holds nothing.",
                  {{"file", "", "file or disk; must be given"}, {"how", "seq,rand", "seq, rand, cold, warm, d1, d8, none, each: in this order"}, {"block", "4", "KB of a block"}, {"n", "64", "blocks"}});
  const Disk d{o.text("file"), static_cast<size_t>(o.number("block", 4, 1024)) << 10, o.number("n", 1, 10000)};
  Random random(o.seed());
  // A disk is forgotten by the cache when nobody has it open any more.
  const int held = open_it(d, O_RDONLY);
  for (const std::string& how : o.words("how", {"seq", "rand", "cold", "warm", "d1", "d8", "none", "each"})) {
    if (how == "d1" || how == "d8") deep(d, how == "d1" ? 1 : 8);
    else if (how == "none" || how == "each") written(d, how == "each");
    else {
      const int fd = open_it(d, O_RDONLY);
      if (how != "warm") forget(fd);
      if (how == "rand") read_blocks(d, fd, "rand", [&](long) { return static_cast<long>(random.below(65536)); });
      else read_blocks(d, fd, how == "seq" ? "seq" : how == "cold" ? "cold" : "warm", [](long k) { return k; });
      close(fd);
    }
  }
  close(held);
}
