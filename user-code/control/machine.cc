// SPDX-License-Identifier: BSD-3-Clause
#include "control/machine.h"

#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <filesystem>
#include <memory>

namespace kutrace::capture {
namespace {

namespace fs = std::filesystem;

constexpr char kFirstNamespace[] = "pid:[4026531836]";  // PROC_PID_INIT_INO, the same in every kernel
constexpr uint32_t kKernelThread = 0x00200000;          // PF_KTHREAD

// /proc shows behind a kworker what it works on just now; its name is what stands before.
std::string_view lasting_name(std::string_view comm) {
  return comm.starts_with("kworker/") ? comm.substr(0, comm.find_first_of("+-")) : comm;
}

// Calls `take` with each line; stops when it gives false.
template <typename Take>
void each_line(std::string_view text, Take&& take) {
  while (!text.empty()) {
    const size_t end = text.find('\n');
    if (!take(text.substr(0, end)) || end == std::string_view::npos) return;
    text.remove_prefix(end + 1);
  }
}

std::string_view trim(std::string_view s) {
  const char* blanks = " \t\r\n";
  const size_t first = s.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return s.substr(first, s.find_last_not_of(blanks) - first + 1);
}

// The number that all of `s` is.
std::optional<uint32_t> whole_number(std::string_view s) {
  uint32_t value = 0;
  const auto [end, error] = std::from_chars(s.data(), s.data() + s.size(), value);
  if (error != std::errc() || end != s.data() + s.size() || s.empty()) return std::nullopt;
  return value;
}

// The text behind "KEY  : " in a file of such lines, first one.
std::string value_of(std::string_view text, std::string_view key) {
  std::string found;
  each_line(text, [&](std::string_view line) {
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos || trim(line.substr(0, colon)) != key) return true;
    found = trim(line.substr(colon + 1));
    return false;
  });
  return found;
}

// Devices are the last column, two blanks after the one before; a row without devices ends in the padding of that.
std::string_view device_column(std::string_view row) {
  if (row.empty() || row.back() == ' ') return {};
  const size_t gap = row.rfind("  ");
  return gap == std::string_view::npos ? std::string_view{} : row.substr(gap + 2);
}

// Leaves out the counts: as many numbers as the heading has CPUs.
std::string_view after_counts(std::string_view row, size_t cpus) {
  for (size_t k = 0; k < cpus; ++k) {
    const size_t first = row.find_first_not_of(' ');
    if (first == std::string_view::npos) return {};
    size_t end = row.find(' ', first);
    if (end == std::string_view::npos) end = row.size();
    if (!whole_number(row.substr(first, end - first))) break;
    row.remove_prefix(end);
  }
  return row;
}

// Only the first PID namespace has them. `stat` is that of process 2; its ninth field holds flags that a program cannot give itself.
bool has_kernel_threads(std::string_view stat) {
  const size_t name = stat.rfind(") ");
  if (name == std::string_view::npos) return false;
  stat.remove_prefix(name + 2);
  for (int field = 3; field < 9; ++field) {
    const size_t space = stat.find(' ');
    if (space == std::string_view::npos) return false;
    stat.remove_prefix(space + 1);
  }
  return (whole_number(stat.substr(0, stat.find(' '))).value_or(0) & kKernelThread) != 0;
}

}  // namespace

std::optional<std::string> read_text(const std::string& path) {
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "re"), std::fclose);
  if (!file) return std::nullopt;
  std::string text;
  char buffer[16384];
  while (const size_t n = std::fread(buffer, 1, sizeof(buffer), file.get())) text.append(buffer, n);
  if (std::ferror(file.get()) != 0) return std::nullopt;
  return text;
}

