// SPDX-License-Identifier: BSD-3-Clause
#include "control/names.h"

#include <algorithm>
#include <map>

#include "kutrace.h"

namespace kutrace::capture {
namespace {

class Gatherer {
 public:
  void add(uint32_t kind, uint32_t number, const std::string& text) {
    if (const unsigned words = size(kind, number, text); words > 0) {
      list_.words += words;
      list_.entries.push_back({kind, number, text});
    }
  }
  void add(uint32_t kind, const std::vector<Numbered>& names) {
    for (const auto& [number, text] : names) add(kind, number, text);
  }
  // High numbers share some: such a name lists all devices that it may stand for.
  void add_interrupts(const std::vector<Numbered>& names) {
    std::map<uint32_t, std::string> shared;
    for (const auto& [number, text] : names) {
      if (number < KUTRACE_IRQ_SHARED) {
        add(KUTRACE_INTERRUPTNAME, number, text);
        continue;
      }
      std::string& all = shared[KUTRACE_IRQ_SHARED + number % KUTRACE_IRQ_SHARED_COUNT];
      all += (all.empty() ? "" : "|") + text;
    }
    for (const auto& [number, text] : shared) add(KUTRACE_INTERRUPTNAME, number, text);
  }
  void add_calls(uint32_t kind, const std::vector<Numbered>& names) {
    for (const auto& [number, text] : names) {
      if (number != KUTRACE_CONTROL_SYSCALL) add(kind, name_number(number), text);
    }
  }
  // Threads stand behind the first three entries, as many as there is room for.
  void add_threads(const std::vector<Numbered>& names, size_t at) {
    std::vector<NameEntry> fitting;
    for (const auto& [number, text] : names) {
      const unsigned words = size(KUTRACE_PIDNAME, number, text);
      if (words == 0) continue;
      if (list_.words + words > kNameWords) {
        ++list_.threads_left_out;
        continue;
      }
      list_.words += words;
      fitting.push_back({KUTRACE_PIDNAME, number, text});
    }
    list_.entries.insert(list_.entries.begin() + static_cast<std::ptrdiff_t>(at), fitting.begin(), fitting.end());
  }
  size_t count() const { return list_.entries.size(); }
  NameList take() { return std::move(list_); }

 private:
  static unsigned size(uint32_t kind, uint32_t number, const std::string& text) {
    uint64_t words[KUTRACE_MAX_ENTRY_WORDS];
    return kutrace_pack_name(kind, number, text.data(), text.size(), words);
  }
  NameList list_;
};

}  // namespace

NameList gather_names(const Machine& machine) {
  Gatherer g;
  g.add(KUTRACE_KERNEL_VERSION, 0, machine.kernel_version());
  g.add(KUTRACE_MODEL_NAME, 0, machine.model());
  g.add(KUTRACE_HOST_NAME, 0, machine.host_name());
  const size_t threads_at = g.count();
  g.add_interrupts(machine.interrupts());
  g.add_calls(KUTRACE_SYSCALL64NAME, system_call_names());
  g.add_calls(KUTRACE_SYSCALL32NAME, system_call_names_32());
  g.add(KUTRACE_ERRNONAME, errno_names());
  const bool known = machine.kernel_ids().in_proc;
  if (known) g.add_threads(machine.threads(), threads_at);
  NameList names = g.take();
  names.threads_unknown = !known;
  return names;
}

}  // namespace kutrace::capture
