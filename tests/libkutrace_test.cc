// SPDX-License-Identifier: BSD-3-Clause
// libkutrace: encodings, and that nothing happens while nothing traces.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <cstring>

#include "kutrace.hpp"
#include "trace/event.h"

namespace {

TEST(Base40, FirstCharacterIsLeastSignificant) {
  EXPECT_EQ(kutrace_base40("hello"), 39187408u);  // trace-format.md, 1.18
  EXPECT_EQ(kutrace_base40(""), 0u);
  EXPECT_EQ(kutrace_base40("a"), 1u);
  EXPECT_EQ(kutrace_base40("//////"), 4095999999u);  // the largest of six
}

TEST(Base40, FoldsCaseAndTurnsAnyOtherByteIntoADot) {
  EXPECT_EQ(kutrace_base40("HeLLo"), kutrace_base40("hello"));
  EXPECT_EQ(kutrace_base40("a\xff\x80 b"), kutrace_base40("a...b"));  // defect L7
}

TEST(Base40, SixCharactersCount) { EXPECT_EQ(kutrace_base40("sixsixsix"), kutrace_base40("sixsix")); }

TEST(Base40, AgreesWithTheReader) {
  for (const char* label : {"a", "z9-./", "/parse", "0", "rpc.42"}) {
    EXPECT_EQ(kutrace_base40(label), kutrace::base40_value(label));
    EXPECT_EQ(kutrace::base40_text(kutrace_base40(label)), label);
  }
}

TEST(TenLg, IsTenTimesTheLogarithmRounded) {
  EXPECT_EQ(kutrace_tenlg(0), 0);
  for (uint64_t n = 1; n <= 255; ++n) {
    EXPECT_EQ(kutrace_tenlg(n), std::lround(10 * std::log2(static_cast<double>(n)))) << n;
  }
}

TEST(TenLg, ShiftsLongLengths) {
  EXPECT_EQ(kutrace_tenlg(256), 80);
  EXPECT_EQ(kutrace_tenlg(1500), kutrace_tenlg(1500 >> 3) + 30);
  EXPECT_EQ(kutrace_tenlg(1 << 20), 200);
  EXPECT_EQ(kutrace_tenlg(47453132), 255);
  EXPECT_EQ(kutrace_tenlg(UINT64_MAX), 255);
}

TEST(MessageHash, XorsEightWords) {
  uint32_t words[9] = {1, 2, 4, 8, 16, 32, 64, 128, 0xffffffff};
  EXPECT_EQ(kutrace_message_hash(words, sizeof(words)), 255u);
  EXPECT_EQ(kutrace_message_hash(words, 32), 255u);
  EXPECT_EQ(kutrace_message_hash(words, 31), 0u);
  // Any address.
  char bytes[40] = {};
  std::memcpy(bytes + 1, words, 32);
  EXPECT_EQ(kutrace_message_hash(bytes + 1, 32), 255u);
}

struct Packed {
  unsigned words;
  uint64_t entry[KUTRACE_MAX_ENTRY_WORDS];
  std::string text() const {
    char t[KUTRACE_MAX_NAME_BYTES + 1] = {};
    std::memcpy(t, entry + 1, 8 * (words - 1));
    return t;
  }
};

Packed pack(unsigned kind, uint32_t number, const std::string& text) {
  Packed p{};
  p.words = kutrace_pack_name(kind, number, text.data(), text.size(), p.entry);
  return p;
}

TEST(NameEntry, CarriesItsLengthInWords) {
  EXPECT_EQ(pack(KUTRACE_PIDNAME, 7, "a").entry[0], 0x022ull << 32 | 7);
  EXPECT_EQ(pack(KUTRACE_PIDNAME, 7, "12345678").words, 2u);
  EXPECT_EQ(pack(KUTRACE_PIDNAME, 7, "123456789").words, 3u);
  EXPECT_EQ(pack(KUTRACE_QUEUE_NAME, 70000, "q").entry[0], 0x125ull << 32 | 70000);
}

TEST(NameEntry, HoldsFiftySixBytes) {
  const Packed full = pack(KUTRACE_LOCKNAME, 1, std::string(56, 'x'));
  EXPECT_EQ(full.words, 8u);
  EXPECT_EQ(full.text(), std::string(56, 'x'));
  EXPECT_EQ(pack(KUTRACE_LOCKNAME, 1, std::string(300, 'x')).text(), std::string(56, 'x'));
}

TEST(NameEntry, IsNotCutInsideACharacter) {
  EXPECT_EQ(pack(KUTRACE_LOCKNAME, 1, std::string(55, 'x') + "\u00e9y").text(), std::string(55, 'x'));
  EXPECT_EQ(pack(KUTRACE_LOCKNAME, 1, std::string(54, 'x') + "\u00e9y").text(), std::string(54, 'x') + "\u00e9");
  EXPECT_EQ(pack(KUTRACE_LOCKNAME, 1, std::string(53, 'x') + "\U0001F600").text(), std::string(53, 'x'));
}

TEST(NameEntry, RefusesEmptyTextsAndWhatIsNoName) {
  EXPECT_EQ(pack(KUTRACE_LOCKNAME, 1, "").words, 0u);
  EXPECT_EQ(pack(KUTRACE_USERPID, 1, "x").words, 0u);
  EXPECT_EQ(pack(KUTRACE_SYSCALL64, 1, "x").words, 0u);
  EXPECT_EQ(pack(KUTRACE_LOCKNAME | 0x20, 1, "x").words, 0u);  // the length bits are not the caller's
}

// This machine has no module: calls must do nothing, leave errno alone and work in children.
TEST(Off, CallsDoNothing) {
  if (kutrace_attach() != 0) GTEST_SKIP() << "this kernel can trace";
  EXPECT_EQ(kutrace_test(), 0);
  EXPECT_EQ(kutrace_go(0), -1);
  EXPECT_EQ(kutrace_stop(), -1);
  errno = 77;
  kutrace_mark_a("x");
  kutrace_mark_d(1);
  kutrace_rpc_request(1, 100);
  kutrace_received("", 0);
  kutrace_name_lock(1, nullptr);  // not even looked at
  kutrace_attach();
  EXPECT_EQ(errno, 77);
  const pid_t child = fork();
  if (child == 0) {
    kutrace::scope s("child");
    _exit(kutrace_test());
  }
  int status = -1;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

TEST(Guards, LockAndUnlock) {
  kutrace::traced_mutex<> m("m");
  {
    std::lock_guard<kutrace::traced_mutex<>> hold(m);
    EXPECT_FALSE(m.try_lock());
  }
  EXPECT_TRUE(m.try_lock());
  m.unlock();
  EXPECT_LE(m.number(), 0xffffu);
  kutrace::rpc_scope rpc(5, 100);
  rpc.reply_bytes(7);
}

}  // namespace
