// SPDX-License-Identifier: BSD-3-Clause
#include "coro/coro_file.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>

#include "trace/event.h"

namespace kutrace {
namespace {

constexpr uint64_t kIdMask = (uint64_t{1} << KUTRACE_RING_ID_BITS) - 1;
// Damaged files say much; a person reads the first of it.
constexpr size_t kMaxDamage = 20;
// Nanoseconds that a count may take.
constexpr double kLeastRate = 1e-4, kMostRate = 1e4;

struct Part {
  uint64_t first;  // number of its first record
  std::span<const uint8_t> bytes;
};

class Reader {
 public:
  Reader(std::span<const uint8_t> bytes, Diagnostics& diagnostics) : bytes_(bytes), diagnostics_(diagnostics) { file_.sites.resize(1); }

  CoroFile read() {
    sections();
    for (uint32_t t = 0; t < file_.threads.size(); ++t) records(t);
    std::stable_sort(file_.events.begin(), file_.events.end(), [&](const CoroEvent& a, const CoroEvent& b) {
      return static_cast<int64_t>(a.time - file_.begin.counter) < static_cast<int64_t>(b.time - file_.begin.counter);
    });
    clock();
    return std::move(file_);
  }

 private:
  void say(const std::string& what) {
    if (file_.damage.size() < kMaxDamage) file_.damage.push_back(what);
  }

  void sections() {
    uint64_t at = 0;
    while (bytes_.size() - at >= sizeof(kutrace_coro_section)) {
      kutrace_coro_section h{};
      std::memcpy(&h, &bytes_[at], sizeof(h));
      const uint64_t left = bytes_.size() - at - sizeof(h);
      if (h.magic != KUTRACE_CORO_MAGIC || h.bytes > left || h.bytes % 8 != 0) break;
      section(h, bytes_.subspan(at + sizeof(h), h.bytes));
      at += sizeof(h) + h.bytes;
    }
    if (at != bytes_.size()) say("the file is cut or damaged at byte " + std::to_string(at) + " of " + std::to_string(bytes_.size()));
    if (!file_.complete) say("the recording was not ended: `kutrace coro harvest` ends one whose collector was killed");
  }

  void section(const kutrace_coro_section& h, std::span<const uint8_t> payload) {
    switch (h.kind) {
      case KUTRACE_SECTION_BEGIN:
        if (h.value[0] != KUTRACE_CORO_VERSION) say("its version is " + std::to_string(h.value[0]) + ", known is " + std::to_string(KUTRACE_CORO_VERSION));
        file_.clock = static_cast<uint32_t>(h.value[1]);
        file_.begin = {h.value[2], h.value[3], h.value[4]};
        break;
      case KUTRACE_SECTION_RECORDS: {
        const uint32_t t = thread(h);
        file_.threads[t].start = h.value[3];
        parts_[t].push_back({h.value[2], payload});
        break;
      }
      case KUTRACE_SECTION_SITES: add_sites(h.value[0], payload); break;
      case KUTRACE_SECTION_THREAD: {
        CoroThread& t = file_.threads[thread(h)];
        t.attempted = h.value[2];
        t.lost = h.value[3];
        t.records = h.value[4] & KUTRACE_THREAD_RECORDS;
        t.left = (h.value[4] & KUTRACE_THREAD_LEFT) != 0;
        t.damaged = (h.value[4] & KUTRACE_THREAD_DAMAGED) != 0;
        t.counted = true;
        break;
      }
      case KUTRACE_SECTION_END:
        file_.end = {h.value[0], h.value[1], h.value[2]};
        file_.unplaced = h.value[3];
        file_.sites_refused = h.value[4];
        file_.complete = true;
        break;
      default: break;  // of a later version: passed over
    }
  }

  uint32_t thread(const kutrace_coro_section& h) {
    const auto serial = static_cast<uint32_t>(h.value[0]);
    const auto [it, fresh] = index_.try_emplace(serial, static_cast<uint32_t>(file_.threads.size()));
    if (fresh) {
      file_.threads.push_back({serial, static_cast<uint32_t>(h.value[1] >> 32), static_cast<uint32_t>(h.value[1])});
      parts_.emplace_back();
      diagnostics_.take(Limit::memory, sizeof(CoroThread) + sizeof(parts_[0]));
    }
    return it->second;
  }

