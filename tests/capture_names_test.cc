// SPDX-License-Identifier: BSD-3-Clause
// Names of the machine: parsing of /proc, the generated tables, what fits; file names; refusals.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>

#include "control/failure.h"
#include "control/names.h"
#include "control/read_out.h"
#include "control/refusal.h"
#include "control/session.h"
#include "support/child.h"
#include "support/temp_dir.h"

namespace {

using namespace kutrace::capture;
namespace fs = std::filesystem;

void put(const std::string& path, const std::string& text) {
  fs::create_directories(fs::path(path).parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

using Rows = std::vector<Numbered>;

TEST(Interrupts, RowsWithNumberAndDevice) {
  EXPECT_EQ(parse_interrupts("           CPU0       CPU1       \n"
                             "  0:         44          0   IO-APIC   2-edge      timer\n"
                             "  9:          0          5   IO-APIC   9-fasteoi   acpi, other dev\n"
                             " 25:          1          0  PCI-MSIX-0000:00:03.0   0-edge      virtio0-config\n"
                             "NMI:          0          0   Non-maskable interrupts\n"
                             "ERR:          0\n"),
            (Rows{{0, "timer"}, {9, "acpi, other dev"}, {25, "virtio0-config"}}));
}

TEST(Interrupts, ArmRows) {
  EXPECT_EQ(parse_interrupts("           CPU0       \n"
                             " 13:       3093     GICv2  27 Level     arch_timer\n"
                             "IPI0:       12       Rescheduling interrupts\n"),
            (Rows{{13, "arch_timer"}}));
}

TEST(Interrupts, RowsWithoutDeviceHaveNoName) {
  EXPECT_EQ(parse_interrupts("   CPU0\n  7:  3   IO-APIC   7-edge      \n  8:  3   IO-APIC   8-fasteoi \n"), Rows{});
}

// Defect L4: with 64 CPUs a row is some 750 bytes long.
TEST(Interrupts, SixtyFourCpus) {
  std::string text = "     ";
  for (int k = 0; k < 64; ++k) text += "      CPU" + std::to_string(k);
  text += "\n";
  for (int irq : {24, 130, 300}) {
    text += std::to_string(irq) + ":";
    for (int k = 0; k < 64; ++k) text += "    5252" + std::to_string(k);
    text += "  IR-PCI-MSI 327680-edge      nvme" + std::to_string(irq) + "\n";
  }
  EXPECT_EQ(parse_interrupts(text), (Rows{{24, "nvme24"}, {130, "nvme130"}, {300, "nvme300"}}));
}

TEST(Interrupts, DamagedTextIsNoTrouble) {
  EXPECT_EQ(parse_interrupts(""), Rows{});
  EXPECT_EQ(parse_interrupts("CPU0\n:\n99999999999999:  1  x  y\n 5\n"), Rows{});
}

TEST(CpuInfo, ModelNameOrPart) {
  EXPECT_EQ(parse_cpuinfo("processor\t: 0\nmodel name\t: Fast CPU @ 3GHz\nmodel name\t: other\n"), "Fast CPU @ 3GHz");
  EXPECT_EQ(parse_cpuinfo("processor : 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd08\n"), "CPU implementer 0x41 part 0xd08");
  EXPECT_EQ(parse_cpuinfo("processor : 0\n\nHardware : BCM2711\nModel : Raspberry Pi 4 Model B\n"), "Raspberry Pi 4 Model B");
  EXPECT_EQ(parse_cpuinfo(""), "");
}

class Folder : public kutrace::test::TempDir {
 protected:
  std::string path(const std::string& name) const { return dir_ + name; }
};

class MachineTest : public Folder {
 protected:
  void SetUp() override {
    Folder::SetUp();
    put(path("proc/self/status"), "NSpid:\t5\n");
  }
};

TEST_F(MachineTest, ReadsThreadsModelAndInterrupts) {
  put(path("proc/1/task/1/comm"), "init\n");
  put(path("proc/20/task/20/comm"), "two words\n");
  put(path("proc/7/task/7/comm"), "kworker/u4:0-events_unbound\n");
  put(path("proc/20/task/21/comm"), "second\n");
  put(path("proc/self/task/9/comm"), "no number\n");
  put(path("proc/cpuinfo"), "processor : 0\nCPU part : 0xd08\n");
  put(path("proc/device-tree/model"), std::string("Raspberry Pi 4 Model B\0", 23));
  put(path("proc/interrupts"), " CPU0\n 4: 1  GIC  4 Level     uart\n");
  const Machine machine(path(""));
  Rows threads = machine.threads();
  std::sort(threads.begin(), threads.end());
  EXPECT_EQ(threads, (Rows{{1, "init"}, {7, "kworker/u4:0"}, {20, "two words"}, {21, "second"}}));
  EXPECT_EQ(machine.model(), "Raspberry Pi 4 Model B");
  EXPECT_EQ(machine.interrupts(), (Rows{{4, "uart"}}));
}

TEST_F(MachineTest, AnEmptyMachineHasNoNamesButTheBuiltInOnes) {
  const Machine machine(path(""));
  EXPECT_EQ(machine.threads(), Rows{});
  EXPECT_EQ(machine.model(), "");
  EXPECT_GT(gather_names(machine).entries.size(), 300u);
}

// A container: the ids in /proc are its own, unless /proc is the host's.
TEST_F(MachineTest, IdsOfAPidNamespaceAreNotTheKernels) {
  const Machine machine(path(""));
  put(path("proc/1/task/1/comm"), "init\n");
  const auto named = [&] {
    const NameList names = gather_names(machine);
    EXPECT_EQ(names.threads_unknown, !machine.kernel_ids().in_proc);
    return std::any_of(names.entries.begin(), names.entries.end(), [](const NameEntry& n) { return n.text == "init"; });
  };
  EXPECT_TRUE(named());  // a kernel without namespaces
  fs::create_directories(path("proc/self/ns"));
  fs::create_symlink("pid:[4026531836]", path("proc/self/ns/pid"));
  EXPECT_TRUE(named());
  EXPECT_EQ(machine.kernel_ids().own, static_cast<uint32_t>(gettid()));
  fs::remove(path("proc/self/ns/pid"));
  fs::create_symlink("pid:[4026532999]", path("proc/self/ns/pid"));
  put(path("proc/thread-self/status"), "Name:\tx\nNSpid:\t70123\t5\n");
  for (const char* second : {"2 (kthreadd) S 0 0 0 0 -1 4194304 0", "2 (a) b) S 1 1 1 0 -1 64 0", "2 (x", ""}) {
    put(path("proc/2/stat"), second);
    EXPECT_FALSE(named()) << second;
    EXPECT_FALSE(machine.kernel_ids().own);
  }
  put(path("proc/2/stat"), "2 (kthreadd) S 0 0 0 0 -1 2129984 0 0\n");
  EXPECT_TRUE(named());
  EXPECT_EQ(machine.kernel_ids().own, 70123u);
  fs::remove_all(path("proc/self"));  // a namespace below ours
  EXPECT_FALSE(named());
  GoReport report;
  report.threads_unknown = true;
  EXPECT_NE(describe(report).at(0).find("PID namespace"), std::string::npos);
}

// For real: a process in a namespace of its own, which sees the /proc of this one.
TEST(PidNamespace, InOne) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  const int status = kutrace::test::in_child([] {
    if (unshare(CLONE_NEWPID | CLONE_NEWNS) != 0) return 77;
    return kutrace::test::in_child([] {
      const auto before = Machine().kernel_ids();
      if (getpid() != 1 || (before.own && *before.own == 1)) return 1;
      if (mount("", "/", "", MS_REC | MS_PRIVATE, nullptr) != 0 || mount("proc", "/proc", "proc", 0, nullptr) != 0) return 77;
      const auto after = Machine().kernel_ids();
      return !after.in_proc && !after.own && gather_names(Machine()).threads_unknown ? 0 : 2;
    });
  });
  if (status == 77) GTEST_SKIP() << "namespaces are not allowed here";
  EXPECT_EQ(status, 0);
}

TEST_F(MachineTest, HighInterruptNumbersShareTheirNames) {
  put(path("proc/interrupts"), " CPU0\n 223: 1  M  4 Level     low\n 240: 1  M  4 Level     one\n 251: 1  M  4 Level     two\n 252: 1  M  4 Level     three\n");
  Rows rows;
  for (const NameEntry& n : gather_names(Machine(path(""))).entries) {
    if (n.kind == KUTRACE_INTERRUPTNAME) rows.emplace_back(n.number, n.text);
  }
  EXPECT_EQ(rows, (Rows{{223, "low"}, {KUTRACE_IRQ_SHARED + 240 % KUTRACE_IRQ_SHARED_COUNT, "one|two"}, {KUTRACE_IRQ_SHARED + 252 % KUTRACE_IRQ_SHARED_COUNT, "three"}}));
}

TEST_F(MachineTest, ThreadsThatDoNotFitAreCounted) {
  for (int k = 1; k <= 1000; ++k) {
    put(path("proc/" + std::to_string(k) + "/task/" + std::to_string(k) + "/comm"), std::string(56, 'x') + "\n");
  }
  const NameList names = gather_names(Machine(path("")));
  EXPECT_LE(names.words, kNameWords);
  EXPECT_GT(names.words, kNameWords - KUTRACE_MAX_ENTRY_WORDS);
  const auto threads = static_cast<uint32_t>(
      std::count_if(names.entries.begin(), names.entries.end(), [](const NameEntry& n) { return n.kind == KUTRACE_PIDNAME; }));
  EXPECT_GT(threads, 400u);
  EXPECT_EQ(threads + names.threads_left_out, 1000u);
  // The others are all there.
  EXPECT_TRUE(std::any_of(names.entries.begin(), names.entries.end(),
                          [](const NameEntry& n) { return n.kind == KUTRACE_ERRNONAME && n.text == "ENOENT"; }));
}

std::string named(const Rows& rows, uint32_t number) {
  for (const auto& [n, text] : rows) {
    if (n == number) return text;
  }
  return "";
}

TEST(Tables, ComeFromTheHeaders) {
  const Rows calls = system_call_names();
  EXPECT_GT(calls.size(), 250u);
#ifdef __x86_64__
  EXPECT_EQ(named(calls, 39), "getpid");
  EXPECT_EQ(named(calls, 0), "read");
  EXPECT_EQ(named(system_call_names_32(), 20), "getpid");
#endif
  EXPECT_EQ(named(errno_names(), ENOENT), "ENOENT");
  EXPECT_EQ(named(errno_names(), EAGAIN), "EAGAIN");
  for (const auto& [number, text] : calls) {
    EXPECT_LT(number, 1024u);
    EXPECT_LT(text.size(), 56u);
  }
}

TEST(Tables, HighNumbersMoveUp) {
  EXPECT_EQ(name_number(511), 511u);
  EXPECT_EQ(name_number(512), 1024u);
  EXPECT_EQ(name_number(1023), 1535u);
}

TEST_F(MachineTest, TellsPatchedKernelFromModule) {
  EXPECT_FALSE(Machine(path("")).is_patched());
  EXPECT_NE(std::string(explain_open(ENOENT, Machine(path(""))).what()).find("no /dev/kutrace"), std::string::npos);
  put(path("proc/kallsyms"), "0000 T kutrace_registered\n0000 r __ksymtab_kutrace_register\n");
  EXPECT_EQ(Machine(path("")).is_patched(), false);
  EXPECT_NE(std::string(explain_open(ENOENT, Machine(path(""))).what()).find("not patched"), std::string::npos);
  put(path("proc/kallsyms"), "0000 T a\n0000 T kutrace_register\n");
  EXPECT_EQ(Machine(path("")).is_patched(), true);
  EXPECT_NE(std::string(explain_open(ENOENT, Machine(path(""))).what()).find("modprobe kutrace_mod"),
            std::string::npos);
  put(path("sys/module/kutrace_mod/refcnt"), "0\n");
  EXPECT_NE(std::string(explain_open(ENOENT, Machine(path(""))).what()).find("is loaded"), std::string::npos);
}

TEST(Refusals, SayWhatToDo) {
  const auto has = [](const Failure& f, const char* part) { return std::string(f.what()).find(part) != std::string::npos; };
  for (const int error : {EPERM, EACCES}) {
    EXPECT_TRUE(has(explain_open(error, Machine()), "setcap cap_perfmon"));
    EXPECT_TRUE(has(explain_command(error, "trace"), "no privilege to trace; use sudo"));
  }
  EXPECT_TRUE(has(explain_command(EBUSY, "trace"), "another program"));
  EXPECT_TRUE(has(explain_command(ENOTTY, "trace"), "another version"));
  EXPECT_TRUE(has(explain_read(EBUSY), "busy"));
  EXPECT_TRUE(has(explain_read(EACCES), "kptr_restrict"));
  EXPECT_TRUE(has(explain_read(EIO), "dmesg"));
}

// ---- files ----

TEST(FileNames, SayWhenWhereAndWho) {
  EXPECT_EQ(default_trace_name(0, "host", 42), "ku_19700101_000000_host_42.trace");
  // Beyond 2038, and a host that would lead elsewhere (defect L9).
  EXPECT_EQ(default_trace_name(5000000000, "a/../b c", 1), "ku_21280611_085320_a_.._b_c_1.trace");
  EXPECT_EQ(default_trace_name(0, "", 1), "ku_19700101_000000_host_1.trace");
  EXPECT_LT(default_trace_name(0, std::string(1000, 'x'), 1).size(), 120u);
}

class Files : public Folder {};

TEST_F(Files, ExistingNamesAreNotUsed) {
  EXPECT_EQ(free_trace_name(path("a.trace")), path("a.trace"));
  put(path("a.trace"), "1");
  EXPECT_EQ(free_trace_name(path("a.trace")), path("a_2.trace"));
  put(path("a_2.trace"), "2");
  EXPECT_EQ(free_trace_name(path("a.trace")), path("a_3.trace"));
}

TEST_F(Files, AreCompleteOrNotThere) {
  {
    TraceFile file(path("t"), false);
    file.write(std::string("half"));
    EXPECT_FALSE(fs::exists(path("t")));
  }
  EXPECT_TRUE(fs::is_empty(path("")));
  TraceFile file(path("t"), false);
  file.write(std::string("all"));
  file.finish();
  EXPECT_EQ(fs::file_size(path("t")), 3u);
}

TEST_F(Files, AreNotOverwritten) {
  put(path("t"), "old");
  EXPECT_THROW(TraceFile(path("t"), false), Failure);
  TraceFile file(path("t"), true);
  file.write(std::string("newer"));
  EXPECT_EQ(fs::file_size(path("t")), 3u);
  file.finish();
  EXPECT_EQ(fs::file_size(path("t")), 5u);
}

TEST_F(Files, ThatAppearMeanwhileAreNotOverwritten) {
  TraceFile file(path("t"), false);
  file.write(std::string("ours"));
  put(path("t"), "theirs!");
  EXPECT_THROW(file.finish(), Failure);
  EXPECT_EQ(fs::file_size(path("t")), 7u);
  EXPECT_EQ(std::distance(fs::directory_iterator(path("")), fs::directory_iterator{}), 1);
}

TEST_F(Files, AFullDiskIsTold) {
  TraceFile file("/dev/full", false);
  try {
    file.write(std::string(1 << 20, 'x'));
    FAIL();
  } catch (const Failure& f) {
    EXPECT_NE(std::string(f.what()).find("No space left"), std::string::npos) << f.what();
    EXPECT_NE(std::string(f.what()).find("make room"), std::string::npos);
  }
}

TEST_F(Files, APlaceThatDoesNotExistIsTold) { EXPECT_THROW(TraceFile(path("no/such/place"), false), Failure); }

}  // namespace
