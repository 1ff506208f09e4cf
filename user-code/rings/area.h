// SPDX-License-Identifier: BSD-3-Clause
// The memory that a collector shares with the programs that write into rings (kutrace/ring.h): made, opened again, removed.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "kutrace/ring.h"

namespace kutrace::rings {

struct AreaSize {
  uint32_t records = 16384;  // of each ring, a power of 2
  uint32_t slots = 128;      // threads that write at the same time
  uint32_t sites = 8192;
};

class Area {
 public:
  // A new one, readable by its owner alone. `owner`: who will write, if that is somebody else than we are. Throws Failure.
  Area(const AreaSize& size, uint32_t clock, uid_t owner, gid_t group);
  // One that a recording of `owner` has left: its collector is gone. The path is one that some file says, so only a name that the other constructor
  // could have made is opened, and a file of that user's or ours. Throws Failure.
  Area(const std::string& path, uid_t owner);
  ~Area();  // programs that have it go on with it
  Area(const Area&) = delete;
  Area& operator=(const Area&) = delete;

  const std::string& path() const { return path_; }
  // What the programs share. Not to be trusted: all of them write there.
  kutrace_ring_area* shared() const { return area_; }
  // The layout, which is: as it was when it was made or opened.
  const kutrace_ring_area& layout() const { return layout_; }
  kutrace_ring_slot* slot(uint32_t i) const;
  const kutrace_ring_site* site(uint32_t i) const;
  // Takes its name away.
  void remove();

 private:
  void map(int fd, size_t bytes);

  std::string path_;
  kutrace_ring_area* area_ = nullptr;
  kutrace_ring_area layout_{};
};

// The clock that programs of this machine count by.
uint32_t counter_of_this_machine();

}  // namespace kutrace::rings
