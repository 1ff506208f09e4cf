// SPDX-License-Identifier: GPL-2.0
/*
 * The event counters: claiming them, the nibbles of what they say; and the CPU's frequency.
 */
#include <linux/cpu.h>
#include <linux/err.h>
#include <linux/perf_event.h>

#include "kutrace_mod.h"

DEFINE_PER_CPU(struct perf_event *, kutrace_instructions);
DEFINE_PER_CPU(struct perf_event *, kutrace_misses);
#ifdef CONFIG_ARM64
DEFINE_PER_CPU(struct perf_event *, kutrace_cycles);
#endif

#ifdef CONFIG_PERF_EVENTS

static int claim(struct perf_event *__percpu *events, u64 config)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_HARDWARE,
		.config = config,
		.size = sizeof(attr),
		.pinned = 1,
	};
	struct perf_event *event;
	int cpu;

	for_each_online_cpu(cpu) {
		event = perf_event_create_kernel_counter(&attr, cpu, NULL, NULL, NULL);
		if (IS_ERR(event))
			return PTR_ERR(event);
		*per_cpu_ptr(events, cpu) = event;
		if (READ_ONCE(event->state) != PERF_EVENT_STATE_ACTIVE)
			return -EBUSY;
	}
	return 0;
}

static void release(struct perf_event *__percpu *events)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct perf_event *event = *per_cpu_ptr(events, cpu);

		*per_cpu_ptr(events, cpu) = NULL;
		if (event)
			perf_event_release_kernel(event);
	}
}

#ifdef CONFIG_ARM64
/**
 * kutrace_other_count - read a counter of the architecture's PMU
 * @index: as perf numbers them
 */
u32 kutrace_other_count(u32 index)
{
	if (index == KUTRACE_PMU_CYCLES)
		return read_sysreg(pmccntr_el0);
	switch (index - KUTRACE_PMU_FIRST) {
	case 0:
		return read_sysreg(pmevcntr0_el0);
	case 1:
		return read_sysreg(pmevcntr1_el0);
	case 2:
		return read_sysreg(pmevcntr2_el0);
	case 3:
		return read_sysreg(pmevcntr3_el0);
	case 4:
		return read_sysreg(pmevcntr4_el0);
	case 5:
		return read_sysreg(pmevcntr5_el0);
	default:
		return 0;
	}
}
#endif

#else

static int claim(struct perf_event *__percpu *events, u64 config)
{
	return -ENODEV;
}

static void release(struct perf_event *__percpu *events)
{
}

#endif

/**
 * kutrace_counters_start - claim what the byte areas need on every online CPU
 * @flags: KUTRACE_FLAG_IPC, KUTRACE_FLAG_LLC
 *
 * Return: 0, or what perf says against it.
 */
int kutrace_counters_start(u8 flags)
{
	int ret = 0;

	kutrace_counters_stop();
	/* Of longer intervals than a tenth of a second the counters do not tell all. */
	if (flags & (KUTRACE_FLAG_IPC | KUTRACE_FLAG_LLC) &&
	    kutrace_clock_tenth() < KUTRACE_WINDOW) {
		pr_err("counts are too long to count instructions in them: use a clockshift below %u\n",
		       kutrace_clock_shift);
		return -EINVAL;
	}
	if (flags & KUTRACE_FLAG_IPC)
		ret = claim(&kutrace_instructions, PERF_COUNT_HW_INSTRUCTIONS);
#ifdef CONFIG_ARM64
	if (!ret && flags & KUTRACE_FLAG_IPC)
		ret = claim(&kutrace_cycles, PERF_COUNT_HW_CPU_CYCLES);
#endif
	if (!ret && flags & KUTRACE_FLAG_LLC)
		ret = claim(&kutrace_misses, PERF_COUNT_HW_CACHE_MISSES);
	if (ret) {
		kutrace_counters_stop();
		pr_err("this machine offers no %s counter: perf says %d; trace without it\n",
		       flags & KUTRACE_FLAG_LLC ? "instruction or cache miss" : "instruction", ret);
	}
	return ret;
}

void kutrace_counters_stop(void)
{
	release(&kutrace_instructions);
	release(&kutrace_misses);
#ifdef CONFIG_ARM64
	release(&kutrace_cycles);
#endif
}

/**
 * kutrace_counters_note - write the nibble of the interval before an entry of the slow path
 * @slot: the entry; NULL: the interval is not known or too long to tell, the next begins here
 * @folded: the interval is the inside of the call that is the entry
 *
 * Interrupts off.
 */
void kutrace_counters_note(const u64 *slot, bool folded)
{
	struct kutrace_sample sample;

	if (!kutrace_trace.bytes)
		return;
	kutrace_sample_read(&sample, kutrace_raw_counter(kutrace_clock_source));
	kutrace_sample_misses(&sample);
	if (slot)
		kutrace_note(slot, &sample, folded, kutrace_trace.flags);
	else
		kutrace_sample_keep(&sample);
}

/**
 * kutrace_mhz - this CPU's frequency since the last call, in MHz; 0 where nothing says it
 */
u32 kutrace_mhz(void)
{
#ifdef CONFIG_X86
	static DEFINE_PER_CPU(u64, last_aperf);
	static DEFINE_PER_CPU(u64, last_mperf);
	u64 aperf, mperf, a, m;

	if (!boot_cpu_has(X86_FEATURE_APERFMPERF))
		return 0;
	rdmsrl(MSR_IA32_APERF, aperf);
	rdmsrl(MSR_IA32_MPERF, mperf);
	a = aperf - this_cpu_read(last_aperf);
	m = mperf - this_cpu_read(last_mperf);
	this_cpu_write(last_aperf, aperf);
	this_cpu_write(last_mperf, mperf);
	if (!(u32)m || m >> 40 || a >> 40)
		return 0;
	return div64_u64(a * (cpu_khz / 1000), m);
#else
	return 0;
#endif
}
