/* SPDX-License-Identifier: GPL-2.0 */
/* The differences between kernels, all of them. */
#ifndef KUTRACE_COMPAT_H
#define KUTRACE_COMPAT_H

#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
#define kutrace_clear_vm_flags(vma, flags) vm_flags_clear(vma, flags)
#else
#define kutrace_clear_vm_flags(vma, flags) ((vma)->vm_flags &= ~(flags))
#endif

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0)
#define kutrace_splice_read copy_splice_read
#else
#define kutrace_splice_read generic_file_splice_read
#endif

/* How perf numbers the counters of arm64's PMU: cycles, and the first of the others. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#define KUTRACE_PMU_CYCLES 31
#define KUTRACE_PMU_FIRST 0
#else
#define KUTRACE_PMU_CYCLES 0
#define KUTRACE_PMU_FIRST 1
#endif

#endif /* KUTRACE_COMPAT_H */
