/* SPDX-License-Identifier: GPL-2.0 */
/* The time counter: the processor's, or the kernel's monotonic clock where that is asked for. */
#ifndef KUTRACE_CLOCK_H
#define KUTRACE_CLOCK_H

#include <linux/math64.h>
#include <linux/ktime.h>

#ifdef CONFIG_X86
#include <asm/msr.h>
#include <asm/tsc.h>
#define KUTRACE_HARDWARE_CLOCK KUTRACE_CLOCK_TSC
#define KUTRACE_HARDWARE_SHIFT 6
static __always_inline u64 kutrace_hardware_counter(void)
{
	u64 counter;

	/* rdtsc() leaves gcc with one or two moves more on the hot path. */
	asm volatile("rdtsc\n\tshl $32, %%rdx\n\tor %%rax, %%rdx" : "=d"(counter) : : "rax", "cc");
	return counter;
}

/* The same, not before what stands before it. */
static inline u64 kutrace_hardware_counter_in_order(void)
{
	return rdtsc_ordered();
}

static inline u64 kutrace_hardware_khz(void)
{
	return tsc_khz;
}
#else
#include <asm/sysreg.h>
#define KUTRACE_HARDWARE_CLOCK KUTRACE_CLOCK_CNTVCT
#define KUTRACE_HARDWARE_SHIFT 0
static __always_inline u64 kutrace_hardware_counter(void)
{
	return read_sysreg(cntvct_el0);
}

/* The same, not before what stands before it. */
static inline u64 kutrace_hardware_counter_in_order(void)
{
	isb();
	return kutrace_hardware_counter();
}

static inline u64 kutrace_hardware_khz(void)
{
	return read_sysreg(cntfrq_el0) / 1000;
}
#endif

/* Of the monotonic clock a count is 16 ns. */
#define KUTRACE_MONOTONIC_SHIFT 4

extern u32 kutrace_clock_source;
extern u32 kutrace_clock_shift;

/* The raw counter of a clock: KUTRACE_CLOCK_*. Safe in any context. */
static __always_inline u64 kutrace_raw_counter(u32 source)
{
	if (source == KUTRACE_CLOCK_MONOTONIC)
		return ktime_get_mono_fast_ns();
	return kutrace_hardware_counter();
}

/* The counter as it stands in a trace, whatever the clock. */
static inline u64 kutrace_counter(void)
{
	return kutrace_raw_counter(kutrace_clock_source) >> kutrace_clock_shift;
}

static inline u64 kutrace_clock_khz(void)
{
	return kutrace_clock_source == KUTRACE_CLOCK_MONOTONIC ? USEC_PER_SEC :
								  kutrace_hardware_khz();
}

/* A time in ns, in counts of the trace. */
static inline u64 kutrace_clock_counts(u64 ns)
{
	return mul_u64_u64_div_u64(ns, kutrace_clock_khz(), USEC_PER_SEC) >> kutrace_clock_shift;
}

/* Counts of the trace, in ns. */
static inline u64 kutrace_clock_ns(u64 counts)
{
	return mul_u64_u64_div_u64(counts << kutrace_clock_shift, USEC_PER_SEC, kutrace_clock_khz());
}

/* A tenth of a second, in counts of the trace. */
static inline u64 kutrace_clock_tenth(void)
{
	return kutrace_clock_khz() * 100 >> kutrace_clock_shift;
}

#endif /* KUTRACE_CLOCK_H */
