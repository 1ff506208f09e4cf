// SPDX-License-Identifier: BSD-3-Clause
#include "workload.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <new>
#include <span>
#include <thread>

namespace kutrace::workload {
namespace {

constexpr Option kCommon[] = {
    {"seed", "1", "what random choices begin with"},
    {"pin", "-1", "CPU to stay on; -1: any"},
    {"log", "", "file to which the number of phases is added; if not given, what KUTRACE_PHASES names"},
};

// The phases there were. No lock: a thread that waited for one would be in the trace.
struct Counted {
  std::atomic<const char*> name{nullptr};
  std::atomic<long> count{0};
};
constexpr size_t kNames = 32;
// Shared with forked children: their phases count, too.
Counted* counted = nullptr;

void count(const char* name) {
  for (Counted& c : std::span(counted, kNames)) {
    const char* there = nullptr;
    if (c.name.compare_exchange_strong(there, name) || std::strcmp(there, name) == 0) {
      ++c.count;
      return;
    }
  }
  fail("more names of phases than a log has room for");
}

void make_counters() {
  void* memory = mmap(nullptr, kNames * sizeof(Counted), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) fail("mmap");
  counted = new (memory) Counted[kNames];
}

void write_log(const std::string& path) {
  std::string text;
  for (const Counted& c : std::span(counted, kNames)) {
    if (c.name != nullptr) text += std::string(c.name) + " " + std::to_string(c.count) + "\n";
  }
  if (text.empty()) return;
  text.insert(0, "kutrace-phases 1\n");
  // Several programs may have one log: each adds its lines at once.
  const int fd = static_cast<int>(must(open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666), path.c_str()));
  must(write(fd, text.data(), text.size()), path.c_str());
  must(close(fd), path.c_str());
}

__attribute__((noinline)) uint64_t steps(uint64_t n, uint64_t x) {
  for (uint64_t k = 0; k < n; ++k) x = x * 6364136223846793005u + 1442695040888963407u;
  return x;
}

// The quickest of several: what else ran here meanwhile made the others longer.
uint64_t steps_per_us() {
  static const uint64_t measured = [] {
    constexpr uint64_t kSteps = 200000;
    uint64_t best = UINT64_MAX, x = 1;
    for (int k = 0; k < 5; ++k) {
      const uint64_t began = now_ns();
      x = steps(kSteps, x);
      best = std::min(best, now_ns() - began);
    }
    asm volatile("" ::"r"(x));
    return std::max<uint64_t>(1, kSteps * 1000 / std::max<uint64_t>(1, best));
  }();
  return measured;
}

}  // namespace

void fail(const char* what) {
  std::fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, std::strerror(errno));
  std::_Exit(1);
}

long must(long result, const char* what) {
  if (result < 0) fail(what);
  return result;
}

Options::Options(int argc, char** argv, const char* what_it_does, std::initializer_list<Option> own) : program_(program_invocation_short_name) {
  for (const Option& o : own) given_.push_back({o, o.value});
  for (const Option& o : kCommon) given_.push_back({o, o.value});
  for (int k = 1; k < argc; ++k) {
    const std::string word = argv[k];
    if (word == "--help" || word == "-h") {
      std::printf("Usage: %s [--OPTION VALUE]...\n%s\n\n", program_, what_it_does);
      for (const Given& g : given_) std::printf("  --%-10s %s (%s)\n", g.option.name, g.option.words, *g.option.value == '\0' ? "none" : g.option.value);
      std::exit(0);
    }
    const auto at = std::find_if(given_.begin(), given_.end(), [&](const Given& g) { return word == std::string("--") + g.option.name; });
    if (at == given_.end()) refuse("what is " + word + "? --help lists what there is");
    if (++k == argc) refuse(word + " needs a value");
    at->value = argv[k];
  }
  make_counters();
  pin_to(static_cast<int>(number("pin", -1, CPU_SETSIZE - 1)));
  work_us(1);  // measured before anything counts
}

