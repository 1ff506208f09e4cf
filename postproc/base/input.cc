// SPDX-License-Identifier: BSD-3-Clause
#include "base/input.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/error.h"

namespace kutrace {
namespace {

constexpr size_t kSpoolInMemory = 64u << 20;
constexpr size_t kChunk = 1u << 18;

[[noreturn]] void throw_errno(const std::string& name, const char* what, const char* advice) {
  throw Error(name, std::nullopt, std::string(what) + ": " + std::strerror(errno), advice);
}

bool is_gzip(std::string_view head) {
  return head.size() >= 2 && static_cast<uint8_t>(head[0]) == 0x1f && static_cast<uint8_t>(head[1]) == 0x8b;
}

Fd open_input(const std::string& path, std::string& name) {
  if (path == "-") {
    name = "standard input";
    return Fd(::dup(0));
  }
  name = path;
  Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.get() < 0) throw_errno(name, "cannot open", "check the file's name and permissions");
  struct stat st;
  if (::fstat(fd.get(), &st) == 0 && S_ISDIR(st.st_mode)) {
    throw Error(name, std::nullopt, "is a directory", "give a file");
  }
  return fd;
}

size_t read_some(int fd, char* to, size_t size, const std::string& name) {
  for (;;) {
    ssize_t n = ::read(fd, to, size);
    if (n >= 0) return static_cast<size_t>(n);
    if (errno != EINTR) throw_errno(name, "cannot read", "");
  }
}

// Reads until `size` bytes or the end of input, so that the magic number of a pipe is seen whole.
size_t read_fully(int fd, char* to, size_t size, const std::string& name) {
  size_t done = 0;
  while (done < size) {
    size_t n = read_some(fd, to + done, size - done, name);
    if (n == 0) break;
    done += n;
  }
  return done;
}

// Inflates a concatenation of gzip members.
class Inflater {
 public:
  Inflater() {
    std::memset(&stream_, 0, sizeof(stream_));
    if (inflateInit2(&stream_, 15 + 16) != Z_OK) throw std::bad_alloc();
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() { inflateEnd(&stream_); }

  bool wants_input() const { return stream_.avail_in == 0; }
  bool at_member_end() const { return member_end_; }
  void give(const char* data, size_t size) {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data));
    stream_.avail_in = static_cast<uInt>(size);
  }
  // Returns the bytes written to `out`; sets *failed when the stream is corrupt.
  size_t run(char* out, size_t size, bool* failed) {
    if (member_end_) {
      if (stream_.avail_in == 0) return 0;
      // Another member, or padding that is not one: then the stream is over.
      if (*stream_.next_in != 0x1f) {
        stream_.avail_in = 0;
        return 0;
      }
      inflateReset(&stream_);
      member_end_ = false;
    }
    stream_.next_out = reinterpret_cast<Bytef*>(out);
    stream_.avail_out = static_cast<uInt>(size);
    int rc = inflate(&stream_, Z_NO_FLUSH);
    if (rc == Z_STREAM_END) {
      member_end_ = true;
    } else if (rc != Z_OK && rc != Z_BUF_ERROR) {
      *failed = true;
    }
    return size - stream_.avail_out;
  }

 private:
  z_stream stream_;
  bool member_end_ = false;
};

// Decompressed (or plain) bytes of a descriptor, in pieces.
class ByteSource {
 public:
  ByteSource(int fd, std::string name) : fd_(fd), name_(std::move(name)), in_(kChunk) {
    in_size_ = read_fully(fd_, in_.data(), 4, name_);
    compressed_ = is_gzip(std::string_view(in_.data(), in_size_));
    if (compressed_) inflater_ = std::make_unique<Inflater>();
  }

