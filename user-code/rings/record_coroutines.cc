// SPDX-License-Identifier: BSD-3-Clause
#include "rings/record_coroutines.h"

#include <unistd.h>

#include <cstdio>
#include <ctime>
#include <exception>
#include <thread>

#include "base/terminal.h"
#include "control/failure.h"
#include "control/machine.h"
#include "control/run.h"
#include "control/trace_file.h"
#include "rings/part_file.h"
#include "rings/writer.h"

namespace kutrace::rings {
namespace {

using capture::Failure;

constexpr std::string_view kEnding = ".coro", kPart = ".part";

std::string default_name() {
  const std::string name = capture::default_trace_name(std::time(nullptr), capture::Machine().host_name(), getpid());
  return name.substr(0, name.rfind('.')).append(kEnding);
}

void say(const Taken& taken, const std::string& path) {
  std::fprintf(stderr, "kutrace coro: wrote %s: %llu records of %llu threads, lost %llu events\n", terminal_text(path).c_str(),
               static_cast<unsigned long long>(taken.records), static_cast<unsigned long long>(taken.threads),
               static_cast<unsigned long long>(taken.lost));
}

// A collector in a thread of its own. What goes wrong there is thrown where it is waited for; programs go on, and count what they lose.
class Background {
 public:
  explicit Background(Collector& collector)
      : collector_(collector), thread_([this] {
          try {
            collector_.run();
          } catch (...) {
            failed_ = std::current_exception();
          }
        }) {}
  ~Background() {
    if (thread_.joinable()) stop();
  }
  void stop() {
    collector_.stop();
    thread_.join();
  }
  void finish() {
    stop();
    if (failed_) std::rethrow_exception(failed_);
  }

 private:
  Collector& collector_;
  std::exception_ptr failed_;
  std::thread thread_;
};

}  // namespace

CoroResult record_coroutines(const CoroOptions& options) {
  CoroResult result;
  capture::Identity who = capture::choose_identity(options.who);
  std::erase_if(who.environment, [](const std::string& e) { return e.starts_with(KUTRACE_RING_VARIABLE "="); });
  capture::TraceFile file(options.output.empty() ? default_name() : options.output, options.overwrite);
  result.file = file.path();
  PartFile part((result.file == "-" ? default_name() : result.file).append(kPart));
  Area area(options.size, counter_of_this_machine(), who.change ? who.uid : geteuid(), who.change ? who.gid : getegid());
  who.environment.emplace_back(KUTRACE_RING_VARIABLE "=" + area.path());
  Collector collector(area, part);
  capture::Run run;  // holds back the signals that end us
  file.let_in(run.waiting_mask());
  collector.begin(kutrace_ring_read_clocks());
  {
    Background background(collector);
    result.status = run(options.command, who, -1, [] {}).status;
    background.finish();
  }
  collector.end(kutrace_ring_read_clocks());
  area.remove();
  file.copy(part.fd());
  file.finish();
  part.remove();
  say(collector.taken(), result.file);
  result.lost = collector.taken().lost > 0;
  return result;
}

CoroResult harvest(const std::string& path, const std::string& output, bool overwrite) {
  CoroResult result;
  std::vector<kutrace_coro_section> had;
  PartFile part(path, [&](const kutrace_coro_section& h) {
    if (h.kind == KUTRACE_SECTION_RECORDS || h.kind == KUTRACE_SECTION_SITES) had.push_back(h);
  });
  result.file = !output.empty() ? output : path.ends_with(kPart) ? path.substr(0, path.size() - kPart.size()) : path + std::string(kEnding);
  capture::TraceFile file(result.file, overwrite);
  Taken taken;
  if (!part.complete()) {
    Area area(part.area(), part.owner());
    Collector collector(area, part);
    for (const kutrace_coro_section& h : had) collector.seen(h);
    collector.end(kutrace_ring_read_clocks());
    taken = collector.taken();
    area.remove();
  }
  file.copy(part.fd());
  file.finish();
  part.remove();
  say(taken, result.file);
  result.lost = taken.lost > 0;
  return result;
}

}  // namespace kutrace::rings
