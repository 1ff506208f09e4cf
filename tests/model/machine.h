// SPDX-License-Identifier: BSD-3-Clause
// The machine under the buffer of kutrace_mod in user space: CPUs, interrupts, threads, a counter; memory with its walls.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "model/explorer.h"

namespace model {

constexpr unsigned kCpus = 3;
constexpr uint32_t kBlockWords = 32;

// Everything as after loading: memory empty, one thread on each CPU, interrupts on.
void reset(uint32_t blocks, uint8_t flags);

// What runs where nothing is explored.
void run_on(unsigned cpu);
// Called before each access to the module's memory when nothing is explored.
void on_access(std::function<void()> interruption);

// The counter: what it says, and how far it goes on at each reading.
void set_counter(uint64_t value, uint64_t step);
uint64_t counter();

// An interrupt, or an NMI, with its handler, on the CPU that runs.
void interrupt(bool nmi, const std::function<void()>& handler);
bool may_interrupt(unsigned cpu, bool nmi);
// The thread on the CPU that runs gives way to another.
void switch_thread(int pid);

// For a scenario of the explorer.
std::vector<explorer::Memory> memory();
uint64_t hash();

// What the module did that it must not, of the kind that any run may show; empty if nothing.
std::string& violation();

}  // namespace model
