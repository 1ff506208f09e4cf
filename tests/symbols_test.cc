// SPDX-License-Identifier: BSD-3-Clause
// Names of functions for PC samples: of a kernel's list, of this very program and of its C library, whose truth the loader knows; and lists that lie.
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iterator>

#include "base/error.h"
#include "symbols/elf_file.h"
#include "symbols/kernel_symbols.h"
#include "symbols/sample_names.h"
#include "support/chain_run.h"
#include "support/temp_dir.h"

// One that a table of symbols has under this name.
extern "C" __attribute__((noinline, used)) int known_function_of_this_test(int x) { return x * 3 + 1; }
namespace known_space {
__attribute__((noinline, used)) int known_function(int x) { return known_function_of_this_test(x) * 5; }
}  // namespace known_space

namespace kutrace::test {
namespace {

class Symbols : public TempDir {
 protected:
  void write(const std::string& name, const std::string& text) const { std::ofstream(dir_ + name, std::ios::binary) << text; }
  std::string read(const std::string& name) const {
    std::ifstream in(dir_ + name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  int run(const std::string& command) {
    const int status = shell("cd " + dir_ + " && PATH=" KUTRACE_TOOLS ":$PATH && " + command + " >out 2>err");
    out_ = read("out");
    said_ = read("err");
    return status;
  }
  static std::string hex(uint64_t value) {
    char text[20];
    std::snprintf(text, sizeof(text), "%llx", static_cast<unsigned long long>(value));
    return text;
  }
  // A document with a sample of each address, of this process.
  static std::string document(const std::vector<uint64_t>& addresses, int event, int pid) {
    std::string text = "  {\n \"title\" : \"t\",\n\"events\" : [\n";
    for (const uint64_t a : addresses) {
      text += "[  1.00000000, 0.50000000, 0, " + std::to_string(pid) + ", 0, " + std::to_string(event) + ", 7, 0, 0, \"PC=" + hex(a) + "\"],\n";
    }
    return text + "[999.0, 0.0, 0, 0, 0, 0, 0, 0, 0, \"\"]\n]}\n";
  }
  // "name" of the record with number `n`.
  std::string name(size_t n) const {
    size_t at = out_.find("\"events\"");
    for (size_t i = 0; i <= n; ++i) at = out_.find("\n[", at + 1);
    const size_t from = out_.find('"', at) + 1;
    return out_.substr(from, out_.find('"', from) - from);
  }
  static std::string own_maps() {
    std::ifstream in("/proc/self/maps");
    return "==== /proc/" + std::to_string(getpid()) + "/maps\n" + std::string(std::istreambuf_iterator<char>(in), {});
  }
  std::string out_, said_;
};

const char* kKernel =
    "ffffffff81000000 T _text\nffffffff81000000 T startup\nffffffff81000100 t do_idle\nffffffff81000200 T __schedule\nffffffff81000200 T schedule\n"
    "ffffffff81000300 D data\nffffffffc0000000 t in_module\t[kutrace]\n";

// The C library's own, where a sanitizer has one of that name, too.
uint64_t qsort_of_libc() {
  void* library = dlopen("libc.so.6", RTLD_LAZY | RTLD_NOLOAD);
  if (library == nullptr) return 0;
  const auto address = reinterpret_cast<uint64_t>(dlsym(library, "qsort"));
  dlclose(library);
  return address;
}

TEST_F(Symbols, OfTheKernelAreTheLastOneBelow) {
  write("allsyms", kKernel);
  write("in.json", document({0xffffffff81000150, 0xffffffff81000200, 0xffffffff810002ff, 0xffffffffc0000010, 0xffffffffc0001000, 0xfffffff000000000,
                             0xffffffff81000310},
                            KUTRACE_PC_K, 7));
  ASSERT_EQ(run("samptoname_k allsyms < in.json"), 0) << said_;
  EXPECT_EQ(name(0), "PC=do_idle");
  EXPECT_EQ(name(1), "PC=schedule") << "of several names that without underscores";
  EXPECT_EQ(name(2), "PC=schedule");
  EXPECT_EQ(name(3), "PC=in_module");
  EXPECT_EQ(name(4), "PC=ffffffffc0001000") << "beyond what the last function can reach";
  EXPECT_EQ(name(5), "PC=fffffff000000000") << "below the first";
  EXPECT_EQ(name(6), "PC=ffffffff81000310") << "data";
  EXPECT_NE(out_.find("641, 47527, 0, 0, \"PC=do_idle\""), std::string::npos) << out_;
  EXPECT_NE(out_.find("641, 35227, 0, 0, \"PC=schedule\""), std::string::npos);
  // Samples of user code stay, and what has a name already.
  write("in.json", document({0xffffffff81000150}, KUTRACE_PC_U, 7));
  ASSERT_EQ(run("samptoname_k allsyms < in.json"), 0);
  EXPECT_EQ(name(0), "PC=ffffffff81000150");
}

TEST_F(Symbols, AKernelThatHidItsAddressesIsNamed) {
  write("allsyms", "0000000000000000 T _text\n0000000000000000 T schedule\n");
  write("in.json", document({0xffffffff81000150}, KUTRACE_PC_K, 7));
  EXPECT_EQ(run("samptoname_k allsyms < in.json"), 2);
  EXPECT_NE(said_.find("has zeros for all addresses: the kernel hid them"), std::string::npos) << said_;
  write("allsyms", "no list\n\n12 \nffffffff81000000 T x\n");
  EXPECT_EQ(run("samptoname_k allsyms < in.json"), 1);
  EXPECT_NE(said_.find("2 x lines that cannot be read"), std::string::npos) << said_;
  write("allsyms", "");
  EXPECT_EQ(run("samptoname_k allsyms < in.json"), 2);
  EXPECT_NE(said_.find("has no function of a kernel"), std::string::npos) << said_;
}

TEST_F(Symbols, OfThisProgramAreWhatTheLoaderKnows) {
  if (!can_read_elf()) GTEST_SKIP() << "built without libelf";
  const auto mine = reinterpret_cast<uint64_t>(&known_function_of_this_test), in_space = reinterpret_cast<uint64_t>(&known_space::known_function);
  const uint64_t of_libc = qsort_of_libc();
  if (of_libc == 0) GTEST_SKIP() << "the C library has another name here";
  Dl_info where{};
  ASSERT_NE(dladdr(reinterpret_cast<void*>(of_libc), &where), 0);
  write("maps", own_maps());
  // A thread's number lies a little above its process's.
  write("in.json", document({mine + 2, in_space, of_libc, 8}, KUTRACE_PC_U, getpid() + 3));
  ASSERT_EQ(run("samptoname_u maps < in.json"), 0) << said_;
  EXPECT_EQ(name(0), "PC=known_function_of_this_test") << said_;
  EXPECT_EQ(name(1), "PC=known_space::known_function(int)");
  EXPECT_EQ(name(2), "PC=qsort");
  EXPECT_EQ(name(3), "PC=8") << "nothing is mapped there";
  write("in.json", document({mine}, KUTRACE_PC_U, getpid() + 12));
  ASSERT_EQ(run("samptoname_u maps < in.json"), 0);
  EXPECT_EQ(name(0), "PC=" + hex(mine)) << "too far from the process";
}

TEST_F(Symbols, AFileWithAnotherBuildIdIsRefused) {
  if (!can_read_elf()) GTEST_SKIP() << "built without libelf";
  const uint64_t of_libc = qsort_of_libc();
  if (of_libc == 0) GTEST_SKIP() << "the C library has another name here";
  Dl_info where{};
  ASSERT_NE(dladdr(reinterpret_cast<void*>(of_libc), &where), 0);
  std::ifstream maps("/proc/self/maps");
  std::string path;
  for (std::string line; std::getline(maps, line);) {
    if (line.find("/libc.so") != std::string::npos) path = line.substr(line.find('/'));
  }
  if (path.empty()) GTEST_SKIP() << "the C library has another name here";
  Diagnostics diagnostics;
  const std::string id = ElfFile(path, {}, diagnostics).build_id();
  ASSERT_FALSE(id.empty());
  write("in.json", document({of_libc}, KUTRACE_PC_U, getpid()));
  write("maps", own_maps() + "==== build-ids\n" + id + " " + path + "\n");
  ASSERT_EQ(run("samptoname_u maps < in.json"), 0) << said_;
  EXPECT_EQ(name(0), "PC=qsort");
  write("maps", own_maps() + "==== build-ids\n" + std::string(id.size(), '0') + " " + path + "\n");
  ASSERT_EQ(run("samptoname_u maps < in.json"), 0) << said_;
  EXPECT_TRUE(name(0).starts_with("PC=libc.so")) << name(0);
  EXPECT_NE(said_.find("it is not the file that was mapped"), std::string::npos) << said_;
}

TEST_F(Symbols, WhatWasSavedBesideATraceNamesItsSamples) {
  if (!can_read_elf()) GTEST_SKIP() << "built without libelf";
  const auto mine = reinterpret_cast<uint64_t>(&known_function_of_this_test);
  write("t.json", document({mine}, KUTRACE_PC_U, getpid()));
  ASSERT_EQ(run("kutrace symbols t.json --save"), 0) << said_;
  EXPECT_EQ(std::filesystem::status(dir_ + "t.json.symbols").permissions(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  ASSERT_EQ(run("kutrace symbols t.json"), 0) << said_;
  EXPECT_EQ(name(0), "PC=known_function_of_this_test") << said_;
  // Both kinds from one file.
  std::string both = document({mine}, KUTRACE_PC_U, getpid());
  both.insert(both.find("[999.0"), "[  1.00000000, 0.50000000, 0, 7, 0, 641, 7, 0, 0, \"PC=ffffffff81000150\"],\n");
  write("t.json", both);
  write("saved", std::string("==== kernel\n") + kKernel + own_maps());
  ASSERT_EQ(run("kutrace symbols t.json --from saved"), 0) << said_;
  EXPECT_NE(out_.find("\"PC=do_idle\""), std::string::npos) << out_;
  EXPECT_NE(out_.find("\"PC=known_function_of_this_test\""), std::string::npos) << out_;
  EXPECT_EQ(run("kutrace symbols t.json --from nowhere"), 2);
}

TEST_F(Symbols, T7_T8_ListsThatLieHarmNothing) {
  if (!can_read_elf()) GTEST_SKIP() << "built without libelf";
  write("in.json", document({0x401000}, KUTRACE_PC_U, 5));
  write("maps", "");
  ASSERT_EQ(run("samptoname_u maps < in.json"), 0) << said_;
  EXPECT_EQ(name(0), "PC=401000");
  for (const std::string path : {"/a;touch PWNED;b", "/$(touch PWNED)", "/dev/zero", "/proc/self/mem", "/", "/nowhere", "//../../etc/passwd"}) {
    write("maps", "==== /proc/5/maps\n00400000-00500000 r-xp 00000000 00:00 1   " + path + "\n");
    ASSERT_EQ(run("samptoname_u maps < in.json"), 0) << path << said_;
    EXPECT_TRUE(name(0).ends_with("+0x1000")) << name(0);
    EXPECT_NE(said_.find("is no ELF file that can be read"), std::string::npos) << said_;
    EXPECT_FALSE(std::filesystem::exists(dir_ + "PWNED"));
  }
  for (const std::string line :
       {"00500000-00400000 r-xp 0 0 0 /x", "zz-yy r-xp", "ffffffffffffffffff-1 r-xp 0 0 0 /x", "==== /proc/x/maps", "==== what"}) {
    write("maps", "==== /proc/5/maps\n" + line + "\n");
    EXPECT_EQ(run("samptoname_u maps < in.json"), 1) << line;
  }
  // A file that was there is gone: what stands under its name now is another.
  write("maps", "==== /proc/5/maps\n00400000-00500000 r-xp 00000000 00:00 1   /bin/sh (deleted)\n");
  ASSERT_EQ(run("samptoname_u maps < in.json"), 0);
  EXPECT_EQ(name(0), "PC=401000");
}

// Any byte of a program changed, or the rest of it missing: an error or other names, nothing else.
TEST_F(Symbols, DamagedProgramsAreRead) {
  if (!can_read_elf()) GTEST_SKIP() << "built without libelf";
  std::ifstream in("/proc/self/exe", std::ios::binary);
  std::string whole(std::istreambuf_iterator<char>(in), {});
  const std::string head = whole.substr(0, 4096);
  auto look = [&] {
    Diagnostics diagnostics;
    try {
      const ElfFile file(dir_ + "program", {}, diagnostics);
      file.symbols().find(0x1000);
      file.address_of(0x1000);
    } catch (const Error&) {
    }
  };
  for (size_t at = 0; at < 1024; at += 3) {
    std::string bytes = head;
    bytes[at] = static_cast<char>(~bytes[at]);
    write("program", bytes);
    look();
  }
  for (size_t size = 0; size < 4096; size += 61) {
    write("program", head.substr(0, size));
    look();
  }
}

TEST(SymbolTables, AreSearchedByWhatTheyCover) {
  SymbolTable table;
  table.add({100, 150, "sized"});
  table.add({200, 0, "open"});
  table.add({300, 310, "_ugly"});
  table.add({300, 305, "nice"});
  table.finish(400);
  EXPECT_EQ(table.find(99), nullptr);
  EXPECT_EQ(table.find(149)->name, "sized");
  EXPECT_EQ(table.find(150), nullptr) << "never the nearest one below";
  EXPECT_EQ(table.find(299)->name, "open");
  EXPECT_TRUE(table.find(299)->guessed);
  EXPECT_EQ(table.find(309)->name, "nice");
  EXPECT_EQ(table.find(310), nullptr);
  EXPECT_EQ(readable_symbol("_ZN4core3fmt5write17h0123456789abcdefE"), "core::fmt::write");
  EXPECT_EQ(readable_symbol("_ZNSt6vectorIiSaIiEE9push_backERKi"), "std::vector<int, std::allocator<int> >::push_back(int const&)");
  EXPECT_EQ(readable_symbol("_Znonsense"), "_Znonsense");
  // Each pair is two of the pair before: two to the seventieth in a name of less than 1 KB.
  std::string doubled = "_Z1fSt4pairIiiE";
  const auto digit = [](int i) { return std::string(1, static_cast<char>(i < 10 ? '0' + i : 'A' + i - 10)); };
  for (int i = 0; i < 70; ++i) {
    const std::string before = "S" + (i < 36 ? digit(i) : "1" + digit(i - 36)) + "_";
    doubled += "S_I" + before + before + "E";
  }
  EXPECT_EQ(readable_symbol(doubled), doubled);
  EXPECT_EQ(sample_address("PC=ffffffff81000000"), 0xffffffff81000000u);
  for (const char* none : {"PC=", "PC=xyz", "PC=FF", "ff", "PC=fffffffffffffffff"}) EXPECT_EQ(sample_address(none), std::nullopt) << none;
}

}  // namespace
}  // namespace kutrace::test
