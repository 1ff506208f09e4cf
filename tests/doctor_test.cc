// SPDX-License-Identifier: BSD-3-Clause
// kutrace doctor on machines that are made: each lack is found, has a remedy, and stops recording where it must.
#include <gtest/gtest.h>

#include <cerrno>
#include <fstream>

#include "control/failure.h"
#include "record/doctor.h"
#include "support/temp_dir.h"

namespace kutrace::test {
namespace {

using record::Ability;
using record::Trials;

class Doctor : public TempDir {
 protected:
  // A machine that lacks nothing.
  void SetUp() override {
    TempDir::SetUp();
    write("proc/self/status", "Name:\tx\nCapEff:\t000001ffffffffff\n");
    write("sys/kernel/btf/vmlinux", "types");
    write("sys/kernel/security/lockdown", "[none] integrity confidentiality\n");
    write("sys/devices/system/clocksource/clocksource0/current_clocksource", "tsc\n");
    trials_.bpf = trials_.cycles = [] { return 0; };
    trials_.load = [] { return std::vector<std::string>(); };
  }
  void write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories(std::filesystem::path(dir_ + name).parent_path());
    std::ofstream(dir_ + name) << text;
  }
  std::vector<Ability> examine() const { return record::examine(dir_.substr(0, dir_.size() - 1), trials_); }
  // The state of one ability, and that what is not there has a remedy.
  Ability::State state(const std::string& what) const {
    for (const Ability& a : examine()) {
      if (a.what != what) continue;
      EXPECT_EQ(a.remedy.empty(), a.state == Ability::kYes) << what;
      return a.state;
    }
    ADD_FAILURE() << "nothing is said of " << what;
    return Ability::kNo;
  }
  Trials trials_;
};

TEST_F(Doctor, FindsAMachineThatLacksNothing) {
  for (const char* what : {"privilege", "bpf system call", "type information", "lockdown", "eBPF programs", "clock", "cycle counter"}) {
    EXPECT_EQ(state(what), Ability::kYes) << what;
  }
  EXPECT_TRUE(record::can_record(examine()));
  EXPECT_NE(record::describe(examine()).find("kutrace record works here"), std::string::npos);
}

TEST_F(Doctor, FindsNoPrivilege) {
  write("proc/self/status", "Name:\tx\nCapEff:\t0000000000000000\n");
  EXPECT_EQ(state("privilege"), Ability::kNo);
  EXPECT_FALSE(record::can_record(examine()));
  EXPECT_NE(record::describe(examine()).find("does not work here"), std::string::npos);
}

TEST_F(Doctor, FindsASystemCallThatIsFiltered) {
  trials_.bpf = [] { return EPERM; };
  EXPECT_EQ(state("bpf system call"), Ability::kNo);
  EXPECT_FALSE(record::can_record(examine()));
}

TEST_F(Doctor, FindsNoTypeInformation) {
  std::filesystem::remove(dir_ + "sys/kernel/btf/vmlinux");
  EXPECT_EQ(state("type information"), Ability::kNo);
  EXPECT_FALSE(record::can_record(examine()));
}

TEST_F(Doctor, TellsLevelsOfLockdown) {
  write("sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
  EXPECT_EQ(state("lockdown"), Ability::kNote);
  EXPECT_TRUE(record::can_record(examine()));
  write("sys/kernel/security/lockdown", "none integrity [confidentiality]\n");
  EXPECT_EQ(state("lockdown"), Ability::kNo);
  std::filesystem::remove(dir_ + "sys/kernel/security/lockdown");
  EXPECT_EQ(state("lockdown"), Ability::kYes);
}

TEST_F(Doctor, TriesTheProgramsOnlyWhereTheyCouldLoad) {
  trials_.load = []() -> std::vector<std::string> { throw capture::Failure("the kernel refuses the eBPF programs", "advice"); };
  EXPECT_EQ(state("eBPF programs"), Ability::kNo);
  EXPECT_FALSE(record::can_record(examine()));
  trials_.load = [] { return std::vector<std::string>{"ipi_send_cpu"}; };
  EXPECT_EQ(state("eBPF programs"), Ability::kNote);
  EXPECT_TRUE(record::can_record(examine()));
  bool tried = false;
  trials_.load = [&] {
    tried = true;
    return std::vector<std::string>();
  };
  trials_.bpf = [] { return ENOSYS; };
  examine();
  EXPECT_FALSE(tried);
}

TEST_F(Doctor, NotesWhatIsLessThanItCouldBe) {
  trials_.cycles = [] { return ENOENT; };
  write("sys/devices/system/clocksource/clocksource0/current_clocksource", "hpet\n");
  EXPECT_EQ(state("cycle counter"), Ability::kNote);
  EXPECT_EQ(state("clock"), Ability::kNote);
  EXPECT_EQ(state("patched kernel"), Ability::kNote);
  EXPECT_TRUE(record::can_record(examine()));
}

}  // namespace
}  // namespace kutrace::test