  void add_sites(uint64_t first, std::span<const uint8_t> payload) {
    constexpr uint64_t kMost = uint64_t{1} << KUTRACE_RING_SITE_BITS;
    for (uint64_t i = 0; (i + 1) * sizeof(kutrace_ring_site) <= payload.size(); ++i) {
      if (first >= kMost || first + i >= kMost) return say("a site has a number that is none");
      kutrace_ring_site raw{};
      std::memcpy(&raw, &payload[i * sizeof(raw)], sizeof(raw));
      if (raw.complete != 1) continue;
      if (file_.sites.size() <= first + i) {
        if (!diagnostics_.take(Limit::memory, (first + i + 1 - file_.sites.size()) * sizeof(CoroSite) + sizeof(raw))) return;
        file_.sites.resize(first + i + 1);
      }
      file_.sites[first + i] = {clean_name({raw.file, strnlen(raw.file, sizeof(raw.file))}), clean_name({raw.function, strnlen(raw.function, sizeof(raw.function))}), raw.line, (raw.flags & KUTRACE_SITE_FOREVER) != 0};
    }
  }

  void records(uint32_t index) {
    CoroThread& t = file_.threads[index];
    std::vector<Part>& parts = parts_[index];
    std::stable_sort(parts.begin(), parts.end(), [](const Part& a, const Part& b) { return a.first < b.first; });
    uint64_t next = 0, time = t.start;
    bool may_have_value = false;  // the event before this record is whole
    for (const Part& part : parts) {
      if (part.first != next) {
        say("records " + std::to_string(next) + " to " + std::to_string(part.first) + " of thread " + std::to_string(t.tid) + " are missing");
        may_have_value = false;
      }
      const uint64_t n = part.bytes.size() / KUTRACE_RING_RECORD_BYTES;
      if (!diagnostics_.take(Limit::memory, n * sizeof(CoroEvent))) return;
      for (uint64_t i = 0; i < n; ++i) {
        uint64_t word[2];
        std::memcpy(word, &part.bytes[i * sizeof(word)], sizeof(word));
        const auto kind = static_cast<uint8_t>(word[0] >> KUTRACE_RING_TIME_BITS);
        if (kind == KUTRACE_RING_MORE) {
          if (!may_have_value) {
            say("a value of thread " + std::to_string(t.tid) + " has no event");
          } else {
            file_.events.back().value = word[1];
            file_.events.back().has_value = true;
          }
          may_have_value = false;
          continue;
        }
        // The bits that a record has not are those of the nearest time. Counters of two CPUs may differ by a little: order is the thread's own.
        const auto step = static_cast<int64_t>((word[0] - time) << (64 - KUTRACE_RING_TIME_BITS)) >> (64 - KUTRACE_RING_TIME_BITS);
        if (step > 0) time += static_cast<uint64_t>(step);
        CoroEvent e;
        e.time = time;
        e.thread = index;
        e.kind = kind;
        e.argument = static_cast<uint8_t>(word[0] >> KUTRACE_RING_ARGUMENT_SHIFT);
        if (kind == KUTRACE_RING_LOST) {
          e.value = word[1];
        } else {
          e.id = word[1] & kIdMask;
          e.site = static_cast<uint32_t>(word[1] >> KUTRACE_RING_ID_BITS);
          ++t.recorded;
        }
        may_have_value = kind != KUTRACE_RING_LOST;
        file_.events.push_back(e);
      }
      next = part.first + n;
    }
    if (t.counted && next != t.records) say("thread " + std::to_string(t.tid) + " has " + std::to_string(next) + " records, and wrote " + std::to_string(t.records));
    if (t.damaged) say("the ring of thread " + std::to_string(t.tid) + " was damaged by its program");
    if (t.counted && !t.damaged && !t.adds_up()) {
      say("thread " + std::to_string(t.tid) + ": " + std::to_string(t.attempted) + " events were attempted, " + std::to_string(t.recorded) + " recorded, " +
          std::to_string(t.lost) + " lost: " + (t.left ? "it does not add up" : "it was still running when the recording ended"));
    }
  }

