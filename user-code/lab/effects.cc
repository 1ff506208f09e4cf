// SPDX-License-Identifier: BSD-3-Clause
// The effects: each is two variants of the same work around the routines of asm/lab.h.
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <ctime>
#include <memory>
#include <random>
#include <thread>

#include "lab/lab.h"
// In angles: that of asm, not the one beside this file.
#include <lab.h>

namespace kutrace::lab {
namespace {

double now_ns() {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return 1e9 * static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec);
}

template <typename Work>
double time_of(Work&& work) {
  const double began = now_ns();
  work();
  return now_ns() - began;
}

// Pages of its own, zero, on a boundary of its size.
class Memory {
 public:
  explicit Memory(size_t bytes) : bytes_(bytes) {
    void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    at_ = static_cast<char*>(memory);
  }
  ~Memory() { munmap(at_, bytes_); }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  char* at(size_t offset) const { return at_ + offset; }

 private:
  char* at_;
  size_t bytes_;
};

int cpus_here() {
  cpu_set_t set;
  return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

// The k-th of the CPUs that this process may use.
void pin_thread(int k) {
  cpu_set_t all, one;
  if (sched_getaffinity(0, sizeof all, &all) != 0) return;
  CPU_ZERO(&one);
  for (size_t cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &all) || k-- > 0) continue;
    CPU_SET(cpu, &one);
    sched_setaffinity(0, sizeof one, &one);
    return;
  }
}

Setting out_of_order() {
  constexpr uint64_t kSteps = 4'000'000;
  return {[] { return time_of([] { ooo_four(kSteps); }); }, [] { return time_of([] { ooo_chain(kSteps); }); }, "", nullptr};
}

Setting forwarding() {
  static uint64_t place;
  constexpr uint64_t kSteps = 1'000'000;
  return {[] { return time_of([] { ooo_whole(&place, kSteps); }); }, [] { return time_of([] { ooo_halves(&place, kSteps); }); }, "", nullptr};
}

Setting branches() {
  constexpr size_t kBytes = 1 << 16;
  constexpr int kRounds = 40;
  auto sorted = std::make_shared<std::vector<uint8_t>>(kBytes), mixed = std::make_shared<std::vector<uint8_t>>(kBytes);
  std::fill(sorted->begin() + kBytes / 2, sorted->end(), uint8_t{1});
  *mixed = *sorted;
  std::shuffle(mixed->begin(), mixed->end(), std::mt19937_64(1));
  const auto count = [](const std::vector<uint8_t>& bytes) {
    return time_of([&] {
      for (int k = 0; k < kRounds; ++k) sp_count(bytes.data(), bytes.size());
    });
  };
  return {[=] { return count(*sorted); }, [=] { return count(*mixed); }, "", nullptr};
}

// A cycle over `lines` places that are `stride` bytes apart.
void* make_cycle(const Memory& memory, size_t lines, size_t stride) {
  for (size_t k = 0; k < lines; ++k) {
    void* next = memory.at((k + 1) % lines * stride);
    std::memcpy(memory.at(k * stride), &next, sizeof next);
  }
  return memory.at(0);
}

Setting aliasing() {
  // More lines than a first-level cache has ways, all of one set at 4096; at 4160 in sets of their own.
  constexpr size_t kLines = 32, kSteps = 1'000'000;
  auto same = std::make_shared<Memory>(kLines * 4096), apart = std::make_shared<Memory>(kLines * 4160);
  void* one = make_cycle(*same, kLines, 4096);
  void* other = make_cycle(*apart, kLines, 4160);
  return {[=] { return time_of([&] { cl_chase(other, kSteps); }); }, [=] { return time_of([&] { cl_chase(one, kSteps); }); }, "", [same, apart]() mutable { same.reset(), apart.reset(); }};
}

Setting flushed() {
  constexpr size_t kLines = 64, kRounds = 200;
  auto memory = std::make_shared<Memory>(kLines * 4160);
  void* cycle = make_cycle(*memory, kLines, 4160);
  const auto chase = [=](bool flush) {
    double ns = 0;
    for (size_t k = 0; k < kRounds; ++k) {
      if (flush) {
        for (size_t line = 0; line < kLines; ++line) cl_flush(memory->at(line * 4160), 8);
      }
      ns += time_of([&] { cl_chase(cycle, kLines); });
    }
    return ns;
  };
  return {[=] { return chase(false); }, [=] { return chase(true); }, "", nullptr};
}

