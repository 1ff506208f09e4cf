// SPDX-License-Identifier: GPL-2.0
/* The clock of a trace: which it is, what it is worth, and what time of day it says. */
#include <linux/cpu.h>
#include <linux/moduleparam.h>
#include <linux/preempt.h>
#include <linux/smp.h>

#include "compat.h"
#include "kutrace_mod.h"

static char *clock = "cpu";
module_param(clock, charp, 0444);
MODULE_PARM_DESC(clock, "cpu: the processor's counter (default); mono: the kernel's monotonic clock, for machines whose counters cannot be trusted");

static int clockshift = -1;
module_param(clockshift, int, 0444);
MODULE_PARM_DESC(clockshift, "a count of the trace is 2^clockshift ticks of the clock; default 6 for the TSC, 0 on arm64, 4 for mono");

u32 kutrace_clock_source;
u32 kutrace_clock_shift;

/* When the module was loaded: the largest possible difference between two CPUs, in counts. */
static u64 skew;
static bool seen_apart;

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

static void read_counter(void *counter)
{
	*(u64 *)counter = kutrace_counter();
}

/*
 * How far apart the counter of a CPU and of this one can be: it is asked for its own, and the
 * answer is bracketed with ours. What lies between the brackets is a bound on the difference, not the
 * difference.
 */
static u64 ask_cpu(int cpu, bool *differs)
{
	u64 best = U64_MAX;
	int i;

	for (i = 0; i < 20; i++) {
		u64 before, there = 0, after;

		preempt_disable();
		before = kutrace_counter();
		smp_call_function_single(cpu, read_counter, &there, 1);
		after = kutrace_counter();
		preempt_enable();
		if (there < before || there > after) {
			*differs = true;
			return there < before ? before - there : there - after;
		}
		best = min(best, max(there - before, after - there));
	}
	return best;
}

/*
 * Once, when the module is loaded: a start and a stop interrupt nobody. CPUs that are to be left
 * alone are not asked at all.
 */
static void measure_skew(void)
{
	u64 worst = 0;
	int cpu;

	cpus_read_lock();
	for_each_online_cpu(cpu) {
		if (!kutrace_left_alone(cpu))
			worst = max(worst, ask_cpu(cpu, &seen_apart));
	}
	cpus_read_unlock();
	skew = min_t(u64, worst, 0xffff);
}

/**
 * kutrace_clock_init - choose the clock that the parameters ask for, and see how far CPUs are apart
 *
 * Context: process context, once, before anything else.
 * Return: 0 or -EINVAL.
 */
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
	measure_skew();
	return 0;
}

/**
 * kutrace_clock_word - what a trace says about its clock
 * @apart: by how many counts a CPU has been seen to be behind another while it was recorded
 *
 * Context: any.
 */
u64 kutrace_clock_word(u64 apart)
{
	u64 flags = kutrace_clock_source == KUTRACE_CLOCK_MONOTONIC || hardware_is_steady() ?
			    0 :
			    KUTRACE_CLOCK_UNSTEADY;

	flags |= KUTRACE_CLOCK_MEASURED;
	if (seen_apart || apart)
		flags |= KUTRACE_CLOCK_DIFFERS;
	return flags << 48 | min_t(u64, max(skew, apart), 0xffff) << 32 | skew << 16 |
	       (u64)kutrace_clock_source << 8 | kutrace_clock_shift;
}
