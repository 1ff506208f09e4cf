// SPDX-License-Identifier: BSD-3-Clause
// What the running machine says about itself in /proc and /sys: its names, its threads, its interrupts, whether its
// kernel knows us. Reads only; `root` is "" on a machine and a folder in tests.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kutrace::capture {

using Numbered = std::pair<uint32_t, std::string>;

// A whole file, or nothing.
std::optional<std::string> read_text(const std::string& path);

// Rows of /proc/interrupts that have a number and a device: (Linux IRQ number, names of the devices).
std::vector<Numbered> parse_interrupts(std::string_view text);
// The processor as /proc/cpuinfo names it; "" if it does not.
std::string parse_cpuinfo(std::string_view text);

// Ids of threads in a trace are those of the kernel's first PID namespace. In a container, programs see others.
struct KernelIds {
  bool in_proc = false;         // /proc shows the kernel's
  std::optional<uint32_t> own;  // of the calling thread, if it can be known
};

// Of /proc/2/stat and of /proc/thread-self/status of a PID namespace that is not the first.
KernelIds parse_kernel_ids(std::string_view stat_of_2, std::string_view own_status);

class Machine {
 public:
  explicit Machine(std::string root = "") : root_(std::move(root)) {}

  std::string kernel_version() const;  // uname -v
  std::string host_name() const;
  std::string model() const;
  std::vector<Numbered> threads() const;  // all live threads that /proc shows: (thread id, name)
  KernelIds kernel_ids() const;
  std::vector<Numbered> interrupts() const;

  // Whether the kernel has the hooks. Nothing: it does not tell.
  std::optional<bool> is_patched() const;
  bool has_module() const;

 private:
  std::string root_;
};

}  // namespace kutrace::capture
