// SPDX-License-Identifier: BSD-3-Clause
#include "base/output.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "base/error.h"

namespace kutrace {
namespace {

constexpr size_t kBuffer = 1u << 18;
constexpr size_t kMemoryBuffer = 2 * Output::kMaxReserve;  // what comes is appended to a string anyway

struct DigitPairs {
  char text[200];
  constexpr DigitPairs() : text() {
    for (int i = 0; i < 100; ++i) {
      text[2 * i] = static_cast<char>('0' + i / 10);
      text[2 * i + 1] = static_cast<char>('0' + i % 10);
    }
  }
};
constexpr DigitPairs kPairs;

char* put_pair(char* p, uint64_t value) {
  std::memcpy(p, kPairs.text + 2 * value, 2);
  return p + 2;
}

}  // namespace

Output::Output(const std::string& path) : name_(path), buffer_(kBuffer) {
  at_ = buffer_.data();
  limit_ = at_ + buffer_.size();
  if (path == "-") {
    name_ = "standard output";
    fd_ = Fd(::dup(1));
    if (fd_.get() < 0) throw Error(name_, std::nullopt, std::strerror(errno), "");
    return;
  }
  struct stat st;
  bool replaceable = ::stat(path.c_str(), &st) != 0 || S_ISREG(st.st_mode);
  std::string open_path = path;
  if (replaceable) {
    final_path_ = path;
    temporary_path_ = path + ".part" + std::to_string(::getpid());
    open_path = temporary_path_;
  }
  fd_ = Fd(::open(open_path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (fd_.get() < 0) {
    temporary_path_.clear();
    throw Error(name_, std::nullopt, std::string("cannot create: ") + std::strerror(errno),
                "check the folder's permissions and room");
  }
}

Output::Output(std::string* memory) : name_("memory"), memory_(memory), buffer_(kMemoryBuffer) {
  at_ = buffer_.data();
  limit_ = at_ + buffer_.size();
}

Output::~Output() {
  if (!temporary_path_.empty()) ::unlink(temporary_path_.c_str());
}

void Output::flush() {
  const char* data = buffer_.data();
  size_t size = static_cast<size_t>(at_ - data);
  at_ = buffer_.data();
  if (memory_ != nullptr) {
    memory_->append(data, size);
    return;
  }
  while (size > 0) {
    ssize_t n = ::write(fd_.get(), data, size);
    if (n < 0) {
      if (errno == EINTR) continue;
      throw Error(name_, std::nullopt, std::string("cannot write: ") + std::strerror(errno), "make room and run again");
    }
    data += n;
    size -= static_cast<size_t>(n);
  }
}

void Output::write_slow(std::string_view text) {
  while (!text.empty()) {
    if (at_ == limit_) flush();
    size_t n = std::min(text.size(), static_cast<size_t>(limit_ - at_));
    std::memcpy(at_, text.data(), n);
    at_ += n;
    text.remove_prefix(n);
  }
}

void Output::close() {
  flush();
  // Some file systems report a full disk only here.
  if (fd_.get() >= 0 && ::close(fd_.release()) != 0) {
    throw Error(name_, std::nullopt, std::string("cannot write: ") + std::strerror(errno), "make room and run again");
  }
  if (!temporary_path_.empty()) {
    if (::rename(temporary_path_.c_str(), final_path_.c_str()) != 0) {
      throw Error(name_, std::nullopt, std::string("cannot rename: ") + std::strerror(errno), "");
    }
    temporary_path_.clear();
  }
}

char* put_long(char* p, uint64_t value) {
  int digits = 1;
  for (uint64_t limit = 10; digits < 20 && value >= limit; limit *= 10) ++digits;
  char* end = p + digits;
  char* at = end;
  while (value >= 100) {
    at -= 2;
    put_pair(at, value % 100);
    value /= 100;
  }
  if (value >= 10) {
    put_pair(at - 2, value);
  } else {
    *--at = static_cast<char>('0' + value);
  }
  return end;
}

char* put_hex(char* p, uint64_t value, int digits) {
  for (int i = digits - 1; i >= 0; --i) *p++ = "0123456789abcdef"[(value >> (4 * i)) & 15];
  return p;
}

char* put_seconds(char* p, int64_t units, int width) {
  bool negative = units < 0;
  uint64_t magnitude = negative ? 0 - static_cast<uint64_t>(units) : static_cast<uint64_t>(units);
  const uint64_t whole = magnitude / 100000000;
  const auto part = static_cast<uint32_t>(magnitude % 100000000);
  int digits = 1;
  for (uint64_t limit = 10; digits < 20 && whole >= limit; limit *= 10) ++digits;
  for (int pad = width - 9 - digits - (negative ? 1 : 0); pad > 0; --pad) *p++ = ' ';
  if (negative) *p++ = '-';
  p = put_unsigned(p, whole);
  *p++ = '.';
  const uint32_t high = part / 10000, low = part % 10000;
  p = put_pair(p, high / 100);
  p = put_pair(p, high % 100);
  p = put_pair(p, low / 100);
  return put_pair(p, low % 100);
}

}  // namespace kutrace
