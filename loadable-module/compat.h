/* SPDX-License-Identifier: GPL-2.0 */
/* The differences between kernels, all of them. */
#ifndef KUTRACE_COMPAT_H
#define KUTRACE_COMPAT_H

#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/sched/isolation.h>
#include <linux/tick.h>
#include <linux/timer.h>
#include <linux/version.h>

#ifdef CONFIG_CPU_BIG_ENDIAN
#error "traces are little-endian, and the hot path stores single bytes of them: no big-endian kernel"
#endif

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

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 17, 0)
#define vfs_mmap(file, vma) call_mmap(file, vma)
#endif

/* No flags for the mappings of a file. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 0, 0)
#define KUTRACE_NO_VMA_FLAGS EMPTY_VMA_FLAGS
#else
#define KUTRACE_NO_VMA_FLAGS 0
#endif

/* Makes a mapping one of another file. */
static inline int kutrace_map_other(struct vm_area_struct *vma, struct file *other)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 11, 0)
	vma_set_file(vma, other);
	return vfs_mmap(other, vma);
#else
	struct file *own = vma->vm_file;
	int ret;

	vma->vm_file = get_file(other);
	ret = vfs_mmap(other, vma);
	if (ret) {
		vma->vm_file = own;
		fput(other);
	} else {
		fput(own);
	}
	return ret;
#endif
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)
#define kutrace_delete_timer(timer) timer_delete_sync(timer)
#else
#define kutrace_delete_timer(timer) del_timer_sync(timer)
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
#define hrtimer_setup(timer, expired, clock, mode)                                                 \
	do {                                                                                       \
		hrtimer_init(timer, clock, mode);                                                  \
		(timer)->function = (expired);                                                     \
	} while (0)
#endif

/* Attributes that are constant. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 16, 0)
#define KUTRACE_BIN_ATTRIBUTE const struct bin_attribute
#else
#define KUTRACE_BIN_ATTRIBUTE struct bin_attribute
#endif

/* CPUs that are kept free of the kernel: isolated ones and those without a tick. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 18, 0)
#define KUTRACE_HK_DOMAIN HK_TYPE_DOMAIN
#else
#define KUTRACE_HK_DOMAIN HK_FLAG_DOMAIN
#endif
#define kutrace_left_alone(cpu)                                                                    \
	(tick_nohz_full_cpu(cpu) || !housekeeping_cpu(cpu, KUTRACE_HK_DOMAIN))

/* How perf numbers the counters of arm64's PMU: cycles, and the first of the others. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#define KUTRACE_PMU_CYCLES 31
#define KUTRACE_PMU_FIRST 0
#else
#define KUTRACE_PMU_CYCLES 0
#define KUTRACE_PMU_FIRST 1
#endif

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#include <linux/unaligned.h>
#else
#include <asm/unaligned.h>
#endif

/* How x86 reads a register of 64 bits. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 16, 0)
#define kutrace_rdmsr(msr, value) rdmsrq(msr, value)
#define kutrace_rdpmc(counter, value) ((value) = rdpmc(counter))
#else
#define kutrace_rdmsr(msr, value) rdmsrl(msr, value)
#define kutrace_rdpmc(counter, value) rdpmcl(counter, value)
#endif

/* A CPU's own variable as an operand of x86's assembly. */
#ifdef __force_percpu_arg
#define kutrace_percpu_arg(x) __force_percpu_arg(x)
#else
#define kutrace_percpu_arg(x) __percpu_arg(x)
#endif

/* The inter-processor interrupts of arm64 that have changed. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#define KUTRACE_IPI3 "cpu_stop_nmi_ipi"
#define KUTRACE_IPI6 "cpu_backtrace_ipi"
#define KUTRACE_IPI7 "kgdb_roundup_ipi"
#else
#define KUTRACE_IPI3 "crash_stop_ipi"
#define KUTRACE_IPI6 "wakeup_ipi"
#endif

#endif /* KUTRACE_COMPAT_H */
