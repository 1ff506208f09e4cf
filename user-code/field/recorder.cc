// SPDX-License-Identifier: BSD-3-Clause
#include "field/recorder.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <ctime>

#include "base/error.h"
#include "base/fd.h"
#include "base/output_file.h"
#include "control/failure.h"
#include "field/saving_file.h"
#include "kutrace/abi.h"

namespace kutrace::field {
namespace {

using capture::Failure;

uint64_t monotonic_us() {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<uint64_t>(t.tv_sec) * 1'000'000 + static_cast<uint64_t>(t.tv_nsec) / 1000;
}

std::string utc() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[40];
  std::strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", &parts);
  return text;
}

std::string seconds(uint64_t us) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.3f s", static_cast<double>(us) / 1e6);
  return text;
}

// Tells once from when on a power failure would leave something: a card may take minutes for all of it.
class Watched : public capture::BlockSink {
 public:
  Watched(SavingFile& file, const Recorder::Say& say) : file_(file), say_(say) {}
  void put(uint64_t index, std::span<const char> block) override {
    file_.put(index, block);
    if (told_ || file_.on_disk() == 0) return;
    told_ = true;
    say_("the newest " + std::to_string(file_.on_disk()) + " blocks are on the disk");
  }

 private:
  SavingFile& file_;
  const Recorder::Say& say_;
  bool told_ = false;
};

}  // namespace

Recorder::Recorder(capture::Control& control, const capture::Machine& machine, Config config, Say say)
    : session_(control, machine), config_(std::move(config)), say_(std::move(say)), folder_(TraceFolder::made(config_.folder)) {}

void Recorder::begin() {
  const auto state = capture::read_text(folder_.path_of(kStateFile));
  if (state && !state->starts_with(std::string("state: ") + kEnded)) {
    say_("the last run did not end by itself: it was killed, or the power failed; what it had not saved is gone, unless it is saved now");
  }
  for (const CutSave& cut : recover_cut_saves(folder_)) {
    say_(cut.name.empty() ? "a save was cut off before anything of it was on the disk"
                          : "a save was cut off: " + cut.name + " has " + std::to_string(cut.blocks) + " of its " + std::to_string(cut.of) + " blocks, the newest");
  }
  const capture::Stat now = session_.stat();
  if (now.tracing) throw Failure("something traces already", "`kutrace_control stop` saves that trace");
  if (now.blocks > 0) say_(save_into_folder("left-by-an-earlier-run"));
  record();
  write_recording();
}

void Recorder::record() {
  capture::GoOptions go;
  go.wrap = true;
  go.force = true;
  go.stop_with_us = true;
  for (const std::string& line : capture::describe(session_.go(go))) say_(line);
  light(true);
}

bool Recorder::ask(const std::string& reason) {
  if (asked()) {
    ++more_;
    return false;
  }
  reason_ = reason.empty() ? "trigger" : reason;
  try {
    session_.mark(KUTRACE_MARKA, kFieldMark);
  } catch (const Failure&) {
    // Somebody has stopped the trace: there is no later moment in it.
  }
  return true;
}

void Recorder::save(const std::string& reason) {
  const uint64_t begin = monotonic_us();
  const std::string words = save_into_folder(asked() ? reason_ : reason);
  reason_.clear();
  more_ = 0;
  record();
  gap_us_ = monotonic_us() - begin;
  gaps_us_ += gap_us_;
  write_recording();
  say_(words + "; nothing was recorded for " + seconds(gap_us_));
}

void Recorder::end(const std::string& reason) {
  say_(save_into_folder(asked() ? reason_ : reason));
  reason_.clear();
  write_state(std::string(kEnded) + " " + utc());
}

// What is to be said of it.
std::string Recorder::save_into_folder(const std::string& reason) {
  try {
    // First of all: a disk may be slow, and what comes meanwhile would take the place of what is to be saved.
    session_.off();
    light(false);
    write_state("saving since " + utc());
    const uint64_t blocks = session_.stat().blocks;
    for (const std::string& gone : folder_.make_room(config_.files, config_.quota, blocks * KUTRACE_BLOCK_BYTES)) say_("took away " + gone + " to make room");
    const std::string name = folder_.next_name(std::time(nullptr), reason);
    say_("saving " + name);
    SavingFile file(folder_, name, blocks);
    Watched watched(file, say_);
    for (const std::string& line : capture::describe(session_.save_newest_first(watched, folder_.path_of(name), [&] { file.finish(); }))) say_(line);
    ++saved_;
    last_ = name;
    return "saved " + name + " for: " + reason + (more_ > 0 ? "; and " + std::to_string(more_) + " more reasons until then" : "");
  } catch (const std::exception& e) {
    ++failed_;
    return std::string("NOT SAVED: ") + e.what();
  }
}

void Recorder::write_recording() { write_state("recording since " + utc()); }

// As good as it can be had: that it cannot be written must not end the recording.
void Recorder::write_state(const std::string& state) {
  const std::string text = "state: " + state + "\nsaved: " + std::to_string(saved_) + "\nnot saved: " + std::to_string(failed_) +
                           "\nlast trace: " + (last_.empty() ? "none" : last_) + "\nlast gap: " + seconds(gap_us_) + "\nall gaps: " + seconds(gaps_us_) + "\n";
  try {
    OutputFile file(folder_.path_of(kStateFile), {OutputKind::kCapture, true, {}});
    file.write(text);
    file.finish();
  } catch (const Error& error) {
    say_(error.what());
  }
}

void Recorder::light(bool on) {
  if (config_.led.empty()) return;
  const std::string path = "/sys/class/leds/" + config_.led + "/brightness";
  const Fd fd(open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (fd && write(fd.get(), on ? "1" : "0", 1) == 1) return;
  say_("no light at " + path + ": it is left alone");
  config_.led.clear();
}

}  // namespace kutrace::field
