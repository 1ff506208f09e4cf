// SPDX-License-Identifier: BSD-3-Clause
// Actions of signals belong to the process, so the names do, too: the one global state of this library.
#include "base/leftovers.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace kutrace {
namespace {

struct Slot {
  std::atomic<int> state{0};  // 0 free, 1 being filled, 2 to be removed
  int folder = -1;
  char name[64] = {};
};

constexpr int kSlots = 8;
Slot slots[kSlots];

// Those that end a process by default, but for the real-time signals, all of which do.
constexpr int kDeadly[] = {SIGHUP, SIGINT,  SIGQUIT, SIGILL,  SIGTRAP,   SIGABRT, SIGBUS,  SIGFPE,    SIGUSR1, SIGSEGV, SIGUSR2,
                           SIGPIPE, SIGALRM, SIGTERM, SIGXCPU, SIGXFSZ, SIGVTALRM, SIGPROF, SIGIO, SIGPWR, SIGSYS, SIGSTKFLT};

void remove_all_and_die(int signal) {
  for (Slot& slot : slots) {
    if (slot.state.load(std::memory_order_acquire) == 2) unlinkat(slot.folder, slot.name, 0);
  }
  // SA_RESETHAND has restored the default; what comes again when this returns ends the process.
  raise(signal);
}

void catch_deadly_signals() {
  struct sigaction ours {};
  ours.sa_handler = remove_all_and_die;
  ours.sa_flags = static_cast<int>(SA_RESETHAND | SA_ONSTACK);
  sigfillset(&ours.sa_mask);
  const auto take = [&](int signal) {
    struct sigaction now {};
    if (sigaction(signal, nullptr, &now) == 0 && (now.sa_flags & SA_SIGINFO) == 0 && now.sa_handler == SIG_DFL) {
      sigaction(signal, &ours, nullptr);
    }
  };
  for (int signal : kDeadly) take(signal);
  for (int signal = SIGRTMIN; signal <= SIGRTMAX; ++signal) take(signal);
}

}  // namespace

Leftover::Leftover(int folder, const std::string& name) {
  catch_deadly_signals();
  for (int k = 0; k < kSlots; ++k) {
    int free = 0;
    if (name.size() >= sizeof(slots[k].name) || !slots[k].state.compare_exchange_strong(free, 1)) continue;
    slots[k].folder = folder;
    std::memcpy(slots[k].name, name.c_str(), name.size() + 1);
    slots[k].state.store(2, std::memory_order_release);
    slot_ = k;
    return;
  }
}

Leftover& Leftover::operator=(Leftover&& other) noexcept {
  std::swap(slot_, other.slot_);
  return *this;
}

Leftover::~Leftover() {
  if (slot_ < 0) return;
  unlinkat(slots[slot_].folder, slots[slot_].name, 0);
  keep();
}

void Leftover::keep() {
  if (slot_ >= 0) slots[slot_].state.store(0, std::memory_order_release);
  slot_ = -1;
}

}  // namespace kutrace
