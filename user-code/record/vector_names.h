// SPDX-License-Identifier: BSD-3-Clause
// Names of the trap and the system vectors that are recorded here. The module takes them from the kernel that it is built for; these are the numbers
// that x86 kernels have had from 5.10 on.
#pragma once

#include "control/names.h"

namespace kutrace::record {

inline const capture::NameEntry kVectorNames[] = {
    {KUTRACE_TRAPNAME, KUTRACE_PAGE_FAULT - KUTRACE_TRAP, "page_fault"},
#ifdef __x86_64__
    {KUTRACE_INTERRUPTNAME, 0xec, "local_timer_vector"},
    {KUTRACE_INTERRUPTNAME, 0xf4, "deferred_error"},
    {KUTRACE_INTERRUPTNAME, 0xf6, "irq_work"},
    {KUTRACE_INTERRUPTNAME, 0xf7, "platform_ipi"},
    {KUTRACE_INTERRUPTNAME, 0xf9, "threshold_apic"},
    {KUTRACE_INTERRUPTNAME, 0xfa, "thermal_apic"},
    {KUTRACE_INTERRUPTNAME, 0xfb, "call_function1_ipi"},
    {KUTRACE_INTERRUPTNAME, 0xfc, "call_function_ipi"},
    {KUTRACE_INTERRUPTNAME, 0xfd, "reschedule_ipi"},
    {KUTRACE_INTERRUPTNAME, 0xfe, "error_apic"},
    {KUTRACE_INTERRUPTNAME, 0xff, "spurious_apic"},
#endif
};

}  // namespace kutrace::record
