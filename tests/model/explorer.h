// SPDX-License-Identifier: BSD-3-Clause
// Explores every order in which code that shares memory can run: programs on CPUs of their own, whose steps are single
// accesses to memory, and interrupts that come between any two of them. The code is compiled with -fsanitize=thread, for the
// marks that this puts before each access; the functions behind the marks are ours. It knows nothing of what is explored.
//
// An execution is run again from its beginning for each new decision. A state in which an earlier execution was already is
// not gone on from: a state is the memory and, for each context of each CPU, all that it has read. Accesses to memory that
// only one CPU ever touches are no reason to look at another CPU's steps; which these are is found out on the way.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace explorer {

struct Memory {
  void* at;
  size_t bytes;
};

struct Interrupt {
  std::string name;
  int most;                             // how often it comes in one execution, at most
  std::function<bool(unsigned)> may;    // whether it may come on this CPU now
  std::function<void(unsigned)> handle; // what happens on that CPU
};

struct Scenario {
  std::vector<Memory> memory{};                   // all that the programs share; restored before each execution
  std::vector<std::function<void()>> programs{};  // one a CPU
  std::vector<Interrupt> interrupts{};
  std::function<uint64_t()> more_state{};         // state that is not in `memory`, as a hash
  std::function<void()> begin{};                  // before each execution, when memory is as it was
  std::function<void()> end{};                    // after each that was not cut short: what must hold
};

struct Result {
  uint64_t executions = 0;
  uint64_t complete = 0;  // of these, those that ran to their end
  uint64_t accesses = 0;
  uint64_t states = 0;
  bool all = false;       // nothing was left out
  std::string failure;    // empty: all held; else what did not, and the decisions that led there
};

Result explore(const Scenario& scenario, uint64_t most_states);

// For the machine under the programs, while something is explored:
unsigned cpu();                                        // which CPU runs now
bool active();
void access(const void* at, size_t bytes, bool write); // an access that the compiler does not see follows
void wait(const std::function<bool()>& until);         // this CPU goes on when that holds
void fail(const std::string& what);

// While one lives, nothing is explored: for what is done after an execution.
class Pause {
 public:
  Pause();
  ~Pause();
  Pause(const Pause&) = delete;
  Pause& operator=(const Pause&) = delete;
};

// Told of every access that the compiler sees, also when nothing is explored; may call access() or do something else.
using Listener = void (*)(const void* at, size_t bytes, bool write);
void listen(Listener listener);

}  // namespace explorer
