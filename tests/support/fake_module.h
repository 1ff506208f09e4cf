// SPDX-License-Identifier: BSD-3-Clause
// The kernel module as kutrace_control sees it: commands, entries, blocks, the device. Stores with the test encoder;
// its clock goes on by a fixed step with every call.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "control/control.h"
#include "kutrace/memory.h"
#include "support/encoder.h"

namespace kutrace::test {

struct FakeOptions {
  uint32_t ring_blocks = 4;
  bool counters = true;    // RESET takes IPC and LLC
  int open_error = 0;      // errno of opening the device
  int device_error = 0;    // errno of reading the trace
  uint32_t rights = KUTRACE_RIGHT_CONTROL | KUTRACE_RIGHT_MARK | KUTRACE_RIGHT_ADDRESSES;  // of every descriptor
};

class FakeModule final : public capture::Control {
 public:
  explicit FakeModule(const FakeOptions& options = {}) : options_(options) {}
  ~FakeModule() override;
  int open_device() override;
  int command(int device, unsigned long request, uint64_t argument) override;
  ssize_t read(int device, std::span<char> to) override;

  // Something to see while tracing: `calls` system calls on each of two CPUs.
  void activity(uint32_t calls);
  void lose(uint64_t events) { lost_ = events; }
  bool tracing() const { return tracing_; }
  uint64_t blocks() const { return encoder_ ? encoder_->blocks() : 0; }

  uint64_t counter = 5'000'000;
  std::optional<kutrace_memory> memory;                 // what it was asked to sample
  std::vector<unsigned long> requests;                  // to the device, marks excluded
  std::vector<std::pair<uint32_t, std::string>> names;  // (number, text) of name entries
  std::vector<uint64_t> marks;                          // as entries

 private:
  uint64_t insert(const uint64_t* words, size_t count);
  void note_name(const uint64_t* words);
  void start();
  void stop();
  void empty(unsigned flags);
  bool byte_areas() const { return (encoding_.flags & (KUTRACE_FLAG_IPC | KUTRACE_FLAG_LLC)) != 0; }
  static uint64_t wall_clock(uint64_t counter);
  int status(unsigned long request, uint32_t rights, kutrace_status& to);
  int reset(const kutrace_reset& r);
  int insert_entries(uint32_t rights, const kutrace_insert& in);
  int next(kutrace_next& n);
  static int restrict_rights(uint32_t& rights, const kutrace_restrict& r);
  void freeze();

  FakeOptions options_;
  EncoderOptions encoding_;
  std::unique_ptr<Encoder> encoder_;
  bool tracing_ = false;
  unsigned reset_flags_ = 0, generation_ = 0;
  uint64_t start_us_ = 0, stop_us_ = 0, handed_out_ = 0;
  std::map<int, uint32_t> rights_;  // of each descriptor
  std::vector<int> devices_;  // open ones: the trace appears in them
  uint64_t lost_ = 0, start_counter_ = 0;
  std::vector<uint8_t> file_;              // as the device gives it
};

}  // namespace kutrace::test
