// SPDX-License-Identifier: BSD-3-Clause
// Bytes out: a buffer before an OutputFile (or a string), and the number formats the text files use.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/budget.h"
#include "base/output_file.h"

namespace kutrace {

class Output {
 public:
  // `path` "-" is standard output. `inputs`: names of what is read, which must not be written. Throws Error.
  // `budget`: more than its output is an Error. For writers that do not stop by themselves there.
  explicit Output(const std::string& path, const std::vector<std::string>& inputs = {}, const Budget* budget = nullptr);
  // Collects in memory instead.
  explicit Output(std::string* memory);
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  void write(std::string_view text) {
    if (text.size() > static_cast<size_t>(limit_ - at_)) {
      write_slow(text);
      return;
    }
    std::memcpy(at_, text.data(), text.size());
    at_ += text.size();
  }
  // Room for at least `size` (at most kMaxReserve) bytes; commit() takes the end of what was written.
  static constexpr size_t kMaxReserve = 4096;
  char* reserve(size_t size) {
    if (size > static_cast<size_t>(limit_ - at_)) flush();
    return at_;
  }
  void commit(char* end) { at_ = end; }

  void flush();
  // Writes all and gives the file its name. Throws Error when the disk is full.
  void close();

 private:
  void write_slow(std::string_view text);

  std::unique_ptr<OutputFile> file_;
  std::string* memory_ = nullptr;
  const Budget* budget_ = nullptr;
  uint64_t written_ = 0;
  std::vector<char> buffer_;
  char* at_;
  char* limit_;
};

// Each writes at `p` and returns the end. No terminating NUL.
char* put_long(char* p, uint64_t value);  // any length
inline char* put_unsigned(char* p, uint64_t value) {
  if (value >= 10) return put_long(p, value);
  *p = static_cast<char>('0' + value);
  return p + 1;
}
inline char* put_signed(char* p, int64_t value) {
  uint64_t magnitude = static_cast<uint64_t>(value);
  if (value < 0) {
    *p++ = '-';
    magnitude = 0 - magnitude;
  }
  return put_unsigned(p, magnitude);
}
// `%0*x`
char* put_hex(char* p, uint64_t value, int digits);
// Hundredths of microseconds (10 ns units) as seconds, like `%*.8f`, right-aligned to `width`.
char* put_seconds(char* p, int64_t units, int width);
inline char* put_text(char* p, std::string_view text) {
  std::memcpy(p, text.data(), text.size());
  return p + text.size();
}

}  // namespace kutrace
