// SPDX-License-Identifier: GPL-2.0
/*
 * The event counters: claiming them, the nibbles of what they say; and the CPU's frequency.
 */
#include <linux/cpu.h>
#include <linux/err.h>
#include <linux/perf_event.h>

#include "kutrace_mod.h"

static DEFINE_PER_CPU(struct perf_event *, instructions);
static DEFINE_PER_CPU(struct perf_event *, misses);
#ifdef CONFIG_ARM64
static DEFINE_PER_CPU(struct perf_event *, cycles);
#endif

#ifdef CONFIG_PERF_EVENTS

static struct perf_event *count_on(u64 config, int cpu)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_HARDWARE,
		.config = config,
		.size = sizeof(attr),
		.pinned = 1,
	};

	return perf_event_create_kernel_counter(&attr, cpu, NULL, NULL, NULL);
}

static int claim(struct perf_event *__percpu *events, u64 config)
{
	struct perf_event *event;
	int cpu;

	for_each_online_cpu(cpu) {
		event = count_on(config, cpu);
		if (IS_ERR(event))
			return PTR_ERR(event);
		*per_cpu_ptr(events, cpu) = event;
		if (READ_ONCE(event->state) != PERF_EVENT_STATE_ACTIVE)
			return -EBUSY;
	}
	return 0;
}

/* Whether every CPU has such a counter to spare. */
static int offered(u64 config)
{
	struct perf_event *event;
	int cpu, ret = 0;

	for_each_online_cpu(cpu) {
		event = count_on(config, cpu);
		if (IS_ERR(event))
			return PTR_ERR(event);
		if (READ_ONCE(event->state) != PERF_EVENT_STATE_ACTIVE)
			ret = -EBUSY;
		perf_event_release_kernel(event);
	}
	return ret;
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
 * kutrace_pmu_count - read a counter of the architecture's PMU
 * @index: as perf numbers them
 */
u32 kutrace_pmu_count(int index)
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

static int offered(u64 config)
{
	return -ENODEV;
}

static void release(struct perf_event *__percpu *events)
{
}

#endif

/* Where no counter is. */
static const struct hw_perf_event nowhere = {
#ifdef CONFIG_PERF_EVENTS
	.idx = -1,
#endif
};

/* Where a CPU's counter is. */
static const struct hw_perf_event *place(struct perf_event *__percpu *events, unsigned int cpu)
{
#ifdef CONFIG_PERF_EVENTS
	const struct perf_event *event = *per_cpu_ptr(events, cpu);

	if (event)
		return &event->hw;
#endif
	return &nowhere;
}

/**
 * kutrace_counters_none - say that a CPU has no counters
 * @c: the CPU
 */
void kutrace_counters_none(struct kutrace_cpu *c)
{
	c->instructions_in = &nowhere;
	c->cycles_in = &nowhere;
	c->misses_in = &nowhere;
	c->bytes_of = (unsigned long)kutrace_trace.bytes - ((unsigned long)kutrace_block(0) >> 3);
}

/* Of longer intervals than a tenth of a second the counters do not tell all. */
static bool is_too_coarse(u8 flags)
{
	if (!(flags & (KUTRACE_FLAG_IPC | KUTRACE_FLAG_LLC)) ||
	    kutrace_clock_tenth() >= KUTRACE_WINDOW)
		return false;
	pr_err("counts are too long to count instructions in them: use a clockshift below %u\n",
	       kutrace_clock_shift);
	return true;
}

static void say_refusal(u8 flags, int error)
{
	pr_err("this machine offers no %s counter: perf says %d; trace without it\n",
	       flags & KUTRACE_FLAG_LLC ? "instruction or cache miss" : "instruction", error);
}

/**
 * kutrace_counters_offered - whether the byte areas can be had, as far as can be told
 * @flags: KUTRACE_FLAG_IPC, KUTRACE_FLAG_LLC; whether something traces or not
 *
 * Return: 0, or what perf says against it. Nothing has changed.
 */
int kutrace_counters_offered(u8 flags)
{
	int ret = 0;

	if (is_too_coarse(flags))
		return -EINVAL;
	if (flags & KUTRACE_FLAG_IPC)
		ret = offered(PERF_COUNT_HW_INSTRUCTIONS);
#ifdef CONFIG_ARM64
	if (!ret && flags & KUTRACE_FLAG_IPC)
		ret = offered(PERF_COUNT_HW_CPU_CYCLES);
#endif
	if (!ret && flags & KUTRACE_FLAG_LLC)
		ret = offered(PERF_COUNT_HW_CACHE_MISSES);
	if (ret)
		say_refusal(flags, ret);
	return ret;
}

/**
 * kutrace_counters_start - claim what the byte areas need on every online CPU
 * @flags: KUTRACE_FLAG_IPC, KUTRACE_FLAG_LLC
 *
 * Return: 0, or what perf says against it.
 */
int kutrace_counters_start(u8 flags)
{
	unsigned int cpu;
	int ret = 0;

	kutrace_counters_stop();
	if (is_too_coarse(flags))
		return -EINVAL;
	if (flags & KUTRACE_FLAG_IPC)
		ret = claim(&instructions, PERF_COUNT_HW_INSTRUCTIONS);
#ifdef CONFIG_ARM64
	if (!ret && flags & KUTRACE_FLAG_IPC)
		ret = claim(&cycles, PERF_COUNT_HW_CPU_CYCLES);
#endif
	if (!ret && flags & KUTRACE_FLAG_LLC)
		ret = claim(&misses, PERF_COUNT_HW_CACHE_MISSES);
	if (ret) {
		kutrace_counters_stop();
		say_refusal(flags, ret);
		return ret;
	}
	for_each_possible_cpu(cpu) {
		struct kutrace_cpu *c = per_cpu_ptr(&kutrace_cpu, cpu);

		c->instructions_in = place(&instructions, cpu);
		c->misses_in = place(&misses, cpu);
#ifdef CONFIG_ARM64
		c->cycles_in = place(&cycles, cpu);
#endif
	}
	return 0;
}

void kutrace_counters_stop(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		kutrace_counters_none(per_cpu_ptr(&kutrace_cpu, cpu));
	release(&instructions);
	release(&misses);
#ifdef CONFIG_ARM64
	release(&cycles);
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
	struct kutrace_cpu *c = this_cpu_ptr(&kutrace_cpu);
	struct kutrace_sample sample = {
		.flags = kutrace_trace.flags & (KUTRACE_FLAG_IPC | KUTRACE_FLAG_LLC),
		.thorough = true,
	};

	if (!sample.flags)
		return;
	kutrace_sample_read(c, &sample, 0);
	if (slot) {
		kutrace_note(slot, &sample, folded);
	} else {
		c->instructions = sample.instructions;
		c->cycles = sample.cycles;
		c->misses = sample.misses;
	}
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
	kutrace_rdmsr(MSR_IA32_APERF, aperf);
	kutrace_rdmsr(MSR_IA32_MPERF, mperf);
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
