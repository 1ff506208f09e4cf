// SPDX-License-Identifier: BSD-3-Clause
#include "base/input.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/any_input.h"
#include "base/decompress.h"
#include "base/diagnostics.h"
#include "base/error.h"
#include "base/file_kind.h"

namespace kutrace {
namespace {

constexpr size_t kSpoolInMemory = 64u << 20;
constexpr size_t kChunk = 1u << 18;
constexpr uint64_t kDiskLeft = 256u << 20;  // what temporary files leave to others

[[noreturn]] void throw_errno(const std::string& name, const char* what, const char* advice) {
  throw Error(name, std::nullopt, std::string(what) + ": " + std::strerror(errno), advice);
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

// Refuses what is no input of ours, with what to do instead. `inside`: of what it was unpacked, if of anything.
void refuse(const FileKind& kind, const std::string& name, const char* inside) {
  std::string words = std::string("is ") + kind.words;
  if (inside != nullptr) words += std::string(" inside ") + inside;
  const bool unread = inside == nullptr && kind.how == FileHow::packed;
  throw Error(name, 0, words + (unread ? ", which this build cannot read" : ""), kind.remedy);
}

size_t mark_size(std::string_view head) {
  const FileKind* kind = file_kind(head);
  return kind != nullptr && kind->how == FileHow::mark ? kind->magic.size() / 2 : 0;
}

// Bytes of a descriptor, decompressed where they are compressed, in pieces.
class ByteSource {
 public:
  ByteSource(int fd, std::string name, Budget* budget) : fd_(fd), name_(std::move(name)), budget_(budget), in_(kChunk) {
    want(kFileHead);
    kind_ = file_kind(rest());
    if (kind_ == nullptr) return;
    if (kind_->how == FileHow::mark) {
      begin_ += kind_->magic.size() / 2;
      return;
    }
    if (kind_->how == FileHow::packed) decompressor_ = make_decompressor(kind_->id);
    if (!decompressor_) refuse(*kind_, name_, nullptr);
    look_inside();
  }

  // Returns 0 at the end; damage() then tells whether the end is genuine.
  size_t read(char* to, size_t size) {
    if (!decompressor_) return plain(to, size);
    if (!head_.empty()) {
      const size_t n = std::min(size, head_.size());
      std::memcpy(to, head_.data(), n);
      head_.erase(0, n);
      return n;
    }
    return unpack(to, size);
  }
  const std::string& damage() const { return damage_; }
  std::string packed() const { return decompressor_ ? kind_->words : ""; }

 private:
  std::string_view rest() const { return {in_.data() + begin_, end_ - begin_}; }
  // Makes `size` bytes ready, as far as there are so many.
  void want(size_t size) {
    if (end_ - begin_ >= size) return;
    std::memmove(in_.data(), in_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
    while (end_ < size) {
      const size_t n = read_some(fd_, in_.data() + end_, in_.size() - end_, name_);
      if (n == 0) return;
      if (budget_ != nullptr) budget_->saw(n);
      end_ += n;
    }
  }

  size_t plain(char* to, size_t size) {
    if (begin_ == end_) {
      const size_t n = read_some(fd_, to, size, name_);
      if (budget_ != nullptr) budget_->saw(n);
      return n;
    }
    const size_t n = std::min(size, end_ - begin_);
    std::memcpy(to, in_.data() + begin_, n);
    begin_ += n;
    return n;
  }

  size_t unpack(char* to, size_t size) {
    while (!done_) {
      if (begin_ == end_ && !full_) want(1);
      const Decompressor::Step step = decompressor_->run(in_.data() + begin_, end_ - begin_, to, size);
      const bool idle = step.used == 0 && step.made == 0;
      begin_ += step.used;
      full_ = step.made == size;  // there may be more without further input
      if (step.state == Decompressor::State::kFailed) {
        end_with("are corrupt");
      } else if (step.state == Decompressor::State::kTooLarge) {
        end_with("need more memory than decompressing may take");
        remedy_ = kind_->remedy;
      } else if (step.state == Decompressor::State::kMemberEnd) {
        full_ = false;
        next_member();
      } else if (idle && begin_ == end_) {
        full_ = false;
        want(1);
        if (begin_ == end_) end_with("end early");
      } else if (idle) {
        end_with("are corrupt");
      }
      if (step.made > 0) {
        if (budget_ != nullptr && !budget_->take(Limit::inflated, step.made)) done_ = true;
        return step.made;
      }
    }
    return 0;
  }

  // Behind a member: another one (of zstd also one without content), zeros that fill up a tape's block, or bytes that belong to nothing.
  void next_member() {
    want(kFileHead);
    const FileKind* next = file_kind(rest());
    if (next != nullptr && std::string_view(next->words) == kind_->words) {
      decompressor_->next_member();
      return;
    }
    done_ = true;
    bool other = false;
    for (want(1); begin_ != end_; begin_ = end_, want(1)) {
      other = other || std::any_of(rest().begin(), rest().end(), [](char c) { return c != '\0'; });
    }
    if (other) damage_ = std::string("bytes behind the ") + kind_->words + " were not read";
  }
  void end_with(const char* what) {
    done_ = true;
    damage_ = std::string("the ") + kind_->words + " " + what + "; what came before was used";
  }

  // What was compressed must be a trace itself.
  void look_inside() {
    head_.resize(kFileHead);
    size_t have = 0;
    while (have < head_.size()) {
      const size_t n = unpack(head_.data() + have, head_.size() - have);
      if (n == 0) break;
      have += n;
    }
    if (have == 0 && !damage_.empty()) {
      throw Error(name_, std::nullopt, damage_.substr(0, damage_.find(';')) + " before anything of it can be read", remedy_);
    }
    head_.resize(have);
    const FileKind* inner = file_kind(head_);
    if (inner != nullptr && inner->how != FileHow::mark) refuse(*inner, name_, kind_->words);
    head_.erase(0, mark_size(head_));
  }

  int fd_;
  std::string name_;
  Budget* budget_;
  std::vector<char> in_;
  size_t begin_ = 0, end_ = 0;
  const FileKind* kind_ = nullptr;
  std::unique_ptr<Decompressor> decompressor_;
  std::string head_;  // unpacked already
  bool full_ = false, done_ = false;
  std::string damage_;
  const char* remedy_ = "get the whole file again";
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
  struct statvfs disk {};
  if (::fstatvfs(fd, &disk) == 0 && uint64_t{disk.f_bavail} * disk.f_frsize < size + kDiskLeft) {
    throw Error(name, std::nullopt, "cannot write the temporary copy: it would fill the disk", "set TMPDIR to a folder with room");
  }
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

MappedInput::MappedInput(std::span<const uint8_t> bytes, std::string name)
    : name_(std::move(name)), bytes_(bytes) {}

MappedInput::MappedInput(const std::string& path, Budget* budget) {
  Fd fd = open_input(path, name_);
  struct stat st;
  if (::fstat(fd.get(), &st) != 0) throw_errno(name_, "cannot read", "");
  if (S_ISREG(st.st_mode) && ::lseek(fd.get(), 0, SEEK_CUR) == 0) {
    char head[kFileHead];
    const ssize_t n = ::pread(fd.get(), head, sizeof(head), 0);
    if (n < 0) throw_errno(name_, "cannot read", "");
    const FileKind* kind = file_kind({head, static_cast<size_t>(n)});
    if (kind == nullptr || kind->how == FileHow::mark) {
      if (budget != nullptr) budget->saw(static_cast<uint64_t>(st.st_size));
      map_plain(fd.get(), static_cast<size_t>(st.st_size));
      return;
    }
  }
  spool(fd.get(), budget);
}

void MappedInput::map(int fd, size_t size, const char* what) {
  mapping_size_ = size;
  mapping_ = ::mmap(nullptr, mapping_size_, PROT_READ, MAP_PRIVATE, fd, 0);
  if (mapping_ == MAP_FAILED) {
    mapping_ = nullptr;
    throw_errno(name_, what, "");
  }
  bytes_ = {static_cast<const uint8_t*>(mapping_), mapping_size_};
}

void MappedInput::map_plain(int fd, size_t size) {
  if (size == 0) {
    // A place all the same: to copy nothing from nowhere is undefined.
    static constexpr uint8_t kNothing = 0;
    bytes_ = {&kNothing, 0};
    return;
  }
  map(fd, size, "cannot map");
  ::madvise(mapping_, mapping_size_, MADV_WILLNEED);
  bytes_ = bytes_.subspan(mark_size(text().substr(0, kFileHead)));
}

void MappedInput::spool(int fd, Budget* budget) {
  ByteSource source(fd, name_, budget);
  Fd file;
  size_t spooled = 0;
  memory_.reserve(kChunk);
  std::vector<char> chunk(kChunk);
  for (;;) {
    const size_t n = source.read(chunk.data(), chunk.size());
    if (n == 0) break;
    if (file.get() < 0 && memory_.size() + n > kSpoolInMemory) {
      file = temporary_file(name_);
      write_all(file.get(), reinterpret_cast<const char*>(memory_.data()), memory_.size(), name_);
      spooled = memory_.size();
      memory_ = std::vector<uint8_t>();
    }
    if (file.get() < 0) {
      memory_.insert(memory_.end(), chunk.data(), chunk.data() + n);
      continue;
    }
    if (budget != nullptr && !budget->take(Limit::temporary, n)) break;
    write_all(file.get(), chunk.data(), n, name_);
    spooled += n;
  }
  damage_ = source.damage();
  packed_ = source.packed();
  if (file.get() < 0) {
    bytes_ = memory_;
    return;
  }
  map(file.get(), spooled, "cannot map the temporary copy");
}

AnyInput::AnyInput(const std::string& path, Diagnostics& diagnostics, size_t most) {
  Fd fd = open_input(path, name_);
  std::vector<char> chunk(std::min(kChunk, most));
  while (bytes_.size() < most) {
    const size_t n = read_some(fd.get(), chunk.data(), std::min(chunk.size(), most - bytes_.size()), name_);
    if (n == 0) break;
    if (!diagnostics.take(Limit::memory, n)) throw Error(name_, std::nullopt, "is larger than the memory that reading may take", "raise --max-memory");
    bytes_.insert(bytes_.end(), chunk.data(), chunk.data() + n);
  }
}

void MappedInput::tell(Diagnostics& diagnostics) const {
  if (!damage_.empty()) diagnostics.add_at(Finding::kDamagedStream, [&] { return name_ + ": " + damage_; });
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

LineReader::LineReader(const std::string& path, Budget* budget) : source_(std::make_unique<Source>()), buffer_(kChunk) {
  source_->fd = open_input(path, name_);
  source_->bytes = std::make_unique<ByteSource>(source_->fd.get(), name_, budget);
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