  // Returns 0 at the end; damage() then tells whether the end is genuine.
  size_t read(char* to, size_t size) {
    if (!compressed_) {
      if (in_size_ > 0) {
        size_t n = std::min(size, in_size_);
        std::memcpy(to, in_.data(), n);
        std::memmove(in_.data(), in_.data() + n, in_size_ - n);
        in_size_ -= n;
        return n;
      }
      return read_some(fd_, to, size, name_);
    }
    while (!failed_) {
      if (inflater_->wants_input()) {
        if (in_size_ == 0 && !eof_) {
          in_size_ = read_some(fd_, in_.data(), in_.size(), name_);
          if (in_size_ == 0) eof_ = true;
        }
        inflater_->give(in_.data(), in_size_);
        in_size_ = 0;
      }
      size_t n = inflater_->run(to, size, &failed_);
      if (failed_) {
        damage_ = "the gzip data are corrupt; what came before was used";
        return n;
      }
      if (n > 0) return n;
      if (eof_ && inflater_->wants_input()) {
        if (!inflater_->at_member_end()) damage_ = "the gzip data end early; what came before was used";
        return 0;
      }
    }
    return 0;
  }
  const std::string& damage() const { return damage_; }

 private:
  int fd_;
  std::string name_;
  std::vector<char> in_;
  size_t in_size_ = 0;
  bool compressed_ = false;
  bool eof_ = false;
  bool failed_ = false;
  std::unique_ptr<Inflater> inflater_;
  std::string damage_;
};

}  // namespace

Fd temporary_file(const std::string& name) {
  const char* dir = std::getenv("TMPDIR");
  std::string path = std::string(dir != nullptr && *dir != '\0' ? dir : "/tmp") + "/kutrace.XXXXXX";
  Fd fd(::mkostemp(path.data(), O_CLOEXEC));
  if (fd.get() < 0) throw_errno(name, "cannot make a temporary file", "set TMPDIR to a writable folder with room");
  ::unlink(path.c_str());
  return fd;
}

void write_all(int fd, const char* data, size_t size, const std::string& name) {
  while (size > 0) {
    ssize_t n = ::write(fd, data, size);
    if (n < 0) {
      if (errno == EINTR) continue;
      throw_errno(name, "cannot write the temporary copy", "set TMPDIR to a folder with room");
    }
    data += n;
    size -= static_cast<size_t>(n);
  }
}

Fd& Fd::operator=(Fd&& other) noexcept {
  if (this != &other) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = other.fd_;
    other.fd_ = -1;
  }
  return *this;
}

Fd::~Fd() {
  if (fd_ >= 0) ::close(fd_);
}

MappedInput::MappedInput(std::span<const uint8_t> bytes, std::string name)
    : name_(std::move(name)), bytes_(bytes) {}

MappedInput::MappedInput(const std::string& path) {
  Fd fd = open_input(path, name_);
  struct stat st;
  if (::fstat(fd.get(), &st) != 0) throw_errno(name_, "cannot read", "");
  if (S_ISREG(st.st_mode) && ::lseek(fd.get(), 0, SEEK_CUR) == 0) {
    char head[2];
    ssize_t n = ::pread(fd.get(), head, sizeof(head), 0);
    if (n < 0) throw_errno(name_, "cannot read", "");
    if (!is_gzip(std::string_view(head, static_cast<size_t>(n)))) {
      mapping_size_ = static_cast<size_t>(st.st_size);
      if (mapping_size_ == 0) return;
      mapping_ = ::mmap(nullptr, mapping_size_, PROT_READ, MAP_PRIVATE, fd.get(), 0);
      if (mapping_ == MAP_FAILED) {
        mapping_ = nullptr;
        throw_errno(name_, "cannot map", "");
      }
      ::madvise(mapping_, mapping_size_, MADV_WILLNEED);
      bytes_ = {static_cast<const uint8_t*>(mapping_), mapping_size_};
      return;
    }
  }
  ByteSource source(fd.get(), name_);
  Fd spool;
  size_t spooled = 0;
  memory_.reserve(kChunk);
  std::vector<char> chunk(kChunk);
  for (;;) {
    size_t n = source.read(chunk.data(), chunk.size());
    if (n == 0) break;
    if (spool.get() < 0 && memory_.size() + n > kSpoolInMemory) {
      spool = temporary_file(name_);
      write_all(spool.get(), reinterpret_cast<const char*>(memory_.data()), memory_.size(), name_);
      spooled = memory_.size();
      memory_ = std::vector<uint8_t>();
    }
    if (spool.get() < 0) {
      memory_.insert(memory_.end(), chunk.data(), chunk.data() + n);
    } else {
      write_all(spool.get(), chunk.data(), n, name_);
      spooled += n;
    }
  }
  damage_ = source.damage();
  if (spool.get() < 0) {
    bytes_ = memory_;
    return;
  }
  mapping_size_ = spooled;
  mapping_ = ::mmap(nullptr, mapping_size_, PROT_READ, MAP_PRIVATE, spool.get(), 0);
  if (mapping_ == MAP_FAILED) {
    mapping_ = nullptr;
    throw_errno(name_, "cannot map the temporary copy", "");
  }
  bytes_ = {static_cast<const uint8_t*>(mapping_), mapping_size_};
}

