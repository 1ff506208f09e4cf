// SPDX-License-Identifier: GPL-2.0
/* The clock of a trace: which it is, what it is worth, and what time of day it says. */
#include <linux/cpu.h>
#include <linux/moduleparam.h>
#include <linux/preempt.h>
#include <linux/smp.h>

#include "kutrace_mod.h"

static char *clock = "cpu";
module_param(clock, charp, 0444);
MODULE_PARM_DESC(clock, "cpu: the processor's counter (default); mono: the kernel's monotonic clock, for machines whose counters cannot be trusted");

static int clockshift = -1;
module_param(clockshift, int, 0444);
MODULE_PARM_DESC(clockshift, "a count of the trace is 2^clockshift ticks of the clock; default 6 for the TSC, 0 on arm64, 4 for mono");

u32 kutrace_clock_source;
u32 kutrace_clock_shift;

/* Whether the processor promises that its counter neither stops nor changes its rate. */
static bool hardware_is_steady(void)
{
#ifdef CONFIG_X86
	return boot_cpu_has(X86_FEATURE_CONSTANT_TSC) && boot_cpu_has(X86_FEATURE_NONSTOP_TSC) &&
	       !check_tsc_unstable();
#else
	return true; /* the architecture's generic timer */
#endif
}

int kutrace_clock_init(void)
{
	u32 shift;

	if (sysfs_streq(clock, "cpu")) {
		kutrace_clock_source = KUTRACE_HARDWARE_CLOCK;
		shift = KUTRACE_HARDWARE_SHIFT;
	} else if (sysfs_streq(clock, "mono")) {
		kutrace_clock_source = KUTRACE_CLOCK_MONOTONIC;
		shift = KUTRACE_MONOTONIC_SHIFT;
	} else {
		pr_err("clock=%s is not known: use cpu or mono\n", clock);
		return -EINVAL;
	}
	if (clockshift > 16 || clockshift < -1) {
		pr_err("clockshift=%d is out of range: use 0 to 16\n", clockshift);
		return -EINVAL;
	}
	kutrace_clock_shift = clockshift < 0 ? shift : clockshift;
	return 0;
}

static void read_counter(void *counter)
{
	*(u64 *)counter = kutrace_counter();
}

/**
 * kutrace_clock_skew - how far apart the counters of two CPUs can be
 * @differs: set to true where they are known to be apart
 *
 * Asks every CPU for its counter and brackets the answer with this one's. What lies between the
 * brackets is a bound on the difference, not the difference. Process context.
 *
 * Return: the largest bound in counts, at most 0xffff.
 */
u32 kutrace_clock_skew(bool *differs)
{
	u64 worst = 0;
	int cpu, i;

	cpus_read_lock();
	for_each_online_cpu(cpu) {
		u64 best = U64_MAX;

		for (i = 0; i < 20; i++) {
			u64 before, there = 0, after, bound;

			preempt_disable();
			before = kutrace_counter();
			smp_call_function_single(cpu, read_counter, &there, 1);
			after = kutrace_counter();
			preempt_enable();
			if (there < before || there > after) {
				*differs = true;
				bound = there < before ? before - there : there - after;
				best = max(bound, best == U64_MAX ? 0 : best);
				break;
			}
			bound = max(there - before, after - there);
			best = min(best, bound);
		}
		worst = max(worst, best);
	}
	cpus_read_unlock();
	return min_t(u64, worst, 0xffff);
}

/* What the trace says about its clock, without the skews. */
u64 kutrace_clock_word(void)
{
	u64 flags = kutrace_clock_source == KUTRACE_CLOCK_MONOTONIC || hardware_is_steady() ?
			    0 :
			    KUTRACE_CLOCK_UNSTEADY;

	return flags << 48 | (u64)kutrace_clock_source << 8 | kutrace_clock_shift;
}
