// SPDX-License-Identifier: BSD-3-Clause
#include "control/trace_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "control/failure.h"

namespace kutrace::capture {
namespace {

constexpr char kEnding[] = ".trace";

bool exists(const std::string& path) {
  struct stat s {};
  return lstat(path.c_str(), &s) == 0;
}

// Something to write into rather than to replace: a pipe, /dev/null.
bool is_special(const std::string& path) {
  struct stat s {};
  return stat(path.c_str(), &s) == 0 && !S_ISREG(s.st_mode);
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

void refuse_existing(const std::string& path) {
  if (path == "-" || !exists(path) || is_special(path)) return;
  throw Failure(path + " exists", "give another name, or --overwrite");
}

TraceFile::TraceFile(const std::string& path, bool overwrite) : path_(path), overwrite_(overwrite) {
  if (!overwrite) refuse_existing(path);
  if (path == "-") {
    fd_ = dup(STDOUT_FILENO);
  } else if (is_special(path)) {
    fd_ = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  } else {
    partial_ = path + ".partial";
    fd_ = open(partial_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
  }
  if (fd_ < 0) {
    const int error = errno;
    const std::string name = partial_.empty() ? path_ : partial_;
    partial_.clear();
    throw Failure("cannot create " + name + ": " + std::strerror(error), "give another place with -o FILE");
  }
}

TraceFile::~TraceFile() {
  if (fd_ < 0) return;
  close(fd_);
  if (!partial_.empty()) unlink(partial_.c_str());
}

void TraceFile::fail(const std::string& doing, int error) const {
  throw Failure(doing + " " + path_ + ": " + std::strerror(error),
                error == ENOSPC || error == EDQUOT ? "make room, or give another place with -o FILE"
                                                   : "give another place with -o FILE");
}

void TraceFile::write(std::span<const char> bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd_, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail("cannot write", errno);
    bytes = bytes.subspan(static_cast<size_t>(n));
  }
}

void TraceFile::finish() {
  // Some file systems tell of a full disk only here.
  if (!partial_.empty() && fsync(fd_) != 0 && errno != EINVAL && errno != EROFS) fail("cannot write", errno);
  const int fd = fd_;
  fd_ = -1;
  if (close(fd) != 0 && errno != EINTR) {
    const int error = errno;
    if (!partial_.empty()) unlink(partial_.c_str());
    fail("cannot write", error);
  }
  if (partial_.empty()) return;
  // link() does not replace a file that appeared meanwhile; where there are no links, rename() has to do.
  int status = overwrite_ ? rename(partial_.c_str(), path_.c_str()) : link(partial_.c_str(), path_.c_str());
  const int error = errno;
  if (!overwrite_ && status == 0) {
    unlink(partial_.c_str());
  } else if (status != 0 && !overwrite_ && error != EEXIST) {
    status = rename(partial_.c_str(), path_.c_str());
  }
  if (status != 0) throw Failure("cannot name " + path_ + ": " + std::strerror(error), "the trace is in " + partial_);
}

}  // namespace kutrace::capture
