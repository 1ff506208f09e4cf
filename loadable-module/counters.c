// SPDX-License-Identifier: GPL-2.0
/*
 * Instructions per cycle and last-level cache misses, as nibbles in the byte areas; and the CPU's
 * frequency.
 *
 * The counters are claimed from the kernel's perf subsystem, which knows what the machine has and
 * refuses what it has not; no register is touched that perf has not set up.
 */
#include <linux/cpu.h>
#include <linux/err.h>
#include <linux/perf_event.h>

#include "kutrace_mod.h"

static DEFINE_PER_CPU(struct perf_event *, instructions);
static DEFINE_PER_CPU(struct perf_event *, misses);

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

#ifdef CONFIG_X86
#define COUNTER_BITS 40

static __always_inline u64 read_counter(const struct perf_event *event)
{
	u64 value;

	rdpmcl(event->hw.event_base_rdpmc, value);
	return value;
}
#else
#define COUNTER_BITS 32

/* The event counters of the architecture's PMU; perf numbers them from 1. */
static __always_inline u64 read_counter(const struct perf_event *event)
{
	switch (event->hw.idx) {
	case 1:
		return read_sysreg(pmevcntr0_el0);
	case 2:
		return read_sysreg(pmevcntr1_el0);
	case 3:
		return read_sysreg(pmevcntr2_el0);
	case 4:
		return read_sysreg(pmevcntr3_el0);
	case 5:
		return read_sysreg(pmevcntr4_el0);
	case 6:
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

static u64 read_counter(const struct perf_event *event)
{
	return 0;
}

#define COUNTER_BITS 32

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
	if (flags & KUTRACE_FLAG_IPC)
		ret = claim(&instructions, PERF_COUNT_HW_INSTRUCTIONS);
	if (!ret && flags & KUTRACE_FLAG_LLC)
		ret = claim(&misses, PERF_COUNT_HW_CACHE_MISSES);
	if (ret) {
		kutrace_counters_stop();
		pr_err("this machine offers no %s counter: perf says %d; trace without it\n",
		       flags & KUTRACE_FLAG_LLC ? "instruction or cache miss" : "instruction", ret);
	}
	return ret;
}

void kutrace_counters_stop(void)
{
	release(&instructions);
	release(&misses);
}

static __always_inline u64 since(u64 now, u64 *before)
{
	u64 passed = (now - *before) & (BIT_ULL(COUNTER_BITS) - 1);

	*before = now;
	return passed;
}

/* The nibble for `passed` instructions in `counts` of the time counter. */
static u32 ipc_nibble(u64 passed, u64 counts)
{
	if (counts < 2)
		return 0;
#ifdef CONFIG_X86
	return kutrace_core_ipc((u32)passed / (u32)(counts << 3));
#else
	return kutrace_core_ipc(2 * (u32)passed / (7 * (u32)counts));
#endif
}

/**
 * kutrace_counters_note - write the nibble of the interval that ended with an entry
 * @slot: the entry
 * @folded: the interval is the inside of the call that is the entry
 */
void kutrace_counters_note(const u64 *slot, bool folded)
{
	const struct kutrace_trace *t = &kutrace_trace;
	struct kutrace_cpu *c = this_cpu_ptr(&kutrace_cpu);
	const struct perf_event *event;
	u32 nibble = 0;
	u8 *byte;

	if (!t->bytes)
		return;
	event = raw_cpu_read(instructions);
	if (event)
		nibble = ipc_nibble(since(read_counter(event), &c->counted),
				    since(kutrace_raw_counter(kutrace_clock_source),
					  &c->counted_raw) >>
					    kutrace_clock_shift);
	event = raw_cpu_read(misses);
	if (event) {
		u32 llc = kutrace_core_llc(since(read_counter(event), &c->missed));

		nibble = t->flags & KUTRACE_FLAG_IPC ? kutrace_core_ipc_llc(nibble, llc) : llc;
	}
	byte = t->bytes + (slot - kutrace_block(0));
	*byte = folded ? *byte | nibble << 4 : nibble;
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
