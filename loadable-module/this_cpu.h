/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A CPU's own state, reached for the hot path. On x86 each access is one instruction with a
 * segment-relative operand, which the kernel's generic accessors would load into a register first.
 */
#ifndef KUTRACE_THIS_CPU_H
#define KUTRACE_THIS_CPU_H

#include <linux/percpu.h>

#include "compat.h"
#include "kutrace_cpu.h"

DECLARE_PER_CPU_ALIGNED(struct kutrace_cpu, kutrace_cpu);

#ifdef CONFIG_X86_64

#define KUTRACE_CPU_HERE() NULL
#define KUTRACE_CPU_GET(here, field) ((void)(here), raw_cpu_read(kutrace_cpu.field))
#define KUTRACE_CPU_PUT(here, field, value) raw_cpu_write(kutrace_cpu.field, value)
#define KUTRACE_CPU_NEXT(here) KUTRACE_CPU_GET(here, next)

static __always_inline bool kutrace_cpu_full(const u64 *slot)
{
	bool full;

	asm volatile("cmpq " kutrace_percpu_arg(1) ", %2"
		     : "=@ccae"(full)
		     : "m"(kutrace_cpu.limit), "r"(slot));
	return full;
}

static __always_inline u64 kutrace_cpu_since(u64 raw)
{
	asm volatile("subq " kutrace_percpu_arg(1) ", %0" : "+r"(raw) : "m"(kutrace_cpu.base));
	return raw;
}

static __always_inline bool kutrace_cpu_beyond(u64 since)
{
	bool beyond;

	asm volatile("cmpq " kutrace_percpu_arg(1) ", %2"
		     : "=@ccae"(beyond)
		     : "m"(kutrace_cpu.window), "r"(since));
	return beyond;
}

static __always_inline bool kutrace_cpu_claim(u64 *old, u64 *new)
{
	bool claimed;

	asm volatile("cmpxchgq %3, " kutrace_percpu_arg(1)
		     : "=@ccz"(claimed), "+m"(kutrace_cpu.next), "+a"(old)
		     : "r"(new)
		     : "memory");
	return claimed;
}

#define KUTRACE_CPU_FULL(here, slot) kutrace_cpu_full(slot)
#define KUTRACE_CPU_SINCE(here, raw) kutrace_cpu_since(raw)
#define KUTRACE_CPU_BEYOND(here, since) kutrace_cpu_beyond(since)
#define KUTRACE_CPU_CLAIM(here, old, new) kutrace_cpu_claim(old, new)

#else

#define KUTRACE_CPU_HERE() raw_cpu_ptr(&kutrace_cpu)
#define KUTRACE_CPU_GET(here, field) ((here)->field)
#define KUTRACE_CPU_PUT(here, field, value) ((here)->field = (value))
#define KUTRACE_CPU_NEXT(here) READ_ONCE((here)->next)
#define KUTRACE_CPU_FULL(here, slot) ((slot) >= READ_ONCE((here)->limit))
#define KUTRACE_CPU_SINCE(here, raw) ((raw) - READ_ONCE((here)->base))
#define KUTRACE_CPU_BEYOND(here, since) ((since) >= READ_ONCE((here)->window))
#define KUTRACE_CPU_CLAIM(here, old, new) kutrace_cpu_claim(here, old, new)

#ifdef CONFIG_ARM64

/* An exception, with whatever it stores, ends the exclusive access: then the claim fails. */
static __always_inline bool kutrace_cpu_claim(struct kutrace_cpu *here, u64 *old, u64 *new)
{
	u64 differs;

	asm volatile("ldxr %0, %1\n\t"
		     "eor %0, %0, %2\n\t"
		     "cbnz %0, 1f\n\t"
		     "stxr %w0, %3, %1\n"
		     "1:"
		     : "=&r"(differs), "+Q"(here->next)
		     : "r"(old), "r"(new)
		     : "memory");
	return !differs;
}

#else

static __always_inline bool kutrace_cpu_claim(struct kutrace_cpu *here, u64 *old, u64 *new)
{
	return this_cpu_cmpxchg(kutrace_cpu.next, old, new) == old;
}

#endif
#endif

#endif /* KUTRACE_THIS_CPU_H */
