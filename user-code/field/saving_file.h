// SPDX-License-Identifier: BSD-3-Clause
// A trace while it is saved by a field recorder: NAME.saving until it is whole, so that what a power failure cuts off is found at the next start.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/fd.h"
#include "control/read_out.h"
#include "field/trace_folder.h"

namespace kutrace::field {

// All throw capture::Failure.
class SavingFile : public capture::BlockSink {
 public:
  // Of a name of TraceFolder::next_name().
  // It gets as many blocks as said.
  SavingFile(const TraceFolder& folder, const std::string& name, uint64_t blocks);
  SavingFile(const SavingFile&) = delete;
  SavingFile& operator=(const SavingFile&) = delete;
  ~SavingFile() override;  // what was not finished is taken away: the kernel still has it

  // Each block at its place, on the disk a few MB later at the latest.
  void put(uint64_t index, std::span<const char> block) override;
  // Blocks that a power failure would leave.
  uint64_t on_disk() const { return listed_; }
  // On the disk, and has its name.
  void finish();

 private:
  void sync();

  Fd folder_, file_;
  std::string name_, saving_;
  uint64_t blocks_, listed_ = 0;  // all, and those in the list
  std::vector<uint64_t> new_;     // entries of those that are not listed yet
  bool finished_ = false;
};

struct CutSave {
  std::string name;     // of the trace that it became, field_..._cut.trace; "" when no event was on the disk
  uint64_t blocks = 0;  // that it has
  uint64_t of = 0;      // that it was to have
};

// What was cut off becomes a trace of the blocks that were on the disk: the newest ones.
std::vector<CutSave> recover_cut_saves(const TraceFolder& folder);

}  // namespace kutrace::field