std::vector<Numbered> parse_interrupts(std::string_view text) {
  std::vector<Numbered> found;
  size_t cpus = 0;
  bool heading = true;
  each_line(text, [&](std::string_view line) {
    if (heading) {
      for (size_t at = line.find("CPU"); at != std::string_view::npos; at = line.find("CPU", at + 3)) ++cpus;
      heading = false;
      return true;
    }
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) return true;
    const auto number = whole_number(trim(line.substr(0, colon)));
    const std::string_view device = device_column(after_counts(line.substr(colon + 1), cpus));
    if (number && !device.empty()) found.emplace_back(*number, device);
    return true;
  });
  return found;
}

std::string parse_cpuinfo(std::string_view text) {
  for (const char* key : {"model name", "Model", "uarch"}) {
    if (std::string value = value_of(text, key); !value.empty()) return value;
  }
  const std::string part = value_of(text, "CPU part");
  if (part.empty()) return "";
  return "CPU implementer " + value_of(text, "CPU implementer") + " part " + part;
}

// The first id is that in the namespace whose /proc this is. It may be the first one's: a host's, mounted in a container.
KernelIds parse_kernel_ids(std::string_view stat_of_2, std::string_view own_status) {
  if (!has_kernel_threads(stat_of_2)) return {};
  const std::string ids = value_of(own_status, "NSpid");
  return {true, whole_number(std::string_view(ids).substr(0, ids.find_first_of(" \t")))};
}

std::string Machine::kernel_version() const {
  utsname name{};
  return uname(&name) == 0 ? name.version : "";
}

std::string Machine::host_name() const {
  utsname name{};
  return uname(&name) == 0 ? name.nodename : "";
}

std::string Machine::model() const {
  const std::string cpuinfo = read_text(root_ + "/proc/cpuinfo").value_or("");
  if (std::string name = value_of(cpuinfo, "model name"); !name.empty()) return name;
  if (auto board = read_text(root_ + "/proc/device-tree/model")) {
    while (!board->empty() && board->back() == '\0') board->pop_back();
    if (!board->empty()) return *board;
  }
  return parse_cpuinfo(cpuinfo);
}

std::vector<Numbered> Machine::threads() const {
  std::vector<Numbered> found;
  std::error_code error;  // processes come and go while we look
  for (fs::directory_iterator process(root_ + "/proc", error), end; !error && process != end; process.increment(error)) {
    if (!whole_number(process->path().filename().string())) continue;
    std::error_code gone;
    for (fs::directory_iterator task(process->path() / "task", gone); !gone && task != end; task.increment(gone)) {
      const auto tid = whole_number(task->path().filename().string());
      const auto name = read_text((task->path() / "comm").string());
      if (tid && name) found.emplace_back(*tid, std::string(lasting_name(trim(*name))));
    }
  }
  return found;
}

KernelIds Machine::kernel_ids() const {
  const std::string self = root_ + "/proc/self";
  std::error_code error;
  // Without it, /proc is not there, or that of a namespace in which we are not.
  if (!fs::exists(self + "/status", error)) return {};
  const auto own = static_cast<uint32_t>(syscall(SYS_gettid));
  const std::string space = fs::read_symlink(self + "/ns/pid", error).string();
  if (space.empty() || space == kFirstNamespace) return {true, own};
  return parse_kernel_ids(read_text(root_ + "/proc/2/stat").value_or(""), read_text(root_ + "/proc/thread-self/status").value_or(""));
}

std::vector<Numbered> Machine::interrupts() const {
  return parse_interrupts(read_text(root_ + "/proc/interrupts").value_or(""));
}

std::optional<bool> Machine::is_patched() const {
  const auto symbols = read_text(root_ + "/proc/kallsyms");
  if (!symbols || symbols->empty()) return std::nullopt;
  return symbols->find(" kutrace_register\n") != std::string::npos ||
         symbols->find(" kutrace_register\t") != std::string::npos;
}

bool Machine::has_module() const {
  std::error_code error;
  return fs::exists(root_ + "/sys/module/kutrace_mod", error);
}

}  // namespace kutrace::capture
