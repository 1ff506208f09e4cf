// SPDX-License-Identifier: BSD-3-Clause
// Which file a name for output stands for. Looks at each name once, through the handle of its folder, so that what was
// looked at is what is written, whoever else renames things meanwhile. Writes nothing.
#pragma once

#include <sys/stat.h>

#include <string>

#include "base/fd.h"

namespace kutrace {

enum class OutputKind {
  kDocument,  // made of a trace: symbolic links are followed, an existing file is replaced
  kCapture,   // a trace: mode 0600, no symbolic links
};

struct OutputPlace {
  std::string name;       // as given, for messages
  int descriptor = -1;    // the name is this descriptor of ours (/dev/stdout, /dev/fd/3); nothing else is set then
  Fd folder;              // O_PATH
  struct stat folder_is {};
  std::string leaf;       // the name in it
  Fd there;               // O_PATH, what has the name; none: nothing has
  struct stat is {};      // of `there`
  bool followed = false;  // through at least one symbolic link

  bool exists() const { return static_cast<bool>(there); }
};

// Throws Error for a name that cannot or must not be written: a folder, a socket, a link that somebody else made to what is
// not theirs, a special file that is not named itself, a pipe of another user, another name of a file that others could have linked.
OutputPlace find_output_place(const std::string& path, OutputKind kind);

// Makes a folder and those above it where they are not there yet. Throws Error, also for a link on the way that somebody else made.
void make_folders(const std::string& path);

// A descriptor for what `place.there` is, not for what now has its name. -1 and errno.
int reopen(const OutputPlace& place, int flags);

}  // namespace kutrace
