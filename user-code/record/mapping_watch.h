// SPDX-License-Identifier: BSD-3-Clause
// Which files processes map for execution while something is recorded, those that have ended by its end among them: the kernel tells by perf events of
// kind dummy, which cost nothing but where a mapping is made.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace kutrace::record {

struct Mapping {
  uint64_t start = 0, bytes = 0, offset = 0;
  std::string path, build_id;  // in hex; "" where it is not known
};

// What processes had mapped, by their number, told record by record.
class MappingBook {
 public:
  // Records of perf_event_open(2) with the time behind each, of any number of CPUs; those that are none end theirs.
  void take(const std::vector<std::vector<uint8_t>>& cpus);
  // The lines of /proc/PID/maps.
  void add_maps(int32_t pid, std::string_view text);
  const std::map<int32_t, std::vector<Mapping>>& processes() const { return processes_; }
  uint64_t lost() const { return lost_; }

 private:
  void one(std::span<const uint8_t> record);

  std::map<int32_t, std::vector<Mapping>> processes_;
  uint64_t lost_ = 0;
};

// Text of a book as `kutrace symbols` reads it: "==== /proc/PID/maps" and its lines, and "==== build-ids".
std::string maps_text(const MappingBook& book);

class MappingWatch {
 public:
  // From now on, and what runs already. Where the kernel does not let us, only that.
  MappingWatch();
  ~MappingWatch();
  MappingWatch(const MappingWatch&) = delete;
  MappingWatch& operator=(const MappingWatch&) = delete;

  MappingBook stop();
  // Whether the kernel tells of what begins meanwhile.
  bool watches() const { return !rings_.empty(); }

 private:
  struct Ring {
    int fd;
    void* memory;
  };
  std::vector<Ring> rings_;
  MappingBook book_;
};

}  // namespace kutrace::record
