// SPDX-License-Identifier: BSD-3-Clause
// Why a thread waited: a letter from what its waker was doing, else from what it was doing itself.
// The waker's letters are those of docs/trace-format.md section 3.6, with names the reference misses.
#pragma once

#include <string_view>

namespace kutrace {

constexpr char kNoReason = 0;

// The letter for a wakeup that comes from code named `name` (a softirq, interrupt, system call, thread), or kNoReason.
char waker_reason(std::string_view name);
// The letter for a thread that blocked inside the call named `name`, or kNoReason.
char sleeper_reason(std::string_view name);
// "wait_cpu" for 'c', ... ; letters without a word give "wait_x".
const char* wait_name(char letter);

}  // namespace kutrace
