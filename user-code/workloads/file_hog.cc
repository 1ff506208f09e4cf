// SPDX-License-Identifier: BSD-3-Clause
// A mapped file: how many faults does reading it take?
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "workload.h"

using namespace kutrace::workload;

namespace {

void read_mapped(int fd, size_t bytes, bool populate) {
  void* memory = mmap(nullptr, bytes, PROT_READ, MAP_SHARED | (populate ? MAP_POPULATE : 0), fd, 0);
  if (memory == MAP_FAILED) fail("mmap");
  const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  {
    const Phase phase(populate ? "popul" : "map");
    for (size_t at = 0; at < bytes; at += page) (void)*(static_cast<const volatile char*>(memory) + at);
  }
  must(munmap(memory, bytes), "munmap");
}

}  // namespace

KUTRACE_WORKLOAD(file_hog) {
  const Options o(argc, argv, "Reads a file that is in memory through a mapping (map), and through one that was filled beforehand (popul).",
                  {{"mb", "1", "megabytes"}, {"how", "mmap,populate", "mmap, populate: in this order"}, {"folder", "/tmp", "where the file, which has no name, is"}});
  const size_t bytes = static_cast<size_t>(o.number("mb", 1, 1024)) << 20;
  std::string path = o.text("folder") + "/file_hog-XXXXXX";
  const int fd = static_cast<int>(must(mkstemp(path.data()), path.c_str()));
  must(unlink(path.c_str()), path.c_str());
  const std::vector<char> data(bytes, 'x');
  for (size_t done = 0; done < bytes;) done += static_cast<size_t>(must(write(fd, data.data() + done, bytes - done), "write"));
  { const Phase warm("start"); }
  for (const std::string& how : o.words("how", {"mmap", "populate"})) read_mapped(fd, bytes, how == "populate");
}
