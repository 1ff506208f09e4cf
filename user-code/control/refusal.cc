// SPDX-License-Identifier: BSD-3-Clause
#include "control/refusal.h"

#include <cerrno>
#include <cstring>

#include "kutrace/abi.h"

namespace kutrace::capture {
namespace {

constexpr char kHowToBeAllowed[] =
    "use sudo, or let a group record (mode 0750, setcap cap_perfmon+ep: see PRIVILEGE in kutrace_control(1))";

constexpr uint64_t errno_result(int error) { return static_cast<uint64_t>(-static_cast<int64_t>(error)); }

Failure not_there(const Machine& machine) {
  if (machine.has_module()) {
    return {"kutrace_mod is loaded but the kernel does not pass the control call to it",
            "the module was built for another patch; rebuild it for this kernel and load it again"};
  }
  const auto patched = machine.is_patched();
  if (!patched) {
    return {"this kernel does not answer the KUtrace control call",
            "boot a kernel with the KUtrace patch, then load the module: modprobe kutrace_mod"};
  }
  if (*patched) return {"the module is not loaded", "load it: modprobe kutrace_mod"};
  return {"this kernel is not patched for KUtrace (no kutrace_register in /proc/kallsyms)",
          "boot a patched kernel; kernel-patches/README.md tells how to make one"};
}

}  // namespace

bool is_refusal(uint64_t result) {
  return result == KUTRACE_CMD_ERROR || result == errno_result(ENOSYS) || result == errno_result(EPERM) ||
         result == errno_result(EBUSY) || result == errno_result(EACCES) || result == errno_result(EFAULT) ||
         result == errno_result(EINVAL);
}

Failure explain_refusal(uint64_t result, const std::string& what, const Machine& machine) {
  if (result == errno_result(ENOSYS)) return not_there(machine);
  if (!machine.may_trace()) {
    return {"no privilege to " + what,
            kHowToBeAllowed};
  }
  if (result == errno_result(EBUSY)) {
    return {"cannot " + what + ": another controller is at work", "wait for it, or stop it"};
  }
  return {"cannot " + what + ": the module refuses",
          "another controller may be at work, a container may filter system calls, or the module has no buffer; see dmesg"};
}

Failure explain_device(int error) {
  if (error == EBUSY) {
    return {KUTRACE_DEVICE " is busy", "another program reads it, or tracing was switched on again; try `stop` again"};
  }
  if (error == EPERM || error == EACCES) {
    return {"no privilege to read " KUTRACE_DEVICE,
            kHowToBeAllowed};
  }
  return {std::string("cannot read " KUTRACE_DEVICE ": ") + std::strerror(error), "see dmesg; the trace is still there"};
}

}  // namespace kutrace::capture
