// SPDX-License-Identifier: BSD-3-Clause
#include "coro/coro_import.h"

#include <simdjson.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <set>

#include "base/error.h"
#include "kutrace/coro_file.h"
#include "kutrace/ring.h"

namespace kutrace {
namespace {

// Its memory: a header and stations of 1024 bytes, each with eight slots of 64.
constexpr uint64_t kMagic = 0x434f524f54524352;
constexpr uint32_t kVersion = 1;
constexpr uint64_t kStation = 1024, kSlots = 8, kSlot = 64, kFirstSlot = 0x40;

struct Seen {
  uint64_t time, probe, tid, address, sequence;
  bool runs;
};

uint64_t word(std::span<const uint8_t> bytes, uint64_t at) {
  uint64_t value;
  std::memcpy(&value, &bytes[at], sizeof(value));
  return value;
}

std::string number(uint64_t n) { return std::to_string(n); }

class Import {
 public:
  Import(const MappedInput& input, Diagnostics& diagnostics) : input_(input), diagnostics_(diagnostics) {}

  ImportedCoros run() {
    const std::span<const uint8_t> bytes = input_.bytes();
    if (bytes.size() >= kStation && word(bytes, 0) == kMagic) {
      memory(bytes);
    } else {
      lines();
    }
    if (seen_.empty()) throw Error(input_.name(), std::nullopt, "holds no event of coroTracer", "give its shared memory (version 1) or its trace.jsonl");
    std::ranges::stable_sort(seen_, {}, &Seen::time);
    write();
    notes();
    return std::move(result_);
  }

 private:
  void memory(std::span<const uint8_t> bytes) {
    uint32_t version = 0, most = 0, allocated = 0;
    std::memcpy(&version, &bytes[8], 4);
    std::memcpy(&most, &bytes[12], 4);
    std::memcpy(&allocated, &bytes[16], 4);
    if (version != kVersion) throw Error(input_.name(), 8, "is of version " + number(version), "known is version " + number(kVersion));
    const uint64_t stations = std::min<uint64_t>({most, allocated, bytes.size() / kStation - 1});
    for (uint64_t s = 0; s < stations; ++s) {
      const uint64_t at = kStation * (s + 1);
      for (uint64_t i = 0; i < kSlots; ++i) {
        const uint64_t slot = at + kFirstSlot + i * kSlot;
        const uint64_t time = word(bytes, slot);
        if (time != 0) add({time, word(bytes, at), word(bytes, slot + 8), word(bytes, slot + 16), word(bytes, slot + 24), bytes[slot + kSlot - 1] != 0});
      }
    }
    if (allocated > stations) result_.notes.push_back(number(allocated - stations) + " coroutines had no station: nothing of them is known");
    result_.notes.push_back("its memory holds the last eight events of a coroutine: how many were overwritten is not known");
  }

  // One object a line; several runs and other lines may be among them.
  void lines() {
    LineReader lines(input_.bytes(), input_.name());
    simdjson::dom::parser parser;
    std::string_view line;
    uint64_t passed_over = 0;
    while (lines.next(line)) {
      simdjson::dom::element e;
      Seen s{};
      std::string_view address;
      const bool good = parser.parse(line.data(), line.size()).get(e) == simdjson::SUCCESS && e["ts"].get(s.time) == simdjson::SUCCESS &&
                        e["probe_id"].get(s.probe) == simdjson::SUCCESS && e["tid"].get(s.tid) == simdjson::SUCCESS && e["seq"].get(s.sequence) == simdjson::SUCCESS &&
                        e["is_active"].get(s.runs) == simdjson::SUCCESS && e["addr"].get(address) == simdjson::SUCCESS && address.starts_with("0x") &&
                        address.size() == 18 && address.find_first_not_of("0123456789abcdefABCDEF", 2) == std::string_view::npos;
      if (!good) {
        passed_over += line.empty() ? 0 : 1;
        continue;
      }
      s.address = std::stoull(std::string(address), nullptr, 16);
      if (!add(s)) break;
    }
    if (passed_over > 0) result_.notes.push_back(number(passed_over) + " lines are no events: passed over");
  }

  bool add(const Seen& s) {
    if (!diagnostics_.take(Limit::memory, sizeof(Seen) + 2 * KUTRACE_RING_RECORD_BYTES)) return false;
    seen_.push_back(s);
    return true;
  }

