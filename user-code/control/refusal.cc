// SPDX-License-Identifier: BSD-3-Clause
#include "control/refusal.h"

#include <cerrno>
#include <cstring>

#include "kutrace/abi.h"

namespace kutrace::capture {
namespace {

constexpr char kHowToBeAllowed[] =
    "use sudo, or let a group record (mode 0750, setcap cap_perfmon+ep: see PRIVILEGE in kutrace_control(1))";

Failure not_there(const Machine& machine) {
  if (machine.has_module()) {
    return {"kutrace_mod is loaded but there is no " KUTRACE_DEVICE " of its",
            "a container may hide it; give it the device, or mount devtmpfs and sysfs"};
  }
  const auto patched = machine.is_patched();
  if (!patched) {
    return {"there is no " KUTRACE_DEVICE " in this kernel",
            "boot a kernel with the KUtrace patch, then load the module: modprobe kutrace_mod"};
  }
  if (*patched) return {"the module is not loaded", "load it: modprobe kutrace_mod"};
  return {"this kernel is not patched for KUtrace (no kutrace_register in /proc/kallsyms)",
          "boot a patched kernel; kernel-patches/README.md tells how to make one"};
}

}  // namespace

Failure explain_open(int error, const Machine& machine) {
  switch (error) {
    case ENOENT:
    case ENXIO:
    case ENODEV: return not_there(machine);
    case EPERM:
    case EACCES: return {"no privilege to use " KUTRACE_DEVICE, kHowToBeAllowed};
    case EBUSY: return {KUTRACE_DEVICE " is busy", "another program has it; try again"};
    default: return {std::string("cannot open " KUTRACE_DEVICE ": ") + std::strerror(error), "see dmesg"};
  }
}

Failure explain_command(int error, const std::string& what) {
  switch (error) {
    case EPERM:
    case EACCES: return {"no privilege to " + what, kHowToBeAllowed};
    case EBUSY:
    case EALREADY: return {"cannot " + what + ": another program traces", "wait for it, or stop it"};
    case EINTR: return {"cannot " + what + ": interrupted", "try again"};
    case ENOTTY: return {"cannot " + what + ": the module is of another version than this program", "build and load them together"};
    case EOPNOTSUPP: return {"cannot " + what + ": this machine has not the counters that are wanted", "see dmesg; virtual machines often have none"};
    case ENODEV: return {"cannot " + what + ": the module is being unloaded", "load it again"};
    default: return {"cannot " + what + ": " + std::strerror(error), "see dmesg"};
  }
}

Failure explain_read(int error) {
  if (error == EBUSY) {
    return {KUTRACE_DEVICE " is busy", "another program reads it, or tracing was switched on again; try `stop` again"};
  }
  if (error == EPERM) return {"no privilege to read " KUTRACE_DEVICE, kHowToBeAllowed};
  if (error == EACCES) {
    return {"no right to the kernel addresses in the trace", "save it as root, with kernel.kptr_restrict below 2"};
  }
  return {std::string("cannot read " KUTRACE_DEVICE ": ") + std::strerror(error), "see dmesg; the trace is still there"};
}

}  // namespace kutrace::capture
