// SPDX-License-Identifier: BSD-3-Clause
// Names that must not outlive this process, whatever signal ends it (SIGKILL excepted). Needed only for the moments in which an
// output that is not complete has a name; where the file system has files without names, that is between two system calls.
#pragma once

#include <string>

namespace kutrace {

// The file `name` in `folder` (a descriptor, which must stay open) is removed when a deadly signal comes, and when this object
// goes, unless keep() was called. Only signals whose action is the default are caught; their effect stays the same.
class Leftover {
 public:
  Leftover() = default;
  Leftover(int folder, const std::string& name);
  Leftover(const Leftover&) = delete;
  Leftover& operator=(const Leftover&) = delete;
  Leftover(Leftover&& other) noexcept { *this = static_cast<Leftover&&>(other); }
  Leftover& operator=(Leftover&& other) noexcept;
  ~Leftover();
  void keep();  // it has its lasting name now, or never came to be

 private:
  int slot_ = -1;
};

}  // namespace kutrace
