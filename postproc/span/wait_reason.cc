// SPDX-License-Identifier: BSD-3-Clause
#include "span/wait_reason.h"

#include <algorithm>
#include <string>
#include <utility>

namespace kutrace {
namespace {

using Pair = std::pair<std::string_view, char>;

// Wakers that end whatever the thread was in, by a signal or by their own end.
constexpr char kEnded = '!';

// Each list is sorted by name.
constexpr Pair kWaker[] = {
    {"BH:block", 'd'}, {"BH:hi", 'k'},        {"BH:hrtim", 't'},   {"BH:irq_p", 'd'},  {"BH:rcu", 'r'},
    {"BH:rx", 'n'},    {"BH:sched", 's'},     {"BH:taskl", 'k'},   {"BH:timer", 't'},  {"BH:tx", 'n'},
    {"arch_timer", 't'}, {"exit", kEnded},    {"exit_group", kEnded}, {"fdatasync", 'd'}, {"fsync", 'd'},
    {"futex", 'l'},    {"kill", kEnded},      {"local_timer", 't'}, {"local_timer_vector", 't'},
    {"madvise", 'm'},  {"mmap", 'm'},         {"mprotect", 'm'},   {"munmap", 'm'},    {"open", 'p'},
    {"openat", 'p'},   {"page_fault", 'm'},   {"pidfd_send_signal", kEnded}, {"riscv-timer", 't'},
    {"rt_sigqueueinfo", kEnded}, {"rt_tgsigqueueinfo", kEnded}, {"sendmmsg", 'n'}, {"sendmsg", 'n'},
    {"sendto", 'p'},   {"splice", 'p'},       {"syncfs", 'd'},     {"tgkill", kEnded}, {"tkill", kEnded},
    {"write", 'p'},    {"writev", 'p'},
};
constexpr Pair kSure[] = {
    {"accept", 'n'},      {"accept4", 'n'},       {"clock_nanosleep", 't'}, {"connect", 'n'}, {"fdatasync", 'd'},
    {"fsync", 'd'},       {"futex", 'l'},         {"futex_wait", 'l'},      {"msync", 'd'},   {"nanosleep", 't'},
    {"pause", 'k'},       {"recvfrom", 'n'},      {"recvmmsg", 'n'},        {"recvmsg", 'n'}, {"rt_sigsuspend", 'k'},
    {"rt_sigtimedwait", 'k'}, {"sync", 'd'},      {"syncfs", 'd'},          {"vfork", 'k'},   {"wait4", 'k'},
    {"waitid", 'k'},      {"waitpid", 'k'},
};
constexpr Pair kUnlessTold[] = {
    {"getdents64", 'd'}, {"mmap", 'm'},       {"munmap", 'm'},   {"newfstatat", 'd'}, {"openat", 'd'},
    {"page_fault", 'm'}, {"unlinkat", 'd'},
};
// Pipes, terminals, sockets, files.
constexpr Pair kIfEnded[] = {{"read", 'p'}, {"readv", 'p'}, {"splice", 'p'}, {"write", 'p'}, {"writev", 'p'}};

template <size_t N>
constexpr bool sorted(const Pair (&list)[N]) {
  for (size_t i = 1; i < N; ++i) {
    if (!(list[i - 1].first < list[i].first)) return false;
  }
  return true;
}
static_assert(sorted(kWaker) && sorted(kSure) && sorted(kUnlessTold) && sorted(kIfEnded));

template <size_t N>
char find(const Pair (&list)[N], std::string_view name) {
  const Pair* at = std::lower_bound(std::begin(list), std::end(list), name,
                                    [](const Pair& p, std::string_view n) { return p.first < n; });
  return at != std::end(list) && at->first == name ? at->second : kNoReason;
}

}  // namespace

std::span<const Pair> waker_reasons() { return kWaker; }

char waker_reason(std::string_view name) {
  if (char letter = find(kWaker, name); letter != kNoReason) return letter;
  if (name.starts_with("kworker")) return 'p';
  return kNoReason;
}

SleeperReason sleeper_reason(std::string_view name) {
  if (char letter = find(kSure, name); letter != kNoReason) return {letter, SleeperReason::kSure};
  if (char letter = find(kUnlessTold, name); letter != kNoReason) return {letter, SleeperReason::kUnlessTold};
  if (char letter = find(kIfEnded, name); letter != kNoReason) return {letter, SleeperReason::kIfEnded};
  if (name.starts_with("rcu_")) return {'r', SleeperReason::kUnlessTold};
  return {};
}

char wait_letter(SleeperReason sleeper, char waker) {
  if (sleeper.letter != kNoReason) {
    const bool told = waker != kNoReason && waker != kEnded;
    if (sleeper.trust == SleeperReason::kSure || waker == kEnded) return sleeper.letter;
    if (sleeper.trust == SleeperReason::kUnlessTold && !told) return sleeper.letter;
  }
  return waker == kEnded ? 'k' : waker != kNoReason ? waker : 'z';
}

}  // namespace kutrace
