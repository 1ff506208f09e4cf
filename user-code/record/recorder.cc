// SPDX-License-Identifier: BSD-3-Clause
#include "record/recorder.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <ctime>

#include "control/names.h"
#include "record/vector_names.h"

namespace kutrace::record {
namespace {

// How long the recorder sleeps when the rows are nearly empty, and the least when they fill.
constexpr std::chrono::milliseconds kLongest{50}, kShortest{1};
constexpr std::chrono::seconds kTelling{1};
// A step of the wall clock that is none: what adjusting its rate does between two looks.
constexpr int64_t kNoStepUs = 1000;

uint64_t ns(clockid_t clock) {
  timespec t{};
  clock_gettime(clock, &t);
  return static_cast<uint64_t>(t.tv_sec) * 1000000000u + static_cast<uint64_t>(t.tv_nsec);
}

// The closest of a few readings, each of which may be disturbed.
Moment now() {
  Moment best;
  uint64_t least = UINT64_MAX;
  for (int k = 0; k < 10; ++k) {
    const uint64_t before = ns(CLOCK_MONOTONIC);
    const uint64_t wall = ns(CLOCK_REALTIME);
    const uint64_t after = ns(CLOCK_MONOTONIC);
    if (after - before >= least) continue;
    least = after - before;
    best = {(before + least / 2) >> KUTRACE_ROW_SHIFT, wall / 1000};
  }
  return best;
}

int64_t clock_offset_us(const Moment& m) {
  return static_cast<int64_t>(m.us) - static_cast<int64_t>((m.counter << KUTRACE_ROW_SHIFT) / 1000);
}

}  // namespace

Recorder::Recorder(BpfCapture& capture, BlockSink& sink, const capture::Machine& machine)
    : capture_(capture), sink_(sink), machine_(machine), begun_(capture.cpus()) {
  for (uint32_t cpu = 0; cpu < capture.cpus(); ++cpu) {
    rows_.emplace_back(capture.row(cpu), capture.words(cpu), capture.row_words());
  }
}

Recorder::~Recorder() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
}

void Recorder::start() {
  capture_.attach();
  start_ = now();
  clock_offset_us_ = clock_offset_us(start_);
  assembler_ = std::make_unique<TraceAssembler>(sink_, capture_.cpus(), KUTRACE_ROW_SHIFT, start_, 0);
  capture_.store(true);
  capture_.mark_edges();
  // Threads that begin or are renamed from here on are seen: what /proc shows now completes them.
  name_everything();
  thread_ = std::thread([this] { empty_rows(); });
}

void Recorder::name_everything() {
  for (const auto& entry : kVectorNames) assembler_->name({entry.kind, entry.number, entry.text});
  // What does not fit into block 0 has its name when it next is renamed, and its number till then.
  for (const auto& entry : capture::gather_names(machine_).entries) {
    assembler_->name({entry.kind, entry.number, entry.text});
  }
}

void Recorder::drain() {
  for (uint32_t cpu = 0; cpu < rows_.size(); ++cpu) {
    rows_[cpu].drain([this, cpu](const Entry& entry) {
      // A row begins with the name of the thread that runs there.
      if (!begun_[cpu] && entry.event() == KUTRACE_PIDNAME + 0x30) {
        begun_[cpu] = true;
        assembler_->running(cpu, entry.argument());
      }
      assembler_->put(cpu, entry);
    });
  }
}

// A wall clock that is set does not change how time is counted; the trace says that it was.
void Recorder::watch_clock() {
  const Moment m = now();
  const int64_t offset = clock_offset_us(m);
  const int64_t step = offset - clock_offset_us_;
  if (std::abs(step) < kNoStepUs) {
    clock_offset_us_ = offset;
    return;
  }
  clock_offset_us_ = offset;
  Entry entry;
  entry.time = m.counter;
  entry.words = 2;
  entry.word = uint64_t{KUTRACE_CLOCK_SET + 0x20} << KUTRACE_EVENT_SHIFT;
  entry.more[0] = static_cast<uint64_t>(step);
  rows_[0].add(entry);
}

void Recorder::empty_rows() {
  // Before others, where that is allowed: on a busy machine the rows fill while this thread waits for its turn.
  setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), -20);
  auto wait = kLongest;
  auto told = std::chrono::steady_clock::now();
  const auto begun = told;
  try {
    while (!stopping_) {
      uint64_t most = 0;
      for (uint32_t cpu = 0; cpu < rows_.size(); ++cpu) most = std::max(most, rows_[cpu].waiting());
      drain();
      watch_clock();
      if (const auto t = std::chrono::steady_clock::now(); tell_ && t - told >= kTelling) {
        told = t;
        tell_({std::chrono::duration<double>(t - begun).count(), assembler_->entries(), assembler_->blocks(), lost()});
      }
      // Half as long when a quarter of a row came, twice as long when next to nothing did.
      if (most > capture_.row_words() / 4) wait = std::max(wait / 2, kShortest);
      if (most < capture_.row_words() / 16) wait = std::min(wait * 2, kLongest);
      std::this_thread::sleep_for(wait);
    }
  } catch (...) {
    failure_ = std::current_exception();
  }
  seconds_ = static_cast<double>(ns(CLOCK_THREAD_CPUTIME_ID)) * 1e-9;
}

uint64_t Recorder::lost() const {
  uint64_t sum = 0;
  for (const RowReader& row : rows_) sum += row.lost();
  return sum;
}

RecordSummary Recorder::stop() {
  capture_.mark_edges();
  capture_.store(false);
  const Moment end = now();
  stopping_ = true;
  thread_.join();
  if (failure_) std::rethrow_exception(failure_);

  RecordSummary summary;
  drain();
  for (uint32_t cpu = 0; cpu < rows_.size(); ++cpu) {
    rows_[cpu].finish([this, cpu](const Entry& entry) { assembler_->put(cpu, entry); });
    summary.lost += rows_[cpu].lost();
    summary.attempted += rows_[cpu].attempted();
    summary.unfinished += rows_[cpu].unfinished();
    summary.unseen += capture_.row(cpu).unseen;
  }
  summary.refused = capture_.refused_runs();
  summary.lost += summary.refused;
  summary.attempted += summary.refused;
  uint64_t unsaid = summary.refused + summary.unfinished;
  for (uint32_t cpu = 0; cpu < rows_.size(); ++cpu) unsaid += capture_.row(cpu).lost - capture_.row(cpu).lost_noted;
  assembler_->finish(end, unsaid);
  summary.start_us = start_.us;
  summary.stop_us = end.us;
  summary.entries = assembler_->entries();
  summary.blocks = assembler_->blocks();
  summary.recorder_seconds = seconds_;
  summary.not_recorded = capture_.not_recorded();
  return summary;
}

}  // namespace kutrace::record
