// SPDX-License-Identifier: BSD-3-Clause
// One compressed stream, in pieces: gzip always, zstd and xz where the build had their libraries.
#pragma once

#include <cstddef>
#include <memory>

#include "base/file_kind.h"

namespace kutrace {

class Decompressor {
 public:
  enum class State { kMore, kMemberEnd, kFailed, kTooLarge };  // kTooLarge: needs more memory than these have
  struct Step {
    size_t used, made;  // bytes taken and written
    State state;
  };
  virtual ~Decompressor() = default;
  // `size` 0: the input is over.
  virtual Step run(const char* in, size_t size, char* out, size_t room) = 0;
  // Behind kMemberEnd: another member follows.
  virtual void next_member() = 0;
};

// nullptr: this build cannot read the kind.
std::unique_ptr<Decompressor> make_decompressor(FileKind::Id kind);

}  // namespace kutrace
