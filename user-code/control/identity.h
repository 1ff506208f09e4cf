// SPDX-License-Identifier: BSD-3-Clause
// Who a traced command is. Recording needs privilege; what is recorded does not: under sudo a command runs as the caller of sudo,
// with the caller's groups and no capability, unless it is told otherwise.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace kutrace::capture {

struct IdentityChoice {
  std::string as_user;   // a name or number; empty: not given
  bool as_root = false;  // as we are, though sudo was used
};

struct Identity {
  bool change = false;  // else the command is what we are
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;
  std::vector<std::string> environment;  // NAME=value, all of it
  std::string description;               // "alice (uid 1000), who called sudo"
};

// Throws Failure: no such user, no right to change to it, a caller that cannot be told.
Identity choose_identity(const IdentityChoice& choice);

// Makes this process the user of `identity`, for good: user, groups, no capability in any set but the bounding one (which gives
// none), no descriptors beyond the standard ones and these two. Checks that it happened. In a child, before exec; makes system
// calls only. 0 or an errno.
int take_identity(const Identity& identity, int keep, int keep_too) noexcept;

}  // namespace kutrace::capture
