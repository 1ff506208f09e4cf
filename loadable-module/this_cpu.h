/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A CPU's own state, reached for the hot path. On x86 each access is one instruction with a
 * segment-relative operand, which the kernel's generic accessors would load into a register first.
 */
#ifndef KUTRACE_THIS_CPU_H
#define KUTRACE_THIS_CPU_H

#include <linux/percpu.h>

#include "kutrace_cpu.h"

DECLARE_PER_CPU_ALIGNED(struct kutrace_cpu, kutrace_cpu);

#define KUTRACE_CPU_NEXT() raw_cpu_read(kutrace_cpu.next)

#ifdef CONFIG_X86_64

static __always_inline bool kutrace_cpu_full(const u64 *slot)
{
	bool full;

	asm volatile("cmpq " __percpu_arg(1) ", %2"
		     : "=@ccae"(full)
		     : "m"(kutrace_cpu.limit), "r"(slot));
	return full;
}

static __always_inline u64 kutrace_cpu_since(u64 raw)
{
	asm volatile("subq " __percpu_arg(1) ", %0" : "+r"(raw) : "m"(kutrace_cpu.base));
	return raw;
}

static __always_inline bool kutrace_cpu_beyond(u64 since)
{
	bool beyond;

	asm volatile("cmpq " __percpu_arg(1) ", %2"
		     : "=@ccae"(beyond)
		     : "m"(kutrace_cpu.window), "r"(since));
	return beyond;
}

static __always_inline bool kutrace_cpu_claim(u64 *old, u64 *new)
{
	bool claimed;

	asm volatile("cmpxchgq %3, " __percpu_arg(1)
		     : "=@ccz"(claimed), "+m"(kutrace_cpu.next), "+a"(old)
		     : "r"(new)
		     : "memory");
	return claimed;
}

#else

static __always_inline bool kutrace_cpu_full(const u64 *slot)
{
	return slot >= raw_cpu_read(kutrace_cpu.limit);
}

static __always_inline u64 kutrace_cpu_since(u64 raw)
{
	return raw - raw_cpu_read(kutrace_cpu.base);
}

static __always_inline bool kutrace_cpu_beyond(u64 since)
{
	return since >= raw_cpu_read(kutrace_cpu.window);
}

static __always_inline bool kutrace_cpu_claim(u64 *old, u64 *new)
{
	return this_cpu_cmpxchg(kutrace_cpu.next, old, new) == old;
}

#endif

#define KUTRACE_CPU_FULL(slot) kutrace_cpu_full(slot)
#define KUTRACE_CPU_SINCE(raw) kutrace_cpu_since(raw)
#define KUTRACE_CPU_BEYOND(since) kutrace_cpu_beyond(since)
#define KUTRACE_CPU_CLAIM(old, new) kutrace_cpu_claim(old, new)

#endif /* KUTRACE_THIS_CPU_H */
