// SPDX-License-Identifier: BSD-3-Clause
#include "control/trace_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "base/error.h"
#include "control/failure.h"

namespace kutrace::capture {
namespace {

constexpr char kEnding[] = ".trace";

bool exists(const std::string& path) {
  struct stat s {};
  return lstat(path.c_str(), &s) == 0;
}

template <typename Do>
auto as_failure(Do&& action) {
  try {
    return action();
  } catch (const Error& error) {
    throw Failure(error);
  }
}

bool belongs_into_a_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

}  // namespace

std::string default_trace_name(std::time_t now, const std::string& host, pid_t pid) {
  std::tm utc{};
  gmtime_r(&now, &utc);
  char date[40];
  std::strftime(date, sizeof(date), "%Y%m%d_%H%M%S", &utc);
  std::string name = host.substr(0, 64);
  for (char& c : name) {
    if (!belongs_into_a_name(c)) c = '_';
  }
  if (name.empty()) name = "host";
  return std::string("ku_") + date + "_" + name + "_" + std::to_string(pid) + kEnding;
}

std::string free_trace_name(const std::string& path) {
  std::string name = path;
  for (int k = 2; exists(name); ++k) {
    const bool ends = path.ends_with(kEnding);
    const std::string stem = ends ? path.substr(0, path.size() - sizeof(kEnding) + 1) : path;
    name = stem + "_" + std::to_string(k) + (ends ? kEnding : "");
  }
  return name;
}

TraceFile::TraceFile(const std::string& path, bool overwrite)
    : path_(path), file_(as_failure([&] { return OutputFile(path, {OutputKind::kCapture, overwrite, {}}); })) {}

void TraceFile::write(std::span<const char> bytes) {
  as_failure([&] { file_.write(bytes); });
}

void TraceFile::copy(int fd) {
  std::vector<char> buffer(1 << 20);
  off_t offset = 0;
  for (;;) {
    const ssize_t n = pread(fd, buffer.data(), buffer.size(), offset);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw Failure(std::string("cannot read the trace back: ") + std::strerror(errno), "look at the disk");
    if (n == 0) return;
    write({buffer.data(), static_cast<size_t>(n)});
    offset += n;
  }
}

void TraceFile::finish() {
  as_failure([&] { file_.finish(); });
}

}  // namespace kutrace::capture
