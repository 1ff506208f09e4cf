// SPDX-License-Identifier: BSD-3-Clause
#include "control/identity.h"

#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "control/failure.h"
#include "kutrace.h"

extern char** environ;

namespace kutrace::capture {
namespace {

std::optional<unsigned> number(const char* text) {
  if (text == nullptr) return std::nullopt;
  const std::string_view s(text);
  unsigned value = 0;
  const auto [end, error] = std::from_chars(s.data(), s.data() + s.size(), value);
  // All ones is no user: system calls take it for "leave it".
  if (s.empty() || error != std::errc() || end != s.data() + s.size() || value == ~0u) return std::nullopt;
  return value;
}

std::string describe(uid_t uid, const std::string& name) {
  const std::string id = "uid " + std::to_string(uid);
  return name.empty() ? id : name + " (" + id + ")";
}

std::string name_of(uid_t uid) {
  const passwd* entry = getpwuid(uid);
  return entry != nullptr ? entry->pw_name : "";
}

std::vector<gid_t> groups_of(const std::string& name, gid_t gid) {
  if (name.empty()) return {gid};
  int n = 64;
  for (;;) {
    std::vector<gid_t> groups(static_cast<size_t>(n));
    const int room = n;
    if (getgrouplist(name.c_str(), gid, groups.data(), &n) >= 0) {
      groups.resize(static_cast<size_t>(n));
      return groups;
    }
    if (n <= room) n = 2 * room;
  }
}

// Ours, but for what says who somebody is; what sudo left of itself would now be a lie.
std::vector<std::string> environment_of(const passwd* entry) {
  std::vector<std::string> kept;
  for (char** e = environ; e != nullptr && *e != nullptr; ++e) {
    const std::string_view name = std::string_view(*e).substr(0, std::string_view(*e).find('='));
    bool ours = false;
    for (const char* n : {"SUDO_UID", "SUDO_GID", "SUDO_USER", "SUDO_COMMAND", "SUDO_HOME", "PKEXEC_UID", "DOAS_USER", KUTRACE_DESCRIPTOR_VARIABLE}) ours = ours || name == n;
    for (const char* n : {"USER", "LOGNAME", "HOME", "SHELL", "MAIL", "USERNAME"}) ours = ours || (entry != nullptr && name == n);
    if (!ours) kept.emplace_back(*e);
  }
  if (entry == nullptr) return kept;
  for (const char* n : {"USER=", "LOGNAME="}) kept.push_back(n + std::string(entry->pw_name));
  kept.push_back("HOME=" + std::string(entry->pw_dir));
  kept.push_back("SHELL=" + std::string(entry->pw_shell));
  return kept;
}

Identity user(const passwd* entry, uid_t uid, std::optional<gid_t> gid, const std::string& why) {
  Identity who;
  who.change = true;
  who.uid = uid;
  if (entry == nullptr && !gid) throw Failure("user " + std::to_string(uid) + " has no group", "name one that /etc/passwd knows");
  who.gid = gid ? *gid : entry->pw_gid;
  const std::string name = entry != nullptr ? entry->pw_name : "";
  who.environment = environment_of(entry);
  who.groups = groups_of(name, who.gid);  // last: it may overwrite what `entry` points to
  who.description = describe(uid, name) + why;
  return who;
}

Identity named_user(const std::string& text) {
  const passwd* entry = getpwnam(text.c_str());
  const auto id = number(text.c_str());
  if (entry == nullptr && id) entry = getpwuid(*id);
  if (entry == nullptr) throw Failure("no user `" + text + "`", "give a name that /etc/passwd knows with --as");
  return user(entry, entry->pw_uid, std::nullopt, ", as --as says");
}

// The user who called a program that made root of them; nothing: nobody says so.
std::optional<Identity> caller() {
  if (const char* uid = std::getenv("SUDO_UID")) {
    const auto id = number(uid), group = number(std::getenv("SUDO_GID"));
    if (!id) throw Failure("SUDO_UID does not say who called sudo", "say who the command is with --as USER or --as-root");
    if (*id == 0) return std::nullopt;
    return user(getpwuid(*id), *id, group, ", who called sudo");
  }
  if (const char* uid = std::getenv("PKEXEC_UID")) {
    const auto id = number(uid);
    if (!id) throw Failure("PKEXEC_UID does not say who called pkexec", "say who the command is with --as USER or --as-root");
    if (*id != 0) return user(getpwuid(*id), *id, std::nullopt, ", who called pkexec");
  }
  if (const char* name = std::getenv("DOAS_USER")) {
    const passwd* entry = getpwnam(name);
    if (entry == nullptr) throw Failure("DOAS_USER does not say who called doas", "say who the command is with --as USER or --as-root");
    if (entry->pw_uid != 0) return user(entry, entry->pw_uid, std::nullopt, ", who called doas");
  }
  return std::nullopt;
}

Identity as_we_are() {
  Identity who;
  who.uid = geteuid();
  for (char** e = environ; e != nullptr && *e != nullptr; ++e) {
    if (!std::string_view(*e).starts_with(KUTRACE_DESCRIPTOR_VARIABLE "=")) who.environment.emplace_back(*e);
  }
  who.description = describe(who.uid, name_of(who.uid));
  return who;
}

// capset(2) for a thread that gives all of them up. The library for it would be larger than this.
bool drop_capabilities() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {};
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);  // EINVAL where there is no such set
  if (syscall(SYS_capset, &header, none) != 0) return false;
  __user_cap_data_struct now[_LINUX_CAPABILITY_U32S_3] = {};
  if (syscall(SYS_capget, &header, now) != 0) return false;
  for (const auto& set : now) {
    if ((set.effective | set.permitted | set.inheritable) != 0) return false;
  }
  return true;
}

