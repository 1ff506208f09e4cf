// SPDX-License-Identifier: BSD-3-Clause
// A recording by eBPF from its first entry to its last: a thread that empties the rows into blocks while it lasts.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "control/machine.h"
#include "record/bpf_capture.h"
#include "record/row_reader.h"
#include "record/trace_assembler.h"

namespace kutrace::record {

struct RecordSummary {
  uint64_t start_us = 0, stop_us = 0;
  uint64_t entries = 0, blocks = 0;
  uint64_t attempted = 0, lost = 0;  // exact: attempted = stored + lost
  uint64_t refused = 0;              // programs that interrupted themselves, no CPU known; counted in lost
  uint64_t unfinished = 0;           // words that cannot be read
  uint64_t unseen = 0;               // switches that this kernel's tracepoints did not show; each is a loss in the trace
  double recorder_seconds = 0;       // processor time of the thread that empties the rows
  std::vector<std::string> not_recorded;
};

// How far a recording is.
struct Progress {
  double seconds = 0;
  uint64_t entries = 0, blocks = 0, lost = 0;
};

class Recorder {
 public:
  Recorder(BpfCapture& capture, BlockSink& sink, const capture::Machine& machine);
  ~Recorder();
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  // Called about once a second while it records, by the thread that empties the rows. Before start().
  void tell(std::function<void(const Progress&)> progress) { tell_ = std::move(progress); }
  void start();
  RecordSummary stop();

  uint64_t lost() const;  // so far

 private:
  void name_everything();
  void empty_rows();
  void drain();
  void watch_clock();

  BpfCapture& capture_;
  BlockSink& sink_;
  const capture::Machine& machine_;
  std::vector<RowReader> rows_;
  std::vector<bool> begun_;
  std::unique_ptr<TraceAssembler> assembler_;
  Moment start_;
  int64_t clock_offset_us_ = 0;  // wall clock less monotonic, as last seen
  std::atomic<bool> stopping_ = false;
  std::function<void(const Progress&)> tell_;
  std::exception_ptr failure_;
  double seconds_ = 0;
  std::thread thread_;
};

}  // namespace kutrace::record
