/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * When a CPU's tick is due: plain arithmetic, compiled for user space by tests/tick_test.cc.
 *
 * Boundaries are the multiples of the interval on the kernel's monotonic clock, or, on the CPUs of
 * a staggered tick, those plus the CPU's part of an interval. Every boundary that passes while the
 * tick is on is due, and is either taken, however late, or skipped because the one before it was
 * taken after it: due = taken + skipped.
 */
#ifndef KUTRACE_TICK_MATH_H
#define KUTRACE_TICK_MATH_H

#ifdef __KERNEL__
#include <linux/math64.h>
#include <linux/types.h>
#endif

/**
 * struct kutrace_tick_state - one CPU's tick
 * @interval: between boundaries, ns
 * @next: the boundary that is taken next
 */
struct kutrace_tick_state {
	u64 interval;
	u64 next;
};

/**
 * struct kutrace_tick_moment - a tick that is taken
 * @boundary: when it was due, ns of the monotonic clock
 * @late: by how much later it is, ns; may be more than an interval
 * @skipped: boundaries behind this one that have passed meanwhile
 */
struct kutrace_tick_moment {
	u64 boundary;
	u64 late;
	u64 skipped;
};

/**
 * kutrace_tick_offset - how far behind the multiples of the interval a CPU's boundaries are
 * @interval: ns
 * @cpu: the number of the CPU
 * @cpus: how many numbers there are
 */
static inline u64 kutrace_tick_offset(u64 interval, u32 cpu, u32 cpus)
{
	return div_u64(interval * cpu, cpus);
}

/**
 * kutrace_tick_begin - the tick begins: the first boundary after now is due
 * @s: the CPU's
 * @interval: ns
 * @offset: of the boundaries, less than the interval
 * @now: ns
 */
static inline void kutrace_tick_begin(struct kutrace_tick_state *s, u64 interval, u64 offset,
				      u64 now)
{
	s->interval = interval;
	s->next = div64_u64(now + interval - offset, interval) * interval + offset;
}

/**
 * kutrace_tick_passed - how many boundaries have passed that were not taken
 * @s: the CPU's
 * @now: ns
 */
static inline u64 kutrace_tick_passed(const struct kutrace_tick_state *s, u64 now)
{
	return now < s->next ? 0 : div64_u64(now - s->next, s->interval) + 1;
}

/**
 * kutrace_tick_take - take the tick that is due
 * @s: the CPU's
 * @now: ns, not before @s->next
 * @m: what there is to say of it
 */
static inline void kutrace_tick_take(struct kutrace_tick_state *s, u64 now,
				     struct kutrace_tick_moment *m)
{
	m->boundary = s->next;
	m->late = now - s->next;
	m->skipped = kutrace_tick_passed(s, now) - 1;
	s->next += (m->skipped + 1) * s->interval;
}

#endif /* KUTRACE_TICK_MATH_H */
