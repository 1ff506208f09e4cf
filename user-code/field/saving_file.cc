// SPDX-License-Identifier: BSD-3-Clause
#include "field/saving_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <set>
#include <span>

#include "control/failure.h"
#include "kutrace/abi.h"

namespace kutrace::field {
namespace {

using capture::Failure;

constexpr char kCut[] = "_cut.trace", kTrace[] = ".trace";
constexpr uint64_t kSyncBytes = 4 << 20;

[[noreturn]] void fail(const std::string& name, const char* what) {
  throw Failure(name + ": " + what + ": " + std::strerror(errno), "look at the folder and its file system");
}

Fd open_folder(const std::string& path) {
  Fd fd(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) fail(path, "cannot be opened");
  return fd;
}

void write_at(int fd, const std::string& name, std::span<const char> bytes, uint64_t at) {
  while (!bytes.empty()) {
    const ssize_t n = pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(at));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail(name, "cannot be written");
    bytes = bytes.subspan(static_cast<size_t>(n));
    at += static_cast<uint64_t>(n);
  }
}

// False at the end of the file.
bool read_at(int fd, const std::string& name, std::span<char> bytes, uint64_t at) {
  while (!bytes.empty()) {
    const ssize_t n = pread(fd, bytes.data(), bytes.size(), static_cast<off_t>(at));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail(name, "cannot be read");
    if (n == 0) return false;
    bytes = bytes.subspan(static_cast<size_t>(n));
    at += static_cast<uint64_t>(n);
  }
  return true;
}

void give_name(int folder, const std::string& from, const std::string& to) {
  if (renameat2(folder, from.c_str(), folder, to.c_str(), RENAME_NOREPLACE) != 0) fail(to, "cannot be named");
  if (fsync(folder) != 0) fail(to, "its folder cannot be written");
}

// While it is saved, behind the room of the blocks stands the list of those that are on the disk, each as its index + 1. So many blocks have so large a
// file, which no trace ever is: those are of words of 8 bytes.
constexpr uint64_t kListed = 8, kOdd = 4;
uint64_t bytes_of(uint64_t blocks) { return blocks * (KUTRACE_BLOCK_BYTES + kListed) + kOdd; }

// Indices of the blocks that are on the disk, in the order of the trace.
std::set<uint64_t> listed(int fd, const std::string& name, uint64_t blocks) {
  std::set<uint64_t> out;
  uint64_t entry;
  for (uint64_t i = 0; i < blocks; ++i) {
    if (!read_at(fd, name, {reinterpret_cast<char*>(&entry), sizeof(entry)}, blocks * KUTRACE_BLOCK_BYTES + i * kListed) || entry == 0 || entry > blocks) break;
    out.insert(entry - 1);
  }
  return out;
}

CutSave recover(int folder, const std::string& saving) {
  CutSave cut;
  const Fd file(openat(folder, saving.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  struct stat s {};
  if (!file || fstat(file.get(), &s) != 0) fail(saving, "cannot be opened");
  if (!S_ISREG(s.st_mode) || s.st_nlink != 1 || s.st_uid != geteuid()) throw Failure(saving + " is no file of ours", "look who writes into the folder");
  const std::string stem = saving.substr(0, saving.size() - (sizeof(kTrace) - 1) - kSaving.size());
  const auto size = static_cast<uint64_t>(s.st_size);
  if (size > 0 && size % KUTRACE_BLOCK_BYTES == 0) {  // whole, but for its name
    cut = {stem + kTrace, size / KUTRACE_BLOCK_BYTES, size / KUTRACE_BLOCK_BYTES};
    give_name(folder, saving, cut.name);
    return cut;
  }
  cut.of = size / (KUTRACE_BLOCK_BYTES + kListed);
  std::set<uint64_t> there;
  if (size == bytes_of(cut.of)) there = listed(file.get(), saving, cut.of);
  // Its first block alone has no events.
  if (!there.contains(0) || there.size() < 2) {
    if (unlinkat(folder, saving.c_str(), 0) != 0) fail(saving, "cannot be taken away");
    return cut;
  }
  std::vector<char> block(KUTRACE_BLOCK_BYTES);
  for (const uint64_t index : there) {
    if (index != cut.blocks) {
      if (!read_at(file.get(), saving, block, index * block.size())) fail(saving, "cannot be read");
      write_at(file.get(), saving, block, cut.blocks * block.size());
    }
    ++cut.blocks;
  }
  if (ftruncate(file.get(), static_cast<off_t>(cut.blocks * block.size())) != 0 || fsync(file.get()) != 0) fail(saving, "cannot be written");
  cut.name = stem + kCut;
  give_name(folder, saving, cut.name);
  return cut;
}

}  // namespace

SavingFile::SavingFile(const TraceFolder& folder, const std::string& name, uint64_t blocks)
    : folder_(open_folder(folder.path())), name_(name), saving_(name + std::string(kSaving)), blocks_(blocks) {
  file_ = Fd(openat(folder_.get(), saving_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file_) fail(saving_, "cannot be made");
  if (ftruncate(file_.get(), static_cast<off_t>(bytes_of(blocks))) != 0 || fsync(folder_.get()) != 0) fail(saving_, "cannot be written");
}

SavingFile::~SavingFile() {
  if (!finished_) unlinkat(folder_.get(), saving_.c_str(), 0);
}

void SavingFile::put(uint64_t index, std::span<const char> block) {
  if (index >= blocks_ || block.size() != KUTRACE_BLOCK_BYTES) throw Failure("block " + std::to_string(index) + " of the trace is not one of " + std::to_string(blocks_), "the trace is still in the kernel");
  write_at(file_.get(), saving_, block, index * KUTRACE_BLOCK_BYTES);
  new_.push_back(index + 1);
  if (new_.size() * KUTRACE_BLOCK_BYTES >= kSyncBytes) sync();
}

// The blocks first: what is listed is there, whatever comes in between.
void SavingFile::sync() {
  if (fdatasync(file_.get()) != 0) fail(saving_, "cannot be written");
  write_at(file_.get(), saving_, {reinterpret_cast<const char*>(new_.data()), new_.size() * kListed}, blocks_ * KUTRACE_BLOCK_BYTES + listed_ * kListed);
  if (fdatasync(file_.get()) != 0) fail(saving_, "cannot be written");
  listed_ += new_.size();
  new_.clear();
}

void SavingFile::finish() {
  // What a cut meanwhile leaves is listed, or has a whole trace's size and is on the disk.
  sync();
  if (ftruncate(file_.get(), static_cast<off_t>(blocks_ * KUTRACE_BLOCK_BYTES)) != 0 || fsync(file_.get()) != 0) fail(saving_, "cannot be written");
  give_name(folder_.get(), saving_, name_);
  finished_ = true;
}

std::vector<CutSave> recover_cut_saves(const TraceFolder& folder) {
  const Fd fd = open_folder(folder.path());
  std::vector<CutSave> out;
  for (const std::string& name : folder.cut_saves()) out.push_back(recover(fd.get(), name));
  return out;
}

}  // namespace kutrace::field