// Two threads, each on a CPU, that begin together; the time until both are done.
template <typename Body>
double two_threads(Body&& body) {
  std::atomic<int> there{0};
  std::atomic<double> began{0};
  double ended[2] = {};
  {
    std::jthread threads[2];
    for (int k = 0; k < 2; ++k) {
      threads[k] = std::jthread([&, k] {
        pin_thread(k);
        if (there.fetch_add(1) == 1) began = now_ns();
        // Whoever waits gives its CPU away: there may be fewer of them than threads.
        while (there.load() < 2) sched_yield();
        body(k);
        ended[k] = now_ns();
      });
    }
  }
  return std::max(ended[0], ended[1]) - began;
}

constexpr const char* kOneCpu = "two CPUs are needed, and this process has one";

// Atomic additions to counters so many bytes apart.
double count_apart(uint64_t* counters, size_t distance, bool atomic) {
  constexpr uint64_t kSteps = 1'000'000;
  return two_threads([&](int k) {
    uint64_t* mine = counters + static_cast<size_t>(k) * distance / sizeof(uint64_t);
    if (atomic) cl_bump_atomic(mine, kSteps);
    else cl_bump(mine, kSteps);
  });
}

Setting counters(size_t near, bool atomic) {
  if (cpus_here() < 2) return {nullptr, nullptr, kOneCpu, nullptr};
  auto memory = std::make_shared<Memory>(4096);
  auto* at = reinterpret_cast<uint64_t*>(memory->at(0));
  return {[=] { return count_apart(at, 1024, atomic); }, [=] { return count_apart(at, near, atomic); }, "", [memory]() mutable { memory.reset(); }};
}
Setting false_sharing() { return counters(8, true); }
Setting shared_counter() { return counters(0, true); }

long faults() {
  rusage u{};
  getrusage(RUSAGE_SELF, &u);
  return u.ru_minflt;
}

// Page faults of touching 8 MB.
double faults_of_touching(bool huge) {
  constexpr size_t kBytes = 8 << 20, kHuge = 2 << 20;
  const Memory memory(kBytes + kHuge);
  char* from = memory.at(0);
  from += (kHuge - reinterpret_cast<uintptr_t>(from) % kHuge) % kHuge;
  madvise(from, kBytes, huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
  const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  const long before = faults();
  for (size_t at = 0; at < kBytes; at += page) *static_cast<volatile char*>(from + at) = 1;
  return static_cast<double>(faults() - before);
}

Setting huge_pages() {
  if (access("/sys/kernel/mm/transparent_hugepage/enabled", F_OK) != 0) return {nullptr, nullptr, "this kernel has no transparent huge pages", nullptr};
  return {[] { return faults_of_touching(true); }, [] { return faults_of_touching(false); }, "", nullptr};
}

// What is counted is whether the list is whole after another has popped A and B and pushed A in the middle of a pop.
double broken_by_aba(bool tagged) {
  alignas(16) static lf_stack stack;
  static lf_node a, b, c;
  stack = {};
  lf_push(&stack, &c);
  lf_push(&stack, &b);
  lf_push(&stack, &a);
  const auto meanwhile = [](lf_stack* s) {
    lf_node* first = lf_pop(s);
    lf_pop(s);  // b is somebody's own now
    lf_push(s, first);
  };
  if (tagged) {
    meanwhile(&stack);
    lf_pop(&stack);
  } else {
    lf_pop_untagged(&stack, meanwhile);
  }
  return stack.top == &b ? 2 : 1;  // 2: what was given away is on the stack again
}
Setting aba() {
  return {[] { return broken_by_aba(true); }, [] { return broken_by_aba(false); }, "", nullptr};
}

}  // namespace

const std::vector<Effect>& effects() {
  static const std::vector<Effect> list = {
      {"out-of-order", "four chains of multiplications against one: the same number of them", "four chains", "one chain", 2, true, out_of_order},
      {"forwarding", "a load behind one store of eight bytes against behind two of four", "one store", "two halves", 1.5, true, forwarding},
      {"branch", "counting sorted bytes against mixed ones", "sorted", "mixed", 1.5, true, branches},
      {"aliasing", "a chase over 32 lines, 4160 bytes apart against 4096", "4160 apart", "4096 apart", 1.5, true, aliasing},
      {"flush", "loads of own data that are cached against flushed ones", "cached", "flushed", 3, true, flushed},
      {"sharing", "two threads with a counter each, on lines of their own against on one", "own lines", "one line", 2, true, false_sharing},
      {"per-cpu", "two threads with a counter each against one counter for both", "one each", "one for both", 2, true, shared_counter},
      {"huge-page", "page faults of touching 8 MB: huge pages against small ones", "huge pages", "small pages", 100, false, huge_pages},
      {"aba", "a stack without tags takes back what was given away (2) or does not (1)", "with a tag", "without", 2, false, aba},
  };
  return list;
}

}  // namespace kutrace::lab
