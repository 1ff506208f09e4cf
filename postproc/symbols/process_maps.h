// SPDX-License-Identifier: BSD-3-Clause
// What files processes had mapped for execution, and functions in them by address.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/diagnostics.h"
#include "symbols/elf_file.h"

namespace kutrace {

class ProcessMaps {
 public:
  // `root` stands before the paths of files: another machine's files.
  ProcessMaps(std::string root, std::vector<std::string> debug_folders) : root_(std::move(root)), debug_folders_(std::move(debug_folders)) {}
  // Lines "==== /proc/PID/maps", each with the lines of that file behind it, and "==== build-ids" with lines "HEX PATH": a file with another build-id
  // is not used. What is no such line is a finding.
  void read(const std::string& path, Diagnostics& diagnostics);

  // "memcpy" or "libc.so.6+0x1234" for an address in a process or one of its threads; "" where no file is known to be mapped.
  const std::string& name(int32_t thread, uint64_t address, Diagnostics& diagnostics);

  // Of each file that was asked for: addresses with a function, without, and why there are none.
  struct Module {
    std::unique_ptr<ElfFile> file;
    uint64_t resolved = 0, unresolved = 0;
    std::string reason;
  };
  const std::map<std::string, Module>& modules() const { return modules_; }
  // The same as a line for each.
  std::vector<std::string> report() const;

 private:
  struct Mapping {
    uint64_t start, end, offset;
    std::string path;
  };
  bool map_line(std::string_view line, std::vector<Mapping>& to) const;
  const Mapping* find(int32_t thread, uint64_t address) const;
  Module& module_of(const std::string& path, Diagnostics& diagnostics);

  std::string root_;
  std::vector<std::string> debug_folders_;
  std::map<int32_t, std::vector<Mapping>> processes_;  // sorted by start
  std::unordered_map<std::string, std::string> build_ids_;
  std::map<std::string, Module> modules_;
  std::unordered_map<uint64_t, std::map<int32_t, std::string>> names_;  // by address, then process
};

}  // namespace kutrace
