// SPDX-License-Identifier: BSD-3-Clause
// The traces that a field recorder has saved: a ring of files, by their numbers, which are right whatever the clock is. Touches no
// other files.
#pragma once

#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>
#include <vector>

namespace kutrace::field {

// What a name has behind it while its trace is saved.
inline constexpr std::string_view kSaving = ".saving";

struct SavedTrace {
  std::string name;  // field_NUMBER_DATE_TIME_REASON.trace
  uint64_t number = 0;
  uint64_t bytes = 0;
};

class TraceFolder {
 public:
  // Makes the folder, private to its owner, if it is not there. Throws capture::Failure.
  static TraceFolder made(const std::string& path);
  // One that is there, to be read.
  explicit TraceFolder(std::string path) : path_(std::move(path)) {}

  // Whether a recorder gives such names.
  static bool is_name(std::string_view name);
  const std::string& path() const { return path_; }
  std::string path_of(std::string_view name) const { return path_ + "/" + std::string(name); }
  // The oldest first. Throws capture::Failure.
  std::vector<SavedTrace> traces() const;
  // Names of what was being saved when something cut it off (saving_file.h), the oldest first.
  std::vector<std::string> cut_saves() const;
  // A name for the next one. `reason` may be any text of anybody's.
  std::string next_name(std::time_t now, std::string_view reason) const;
  // Takes the oldest away until there are fewer than `files`, and `bytes` more fit into the quota and onto the file system. The names of those that went.
  std::vector<std::string> make_room(uint64_t files, uint64_t quota, uint64_t bytes) const;

 private:
  // Those whose names have `behind` after the name of a trace, by their numbers.
  std::vector<SavedTrace> named(std::string_view behind) const;

  std::string path_;
};

}  // namespace kutrace::field
