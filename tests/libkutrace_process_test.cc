// SPDX-License-Identifier: BSD-3-Clause
// A program linked with libkutrace, where others have something against it: filters of system calls, files in the place of the module's,
// privilege that its caller has not. In mount namespaces of their own.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <vector>

#include "kutrace/abi.h"
#include "support/child.h"
#include "support/temp_dir.h"

namespace kutrace::test {
namespace {

namespace fs = std::filesystem;
constexpr uid_t kNobody = 65534;
constexpr int kNotHere = 77;

class Marker : public TempDir {
 protected:
  void SetUp() override {
    TempDir::SetUp();
    fs::permissions(dir_, fs::perms(0755));
  }
  std::string read(const std::string& path) const {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  // In a child: becomes the program, its output in `out`.
  int exec(const std::string& program = KUTRACE_MARKER, const char* argument = nullptr) const {
    const int fd = open((dir_ + "out").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    dup2(fd, 1);
    execl(program.c_str(), program.c_str(), argument, nullptr);
    return 90;
  }
  // What the program says on a machine where `prepare` has put things; "status N" if it does not end well.
  std::string on_machine(const std::function<void()>& prepare, const std::string& program = KUTRACE_MARKER) {
    fs::remove(dir_ + "out");
    const int status = in_child([&] {
      usual_actions();
      if (unshare(CLONE_NEWNS) != 0 || mount("", "/", "", MS_REC | MS_PRIVATE, nullptr) != 0) return kNotHere;
      for (const char* folder : {"/sys/kernel", "/sys/class/misc", "/dev"}) {
        if (mount("test", folder, "tmpfs", 0, "mode=0755") != 0) return kNotHere;
      }
      umask(0);
      prepare();
      umask(022);
      return exec(program);
    });
    return status == 0 ? read(dir_ + "out") : "status " + std::to_string(status);
  }
  bool can_prepare() { return geteuid() == 0 && on_machine([] {}) != "status 77"; }
};

struct Page {
  kutrace_page content{1, 1, KUTRACE_PAGE_MAGIC, 0};
  size_t size = 4096;
  mode_t mode = 0444;
  uid_t owner = 0;
};

void put_page(const Page& page, const std::string& path = KUTRACE_PAGE_FILE) {
  fs::create_directories("/sys/kernel/kutrace");
  std::string text(reinterpret_cast<const char*>(&page.content), sizeof(page.content));
  text.resize(page.size);
  std::ofstream(path, std::ios::binary) << text;
  if (chown(path.c_str(), page.owner, 0) != 0 || chmod(path.c_str(), page.mode) != 0) _exit(91);
}

void put_number(const char* text) {
  fs::create_directories("/sys/class/misc/kutrace");
  std::ofstream("/sys/class/misc/kutrace/dev") << text;
}

#define NEEDS_MOUNTS() \
  if (!can_prepare()) GTEST_SKIP() << "needs root and mounts"

TEST_F(Marker, SeesTracingOnThePageOfTheModuleOnly) {
  NEEDS_MOUNTS();
  EXPECT_EQ(on_machine([] {}), "off\n");
  EXPECT_EQ(on_machine([] { setenv("KUTRACE_FD", "call", 1); }), "on\n") << "a recorder that sees calls";
  EXPECT_EQ(on_machine([] { put_page({}); }), "on\n");
  EXPECT_EQ(on_machine([] { put_page({.content = {0, 1, KUTRACE_PAGE_MAGIC, 0}}); }), "off\n");
  EXPECT_EQ(on_machine([] { put_page({.content = {1, 1, KUTRACE_PAGE_MAGIC, 1}}); }), "off\n") << "the module has gone";
  EXPECT_EQ(on_machine([] { put_page({.content = {1, 1, 0x12345678, 0}}); }), "off\n") << "another magic";
  EXPECT_EQ(on_machine([] { put_page({.size = 0}); }), "off\n") << "reading it would be SIGBUS";
  EXPECT_EQ(on_machine([] { put_page({.size = 100}); }), "off\n") << "or could become so";
  EXPECT_EQ(on_machine([] { put_page({.owner = kNobody}); }), "off\n") << "somebody may cut it short";
  EXPECT_EQ(on_machine([] { put_page({.mode = 0464}); }), "off\n") << "anybody of a group may";
  EXPECT_EQ(on_machine([] { put_page({.mode = 0446}); }), "off\n") << "anybody may";
  EXPECT_EQ(on_machine([] {
    fs::create_directories("/sys/kernel/kutrace");
    mkfifo(KUTRACE_PAGE_FILE, 0666);
  }), "off\n") << "opening a FIFO waits";
  EXPECT_EQ(on_machine([] {
    put_page({}, "/sys/kernel/page");
    fs::create_directories("/sys/kernel/kutrace");
    fs::create_symlink("/sys/kernel/page", KUTRACE_PAGE_FILE);
  }), "off\n");
}

// The device is opened for the first mark: nothing in its place does harm, or is harmed.
TEST_F(Marker, MarksIntoTheDeviceOnly) {
  NEEDS_MOUNTS();
  const auto tracing = [&](const std::function<void()>& prepare) {
    return on_machine([&] {
      put_page({});
      put_number("10:99\n");
      prepare();
    });
  };
  EXPECT_EQ(tracing([] { mkfifo(KUTRACE_DEVICE, 0666); }), "on\n");
  EXPECT_EQ(tracing([] { std::ofstream(KUTRACE_DEVICE) << "text"; }), "on\n");
  EXPECT_EQ(tracing([] { mknod(KUTRACE_DEVICE, S_IFCHR | 0666, makedev(1, 3)); }), "on\n");
  EXPECT_EQ(tracing([] { mknod(KUTRACE_DEVICE, S_IFBLK | 0666, makedev(10, 99)); }), "on\n");
  EXPECT_EQ(tracing([] { mknod(KUTRACE_DEVICE, S_IFCHR | 0666, makedev(10, 99)); }), "on\n") << "nothing behind it";
  EXPECT_EQ(tracing([] {
    put_number("1:3\n");
    mknod(KUTRACE_DEVICE, S_IFCHR | 0666, makedev(1, 3));
  }), "on\n") << "one that knows no marks";
  for (const char* number : {"", ":", "x", "1", "99999999999999999999:1"}) EXPECT_EQ(tracing([&] { put_number(number); }), "on\n") << number;
  for (const char* fd : {"0", "7", "-1", "x", "99999999999", "3x", ""}) {
    EXPECT_EQ(tracing([&] { setenv("KUTRACE_FD", fd, 1); }), "on\n") << fd;
  }
}

#ifndef __SANITIZE_ADDRESS__  // whose own checks need system calls and privilege that these programs have not
// The privilege of a program is not there for its caller to trace with.
TEST_F(Marker, NeverInSetUidPrograms) {
  NEEDS_MOUNTS();
  const std::string copy = dir_ + "copy";
  fs::copy_file(KUTRACE_MARKER, copy);
  ASSERT_EQ(chown(copy.c_str(), kNobody, kNobody), 0);
  chmod(copy.c_str(), 0755);
  EXPECT_EQ(on_machine([] { put_page({}); }, copy), "on\n");
  chmod(copy.c_str(), 04755);
  EXPECT_EQ(on_machine([] { put_page({}); }, copy), "off\n");
  EXPECT_EQ(on_machine([] { setenv("KUTRACE_FD", "call", 1); }, copy), "off\n");
}

// What loading a program takes, and writing a line; anything else ends it.
bool allow_only_loading() {
  const std::vector<int> allowed = {SYS_execve, SYS_brk, SYS_openat, SYS_read, SYS_pread64, SYS_fstat, SYS_newfstatat, SYS_mmap, SYS_mprotect,
                                    SYS_munmap, SYS_close, SYS_set_tid_address, SYS_set_robust_list, SYS_prlimit64, SYS_getrandom, SYS_write,
                                    SYS_exit_group, SYS_futex, SYS_faccessat, SYS_rt_sigaction, SYS_rt_sigprocmask,
#ifdef SYS_rseq
                                    SYS_rseq,
#endif
#ifdef SYS_arch_prctl
                                    SYS_arch_prctl, SYS_access,
#endif
  };
  std::vector<sock_filter> filter = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr))};
  for (const int call : allowed) {
    filter.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(call), 0, 1));
    filter.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  }
  filter.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
  const sock_fprog program{static_cast<unsigned short>(filter.size()), filter.data()};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

TEST_F(Marker, RunsUnderAFilterThatKillsUnknownCalls) {
  const auto filtered = [&](const char* argument) {
    return Child([&] {
      usual_actions();
      const int fd = open((dir_ + "out").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
      dup2(fd, 1);
      if (!allow_only_loading()) return kNotHere;
      execl(KUTRACE_MARKER, KUTRACE_MARKER, argument, nullptr);
      return 90;
    }).wait();
  };
  const int quiet = filtered(nullptr);
  EXPECT_TRUE(WIFEXITED(quiet) && WEXITSTATUS(quiet) == 0) << quiet;
  EXPECT_NE(read(dir_ + "out"), "");
  // The filter is one: it ends who makes the call of the reference.
  const int loud = filtered("call");
  EXPECT_TRUE(WIFSIGNALED(loud) && WTERMSIG(loud) == SIGSYS) << loud;
}
#endif

}  // namespace
}  // namespace kutrace::test