// Kernels before 5.9 have no such call.
bool close_range_of(unsigned from, unsigned to) {
#ifdef SYS_close_range
  return from > to || syscall(SYS_close_range, from, to, 0u) == 0;
#else
  return from > to;
#endif
}

void close_descriptors(int keep, int keep_too) {
  const auto low = static_cast<unsigned>(std::max(2, std::min(keep, keep_too)));
  const auto high = static_cast<unsigned>(std::max({2, keep, keep_too}));
  if (close_range_of(3, low - 1) && close_range_of(low + 1, high - 1) && close_range_of(high + 1, ~0u)) return;
  const long limit = sysconf(_SC_OPEN_MAX);
  for (int fd = 3; fd < (limit > 0 && limit < 1048576 ? limit : 1048576); ++fd) {
    if (fd != keep && fd != keep_too) close(fd);
  }
}

}  // namespace

Identity choose_identity(const IdentityChoice& choice) {
  const bool root = geteuid() == 0;
  if (choice.as_root && !choice.as_user.empty()) throw Failure("--as and --as-root exclude each other", "give one of them");
  if ((choice.as_root || !choice.as_user.empty()) && !root) {
    throw Failure("only root can choose who the command is", "leave out --as and --as-root, or use sudo");
  }
  if (!choice.as_user.empty()) return named_user(choice.as_user);
  if (choice.as_root) return as_we_are();
  // A set-uid program: never for others what only it may.
  if (getuid() != geteuid()) return user(getpwuid(getuid()), getuid(), getgid(), ", who called this program");
  if (root) {
    if (auto who = caller()) return *who;
  }
  return as_we_are();
}

int take_identity(const Identity& who, int keep, int keep_too) noexcept {
  if (!who.change) return 0;
  close_descriptors(keep, keep_too);
  if (geteuid() == 0 && setgroups(who.groups.size(), who.groups.data()) != 0) return errno;
  if (setresgid(who.gid, who.gid, who.gid) != 0 || setresuid(who.uid, who.uid, who.uid) != 0) return errno;
  if (who.uid == 0) return 0;
  if (!drop_capabilities()) return errno != 0 ? errno : EPERM;
  // What could be taken back was not given up.
  if (setuid(0) == 0 || getuid() != who.uid || geteuid() != who.uid || getgid() != who.gid || getegid() != who.gid) return EPERM;
  return 0;
}

}  // namespace kutrace::capture
