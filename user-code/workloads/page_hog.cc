// SPDX-License-Identifier: BSD-3-Clause
// Memory as the kernel hands it out: a page at a time, when it is touched.
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "workload.h"

using namespace kutrace::workload;

namespace {

size_t page;

char* get(size_t bytes) {
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) fail("mmap");
  // Small pages unless huge ones are what is asked about.
  madvise(memory, bytes, MADV_NOHUGEPAGE);
  return static_cast<char*>(memory);
}

void write_each(char* memory, size_t bytes, const char* name) {
  const Phase phase(name);
  for (size_t at = 0; at < bytes; at += page) *static_cast<volatile char*>(memory + at) = 1;
}

void read_each(const char* memory, size_t bytes, const char* name) {
  const Phase phase(name);
  for (size_t at = 0; at < bytes; at += page) (void)*static_cast<const volatile char*>(memory + at);
}

// The child writes what it shares with its parent.
void copy_on_write(char* memory, size_t bytes) {
  write_each(memory, bytes, "touch");
  const pid_t child = fork();
  must(child, "fork");
  if (child == 0) {
    { const Phase warm("warm"); }  // the phase's own code and stack are the child's before it is counted
    write_each(memory, bytes, "cow");
    _exit(0);
  }
  int status = 0;
  must(waitpid(child, &status, 0), "waitpid");
}

void dropped(char* memory, size_t bytes) {
  write_each(memory, bytes, "touch");
  write_each(memory, bytes, "again");
  must(madvise(memory, bytes, MADV_DONTNEED), "madvise");
  write_each(memory, bytes, "drop");
}

void read_first(char* memory, size_t bytes) {
  read_each(memory, bytes, "rd");
  write_each(memory, bytes, "wr");
  write_each(memory, bytes, "again");
}

}  // namespace

KUTRACE_WORKLOAD(page_hog) {
  const Options o(argc, argv, "Touches memory (touch, again), writes what was only read (read: rd, wr, again), writes it in a child (fork: cow), or gives it back (drop).",
                  {{"mb", "2", "megabytes"}, {"how", "touch", "touch, read, fork or drop"}});
  const size_t bytes = static_cast<size_t>(o.number("mb", 1, 1024)) << 20;
  page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  { const Phase warm("warm"); }
  char* memory = get(bytes);
  const std::string how = o.words("how", {"touch", "read", "fork", "drop"}).front();
  if (how == "touch") {
    write_each(memory, bytes, "touch");
    write_each(memory, bytes, "again");
  } else if (how == "read") {
    read_first(memory, bytes);
  } else if (how == "fork") {
    copy_on_write(memory, bytes);
  } else {
    dropped(memory, bytes);
  }
}
