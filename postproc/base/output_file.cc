// SPDX-License-Identifier: BSD-3-Clause
#include "base/output_file.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "base/error.h"

namespace kutrace {
namespace {

constexpr char kAcl[] = "system.posix_acl_access";
constexpr mode_t kPermissions = 0777;  // no set-uid bits are carried over
constexpr size_t kPipeAtomic = 4096;   // PIPE_BUF: fits whenever poll() says that a pipe can be written

bool same_file(const struct stat& a, const struct stat& b) { return a.st_dev == b.st_dev && a.st_ino == b.st_ino; }

// A name of which nobody else knows, short whatever the lasting one is.
std::string hidden_name() {
  uint64_t number = 0;
  if (getrandom(&number, sizeof(number), 0) != sizeof(number)) throw Error("output", std::nullopt, "no random numbers", "");
  char text[40];
  std::snprintf(text, sizeof(text), ".kutrace-%016llx.part", static_cast<unsigned long long>(number));
  return text;
}

bool is_mount_point(int handle) {
  struct statx x {};
  return statx(handle, "", AT_EMPTY_PATH, STATX_TYPE, &x) == 0 && (x.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) != 0 &&
         (x.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

std::string own_path(int fd) { return "/proc/self/fd/" + std::to_string(fd); }

// A file without a name can get one: needs /proc.
bool can_be_named(int fd) { return access(own_path(fd).c_str(), F_OK) == 0; }

void refuse_input(const std::string& name, const struct stat& output, const std::vector<std::string>& inputs) {
  if (!S_ISREG(output.st_mode)) return;
  for (const std::string& input : inputs) {
    struct stat is {};
    const int status = input == "-" ? fstat(STDIN_FILENO, &is) : stat(input.c_str(), &is);
    if (status == 0 && same_file(is, output)) {
      throw Error(name, std::nullopt, "is the input, too", "give another name for the output");
    }
  }
}

}  // namespace

OutputFile::OutputFile(const std::string& path, const OutputRules& rules) : name_(path), rules_(rules) {
  if (path == "-") {
    name_ = "standard output";
    open_descriptor(STDOUT_FILENO);
  } else {
    place_ = find_output_place(path, rules.kind);
    open_place();
  }
}

void OutputFile::open_place() {
  if (place_.descriptor >= 0) return open_descriptor(place_.descriptor);
  if (!place_.exists()) return open_new(false);
  if (!S_ISREG(place_.is.st_mode)) return open_special();
  refuse_input(name_, place_.is, rules_.inputs);
  open_existing();
}

OutputFile::~OutputFile() = default;

void OutputFile::fail(const std::string& doing, int error) const {
  const char* advice = "give another place";
  if (error == ENOSPC || error == EDQUOT) advice = "make room, or give another place";
  if (error == EFBIG) advice = "raise the limit of file sizes (ulimit -f), or give another place";
  throw Error(name_, std::nullopt, doing + ": " + std::strerror(error), advice);
}

void OutputFile::open_descriptor(int fd) {
  const int flags = fcntl(fd, F_GETFL);
  if (flags < 0) fail("cannot write", errno);
  if ((flags & O_ACCMODE) == O_RDONLY) fail("cannot write", EBADF);
  struct stat is {};
  if (fstat(fd, &is) != 0) fail("cannot write", errno);
  refuse_input(name_, is, rules_.inputs);
  fd_ = Fd(fcntl(fd, F_DUPFD_CLOEXEC, 0));
  if (!fd_) fail("cannot write", errno);
}

// Devices and pipes. A trace never waits for somebody to read a pipe: its command would.
void OutputFile::open_special() {
  if (S_ISBLK(place_.is.st_mode) && rules_.kind == OutputKind::kCapture && !rules_.overwrite) {
    throw Error(name_, std::nullopt, "is a device that may hold a file system", "give another name, or --overwrite");
  }
  fd_ = Fd(reopen(place_, O_WRONLY | O_NONBLOCK));
  if (!fd_ && errno == ENXIO && S_ISFIFO(place_.is.st_mode)) {
    if (rules_.kind == OutputKind::kCapture) {
      throw Error(name_, std::nullopt, "is a pipe that no program reads", "start the reader first");
    }
    fd_ = Fd(reopen(place_, O_WRONLY));
  }
  if (!fd_) fail("cannot open", errno);
  fcntl(fd_.get(), F_SETFL, fcntl(fd_.get(), F_GETFL) & ~O_NONBLOCK);
}

void OutputFile::open_existing() {
  regular_ = true;
  const bool capture = rules_.kind == OutputKind::kCapture;
  if (!rules_.overwrite) throw Error(name_, std::nullopt, "exists", "give another name, or --overwrite");
  // Open for writing whatever happens to it then: a file that we may not write is not ours to replace.
  target_ = Fd(reopen(place_, O_WRONLY));
  if (!target_) fail("cannot write", errno);
  const bool sticky = (place_.folder_is.st_mode & S_ISVTX) != 0 && geteuid() != 0 && place_.is.st_uid != geteuid() &&
                      place_.folder_is.st_uid != geteuid();
  in_place_ = place_.is.st_nlink > 1 || sticky || is_mount_point(place_.there.get());
  if (!in_place_) {
    try {
      open_new(true);
      in_place_ = !take_over_owner();
    } catch (const Error&) {
      in_place_ = true;  // the folder is not ours to write
    }
  }
  if (!in_place_) return;
  if (capture && place_.is.st_uid != geteuid()) {
    throw Error(name_, std::nullopt, "belongs to another user", "give another name");
  }
  leftover_ = Leftover();
  unnamed_.clear();
  open_spool();
}

// Mode, owner and access list of the file that is to be replaced. A trace is its maker's alone.
bool OutputFile::take_over_owner() {
  if (rules_.kind == OutputKind::kCapture) return true;
  const struct stat& old = place_.is;
  struct stat is {};
  if (fstat(fd_.get(), &is) != 0) return false;
  if ((is.st_uid != old.st_uid || is.st_gid != old.st_gid) && fchown(fd_.get(), old.st_uid, old.st_gid) != 0) return false;
  if (fchmod(fd_.get(), old.st_mode & kPermissions) != 0) return false;
  std::vector<char> acl(65536);
  const ssize_t n = fgetxattr(target_.get(), kAcl, acl.data(), acl.size());
  return n <= 0 || fsetxattr(fd_.get(), kAcl, acl.data(), static_cast<size_t>(n), 0) == 0;
}

void OutputFile::open_new(bool exactly_private) {
  regular_ = true;
  const mode_t mode = exactly_private || rules_.kind == OutputKind::kCapture ? 0600 : 0666;
  if (!open_nameless(place_.folder.get(), mode)) open_named(mode);
}

bool OutputFile::open_nameless(int folder, mode_t mode) {
  fd_ = Fd(openat(folder, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, mode));
  if (fd_ && can_be_named(fd_.get())) return true;
  fd_ = Fd();
  return false;
}

void OutputFile::open_named(mode_t mode) {
  for (;;) {
    unnamed_ = hidden_name();
    leftover_ = Leftover(place_.folder.get(), unnamed_);
    fd_ = Fd(openat(place_.folder.get(), unnamed_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
    if (fd_) return;
    const int error = errno;
    leftover_.keep();
    unnamed_.clear();
    if (error != EEXIST) throw Error(name_, std::nullopt, std::string("cannot create: ") + std::strerror(error),
                                     "check the folder, its permissions and its room");
  }
}

// Keeps the content until it is complete: beside the file, if that can be, else where temporary files are, else in memory.
void OutputFile::open_spool() {
  if (open_nameless(place_.folder.get(), 0600)) return;
  const char* configured = std::getenv("TMPDIR");
  for (const char* folder : {configured != nullptr ? configured : "/tmp", "/tmp", "/var/tmp"}) {
    fd_ = Fd(open(folder, O_TMPFILE | O_RDWR | O_EXCL | O_CLOEXEC, 0600));
    if (fd_) return;
  }
  fd_ = Fd(memfd_create("kutrace-output", MFD_CLOEXEC));
  if (!fd_) fail("cannot make a temporary copy", errno);
}

// Blocks until a pipe or terminal takes bytes, with the signals of `mask_` let in.
void OutputFile::wait_for_reader() {
  pollfd writable{fd_.get(), POLLOUT, 0};
  const int n = ppoll(&writable, 1, nullptr, &*mask_);
  if (n < 0) {
    throw Error(name_, std::nullopt, errno == EINTR ? "writing was interrupted" : std::strerror(errno), "give another place");
  }
}

void OutputFile::write(std::span<const char> bytes) {
  const bool careful = mask_ && !regular_;
  while (!bytes.empty()) {
    if (careful) wait_for_reader();
    const ssize_t n = ::write(fd_.get(), bytes.data(), careful ? std::min(bytes.size(), kPipeAtomic) : bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail("cannot write", errno);
    bytes = bytes.subspan(static_cast<size_t>(n));
  }
}

std::string OutputFile::handle_name() const { return own_path(fd_.get()); }

void OutputFile::finish() {
  if (regular_) {
    // Some file systems tell of a full disk only here; a trace must outlive a crash of what it is about.
    if (rules_.kind == OutputKind::kCapture && fsync(fd_.get()) != 0 && errno != EINVAL && errno != EROFS) fail("cannot write", errno);
    if (in_place_) {
      copy_into_place();
    } else if (place_.exists()) {
      replace();
    } else {
      name_new();
    }
  }
  for (Fd* fd : {&fd_, &target_}) {
    if (*fd && ::close(fd->release()) != 0 && errno != EINTR) fail("cannot write", errno);
  }
}

// A new name never replaces anything.
void OutputFile::name_new() {
  int status;
  if (unnamed_.empty()) {
    status = linkat(AT_FDCWD, own_path(fd_.get()).c_str(), place_.folder.get(), place_.leaf.c_str(), AT_SYMLINK_FOLLOW);
  } else {
    status = renameat2(place_.folder.get(), unnamed_.c_str(), place_.folder.get(), place_.leaf.c_str(), RENAME_NOREPLACE);
    if (status != 0 && errno == EINVAL) {  // a file system that cannot promise it; with links it can
      status = linkat(place_.folder.get(), unnamed_.c_str(), place_.folder.get(), place_.leaf.c_str(), 0);
      if (status == 0) unlinkat(place_.folder.get(), unnamed_.c_str(), 0);
    }
    if (status == 0) leftover_.keep();
  }
  if (status == 0) return;
  if (errno == EEXIST && rules_.kind == OutputKind::kDocument) return replace();
  if (errno == EEXIST) throw Error(name_, std::nullopt, "appeared while it was being written", "give another name");
  fail("cannot give it its name", errno);
}

void OutputFile::replace() {
  if (unnamed_.empty()) {
    unnamed_ = hidden_name();
    leftover_ = Leftover(place_.folder.get(), unnamed_);
    if (linkat(AT_FDCWD, own_path(fd_.get()).c_str(), place_.folder.get(), unnamed_.c_str(), AT_SYMLINK_FOLLOW) != 0) {
      fail("cannot give it its name", errno);
    }
  }
  if (renameat(place_.folder.get(), unnamed_.c_str(), place_.folder.get(), place_.leaf.c_str()) == 0) return leftover_.keep();
  // Something is mounted there, or the name is not ours to give, and nothing said so before.
  const bool ours = rules_.kind == OutputKind::kDocument || place_.is.st_uid == geteuid();
  if ((errno != EBUSY && errno != EPERM && errno != EACCES) || !target_ || !ours) fail("cannot give it its name", errno);
  copy_into_place();
}

void OutputFile::copy_into_place() {
  if (rules_.kind == OutputKind::kCapture && fchmod(target_.get(), 0600) != 0) fail("cannot write", errno);
  if (lseek(fd_.get(), 0, SEEK_SET) != 0 || ftruncate(target_.get(), 0) != 0) fail("cannot write", errno);
  std::vector<char> buffer(1 << 18);
  for (;;) {
    const ssize_t n = read(fd_.get(), buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail("cannot read the temporary copy", errno);
    if (n == 0) break;
    for (ssize_t at = 0; at < n;) {
      const ssize_t done = ::write(target_.get(), buffer.data() + at, static_cast<size_t>(n - at));
      if (done < 0 && errno == EINTR) continue;
      if (done < 0) fail("cannot write", errno);
      at += done;
    }
  }
}

}  // namespace kutrace
