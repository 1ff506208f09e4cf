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

/*
 * What the counters say now, and said at this CPU's latest sample: low bits, for differences.
 * Who asks for one sets the first two members.
 */
struct kutrace_sample {
	u8 flags; /* KUTRACE_FLAG_IPC, KUTRACE_FLAG_LLC: what is wanted */
	bool thorough; /* whatever clock the trace has, and wherever perf has put the counters */
	struct kutrace_cpu *here;
	u32 instructions, cycles, misses;
	u32 instructions_before, cycles_before, misses_before;
};

#if defined(CONFIG_ARM64) && defined(CONFIG_PERF_EVENTS)

/* perf starts a counter in the middle of its range again when it overflows. */
#define KUTRACE_COUNTER_BITS 31

u32 kutrace_pmu_count(int index);

static __always_inline bool kutrace_count_misses(struct kutrace_cpu *here, u32 *misses)
{
	int index = READ_ONCE(here->misses_in->idx);

	if (index < 0)
		return false;
	*misses = kutrace_pmu_count(index);
	return true;
}

static __always_inline bool kutrace_count_instructions(struct kutrace_cpu *here, bool thorough,
						       u64 raw, u32 *instructions, u32 *cycles)
{
	int i = READ_ONCE(here->instructions_in->idx);
	int c = READ_ONCE(here->cycles_in->idx);

	if (likely(!((i ^ KUTRACE_PMU_FIRST) | (c ^ KUTRACE_PMU_CYCLES)))) {
		/* What is above the low half of either register is never looked at. */
		asm volatile("mrs %x0, pmevcntr0_el0" : "=r"(*instructions));
		asm volatile("mrs %x0, pmccntr_el0" : "=r"(*cycles));
		return true;
	}
	if (!thorough || i < 0 || c < 0)
		return false;
	*instructions = kutrace_pmu_count(i);
	*cycles = kutrace_pmu_count(c);
	return true;
}

#elif defined(CONFIG_X86)

#define KUTRACE_COUNTER_BITS 32

static __always_inline bool kutrace_read(const struct hw_perf_event *in, u32 *count)
{
	u64 value;

	if (unlikely(READ_ONCE(in->idx) < 0))
		return false;
	kutrace_rdpmc(in->event_base_rdpmc, value);
	*count = value;
	return true;
}

static __always_inline bool kutrace_count_misses(struct kutrace_cpu *here, u32 *misses)
{
	return kutrace_read(KUTRACE_CPU_GET(here, misses_in), misses);
}

static __always_inline bool kutrace_count_instructions(struct kutrace_cpu *here, bool thorough,
						       u64 raw, u32 *instructions, u32 *cycles)
{
	*cycles = thorough ? rdtsc() : raw;
	return kutrace_read(KUTRACE_CPU_GET(here, instructions_in), instructions);
}

#else

#define KUTRACE_COUNTER_BITS 32

static inline bool kutrace_count_misses(struct kutrace_cpu *here, u32 *misses)
{
	return false;
}

static inline bool kutrace_count_instructions(struct kutrace_cpu *here, bool thorough, u64 raw,
					      u32 *instructions, u32 *cycles)
{
	return false;
}

#endif

/* Where the counters cannot be read, nothing has been counted; the next sample makes up for it. */
static __always_inline void kutrace_sample_read(struct kutrace_cpu *here, struct kutrace_sample *s,
						u64 raw)
{
	s->here = here;
	s->instructions_before = KUTRACE_CPU_GET(here, instructions);
	s->cycles_before = KUTRACE_CPU_GET(here, cycles);
	if (!(s->flags & KUTRACE_FLAG_IPC) ||
	    !kutrace_count_instructions(here, s->thorough, raw, &s->instructions, &s->cycles)) {
		s->instructions = s->instructions_before;
		s->cycles = s->cycles_before;
	}
	if (s->flags & KUTRACE_FLAG_LLC) {
		s->misses_before = KUTRACE_CPU_GET(here, misses);
		if (!kutrace_count_misses(here, &s->misses))
			s->misses = s->misses_before;
	}
}

static __always_inline u32 kutrace_counted(u32 now, u32 before)
{
	return (now - before) & (u32)(BIT_ULL(KUTRACE_COUNTER_BITS) - 1);
}

/* Instructions in eighths a cycle, of an interval of at most a tenth of a second. */
static __always_inline u64 kutrace_sample_eighths(const struct kutrace_sample *s)
{
	u32 instructions = kutrace_counted(s->instructions, s->instructions_before);
	u32 cycles = kutrace_counted(s->cycles, s->cycles_before);

#ifdef CONFIG_ARM64
	u64 eighths;

	/* A division by zero is zero there. */
	asm("udiv %0, %1, %2" : "=r"(eighths) : "r"((u64)instructions * 8), "r"((u64)cycles));
	return eighths;
#else
	if (!cycles)
		return 0;
	/* A division of 32 bits is the cheaper one. */
	if (unlikely(instructions >> 29))
		return instructions / max(cycles >> 3, 1u);
	return instructions * 8 / cycles;
#endif
}

#endif /* KUTRACE_COUNTERS_H */
