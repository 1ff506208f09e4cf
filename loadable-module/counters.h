/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The event counters of the byte areas: how the hot path reads them.
 *
 * They are claimed from the kernel's perf subsystem, which knows what the machine has and refuses
 * what it has not; no register is touched that perf has not set up.
 *
 * Instructions are divided by cycles: on x86 those of the time stamp counter, as in the format; on
 * arm64 the processor's own, since nothing there says how many a tick of the generic timer lasts.
 */
#ifndef KUTRACE_COUNTERS_H
#define KUTRACE_COUNTERS_H

#include <linux/perf_event.h>

#include "clock.h"
#include "compat.h"
#include "this_cpu.h"

DECLARE_PER_CPU(struct perf_event *, kutrace_instructions);
DECLARE_PER_CPU(struct perf_event *, kutrace_misses);

/* Low bits of what the counters say, and said at this CPU's latest entry: differences matter. */
struct kutrace_sample {
	u32 instructions, cycles, misses;
	u32 instructions_before, cycles_before, misses_before;
};

#if defined(CONFIG_X86) && defined(CONFIG_PERF_EVENTS)

/* Low bits of differences that can be trusted. */
#define KUTRACE_COUNTER_BITS 32

static __always_inline u32 kutrace_event_count(const struct perf_event *event)
{
	u64 value;

	rdpmcl(event->hw.event_base_rdpmc, value);
	return value;
}

static __always_inline u32 kutrace_cycle_count(u64 raw)
{
	return kutrace_clock_source == KUTRACE_HARDWARE_CLOCK ? raw : rdtsc();
}

#elif defined(CONFIG_ARM64) && defined(CONFIG_PERF_EVENTS)

/* perf starts a counter in the middle of its range again when it overflows. */
#define KUTRACE_COUNTER_BITS 31

DECLARE_PER_CPU(struct perf_event *, kutrace_cycles);
u32 kutrace_other_count(u32 index);

static __always_inline u32 kutrace_event_count(const struct perf_event *event)
{
	u32 index = READ_ONCE(event->hw.idx);

	if (likely(index == KUTRACE_PMU_FIRST))
		return read_sysreg(pmevcntr0_el0);
	return kutrace_other_count(index);
}

static __always_inline u32 kutrace_cycle_count(u64 raw)
{
	const struct perf_event *event = raw_cpu_read(kutrace_cycles);
	u32 index = event ? READ_ONCE(event->hw.idx) : KUTRACE_PMU_CYCLES;

	if (likely(index == KUTRACE_PMU_CYCLES))
		return read_sysreg(pmccntr_el0);
	return kutrace_other_count(index);
}

#else

#define KUTRACE_COUNTER_BITS 32

static inline u32 kutrace_event_count(const struct perf_event *event)
{
	return 0;
}

static inline u32 kutrace_cycle_count(u64 raw)
{
	return 0;
}

#endif

static __always_inline void kutrace_sample_read(struct kutrace_sample *s, u64 raw)
{
	const struct perf_event *event = raw_cpu_read(kutrace_instructions);

	s->instructions_before = raw_cpu_read(kutrace_cpu.instructions);
	s->cycles_before = raw_cpu_read(kutrace_cpu.cycles);
	s->instructions = event ? kutrace_event_count(event) : s->instructions_before;
	s->cycles = kutrace_cycle_count(raw);
}

static __always_inline void kutrace_sample_misses(struct kutrace_sample *s)
{
	const struct perf_event *event = raw_cpu_read(kutrace_misses);

	s->misses_before = raw_cpu_read(kutrace_cpu.misses);
	s->misses = event ? kutrace_event_count(event) : s->misses_before;
}

static __always_inline u32 kutrace_counted(u32 now, u32 before)
{
	return (now - before) & (u32)(BIT_ULL(KUTRACE_COUNTER_BITS) - 1);
}

/* Instructions in eighths a cycle, of an interval of at most a tenth of a second. */
static __always_inline u32 kutrace_sample_eighths(const struct kutrace_sample *s)
{
	u32 instructions = kutrace_counted(s->instructions, s->instructions_before);
	u32 cycles = kutrace_counted(s->cycles, s->cycles_before);

	if (!cycles)
		return 0;
#ifdef CONFIG_X86
	/* A division of 32 bits is the cheaper one. */
	if (unlikely(instructions >> 29))
		return instructions / max(cycles >> 3, 1u);
	return instructions * 8 / cycles;
#else
	return (u64)instructions * 8 / cycles;
#endif
}

/* The counters are at the latest entry what the sample says. */
static __always_inline void kutrace_sample_keep(const struct kutrace_sample *s)
{
	raw_cpu_write(kutrace_cpu.instructions, s->instructions);
	raw_cpu_write(kutrace_cpu.cycles, s->cycles);
}

#endif /* KUTRACE_COUNTERS_H */