MappedInput::~MappedInput() {
  if (mapping_ != nullptr) ::munmap(mapping_, mapping_size_);
}

struct LineReader::Source {
  Fd fd;
  std::unique_ptr<ByteSource> bytes;
  std::span<const uint8_t> memory;
  size_t memory_at = 0;
};

LineReader::LineReader(const std::string& path) : source_(std::make_unique<Source>()), buffer_(kChunk) {
  source_->fd = open_input(path, name_);
  source_->bytes = std::make_unique<ByteSource>(source_->fd.get(), name_);
}

LineReader::LineReader(std::span<const uint8_t> bytes, std::string name)
    : source_(std::make_unique<Source>()), name_(std::move(name)), buffer_(std::clamp<size_t>(bytes.size() + 1, 4096, kChunk)) {
  source_->memory = bytes;
}

LineReader::~LineReader() = default;

std::string LineReader::damage() const { return source_->bytes ? source_->bytes->damage() : std::string(); }

bool LineReader::fill() {
  if (eof_) return false;
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    base_ += begin_;
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == buffer_.size()) buffer_.resize(buffer_.size() * 2);
  size_t room = buffer_.size() - end_;
  size_t n;
  if (source_->bytes) {
    n = source_->bytes->read(buffer_.data() + end_, room);
  } else {
    n = std::min(room, source_->memory.size() - source_->memory_at);
    if (n > 0) std::memcpy(buffer_.data() + end_, source_->memory.data() + source_->memory_at, n);
    source_->memory_at += n;
  }
  if (n == 0) eof_ = true;
  end_ += n;
  return n > 0;
}

bool LineReader::next(std::string_view& line) {
  too_long_ = false;
  size_t scanned = 0;
  for (;;) {
    const char* start = buffer_.data() + begin_;
    const void* nl = end_ - begin_ > scanned ? std::memchr(start + scanned, '\n', end_ - begin_ - scanned) : nullptr;
    size_t length = nl != nullptr ? static_cast<size_t>(static_cast<const char*>(nl) - start) : end_ - begin_;
    if (nl == nullptr && length < kMaxLine) {
      scanned = length;
      if (fill()) continue;
      if (begin_ == end_) return false;
      start = buffer_.data() + begin_;
    }
    line_offset_ = base_ + begin_;
    if (length > kMaxLine || (nl == nullptr && length >= kMaxLine)) {
      too_long_ = true;
      line = std::string_view(start, kMaxLine);
      std::string keep(line);
      while (nl == nullptr) {
        begin_ = end_;
        if (!fill()) break;
        nl = std::memchr(buffer_.data() + begin_, '\n', end_ - begin_);
      }
      begin_ = nl != nullptr ? static_cast<size_t>(static_cast<const char*>(nl) - buffer_.data()) + 1 : end_;
      // The kept part lives before begin_ only if nothing was moved: keep it in the source's own copy.
      kept_ = std::move(keep);
      line = kept_;
      return true;
    }
    line = std::string_view(start, length);
    begin_ += length + (nl != nullptr ? 1 : 0);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    return true;
  }
}

}  // namespace kutrace
