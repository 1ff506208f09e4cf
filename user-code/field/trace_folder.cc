// SPDX-License-Identifier: BSD-3-Clause
#include "field/trace_folder.h"

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <optional>

#include "base/error.h"
#include "base/output_place.h"
#include "control/failure.h"

namespace kutrace::field {
namespace {

namespace fs = std::filesystem;
using capture::Failure;

constexpr std::string_view kBegin = "field_", kEnd = ".trace";
constexpr size_t kDigits = 6, kMostReason = 40;

// field_000123_20261128_211500_stall.trace
std::optional<uint64_t> number_of(std::string_view name) {
  if (!name.starts_with(kBegin) || !name.ends_with(kEnd)) return std::nullopt;
  name.remove_prefix(kBegin.size());
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc() || end < name.data() + kDigits || *end != '_') return std::nullopt;
  return number;
}

// Left free for others on the file system.
constexpr uint64_t kReserve = 4'000'000;

uint64_t free_bytes(const std::string& path) {
  struct statvfs s {};
  return statvfs(path.c_str(), &s) == 0 ? static_cast<uint64_t>(s.f_bavail) * s.f_frsize : UINT64_MAX / 2;
}

std::string as_part_of_a_name(std::string_view reason) {
  std::string out(reason.substr(0, kMostReason));
  for (char& c : out) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    if (!plain) c = '-';
  }
  return out.empty() ? "trigger" : out;
}

}  // namespace

TraceFolder TraceFolder::made(const std::string& path) {
  try {
    make_folders(path);
  } catch (const Error& error) {
    throw Failure(error);
  }
  struct stat s {};
  if (stat(path.c_str(), &s) != 0 || !S_ISDIR(s.st_mode)) throw Failure(path + " is no folder", "give another `folder`");
  if (s.st_uid == geteuid() && (s.st_mode & 0077) != 0 && chmod(path.c_str(), 0700) != 0) {
    throw Failure(path + ": " + std::strerror(errno), "traces are to be read by their owner alone: chmod 700 it");
  }
  return TraceFolder(path);
}

bool TraceFolder::is_name(std::string_view name) { return name.find_first_of("/\n") == std::string_view::npos && number_of(name).has_value(); }

std::vector<SavedTrace> TraceFolder::named(std::string_view behind) const {
  std::vector<SavedTrace> out;
  std::error_code error;
  for (fs::directory_iterator at(path_, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    if (!name.ends_with(behind)) continue;
    const auto number = number_of(std::string_view(name).substr(0, name.size() - behind.size()));
    struct stat s {};
    if (!number || lstat(path_of(name).c_str(), &s) != 0 || !S_ISREG(s.st_mode)) continue;
    out.push_back({name, *number, static_cast<uint64_t>(s.st_size)});
  }
  if (error) throw Failure(path_ + ": " + error.message(), "give the folder of a field recorder");
  std::sort(out.begin(), out.end(), [](const SavedTrace& a, const SavedTrace& b) { return a.number != b.number ? a.number < b.number : a.name < b.name; });
  return out;
}

std::vector<SavedTrace> TraceFolder::traces() const { return named(""); }

std::vector<std::string> TraceFolder::cut_saves() const {
  std::vector<std::string> out;
  for (SavedTrace& t : named(kSaving)) out.push_back(std::move(t.name));
  return out;
}

std::string TraceFolder::next_name(std::time_t now, std::string_view reason) const {
  const std::vector<SavedTrace> all = traces();
  std::tm utc{};
  gmtime_r(&now, &utc);
  char date[40], number[24];
  std::strftime(date, sizeof(date), "%Y%m%d_%H%M%S", &utc);
  std::snprintf(number, sizeof(number), "%0*llu", static_cast<int>(kDigits), static_cast<unsigned long long>(all.empty() ? 1 : all.back().number + 1));
  return std::string(kBegin) + number + "_" + date + "_" + as_part_of_a_name(reason) + std::string(kEnd);
}

std::vector<std::string> TraceFolder::make_room(uint64_t files, uint64_t quota, uint64_t bytes) const {
  const std::vector<SavedTrace> all = traces();
  uint64_t sum = bytes, free = free_bytes(path_);
  for (const SavedTrace& t : all) sum += t.bytes;
  std::vector<std::string> gone;
  for (size_t i = 0; i < all.size() && (all.size() - i >= files || sum > quota || free < bytes + kReserve); ++i) {
    if (unlink(path_of(all[i].name).c_str()) != 0) {
      throw Failure(path_of(all[i].name) + " cannot be taken away: " + std::strerror(errno), "look at the folder and its file system");
    }
    sum -= all[i].bytes;
    free += all[i].bytes;
    gone.push_back(all[i].name);
  }
  return gone;
}

}  // namespace kutrace::field
