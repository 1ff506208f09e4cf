// SPDX-License-Identifier: BSD-3-Clause
// Why a thread waited, as a letter, from the call it was in and from what woke it. A wait is for what the thread asked
// for, whatever ended it: a lock wait ended by an exiting thread is a lock wait, a pipe read ended by a signal a pipe
// wait. Only where a call can wait for several things does what woke it tell which (docs/trace-format.md, 3.6).
#pragma once

#include <span>
#include <string_view>
#include <utility>

namespace kutrace {

constexpr char kNoReason = 0;

struct SleeperReason {
  enum Trust : char {
    kSure,        // this call waits for nothing else
    kUnlessTold,  // what woke it may know better
    kIfEnded,     // several things are possible; known only when another thread ended it by a signal or by exiting
  };
  char letter = kNoReason;
  Trust trust = kUnlessTold;
};

// What a wakeup that comes from code named `name` (a softirq, interrupt, system call, thread) tells; kNoReason: nothing.
char waker_reason(std::string_view name);
// The names that tell by themselves, each with its letter, sorted.
std::span<const std::pair<std::string_view, char>> waker_reasons();
// What a thread waits for that blocked inside the call named `name`, or that is the kernel thread of this name.
SleeperReason sleeper_reason(std::string_view name);
// The letter of a wait, from both; 'z' when neither tells.
char wait_letter(SleeperReason sleeper, char waker);

}  // namespace kutrace