  void append(const void* from, size_t bytes) { result_.file.append(static_cast<const char*>(from), bytes); }
  void section(uint64_t kind, std::initializer_list<uint64_t> values, const void* payload = nullptr, uint64_t bytes = 0) {
    kutrace_coro_section h{KUTRACE_CORO_MAGIC, kind, bytes, {}};
    std::copy(values.begin(), values.end(), h.value);
    append(&h, sizeof(h));
    if (bytes > 0) append(payload, bytes);
  }

  // Its numbers are addresses, so ours are given in the order of their first events; a place is an address of a frame.
  void write() {
    std::map<uint64_t, uint64_t> ids, sites;
    std::map<uint64_t, std::vector<uint64_t>> threads;  // records
    std::map<uint64_t, uint64_t> events;
    const uint64_t begin = seen_.front().time;
    for (const Seen& s : seen_) {
      std::vector<uint64_t>& records = threads[s.tid];
      const auto put = [&](uint64_t kind, uint64_t argument, uint64_t site) {
        records.push_back((s.time & ((uint64_t{1} << KUTRACE_RING_TIME_BITS) - 1)) | kind << KUTRACE_RING_TIME_BITS | argument << KUTRACE_RING_ARGUMENT_SHIFT);
        records.push_back(ids[s.probe] | site << KUTRACE_RING_ID_BITS);
        ++events[s.tid];
      };
      if (ids.try_emplace(s.probe, ids.size() + 1).second) put(KUTRACE_CORO_CREATE, KUTRACE_CREATE_EXISTED, 0);
      uint64_t site = 0;
      if (!s.runs && sites.size() + 1 < uint64_t{1} << KUTRACE_RING_SITE_BITS) site = sites.try_emplace(s.address, sites.size() + 1).first->second;
      put(s.runs ? KUTRACE_CORO_RESUME : KUTRACE_CORO_SUSPEND, 0, site);
    }
    section(KUTRACE_SECTION_BEGIN, {KUTRACE_CORO_VERSION, KUTRACE_RING_CLOCK_GIVEN, begin, begin, 0});
    std::vector<kutrace_ring_site> table(sites.size());
    for (const auto& [address, site] : sites) {
      kutrace_ring_site& to = table[site - 1];
      to.complete = 1;
      std::strcpy(to.file, "frame");
      std::snprintf(to.function, sizeof(to.function), "0x%llx", static_cast<unsigned long long>(address));
    }
    section(KUTRACE_SECTION_SITES, {1}, table.data(), table.size() * sizeof(kutrace_ring_site));
    uint64_t serial = 0;
    for (const auto& [tid, records] : threads) {
      const uint64_t who = tid & 0xffffffff, start[] = {begin, begin, 0};
      section(KUTRACE_SECTION_RECORDS, {++serial, who, 0, begin}, records.data(), records.size() * 8);
      section(KUTRACE_SECTION_THREAD, {serial, who, events[tid], 0, records.size() / 2}, start, sizeof(start));
    }
    section(KUTRACE_SECTION_END, {seen_.back().time, seen_.back().time, 0, missing(), 0});
  }

  // Numbers that a coroutine's events leave out. Only its lines have them: the memory's are another thing in newer versions.
  uint64_t missing() {
    if (word_is_magic()) return 0;
    std::map<uint64_t, std::set<uint64_t>> numbers;
    for (const Seen& s : seen_) numbers[s.probe].insert(s.sequence);
    uint64_t missing = 0;
    for (const auto& [probe, set] : numbers) missing += std::min<uint64_t>(*set.rbegin() - *set.begin() + 1 - set.size(), UINT32_MAX);
    if (missing > 0) result_.notes.push_back(number(missing) + " events are missing: it overwrote them before it read them");
    return missing;
  }
  bool word_is_magic() const { return input_.bytes().size() >= 8 && word(input_.bytes(), 0) == kMagic; }

  void notes() {
    result_.notes.push_back("it does not tell who made a coroutine, who woke it, when it was ready, what it waited for, and when it ended or was destroyed");
    result_.notes.push_back("a coroutine is known by the address of its promise, which the next one may have: several may be one here");
  }

  const MappedInput& input_;
  Diagnostics& diagnostics_;
  std::vector<Seen> seen_;
  ImportedCoros result_;
};

}  // namespace

ImportedCoros import_coros(const MappedInput& input, Diagnostics& diagnostics) { return Import(input, diagnostics).run(); }

}  // namespace kutrace
