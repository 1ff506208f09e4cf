// SPDX-License-Identifier: BSD-3-Clause
#include "rings/part_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/error.h"
#include "control/failure.h"

namespace kutrace::rings {
namespace {

using capture::Failure;

constexpr uint64_t kMaxPath = 4096;

Failure cannot(const std::string& what, const std::string& advice) { return Failure(what + ": " + std::strerror(errno), advice); }

bool read_at(int fd, void* to, size_t bytes, uint64_t at) {
  return pread(fd, to, bytes, static_cast<off_t>(at)) == static_cast<ssize_t>(bytes);
}

// A name of a recording, by the rules for the names of traces.
OutputPlace find(const std::string& path) {
  try {
    OutputPlace place = find_output_place(path, OutputKind::kCapture);
    if (place.descriptor >= 0) throw Failure(path + " is no file", "give another place with -o FILE");
    return place;
  } catch (const Error& error) {
    throw Failure(error);
  }
}

}  // namespace

PartFile::PartFile(const std::string& path)
    : place_(find(path)), fd_(openat(place_.folder.get(), place_.leaf.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600)), owner_(geteuid()) {
  if (!fd_ && errno == EEXIST) throw Failure(path + " is there: a recording that was not ended, or one that runs", "end it with kutrace coro harvest");
  if (!fd_) throw cannot("cannot write " + path, "give another place with -o FILE");
  lock();
}

PartFile::PartFile(const std::string& path, const std::function<void(const kutrace_coro_section&)>& each)
    : place_(find(path)) {
  struct stat s{};
  errno = ENOENT;
  if (place_.exists()) fd_ = Fd(reopen(place_, O_RDWR | O_NONBLOCK));
  if (!fd_ || fstat(fd_.get(), &s) != 0) throw cannot("cannot open " + path, "give the .part of a recording");
  owner_ = s.st_uid;
  lock();
  const uint64_t size = S_ISREG(s.st_mode) ? static_cast<uint64_t>(s.st_size) : 0;
  kutrace_coro_section h{};
  while (size - bytes_ >= sizeof(h) && read_at(fd_.get(), &h, sizeof(h), bytes_) && h.magic == KUTRACE_CORO_MAGIC && h.bytes <= size - bytes_ - sizeof(h)) {
    if (bytes_ == 0 && h.kind == KUTRACE_SECTION_BEGIN && h.bytes <= kMaxPath) {
      std::string text(h.bytes, '\0');
      if (read_at(fd_.get(), text.data(), text.size(), sizeof(h))) area_ = text.c_str();
    }
    each(h);
    complete_ = h.kind == KUTRACE_SECTION_END;
    bytes_ += sizeof(h) + h.bytes;
  }
  if (area_.empty()) throw Failure(path + " is no recording that was begun", "give the .part of a recording");
  if (ftruncate(fd_.get(), static_cast<off_t>(bytes_)) != 0) throw cannot("cannot write " + path, "look at its permissions");
}

void PartFile::lock() {
  if (flock(fd_.get(), LOCK_EX | LOCK_NB) != 0) throw Failure(path() + " is being written", "end that recording first");
}

void PartFile::section(const kutrace_coro_section& header, std::span<const uint64_t> payload) {
  uint64_t done = 0;
  const uint64_t size = sizeof(header) + payload.size_bytes();
  while (done < size) {
    const bool in_header = done < sizeof(header);
    const char* at = in_header ? reinterpret_cast<const char*>(&header) + done : reinterpret_cast<const char*>(payload.data()) + done - sizeof(header);
    const ssize_t n = pwrite(fd_.get(), at, (in_header ? sizeof(header) : size) - done, static_cast<off_t>(bytes_ + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw cannot("cannot write " + path(), "make room, or give another place with -o FILE");
    done += static_cast<uint64_t>(n);
  }
  bytes_ += size;
}

void PartFile::remove() const { unlinkat(place_.folder.get(), place_.leaf.c_str(), 0); }

}  // namespace kutrace::rings