  void clock() {
    if (file_.clock != KUTRACE_RING_CLOCK_GIVEN) {
      const double counts = static_cast<double>(static_cast<int64_t>(file_.end.counter - file_.begin.counter));
      const double ns = static_cast<double>(static_cast<int64_t>(file_.end.monotonic_ns - file_.begin.monotonic_ns));
      if (file_.complete && counts > 0 && ns / counts > kLeastRate && ns / counts < kMostRate) {
        file_.ns_per_count = ns / counts;
      } else {
        say("its clock is not known: times are counts of it");
      }
    }
    const uint64_t last = file_.events.empty() ? file_.begin.counter : file_.events.back().time;
    if (!file_.complete || static_cast<int64_t>(file_.end.counter - last) < 0) file_.end.counter = last;
    const auto is_far = [&](uint64_t time) { return std::abs(static_cast<double>(static_cast<int64_t>(time - file_.begin.counter))) * file_.ns_per_count > kMaxEventSeconds * 1e9; };
    if (const size_t n = std::erase_if(file_.events, [&](const CoroEvent& e) { return is_far(e.time); }); n > 0) say(std::to_string(n) + " events have times that are none");
    if (is_far(file_.end.counter)) file_.end.counter = file_.events.empty() ? file_.begin.counter : file_.events.back().time;
  }

  std::span<const uint8_t> bytes_;
  Diagnostics& diagnostics_;
  CoroFile file_;
  std::map<uint32_t, uint32_t> index_;  // of a serial
  std::vector<std::vector<Part>> parts_;
};

}  // namespace

uint64_t CoroFile::lost() const {
  uint64_t n = unplaced;
  for (const CoroThread& t : threads) n += t.lost;
  return n;
}

bool is_coro_file(std::span<const uint8_t> bytes) {
  uint64_t magic = 0;
  if (bytes.size() >= sizeof(kutrace_coro_section)) std::memcpy(&magic, bytes.data(), sizeof(magic));
  return magic == KUTRACE_CORO_MAGIC;
}

CoroFile read_coro_file(std::span<const uint8_t> bytes, Diagnostics& diagnostics) { return Reader(bytes, diagnostics).read(); }

std::string coro_kind_name(uint8_t kind) {
  switch (kind) {
    case KUTRACE_RING_LOST: return "lost";
    case KUTRACE_RING_EXIT: return "exit";
    case KUTRACE_CORO_CREATE: return "create";
    case KUTRACE_CORO_START: return "start";
    case KUTRACE_CORO_SUSPEND: return "suspend";
    case KUTRACE_CORO_READY: return "ready";
    case KUTRACE_CORO_RESUME: return "resume";
    case KUTRACE_CORO_FINAL: return "final";
    case KUTRACE_CORO_DESTROY: return "destroy";
    case KUTRACE_CORO_NAME: return "name";
    case KUTRACE_CORO_WAIT: return "wait";
    case KUTRACE_RES_SIGNAL: return "signal";
    case KUTRACE_RES_CLOSE: return "close";
    case KUTRACE_RES_TAKE: return "take";
    case KUTRACE_RES_GIVE: return "give";
    case KUTRACE_WORKER_PARK: return "park";
    case KUTRACE_WORKER_UNPARK: return "unpark";
    default: return "event " + std::to_string(kind);
  }
}

const char* coro_wait_name(uint8_t kind) {
  static constexpr const char* kNames[KUTRACE_WAIT_KINDS] = {"something", "event", "lock", "queue", "timer", "I/O", "another coroutine", "its next turn"};
  return kind < KUTRACE_WAIT_KINDS ? kNames[kind] : kNames[0];
}

std::string coro_place(const CoroSite& site) {
  if (site.file.empty()) return "?";
  const size_t slash = site.file.rfind('/');
  return site.file.substr(slash == std::string::npos ? 0 : slash + 1) + ":" + std::to_string(site.line) + " " + site.function;
}

}  // namespace kutrace
