// SPDX-License-Identifier: BSD-3-Clause
#include "field/service.h"

#include <poll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "base/fd.h"
#include "base/terminal.h"
#include "control/failure.h"
#include "field/recorder.h"
#include "field/trigger.h"

namespace kutrace::field {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// How long somebody else's stop of the trace may stay unseen.
constexpr milliseconds kLook{1000};

void say(const std::string& line) { std::fprintf(stderr, "kutrace-field: %s\n", terminal_text(line).c_str()); }

// Tells systemd, where that has started us (sd_notify(3), which is a datagram to a socket).
void notify(const std::string& text) {
  const char* path = std::getenv("NOTIFY_SOCKET");
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  if (path == nullptr || std::strlen(path) < 2 || std::strlen(path) >= sizeof(to.sun_path)) return;
  std::strcpy(to.sun_path, path);
  const socklen_t length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + std::strlen(path));
  if (to.sun_path[0] == '@') to.sun_path[0] = '\0';
  const Fd fd(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (fd) sendto(fd.get(), text.data(), text.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&to), length);
}

Fd watched_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (int s : {SIGUSR1, SIGPWR, SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, s);
  sigprocmask(SIG_BLOCK, &set, nullptr);
  signal(SIGPIPE, SIG_IGN);
  return Fd(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

class Service {
 public:
  Service(Recorder& recorder, TriggerPipe& pipe, Fd signals) : recorder_(recorder), pipe_(pipe), signals_(std::move(signals)) {}

  void run() {
    while (ending_.empty()) {
      wait();
      for (const std::string& reason : pipe_.take()) ask(reason);
      take_signals();
      if (!ending_.empty()) break;
      if (due_ && Clock::now() >= *due_) save("");
      if (!recorder_.recording()) save("stopped-by-somebody");
    }
    recorder_.end(ending_);
  }

 private:
  void wait() {
    milliseconds most = kLook;
    if (due_) most = std::clamp(std::chrono::ceil<milliseconds>(*due_ - Clock::now()), milliseconds(0), kLook);
    pollfd fds[] = {{pipe_.fd(), POLLIN, 0}, {signals_.get(), POLLIN, 0}};
    if (poll(fds, 2, static_cast<int>(most.count())) < 0 && errno != EINTR) throw capture::Failure(std::string("poll: ") + std::strerror(errno), "close some files");
  }
  void ask(const std::string& reason) {
    if (!recorder_.ask(reason)) return;
    due_ = Clock::now() + milliseconds(recorder_.config().after_ms);
  }
  void save(const std::string& reason) {
    due_.reset();
    notify("STATUS=saving");
    recorder_.save(reason);
    notify("STATUS=recording");
  }
  void take_signals() {
    signalfd_siginfo info{};
    while (read(signals_.get(), &info, sizeof(info)) == sizeof(info)) {
      switch (info.ssi_signo) {
        case SIGUSR1: ask("signal"); break;
        case SIGPWR:
          // There may be no time for what comes after.
          recorder_.ask("power");
          save("");
          break;
        default: ending_ = "end";
      }
    }
  }

  Recorder& recorder_;
  TriggerPipe& pipe_;
  Fd signals_;
  std::optional<Clock::time_point> due_;
  std::string ending_;
};

}  // namespace

void serve(capture::Control& control, const capture::Machine& machine, const Config& config) {
  Fd signals = watched_signals();
  if (!signals) throw capture::Failure(std::string("signalfd: ") + std::strerror(errno), "close some files");
  Recorder recorder(control, machine, config, say);
  TriggerPipe pipe(config.trigger, config.group);
  recorder.begin();
  say("recording; `kutrace-field trigger REASON` saves");
  notify("READY=1\nSTATUS=recording");
  Service(recorder, pipe, std::move(signals)).run();
}

}  // namespace kutrace::field