Options::~Options() {
  const char* usual = std::getenv("KUTRACE_PHASES");
  const std::string path = !text("log").empty() ? text("log") : usual != nullptr ? usual : "";
  if (!path.empty()) write_log(path);
}

void Options::refuse(const std::string& why) const {
  std::fprintf(stderr, "%s: %s\n", program_, why.c_str());
  std::exit(2);
}

const Options::Given& Options::find(const char* name) const {
  for (const Given& g : given_) {
    if (std::strcmp(g.option.name, name) == 0) return g;
  }
  fail(name);
}

const std::string& Options::text(const char* name) const { return find(name).value; }

long Options::number(const char* name, long least, long most) const {
  const std::string& value = text(name);
  char* end = nullptr;
  errno = 0;
  const long n = std::strtol(value.c_str(), &end, 10);
  if (value.empty() || *end != '\0' || errno != 0 || n < least || n > most) {
    refuse(std::string("--") + name + " takes a number from " + std::to_string(least) + " to " + std::to_string(most) + ", not " + value);
  }
  return n;
}

std::vector<std::string> Options::words(const char* name, std::initializer_list<const char*> known) const {
  std::vector<std::string> list;
  const std::string& value = text(name);
  for (size_t at = 0; at <= value.size();) {
    const size_t end = std::min(value.find(',', at), value.size());
    list.push_back(value.substr(at, end - at));
    if (std::find(known.begin(), known.end(), list.back()) == known.end()) {
      std::string all;
      for (const char* k : known) all += std::string(all.empty() ? "" : ", ") + k;
      refuse(std::string("--") + name + " takes " + all + ", not " + list.back());
    }
    at = end + 1;
  }
  return list;
}

Phase::Phase(const char* name) {
  label_[0] = '/';
  std::strncpy(label_ + 1, name, sizeof label_ - 2);
  label_[sizeof label_ - 1] = '\0';
  count(name);
  kutrace_mark_a(name);
}
Phase::~Phase() { kutrace_mark_a(label_); }

uint64_t now_ns() {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<uint64_t>(t.tv_sec) * 1000000000 + static_cast<uint64_t>(t.tv_nsec);
}

void sleep_us(long us) {
  timespec t{us / 1000000, us % 1000000 * 1000};
  while (clock_nanosleep(CLOCK_MONOTONIC, 0, &t, &t) == EINTR) {
  }
}

void pin_to(int cpu) {
  if (cpu < 0) return;
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<size_t>(cpu), &set);
  must(sched_setaffinity(0, sizeof set, &set), "a CPU that this program may not use");
}

int cpus_here() {
  cpu_set_t set;
  must(sched_getaffinity(0, sizeof set, &set), "sched_getaffinity");
  return CPU_COUNT(&set);
}

uint64_t work_us(long us, uint64_t salt) {
  const uint64_t x = steps(steps_per_us() * static_cast<uint64_t>(us), salt);
  asm volatile("" ::"r"(x));
  return x;
}

void run_threads(int count, const std::function<void(int)>& body, const std::function<int(int)>& cpu) {
  Barrier start(count);
  std::vector<std::jthread> threads;
  for (int k = 0; k < count; ++k) {
    threads.emplace_back([&, k] {
      if (cpu) pin_to(cpu(k));
      start.wait();
      body(k);
    });
  }
}

bool set_policy(const std::string& policy, int priority) {
  sched_param p{};
  const bool real_time = policy == "fifo" || policy == "rr";
  p.sched_priority = real_time ? priority : 0;
  const int number = policy == "fifo" ? SCHED_FIFO : policy == "rr" ? SCHED_RR : policy == "idle" ? SCHED_IDLE : policy == "batch" ? SCHED_BATCH : SCHED_OTHER;
  return sched_setscheduler(0, number, &p) == 0;
}

}  // namespace kutrace::workload
