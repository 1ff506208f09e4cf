// SPDX-License-Identifier: BSD-3-Clause
#include "record/record.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <optional>

#include "base/terminal.h"
#include "control/failure.h"
#include "kutrace.h"
#include "control/run.h"
#include "control/trace_file.h"
#include "record/recorder.h"

namespace kutrace::record {
namespace {

using capture::Failure;

// Blocks wait in a file without a name until all are known: the first is complete last.
class Spool final : public BlockSink {
 public:
  explicit Spool(const std::string& folder) {
    fd_ = open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd_ < 0) throw Failure("cannot write in " + folder + ": " + std::strerror(errno), "give another place with -o FILE");
  }
  ~Spool() override { close(fd_); }
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  void block(uint64_t index, std::span<const uint64_t> words) override {
    const char* at = reinterpret_cast<const char*>(words.data());
    size_t left = words.size_bytes();
    auto offset = static_cast<off_t>(index * KUTRACE_BLOCK_BYTES);
    while (left > 0) {
      const ssize_t n = pwrite(fd_, at, left, offset);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) throw Failure(std::string("cannot write the trace: ") + std::strerror(errno), "make room, or give another place with -o FILE");
      at += n;
      left -= static_cast<size_t>(n);
      offset += n;
    }
  }
  void copy(capture::TraceFile& to) { to.copy(fd_); }

 private:
  int fd_;
};

std::string folder_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (path == "-") return "/tmp";
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

// SIGINT, SIGTERM or SIGHUP, or the time; the signals are blocked.
void wait_for_end(double seconds) {
  sigset_t set;
  sigemptyset(&set);
  for (int s : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&set, s);
  if (seconds <= 0) {
    while (sigwaitinfo(&set, nullptr) < 0 && errno == EINTR) {
    }
    return;
  }
  timespec t{};
  t.tv_sec = static_cast<time_t>(seconds);
  t.tv_nsec = static_cast<long>((seconds - static_cast<double>(t.tv_sec)) * 1e9);
  sigtimedwait(&set, nullptr, &t);
}

// One line, written over again.
void say_progress(const Progress& p) {
  std::fprintf(stderr, "\rkutrace record: %.0f s, %llu events, %.0f a second, %.1f MB, lost %llu ", p.seconds,
               static_cast<unsigned long long>(p.entries), static_cast<double>(p.entries) / p.seconds,
               static_cast<double>(p.blocks * KUTRACE_BLOCK_BYTES) * 1e-6, static_cast<unsigned long long>(p.lost));
}

void say(const RecordSummary& s, const std::string& path) {
  const double seconds = static_cast<double>(s.stop_us - s.start_us) * 1e-6;
  std::fprintf(stderr, "kutrace record: wrote %s: %.3f s, %llu events, %.1f MB, lost %llu; the recorder took %.1f %% of a CPU\n",
               terminal_text(path).c_str(), seconds, static_cast<unsigned long long>(s.entries),
               static_cast<double>(s.blocks * KUTRACE_BLOCK_BYTES) * 1e-6, static_cast<unsigned long long>(s.lost),
               seconds > 0 ? s.recorder_seconds / seconds * 100 : 0);
  if (s.refused + s.unfinished > 0) {
    std::fprintf(stderr, "kutrace record: %llu programs refused since they interrupted themselves, %llu words unreadable\n",
                 static_cast<unsigned long long>(s.refused), static_cast<unsigned long long>(s.unfinished));
  }
  if (s.unseen > 0) {
    std::fprintf(stderr, "kutrace record: this kernel did not show %llu context switches; the trace has them where the next event told of them\n",
                 static_cast<unsigned long long>(s.unseen));
  }
  for (const std::string& what : s.not_recorded) std::fprintf(stderr, "kutrace record: not recorded here: %s\n", what.c_str());
}

}  // namespace

RecordResult record(const RecordOptions& options) {
  const capture::Machine machine;
  capture::Identity who = options.command.empty() ? capture::Identity{} : capture::choose_identity(options.who);
  who.environment.emplace_back(KUTRACE_DESCRIPTOR_VARIABLE "=" KUTRACE_MARKS_BY_CALL);
  RecordResult result;
  capture::TraceFile file(options.output.empty() ? capture::free_trace_name(capture::default_trace_name(
                                                       std::time(nullptr), machine.host_name(), getpid()))
                                                 : options.output,
                          options.overwrite);
  result.trace = file.path();
  Spool spool(folder_of(result.trace));

  BpfOptions bpf;
  bpf.row_words = std::bit_ceil(options.buffer_kb) * 128;
  bpf.sample_hz = options.sample_hz;
  BpfCapture capture(bpf);
  Recorder recorder(capture, spool, machine);
  const bool terminal = options.command.empty() && isatty(STDERR_FILENO) == 1;  // else it may be the command that writes there
  if (terminal) recorder.tell(say_progress);
  capture::Run run;  // holds back the signals that end us
  file.let_in(run.waiting_mask());
  std::optional<MappingWatch> watch;
  const auto go = [&] {
    if (options.sample_hz > 0) watch.emplace();
    recorder.start();
    std::fprintf(stderr, "kutrace record: recording by eBPF, %u tracepoints%s\n", capture.programs(),
                 options.command.empty() && options.seconds <= 0 ? "; Ctrl-C ends it" : "");
  };
  if (options.command.empty()) {
    go();
    wait_for_end(options.seconds);
  } else {
    result.status = run(options.command, who, -1, go).status;
  }
  const RecordSummary summary = recorder.stop();
  if (watch) result.mappings = watch->stop();
  if (terminal) std::fputc('\n', stderr);
  spool.copy(file);
  file.finish();
  say(summary, result.trace);
  result.lost = summary.lost > 0;
  return result;
}

}  // namespace kutrace::record
