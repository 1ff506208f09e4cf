// SPDX-License-Identifier: BSD-3-Clause
// The eBPF programs: loaded, attached, mapped, taken away. They vanish with this process, however it ends.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "record/bpf/rows.h"

namespace kutrace::record {

struct BpfOptions {
  uint32_t row_words = 1 << 18;  // of each CPU; a power of two
  uint32_t sample_hz = 0;        // PC samples on each CPU; 0: none
  std::vector<std::string> without;  // tracepoints to do without, as if this kernel lacked them
};

class BpfCapture {
 public:
  // Loads what this kernel has tracepoints for. Throws capture::Failure.
  explicit BpfCapture(const BpfOptions& options);
  ~BpfCapture();
  BpfCapture(const BpfCapture&) = delete;
  BpfCapture& operator=(const BpfCapture&) = delete;

  void attach();
  // From now on, or no longer, entries are stored. When it returns from switching off, no program stores any more.
  void store(bool on);
  // Says the time on each CPU that is online, in its row, with who runs there if nothing was stored yet.
  void mark_edges();
  void detach();

  uint32_t cpus() const { return cpus_; }
  uint32_t row_words() const { return options_.row_words; }
  kutrace_row& row(uint32_t cpu) { return rows_->row[cpu]; }
  uint64_t* words(uint32_t cpu) { return words_ + size_t{cpu} * options_.row_words; }

  // Runs that the kernel refused since the same program was interrupted on that CPU: each an entry lost.
  uint64_t refused_runs() const;
  // Tracepoints that this kernel lacks or refuses, and samples that could not be had, each with its reason.
  const std::vector<std::string>& not_recorded() const { return not_recorded_; }
  uint32_t programs() const { return static_cast<uint32_t>(attached_); }

 private:
  struct Objects;
  void choose_programs();
  void map_memory();
  void attach_samples();

  BpfOptions options_;
  std::unique_ptr<Objects> objects_;
  uint32_t cpus_ = 0;
  kutrace_rows* rows_ = nullptr;
  uint64_t* words_ = nullptr;
  size_t attached_ = 0;
  std::vector<std::string> not_recorded_;
};

}  // namespace kutrace::record
