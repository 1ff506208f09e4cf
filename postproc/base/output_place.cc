// SPDX-License-Identifier: BSD-3-Clause
#include "base/output_place.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <climits>
#include <cstring>
#include <vector>

#include "base/error.h"

namespace kutrace {
namespace {

constexpr int kMaxLinks = 40;  // as the kernel

[[noreturn]] void refuse(const std::string& name, const std::string& cause, const std::string& advice) {
  throw Error(name, std::nullopt, cause, advice);
}

[[noreturn]] void refuse_errno(const std::string& name, int error) {
  refuse(name, std::string("cannot create: ") + std::strerror(error), "check the folder, its permissions and its room");
}

bool same_file(const struct stat& a, const struct stat& b) { return a.st_dev == b.st_dev && a.st_ino == b.st_ino; }

bool is_of_proc(int folder) {
  struct statfs system {};
  return fstatfs(folder, &system) == 0 && system.f_type == PROC_SUPER_MAGIC;
}

// The number if `leaf` in `folder` is a descriptor of this process; -1: not; -2: of another process.
int own_descriptor(int folder, const struct stat& folder_is, const std::string& leaf) {
  if (!is_of_proc(folder)) return -1;
  int number = -1;
  const auto [end, error] = std::from_chars(leaf.data(), leaf.data() + leaf.size(), number);
  if (error != std::errc() || end != leaf.data() + leaf.size()) return -2;
  for (const char* ours : {"/proc/self/fd", "/proc/thread-self/fd"}) {
    struct stat is {};
    if (stat(ours, &is) == 0 && same_file(is, folder_is)) return number;
  }
  return -2;
}

std::string read_link(const std::string& name, int link) {
  std::string target(PATH_MAX, '\0');
  const ssize_t n = readlinkat(link, "", target.data(), target.size());
  if (n <= 0) refuse_errno(name, n < 0 ? errno : ENOENT);
  target.resize(static_cast<size_t>(n));
  return target;
}

// Opens a folder name by name, so that nobody can exchange a link between the look at it and its use, and notes who made the links on the way.
// With `make` what is not there becomes a folder.
Fd open_folder(const std::string& name, int from, std::string rest, std::vector<uid_t>& makers, bool make = false) {
  constexpr int kHandle = O_PATH | O_CLOEXEC;
  Fd at(openat(from, rest.starts_with('/') ? "/" : ".", kHandle | O_DIRECTORY));
  for (int links = 0; at && rest.find_first_not_of('/') != std::string::npos;) {
    rest.erase(0, rest.find_first_not_of('/'));
    const std::string part = rest.substr(0, rest.find('/'));
    rest.erase(0, part.size());
    // What stands in /proc for a folder cannot be made by anybody, nor always be read as a name.
    const int follow = is_of_proc(at.get()) ? 0 : O_NOFOLLOW;
    if (make && mkdirat(at.get(), part.c_str(), 0777) != 0 && errno != EEXIST) refuse_errno(name, errno);
    if (Fd next(openat(at.get(), part.c_str(), kHandle | O_DIRECTORY | follow)); next) {
      at = std::move(next);
      continue;
    }
    if (errno != ENOTDIR && errno != ELOOP) refuse_errno(name, errno);
    const Fd link(openat(at.get(), part.c_str(), kHandle | O_NOFOLLOW));
    struct stat is {};
    if (!link || fstat(link.get(), &is) != 0) refuse_errno(name, errno);
    if (!S_ISLNK(is.st_mode)) refuse_errno(name, ENOTDIR);
    if (++links > kMaxLinks) refuse_errno(name, ELOOP);
    makers.push_back(is.st_uid);
    const std::string target = read_link(name, link.get());
    rest = target + "/" + rest;
    if (target.starts_with('/')) at = Fd(openat(AT_FDCWD, "/", kHandle | O_DIRECTORY));
  }
  if (!at) refuse_errno(name, errno);
  return at;
}

// Somebody other than us and root may give names in the folder.
bool others_write(const struct stat& folder) {
  const uid_t us = geteuid();
  if (folder.st_uid != us && folder.st_uid != 0) return true;
  return (folder.st_mode & S_IWOTH) != 0 || (us == 0 && (folder.st_mode & S_IWGRP) != 0 && folder.st_gid != 0);
}

// Links of ours and root's lead anywhere; those of others only to what is theirs anyway.
void check_links(const OutputPlace& place, const std::vector<uid_t>& makers, uid_t owner) {
  const uid_t us = geteuid();
  for (uid_t maker : makers) {
    if (maker != us && maker != 0 && maker != owner) {
      refuse(place.name, "is a symbolic link that another user made to what is not theirs", "give the name of the file itself");
    }
  }
}

void check_special(const OutputPlace& place) {
  if (S_ISSOCK(place.is.st_mode)) refuse(place.name, "is a socket", "give another name");
  if (place.followed) {
    refuse(place.name, "is a symbolic link to a device or pipe", "if that is to be written, give its own name");
  }
  if (S_ISFIFO(place.is.st_mode) && place.is.st_uid != geteuid() && place.is.st_uid != getuid()) {
    refuse(place.name, "is a pipe that belongs to another user", "give another name, or - and the shell's > for the pipe");
  }
}

void check_file(const OutputPlace& place) {
  if (S_ISDIR(place.is.st_mode)) refuse(place.name, "is a folder", "give the name of a file");
  if (!S_ISREG(place.is.st_mode)) return check_special(place);
  // A second name of a file may have been given to it by anyone who may write the folder.
  const bool owner_could = (place.folder_is.st_mode & S_IWOTH) == 0 && place.is.st_uid == place.folder_is.st_uid;
  if (place.is.st_nlink > 1 && others_write(place.folder_is) && !owner_could) {
    refuse(place.name, "is a hard link in a folder where others write", "remove it, or give another name");
  }
}

}  // namespace

OutputPlace find_output_place(const std::string& path, OutputKind kind) {
  OutputPlace place;
  place.name = path;
  std::string rest = path;
  std::vector<uid_t> makers, folder_makers;
  for (int links = 0; links <= kMaxLinks; ++links) {
    const size_t slash = rest.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : rest.substr(0, slash + 1);
    place.leaf = slash == std::string::npos ? rest : rest.substr(slash + 1);
    if (place.leaf.empty() || place.leaf == "." || place.leaf == "..") refuse(path, "is a folder", "give the name of a file");
    const int from = place.folder ? place.folder.get() : AT_FDCWD;
    place.folder = open_folder(path, from, folder, folder_makers);
    if (fstat(place.folder.get(), &place.folder_is) != 0) refuse_errno(path, errno);
    place.there = Fd(openat(place.folder.get(), place.leaf.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    if (!place.there && errno != ENOENT) refuse_errno(path, errno);
    if (place.there && fstat(place.there.get(), &place.is) != 0) refuse_errno(path, errno);
    if (!place.exists() || !S_ISLNK(place.is.st_mode)) {
      if (place.followed && kind == OutputKind::kCapture) {
        refuse(path, "is a symbolic link", "traces are not written through links; give the name of the file itself");
      }
      check_links(place, makers, place.exists() ? place.is.st_uid : place.folder_is.st_uid);
      check_links(place, folder_makers, place.folder_is.st_uid);
      if (place.exists()) check_file(place);
      return place;
    }
    const int number = own_descriptor(place.folder.get(), place.folder_is, place.leaf);
    if (number == -2) refuse(path, "is a file of another program", "give the file's own name");
    if (number >= 0) {
      place.descriptor = number;
      return place;
    }
    makers.push_back(place.is.st_uid);
    place.followed = true;
    rest = read_link(path, place.there.get());
  }
  refuse_errno(path, ELOOP);
}

void make_folders(const std::string& path) {
  OutputPlace place;
  place.name = path;
  std::vector<uid_t> makers;
  place.folder = open_folder(path, AT_FDCWD, path, makers, true);
  if (fstat(place.folder.get(), &place.folder_is) != 0) refuse_errno(path, errno);
  check_links(place, makers, place.folder_is.st_uid);
}

int reopen(const OutputPlace& place, int flags) {
  const std::string handle = "/proc/self/fd/" + std::to_string(place.there.get());
  const int fd = open(handle.c_str(), flags | O_CLOEXEC | O_NOCTTY);
  if (fd >= 0 || errno != ENOENT) return fd;
  // No /proc: by the name again, if it is the same still.
  Fd again(openat(place.folder.get(), place.leaf.c_str(), flags | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW));
  struct stat is {};
  if (!again || fstat(again.get(), &is) != 0) return -1;
  if (!same_file(is, place.is)) {
    errno = ESTALE;
    return -1;
  }
  return again.release();
}

}  // namespace kutrace
