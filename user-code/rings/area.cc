// SPDX-License-Identifier: BSD-3-Clause
#include "rings/area.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "control/failure.h"
#include "rings/writer.h"

namespace kutrace::rings {
namespace {

using capture::Failure;

// Memory, where there is such a file system: pages of a file on a disk would be written there, and writers wait for that.
constexpr std::string_view kFolders[] = {"/dev/shm", "/tmp"};
constexpr std::string_view kName = "/kutrace-ring-", kRandom = "XXXXXX";

std::string folder() { return std::string(access("/dev/shm", W_OK | X_OK) == 0 ? kFolders[0] : kFolders[1]); }

bool is_our_name(std::string_view path) {
  for (const std::string_view f : kFolders) {
    if (path.starts_with(f) && path.substr(f.size()).starts_with(kName) && path.size() == f.size() + kName.size() + kRandom.size()) {
      return path.find('/', f.size() + 1) == path.npos;
    }
  }
  return false;
}

Failure cannot(const std::string& what, const std::string& advice) { return Failure(what + ": " + std::strerror(errno), advice); }

}  // namespace

uint32_t counter_of_this_machine() {
#if defined(__x86_64__)
  return KUTRACE_RING_CLOCK_TSC;
#else
  return KUTRACE_RING_CLOCK_CNTVCT;
#endif
}

Area::Area(const AreaSize& size, uint32_t clock, uid_t owner, gid_t group) {
  layout_.magic = KUTRACE_RING_MAGIC;
  layout_.version = KUTRACE_RING_VERSION;
  layout_.header_bytes = KUTRACE_RING_HEADER_BYTES;
  layout_.sites = size.sites;
  layout_.slots = size.slots;
  layout_.records = size.records;
  layout_.clock = clock;
  layout_.sites_at = KUTRACE_RING_HEADER_BYTES;
  layout_.slots_at = layout_.sites_at + size.sites * sizeof(kutrace_ring_site);
  layout_.slot_bytes = sizeof(kutrace_ring_slot) + size.records * uint64_t{KUTRACE_RING_RECORD_BYTES};
  layout_.area_bytes = layout_.slots_at + size.slots * layout_.slot_bytes;
  layout_.recording = 1;
  layout_.next_id = 1;
  std::string name = folder().append(kName).append(kRandom);
  const int fd = mkostemp(name.data(), O_CLOEXEC);
  if (fd < 0) throw cannot("cannot make " + name, "look at that folder");
  path_ = name;
  if (ftruncate(fd, static_cast<off_t>(layout_.area_bytes)) != 0 || ((owner != geteuid() || group != getegid()) && fchown(fd, owner, group) != 0)) {
    unlink(path_.c_str());
    close(fd);
    throw cannot("cannot make an area of " + std::to_string(layout_.area_bytes) + " bytes", "take smaller rings");
  }
  map(fd, layout_.area_bytes);
  std::memcpy(area_, &layout_, sizeof(layout_));
}

Area::Area(const std::string& path, uid_t owner) : path_(path) {
  if (!is_our_name(path)) throw Failure(path + " is no name of an area of rings", "give what a recording has left");
  const int fd = open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) throw cannot("cannot open " + path, "it is gone with its machine's last boot, or has been taken in already");
  struct stat s{};
  if (fstat(fd, &s) != 0 || !S_ISREG(s.st_mode) || s.st_nlink != 1 || (s.st_uid != owner && s.st_uid != geteuid()) || s.st_size < KUTRACE_RING_HEADER_BYTES) {
    close(fd);
    throw Failure(path + " is no area of rings of this recording's user", "give what a recording has left");
  }
  map(fd, static_cast<size_t>(s.st_size));
  std::memcpy(&layout_, area_, sizeof(layout_));
  if (!kutrace_ring_is_sound(&layout_, static_cast<uint64_t>(s.st_size))) {
    munmap(area_, static_cast<size_t>(s.st_size));
    throw Failure(path + " is no area of rings of a version known here", "give what a recording has left");
  }
}

Area::~Area() { munmap(area_, layout_.area_bytes); }

void Area::map(int fd, size_t bytes) {
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  if (memory == MAP_FAILED) {
    if (layout_.magic != 0) unlink(path_.c_str());  // it is ours
    throw cannot("cannot map " + path_, "take smaller rings");
  }
  area_ = static_cast<kutrace_ring_area*>(memory);
}

void Area::remove() { unlink(path_.c_str()); }

kutrace_ring_slot* Area::slot(uint32_t i) const {
  return reinterpret_cast<kutrace_ring_slot*>(reinterpret_cast<char*>(area_) + layout_.slots_at + i * layout_.slot_bytes);
}

const kutrace_ring_site* Area::site(uint32_t i) const {
  return reinterpret_cast<const kutrace_ring_site*>(reinterpret_cast<const char*>(area_) + layout_.sites_at) + i;
}

}  // namespace kutrace::rings
