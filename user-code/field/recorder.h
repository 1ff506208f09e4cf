// SPDX-License-Identifier: BSD-3-Clause
// A field recorder: the latest of everything, in the module's buffer; saved when somebody asks. Knows nothing of pipes and signals.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "control/session.h"
#include "field/config.h"
#include "field/trace_folder.h"

namespace kutrace::field {

class Recorder {
 public:
  using Say = std::function<void(const std::string&)>;

  // `say`: a line for the journal.
  Recorder(capture::Control& control, const capture::Machine& machine, Config config, Say say);

  // Begins to record. What an earlier run has left unsaved in the kernel is saved first. Throws capture::Failure.
  void begin();
  // A mark "field" at this moment. False: one was asked for before and is not saved yet; this reason is counted with it.
  bool ask(const std::string& reason);
  bool asked() const { return !reason_.empty(); }
  bool recording() { return session_.tracing(); }
  // Saves what was asked for, or for `reason`, and records on. What cannot be saved is said and lost.
  void save(const std::string& reason = "");
  // Saves for `reason` and records no more.
  void end(const std::string& reason);

  const Config& config() const { return config_; }

 private:
  void record();
  std::string save_into_folder(const std::string& reason);
  void write_state(const std::string& state);
  void write_recording();
  void light(bool on);

  capture::Session session_;
  Config config_;
  Say say_;
  TraceFolder folder_;
  std::string reason_;      // asked for and not saved
  uint64_t more_ = 0;       // reasons that came after it
  uint64_t saved_ = 0, failed_ = 0;
  uint64_t gap_us_ = 0, gaps_us_ = 0;  // the last one, and all of them
  std::string last_;
};

// The label of the mark at the moment when somebody asked.
inline constexpr char kFieldMark[] = "field";
inline constexpr char kStateFile[] = "state";
// What it says when a recorder has ended properly.
inline constexpr char kEnded[] = "ended";

}  // namespace kutrace::field
