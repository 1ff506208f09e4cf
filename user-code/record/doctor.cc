// SPDX-License-Identifier: BSD-3-Clause
#include "record/doctor.h"

#include <linux/capability.h>
#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "control/failure.h"
#include "record/bpf_capture.h"

namespace kutrace::record {
namespace {

using capture::read_text;

constexpr char kTypes[] = "/sys/kernel/btf/vmlinux";
constexpr char kLockdown[] = "/sys/kernel/security/lockdown";
constexpr char kClock[] = "/sys/devices/system/clocksource/clocksource0/current_clocksource";

// What decides whether eBPF can record.
constexpr char kPrivilege[] = "privilege", kBpf[] = "bpf system call", kBtf[] = "type information", kPrograms[] = "eBPF programs";

std::string line_of(const std::string& path) {
  std::string text = read_text(path).value_or("");
  text.resize(std::min(text.find('\n'), text.size()));
  return text;
}

// The word in brackets, as files of choices have it.
std::string chosen(const std::string& text) {
  const size_t from = text.find('['), to = text.find(']');
  return from == std::string::npos || to == std::string::npos || to < from ? "" : text.substr(from + 1, to - from - 1);
}

// Capabilities in force, as /proc tells.
uint64_t capabilities(const std::string& root) {
  constexpr std::string_view kKey = "\nCapEff:\t";
  const std::string text = read_text(root + "/proc/self/status").value_or("");
  const size_t at = text.find(kKey);
  return at == std::string::npos ? 0 : std::strtoull(text.c_str() + at + kKey.size(), nullptr, 16);
}

Ability privilege(const std::string& root) {
  if ((capabilities(root) & (1ULL << CAP_SYS_ADMIN | 1ULL << CAP_PERFMON)) != 0) return {kPrivilege, Ability::kYes, "CAP_PERFMON or CAP_SYS_ADMIN", ""};
  return {kPrivilege, Ability::kNo, "neither CAP_PERFMON nor CAP_SYS_ADMIN", "use sudo, or a container with these capabilities and CAP_BPF"};
}

Ability bpf_call(const Trials& trials) {
  const int error = trials.bpf();
  if (error == 0) return {kBpf, Ability::kYes, "let through", ""};
  return {kBpf, Ability::kNo, std::strerror(error),
          error == ENOSYS ? "use a kernel with CONFIG_BPF_SYSCALL" : "lift the seccomp filter (of a container: its profile)"};
}

Ability type_information(const std::string& root) {
  if (access((root + kTypes).c_str(), R_OK) == 0) return {kBtf, Ability::kYes, kTypes, ""};
  return {kBtf, Ability::kNo, std::string("no ") + kTypes, "use a kernel with CONFIG_DEBUG_INFO_BTF, as distributions have"};
}

Ability lockdown(const std::string& root) {
  const std::string level = chosen(line_of(root + kLockdown));
  if (level.empty() || level == "none") return {"lockdown", Ability::kYes, "none", ""};
  if (level == "integrity") return {"lockdown", Ability::kNote, level, "unsigned modules are refused; eBPF works"};
  return {"lockdown", Ability::kNo, level, "boot without lockdown=confidentiality: it forbids programs to read the kernel"};
}

Ability programs(const Trials& trials) {
  try {
    const std::vector<std::string> lacking = trials.load();
    if (lacking.empty()) return {kPrograms, Ability::kYes, "the kernel takes them", ""};
    std::string list;
    for (const std::string& what : lacking) list += (list.empty() ? "" : "; ") + what;
    return {kPrograms, Ability::kNote, "the kernel takes them", "not recorded here: " + list};
  } catch (const capture::Failure& failure) {
    return {kPrograms, Ability::kNo, failure.what(), "see above"};
  }
}

Ability patched(const capture::Machine& machine) {
  const std::optional<bool> hooks = machine.is_patched();
  if (hooks && *hooks && machine.has_module()) return {"patched kernel", Ability::kYes, "with kutrace_mod", ""};
  if (hooks && *hooks) return {"patched kernel", Ability::kNote, "without kutrace_mod", "load the module, and use kutrace_control: it costs least"};
  return {"patched kernel", Ability::kNote, hooks ? "no" : "cannot be told", "what eBPF cannot see is in docs/capture.md"};
}

Ability clock_source(const std::string& root) {
  const std::string name = line_of(root + kClock);
  const bool quick = name == "tsc" || name == "kvm-clock" || name == "arch_sys_counter" || name == "hyperv_clocksource_tsc_page";
  if (quick) return {"clock", Ability::kYes, name, ""};
  return {"clock", Ability::kNote, name.empty() ? "unknown" : name, "reading it may be slow, and recording with it; see clocksource= of the kernel's command line"};
}

Ability cycle_counter(const Trials& trials) {
  const int error = trials.cycles();
  if (error == 0) return {"cycle counter", Ability::kYes, "there", ""};
  return {"cycle counter", Ability::kNote, std::strerror(error), "no instructions per cycle here (virtual machines seldom have a PMU)"};
}

Ability thread_ids(const capture::Machine& machine) {
  if (machine.kernel_ids().in_proc) return {"thread ids", Ability::kYes, "/proc has the kernel's", ""};
  return {"thread ids", Ability::kNote, "/proc has those of a container", "threads have names from when they are renamed; record outside of it"};
}

}  // namespace

Trials trials_here() {
  Trials t;
  // No such command: who may use bpf at all is told so.
  t.bpf = [] { return syscall(SYS_bpf, -1, nullptr, 0) == -1 && errno != EINVAL ? errno : 0; };
  t.cycles = [] {
    perf_event_attr what{};
    what.type = PERF_TYPE_HARDWARE;
    what.size = sizeof(what);
    what.config = PERF_COUNT_HW_CPU_CYCLES;
    const auto fd = static_cast<int>(syscall(SYS_perf_event_open, &what, 0, -1, -1, PERF_FLAG_FD_CLOEXEC));
    if (fd < 0) return errno;
    close(fd);
    return 0;
  };
  t.load = [] {
    BpfOptions options;
    options.row_words = 1 << 10;
    return BpfCapture(options).not_recorded();
  };
  return t;
}

std::vector<Ability> examine(const std::string& root, const Trials& trials) {
  const capture::Machine machine(root);
  std::vector<Ability> all = {privilege(root), bpf_call(trials), type_information(root), lockdown(root)};
  // Trying to load what cannot be loaded says the same again, in other words.
  if (can_record(all)) all.push_back(programs(trials));
  for (Ability& more : std::vector<Ability>{patched(machine), clock_source(root), cycle_counter(trials), thread_ids(machine)}) {
    all.push_back(std::move(more));
  }
  return all;
}

bool can_record(const std::vector<Ability>& abilities) {
  return std::ranges::none_of(abilities, [](const Ability& a) { return a.state == Ability::kNo; });
}

std::string describe(const std::vector<Ability>& abilities) {
  static constexpr const char* kWords[] = {"yes ", "NO  ", "note"};
  std::string text;
  for (const Ability& a : abilities) {
    text += std::string(kWords[a.state]) + "  " + a.what + std::string(18 - std::min<size_t>(a.what.size(), 17), ' ') + a.found;
    if (!a.remedy.empty()) text += ": " + a.remedy;
    text += "\n";
  }
  return text + (can_record(abilities) ? "kutrace record works here, by eBPF\n" : "kutrace record does not work here: see NO\n");
}

}  // namespace kutrace::record
