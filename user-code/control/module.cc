// SPDX-License-Identifier: BSD-3-Clause
#include "control/module.h"

#include <unistd.h>

#include <cerrno>

#include "control/refusal.h"

namespace kutrace::capture {
namespace {

template <typename T>
uint64_t address(T& argument) {
  return reinterpret_cast<uintptr_t>(&argument);
}

}  // namespace

int Module::device() {
  if (!device_) {
    const int fd = control_.open_device();
    if (fd < 0) throw explain_open(-fd, machine_);
    device_ = Fd(fd);
  }
  return device_.get();
}

int Module::ask(unsigned long request, uint64_t argument, const std::string& what) {
  const int result = control_.command(device(), request, argument);
  if (result < 0) throw explain_command(-result, what);
  return result;
}

kutrace_status Module::status(const std::string& why) {
  kutrace_status s{};
  ask(KUTRACE_IOC_STATUS, address(s), why);
  if ((s.rights & KUTRACE_RIGHT_CONTROL) == 0) throw explain_command(EPERM, why);
  return s;
}

bool Module::reset(unsigned flags) {
  kutrace_reset r{flags, 0};
  const int result = control_.command(device(), KUTRACE_IOC_RESET, address(r));
  if (result < 0 && result != -EOPNOTSUPP) throw explain_command(-result, "empty the buffer");
  return result == 0;
}

void Module::sample(const kutrace_memory& memory) {
  kutrace_memory m = memory;
  ask(KUTRACE_IOC_MEMORY, address(m), "sample what the CPUs use");
}
void Module::start() { ask(KUTRACE_IOC_START, 0, "start tracing"); }
void Module::stop() { ask(KUTRACE_IOC_STOP, 0, "stop tracing"); }
void Module::stop_with_us() { ask(KUTRACE_IOC_STOP_ON_CLOSE, 1, "start tracing"); }

size_t Module::insert_before(std::span<const uint64_t> words) {
  kutrace_insert in{reinterpret_cast<uintptr_t>(words.data()), static_cast<unsigned>(words.size()), KUTRACE_INSERT_BEFORE};
  return static_cast<size_t>(ask(KUTRACE_IOC_INSERT, address(in), "insert names"));
}

bool Module::mark(uint32_t event, uint32_t argument) { return ask(KUTRACE_MARK_COMMAND(event), argument, "insert a mark") == 1; }

uint64_t Module::lost_on(uint32_t cpu) {
  kutrace_cpu_lost l{cpu, 0, 0};
  return control_.command(device(), KUTRACE_IOC_CPU_LOST, address(l)) == 0 ? l.lost : 0;  // no such CPU: none lost
}

void Module::seek(uint64_t byte) {
  if (lseek(device(), static_cast<off_t>(byte), SEEK_SET) < 0) throw explain_read(errno);
}

size_t Module::read(std::span<char> to) {
  ssize_t n;
  do {
    n = control_.read(device(), to);
  } while (n == -EINTR);
  if (n < 0) throw explain_read(static_cast<int>(-n));
  return static_cast<size_t>(n);
}

Fd Module::for_marks() {
  Fd fd(control_.open_device());
  kutrace_restrict r{KUTRACE_RIGHT_MARK, 0};
  if (fd.get() < 0 || control_.command(fd.get(), KUTRACE_IOC_RESTRICT, address(r)) != 0) return Fd();
  return fd;
}

}  // namespace kutrace::capture
