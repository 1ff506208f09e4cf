// SPDX-License-Identifier: BSD-3-Clause
#include "field/trigger.h"

#include <fcntl.h>
#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstring>

#include "base/error.h"
#include "base/output_place.h"
#include "control/failure.h"
#include "kutrace.h"

namespace kutrace::field {
namespace {

using capture::Failure;

constexpr size_t kMostReason = 200;  // bytes of a line; the rest of a longer one is no line of its own

[[noreturn]] void fail(const std::string& path, const char* what) {
  throw Failure(path + ": " + what + ": " + std::strerror(errno), "give another `trigger`");
}

}  // namespace

TriggerPipe::TriggerPipe(const std::string& path, const std::string& group) : path_(path) {
  try {
    make_folders(path.substr(0, path.rfind('/')));
  } catch (const Error& error) {
    throw Failure(error);
  }
  gid_t gid = static_cast<gid_t>(-1);
  if (!group.empty()) {
    const struct group* entry = getgrnam(group.c_str());
    if (entry == nullptr) throw Failure("there is no group " + group, "give the name of one as `trigger-group`");
    gid = entry->gr_gid;
  }
  struct stat s {};
  if (lstat(path.c_str(), &s) == 0 && (!S_ISFIFO(s.st_mode) || unlink(path.c_str()) != 0)) {
    throw Failure(path + " is there and no pipe of ours", "take it away, or give another `trigger`");
  }
  if (mkfifo(path.c_str(), 0600) != 0) fail(path, "cannot be made");
  // Its own writer, so that it does not end when others have written.
  fd_ = Fd(open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW));
  if (!fd_) fail(path, "cannot be opened");
  if (fstat(fd_.get(), &s) != 0 || !S_ISFIFO(s.st_mode)) throw Failure(path + " was changed while it was made", "look who writes into its folder");
  if (!group.empty() && (fchown(fd_.get(), static_cast<uid_t>(-1), gid) != 0 || fchmod(fd_.get(), 0620) != 0)) fail(path, "cannot be given to the group");
}

TriggerPipe::~TriggerPipe() { unlink(path_.c_str()); }

std::vector<std::string> TriggerPipe::take() {
  std::vector<std::string> reasons;
  char bytes[PIPE_BUF];
  for (;;) {
    const ssize_t n = read(fd_.get(), bytes, sizeof(bytes));
    if (n <= 0) break;
    for (const char c : std::string_view(bytes, static_cast<size_t>(n))) {
      if (c == '\n') {
        reasons.push_back(std::move(held_));
        held_.clear();
      } else if (held_.size() < kMostReason) {
        held_ += c;
      }
    }
  }
  return reasons;
}

void ask_to_save(const std::string& pipe, const std::string& reason) {
  if (kutrace_trigger(pipe.c_str(), reason.c_str()) == 0) return;
  throw Failure("no field recorder took that at " + pipe, "is one running (`kutrace-field status`), and may you ask it (trigger-group)?");
}

}  // namespace kutrace::field
