// SPDX-License-Identifier: BSD-3-Clause
#include "record/mapping_watch.h"

#include <dirent.h>
#include <linux/perf_event.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>

#include "base/hex.h"

namespace kutrace::record {
namespace {

constexpr size_t kPages = 256;  // of a CPU's ring: some thousand mappings
constexpr size_t kTimeBytes = 8;

size_t ring_bytes() { return (kPages + 1) * static_cast<size_t>(sysconf(_SC_PAGESIZE)); }

template <typename T>
T at(std::span<const uint8_t> bytes, size_t place) {
  T value{};
  if (place + sizeof(T) <= bytes.size()) std::memcpy(&value, bytes.data() + place, sizeof(T));
  return value;
}

int open_on(int cpu) {
  perf_event_attr attr{};
  attr.size = sizeof(attr);
  attr.type = PERF_TYPE_SOFTWARE;
  attr.config = PERF_COUNT_SW_DUMMY;
  attr.mmap = attr.mmap2 = attr.comm = attr.comm_exec = attr.task = attr.sample_id_all = 1;
  attr.build_id = 1;
  attr.sample_type = PERF_SAMPLE_TIME;
  auto open = [&] { return static_cast<int>(syscall(SYS_perf_event_open, &attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC)); };
  const int fd = open();
  if (fd >= 0) return fd;
  attr.build_id = 0;  // kernels before 5.12
  return open();
}

// The bytes that a ring holds, in their order.
std::vector<uint8_t> contents(void* memory) {
  auto* page = static_cast<perf_event_mmap_page*>(memory);
  const uint64_t head = __atomic_load_n(&page->data_head, __ATOMIC_ACQUIRE), size = page->data_size, tail = page->data_tail;
  const auto* data = static_cast<const uint8_t*>(memory) + page->data_offset;
  std::vector<uint8_t> out;
  for (uint64_t i = tail; i < head; ++i) out.push_back(data[i % size]);
  return out;
}

// Places in the records of perf_event_open(2).
constexpr size_t kPid = 8, kMmapStart = 16, kMmapBytes = 24, kMmapOffset = 32, kBuildIdSize = 40, kBuildId = 44, kMmapPath = 72;
constexpr size_t kParent = 12, kThread = 16, kLostCount = 16, kMaxBuildId = 20;

}  // namespace

void MappingBook::take(const std::vector<std::vector<uint8_t>>& cpus) {
  struct Record {
    uint64_t time;
    std::span<const uint8_t> bytes;
  };
  std::vector<Record> records;
  for (const std::vector<uint8_t>& cpu : cpus) {
    const std::span<const uint8_t> all(cpu);
    for (size_t place = 0; place + sizeof(perf_event_header) <= all.size();) {
      const auto header = at<perf_event_header>(all, place);
      if (header.size < sizeof(header) + kTimeBytes || header.size > all.size() - place) break;
      const auto bytes = all.subspan(place, header.size);
      records.push_back({at<uint64_t>(bytes, bytes.size() - kTimeBytes), bytes});
      place += header.size;
    }
  }
  std::stable_sort(records.begin(), records.end(), [](const Record& a, const Record& b) { return a.time < b.time; });
  for (const Record& r : records) one(r.bytes);
}

void MappingBook::one(std::span<const uint8_t> r) {
  const auto header = at<perf_event_header>(r, 0);
  const auto pid = at<int32_t>(r, kPid);
  if (header.type == PERF_RECORD_MMAP2 && r.size() > kMmapPath + kTimeBytes) {
    Mapping m{at<uint64_t>(r, kMmapStart), at<uint64_t>(r, kMmapBytes), at<uint64_t>(r, kMmapOffset), {}, {}};
    const char* path = reinterpret_cast<const char*>(r.data() + kMmapPath);
    m.path.assign(path, ::strnlen(path, r.size() - kMmapPath - kTimeBytes));
    if ((header.misc & PERF_RECORD_MISC_MMAP_BUILD_ID) != 0) {
      m.build_id = hex_text(r.subspan(kBuildId, std::min<size_t>(r[kBuildIdSize], kMaxBuildId)));
    }
    if (m.path.starts_with('/') && !m.path.starts_with("//")) processes_[pid].push_back(std::move(m));
  } else if (header.type == PERF_RECORD_COMM && (header.misc & PERF_RECORD_MISC_COMM_EXEC) != 0) {
    processes_[pid].clear();  // another program from here on
  } else if (header.type == PERF_RECORD_FORK && r.size() >= kThread) {
    const auto parent = processes_.find(at<int32_t>(r, kParent));
    if (pid != at<int32_t>(r, kParent) && parent != processes_.end()) {
      const std::vector<Mapping> inherited = parent->second;
      processes_[pid] = inherited;
    }
  } else if (header.type == PERF_RECORD_LOST) {
    lost_ += at<uint64_t>(r, kLostCount);
  }
}

void MappingBook::add_maps(int32_t pid, std::string_view text) {
  while (!text.empty()) {
    const std::string line(text.substr(0, text.find('\n')));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    unsigned long long start = 0, end = 0, offset = 0;
    char rights[8] = "";
    const size_t path = line.find('/');
    if (path == std::string::npos || std::sscanf(line.c_str(), "%llx-%llx %7s %llx", &start, &end, rights, &offset) != 4) continue;
    if (rights[2] != 'x' || end <= start || line.ends_with(" (deleted)")) continue;
    processes_[pid].push_back({start, end - start, offset, line.substr(path), {}});
  }
}

std::string maps_text(const MappingBook& book) {
  std::string out;
  std::map<std::string, std::string> ids;
  for (const auto& [pid, mappings] : book.processes()) {
    if (mappings.empty()) continue;
    out += "==== /proc/" + std::to_string(pid) + "/maps\n";
    for (const Mapping& m : mappings) {
      char numbers[80];
      std::snprintf(numbers, sizeof(numbers), "%llx-%llx r-xp %08llx 00:00 0 ", static_cast<unsigned long long>(m.start),
                    static_cast<unsigned long long>(m.start + m.bytes), static_cast<unsigned long long>(m.offset));
      std::string path = m.path;
      std::replace(path.begin(), path.end(), '\n', '?');
      out += numbers + path + "\n";
      if (!m.build_id.empty()) ids[path] = m.build_id;
    }
  }
  out += "==== build-ids\n";
  for (const auto& [path, id] : ids) out += id + " " + path + "\n";
  return out;
}

MappingWatch::MappingWatch() {
  const long cpus = sysconf(_SC_NPROCESSORS_CONF);
  for (int cpu = 0; cpu < cpus; ++cpu) {
    const int fd = open_on(cpu);
    if (fd < 0) continue;
    void* memory = mmap(nullptr, ring_bytes(), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (memory == MAP_FAILED) {
      close(fd);
      continue;
    }
    rings_.push_back({fd, memory});
  }
  // What was mapped before; what happens meanwhile is told twice.
  DIR* proc = opendir("/proc");
  for (const dirent* entry; proc != nullptr && (entry = readdir(proc)) != nullptr;) {
    int32_t pid = 0;
    const char* end = entry->d_name + std::strlen(entry->d_name);
    if (std::from_chars(entry->d_name, end, pid).ptr != end || pid <= 0) continue;
    std::ifstream in(std::string("/proc/") + entry->d_name + "/maps");
    book_.add_maps(pid, std::string(std::istreambuf_iterator<char>(in), {}));
  }
  if (proc != nullptr) closedir(proc);
}

MappingWatch::~MappingWatch() {
  for (const Ring& ring : rings_) {
    munmap(ring.memory, ring_bytes());
    close(ring.fd);
  }
}

MappingBook MappingWatch::stop() {
  std::vector<std::vector<uint8_t>> cpus;
  for (const Ring& ring : rings_) cpus.push_back(contents(ring.memory));
  book_.take(cpus);
  return book_;
}

}  // namespace kutrace::record
