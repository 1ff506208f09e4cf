// SPDX-License-Identifier: BSD-3-Clause
#include "rings/collector.h"

#include <algorithm>
#include <cstring>

#include "rings/writer.h"

namespace kutrace::rings {
namespace {

#ifndef KUTRACE_RING_SLEEP
#define KUTRACE_RING_SLEEP(at) syscall(SYS_futex, at, FUTEX_WAIT, 1, &kNap, nullptr, 0)
#endif

// How long a collector sleeps when no ring is half full: so late does a record get into the file at most.
[[maybe_unused]] constexpr timespec kNap{0, 50'000'000};
// Counters of a thread that is still writing are read until they hold still; such a thread's counts are a moment's.
constexpr int kTries = 1000;

}  // namespace

void Collector::begin(const kutrace_ring_times& times) {
  std::vector<uint64_t> path((area_.path().size() + 8) / 8);  // with a NUL
  std::memcpy(path.data(), area_.path().data(), area_.path().size());
  sink_.section({KUTRACE_CORO_MAGIC, KUTRACE_SECTION_BEGIN, path.size() * 8,
                 {KUTRACE_CORO_VERSION, area_.layout().clock, times.counter, times.monotonic_ns, times.realtime_ns}},
                path);
}

void Collector::seen(const kutrace_coro_section& h) {
  if (h.kind == KUTRACE_SECTION_RECORDS) seen_[static_cast<uint32_t>(h.value[0])] = h.value[2] + h.bytes / KUTRACE_RING_RECORD_BYTES;
  if (h.kind == KUTRACE_SECTION_SITES) sites_ = std::max(sites_, static_cast<uint32_t>(h.value[0] + h.bytes / sizeof(kutrace_ring_site)));
}

// In order, so a site that a thread is still writing holds back those behind it until the end, when nobody waits for it any more.
void Collector::sites(bool last) {
  const uint32_t first = sites_;
  std::vector<uint64_t> payload;
  while (sites_ < area_.layout().sites && (KUTRACE_RING_LOAD_ACQUIRE(&area_.site(sites_)->complete) == 1 || (last && sites_ <= KUTRACE_RING_LOAD(&area_.shared()->next_site)))) {
    const size_t at = payload.size();
    payload.resize(at + sizeof(kutrace_ring_site) / 8);
    std::memcpy(&payload[at], area_.site(sites_), sizeof(kutrace_ring_site));
    ++sites_;
  }
  if (!payload.empty()) sink_.section({KUTRACE_CORO_MAGIC, KUTRACE_SECTION_SITES, payload.size() * 8, {first}}, payload);
}

void Collector::learn(Use& use, const kutrace_ring_slot& slot) {
  if (use.serial == slot.serial) return;
  use = {};
  use.serial = slot.serial;
  use.who = uint64_t{slot.pid} << 32 | slot.tid;
  use.start = slot.start;
  const auto before = seen_.find(use.serial);
  if (before != seen_.end()) use.taken = before->second;
}

uint64_t Collector::take(Use& use, kutrace_ring_slot& slot, uint64_t head) {
  const uint64_t records = area_.layout().records;
  const uint64_t n = head - use.taken;
  if (n == 0 || use.damaged) return 0;
  if (n > records) {
    use.damaged = true;
    return 0;
  }
  const uint64_t* words = reinterpret_cast<const uint64_t*>(&slot + 1);
  words_.resize(2 * n);
  for (uint64_t i = 0; i < 2 * n; ++i) words_[i] = KUTRACE_RING_LOAD(words + (2 * use.taken + i) % (2 * records));
  sink_.section({KUTRACE_CORO_MAGIC, KUTRACE_SECTION_RECORDS, n * KUTRACE_RING_RECORD_BYTES, {use.serial, use.who, use.taken, use.start.counter}}, words_);
  use.taken = head;
  taken_.records += n;
  KUTRACE_RING_STORE_RELEASE(&slot.tail, head);
  return n;
}

void Collector::finish(Use& use, uint64_t attempted, uint64_t lost, bool left) {
  const uint64_t flags = (left ? KUTRACE_THREAD_LEFT : 0) | (use.damaged ? KUTRACE_THREAD_DAMAGED : 0);
  const uint64_t start[] = {use.start.counter, use.start.monotonic_ns, use.start.realtime_ns};
  sink_.section({KUTRACE_CORO_MAGIC, KUTRACE_SECTION_THREAD, sizeof(start),
                 {use.serial, use.who, attempted, lost, (use.taken & KUTRACE_THREAD_RECORDS) | flags}},
                start);
  taken_.lost += lost;
  ++taken_.threads;
  use = {};
}

uint64_t Collector::drain(uint32_t i, bool last) {
  kutrace_ring_slot& slot = *area_.slot(i);
  const uint32_t state = KUTRACE_RING_LOAD_ACQUIRE(&slot.state);
  if (state != KUTRACE_SLOT_USED && state != KUTRACE_SLOT_LEFT) return 0;
  Use& use = uses_[i];
  learn(use, slot);
  uint64_t head = 0, attempted = 0, lost = 0;
  for (int tries = 0; tries < kTries; ++tries) {
    attempted = KUTRACE_RING_LOAD_ACQUIRE(&slot.attempted);
    lost = KUTRACE_RING_LOAD(&slot.lost);
    head = KUTRACE_RING_LOAD_ACQUIRE(&slot.head);
    if (!last || KUTRACE_RING_LOAD(&slot.attempted) == attempted) break;
  }
  const uint64_t n = take(use, slot, head);
  if (state == KUTRACE_SLOT_LEFT) {
    finish(use, attempted, lost, true);
    KUTRACE_RING_STORE(&slot.head, uint64_t{0});
    KUTRACE_RING_STORE(&slot.attempted, uint64_t{0});
    KUTRACE_RING_STORE(&slot.lost, uint64_t{0});
    KUTRACE_RING_STORE(&slot.tail, uint64_t{0});
    KUTRACE_RING_STORE_RELEASE(&slot.state, KUTRACE_SLOT_FREE);
    __atomic_add_fetch(&area_.shared()->freed, 1, __ATOMIC_RELEASE);
  } else if (last) {
    finish(use, attempted, lost, false);
  }
  return n;
}

uint64_t Collector::round() {
  uint64_t n = 0;
  for (uint32_t i = 0; i < area_.layout().slots; ++i) n += drain(i, false);
  sites(false);
  return n;
}

bool Collector::work_waits() const {
  for (uint32_t i = 0; i < area_.layout().slots; ++i) {
    const kutrace_ring_slot& slot = *area_.slot(i);
    const uint32_t state = KUTRACE_RING_LOAD_ACQUIRE(&slot.state);
    if (state == KUTRACE_SLOT_LEFT) return true;
    if (state == KUTRACE_SLOT_USED && KUTRACE_RING_LOAD_ACQUIRE(&slot.head) - KUTRACE_RING_LOAD(&slot.tail) >= area_.layout().records / 2) return true;
  }
  return false;
}

void Collector::run() {
  uint32_t* sleeping = &area_.shared()->sleeping;
  while (KUTRACE_RING_LOAD_ACQUIRE(&stop_) == 0) {
    round();
    // Says that it will sleep, looks once more, and sleeps: a writer stores its head, and looks whether it sleeps then.
    KUTRACE_RING_STORE(sleeping, 1u);
    KUTRACE_RING_FENCE();
    if (!work_waits() && KUTRACE_RING_LOAD_ACQUIRE(&stop_) == 0) KUTRACE_RING_SLEEP(sleeping);
    KUTRACE_RING_STORE(sleeping, 0u);
  }
}

void Collector::stop() {
  KUTRACE_RING_STORE_RELEASE(&stop_, 1u);
  kutrace_ring_wake_(area_.shared());
}

void Collector::end(const kutrace_ring_times& times) {
  KUTRACE_RING_STORE_RELEASE(&area_.shared()->recording, 0u);
  for (uint32_t i = 0; i < area_.layout().slots; ++i) drain(i, true);
  sites(true);
  const uint64_t unplaced = KUTRACE_RING_LOAD(&area_.shared()->unplaced);
  taken_.lost += unplaced;
  sink_.section({KUTRACE_CORO_MAGIC, KUTRACE_SECTION_END, 0,
                 {times.counter, times.monotonic_ns, times.realtime_ns, unplaced, KUTRACE_RING_LOAD(&area_.shared()->sites_refused)}},
                {});
}

}  // namespace kutrace::rings
