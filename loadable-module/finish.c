// SPDX-License-Identifier: GPL-2.0
/*
 * After the stop: what was recorded becomes a file. And what it says about itself: losses, times of
 * day.
 */
#include <linux/math64.h>
#include <linux/percpu.h>
#include <linux/string.h>

#include "buffer.h"

/**
 * kutrace_lost - events lost in this trace
 * @cpu: of one CPU; nr_cpu_ids or more: of all
 *
 * Context: any.
 */
u64 kutrace_lost(unsigned int cpu)
{
	u64 sum = 0;
	unsigned int i;

	if (cpu < nr_cpu_ids)
		return cpu_possible(cpu) ? READ_ONCE(per_cpu_ptr(&kutrace_cpu, cpu)->lost) : 0;
	for_each_possible_cpu(i)
		sum += READ_ONCE(per_cpu_ptr(&kutrace_cpu, i)->lost);
	return sum;
}

/*
 * The losses after a CPU's last entry: in the words that its block's end keeps free. They were after
 * that entry; when exactly, is said where one TSDELTA can.
 */
static void note_lost(struct kutrace_cpu *c)
{
	u64 lost = min_t(u64, c->lost - c->lost_noted, U32_MAX);
	u64 latest, at = c->lost_time;
	u32 steps;

	if (!lost)
		return;
	c->lost_noted += lost;
	if (!kutrace_latest(c, &latest) ||
	    c->next + RESERVED_WORDS > c->block + KUTRACE_BLOCK_WORDS) {
		kutrace_trace.lost += lost;
		return;
	}
	steps = kutrace_steps(latest, at);
	if ((s64)(at - latest) < 0 || steps > 1) {
		at = latest;
		steps = 0;
	}
	kutrace_announce(c, latest, at, steps);
	*c->next++ = kutrace_stamped((u64)KUTRACE_LOST << KUTRACE_EVENT_SHIFT | lost, at);
}

/* What is behind a CPU's last entry must not be read. */
static void clear_tail(struct kutrace_cpu *c)
{
	u64 *from = max(c->next, c->clean);
	u64 *end = c->block + KUTRACE_BLOCK_WORDS;
	u8 *bytes;

	if (!c->block || from >= end)
		return;
	memset64(from, 0, end - from);
	bytes = kutrace_byte_area(c->index);
	if (bytes)
		memset(bytes + (from - c->block), 0, end - from);
	c->clean = end;
}

/* A CPU's part of a recording that has ended. */
static void end_cpu(struct kutrace_cpu *c)
{
	note_lost(c);
	clear_tail(c);
	/* No hook is in the middle of a store. */
	c->pinned = 0;
	if (c->epoch == kutrace_trace.epoch)
		c->left = kutrace_trace.stop.counter;
}

/**
 * kutrace_wall_clock - the time of day of a counter, in us since 1970 UTC
 * @counter: of this trace; while it runs, counters after the start are scaled up to now
 *
 * Context: any but NMI.
 */
u64 kutrace_wall_clock(u64 counter)
{
	const struct kutrace_trace *t = &kutrace_trace;
	struct kutrace_pair stop = t->stop;
	u64 counts, us;

	if (kutrace_tracing())
		kutrace_clock_pair(&stop);
	counts = stop.counter - t->start.counter;
	us = stop.us - t->start.us;
	if (!counts)
		return t->start.us;
	if (counter >= t->start.counter)
		return t->start.us + mul_u64_u64_div_u64(counter - t->start.counter, us, counts);
	return t->start.us - mul_u64_u64_div_u64(t->start.counter - counter, us, counts);
}

/**
 * kutrace_put_pairs - complete the header of block 0
 * @block: it, or a copy
 * @stop: its second pair
 *
 * Context: process context, under the mutex.
 */
void kutrace_put_pairs(u64 *block, const struct kutrace_pair *stop)
{
	const struct kutrace_trace *t = &kutrace_trace;

	block[KUTRACE_HDR_CLOCK] |= (u64)KUTRACE_FORMAT_VERSION << 56;
	block[KUTRACE_HDR0_START_COUNTER] = t->start.counter;
	block[KUTRACE_HDR0_START_US] = t->start.us;
	block[KUTRACE_HDR0_STOP_COUNTER] = stop->counter;
	block[KUTRACE_HDR0_STOP_US] = stop->us;
	block[KUTRACE_HDR0_LOST] = t->lost + atomic64_read(&t->refused);
	block[KUTRACE_HDR0_CLOCK] = t->clock;
}

/**
 * kutrace_buffer_finish - make what was recorded a file: losses, clocks, the header's pairs
 *
 * Context: process context, under the mutex; nothing may trace. Once for a recording.
 */
void kutrace_buffer_finish(void)
{
	struct kutrace_trace *t = &kutrace_trace;
	unsigned int cpu;
	u64 *block;
	u32 i;

	kutrace_silent_join();
	for_each_possible_cpu(cpu)
		end_cpu(per_cpu_ptr(&kutrace_cpu, cpu));
	if (t->reused && !(t->options & KUTRACE_RESET_FOLLOW))
		kutrace_clock_settle();
	for (i = 0; i < t->used; i++) {
		block = kutrace_block(i);
		block[KUTRACE_HDR_CLOCK] =
			(block[KUTRACE_HDR_CLOCK] & ~KUTRACE_LOW56) |
			(kutrace_wall_clock(block[KUTRACE_HDR_COUNTER] & KUTRACE_LOW56) &
			 KUTRACE_LOW56);
	}
	if (!t->used)
		return;
	if (t->reused)
		kutrace_thread_names_note();
	t->clock = kutrace_clock_word(t->apart);
	block = kutrace_block(0);
	kutrace_put_pairs(block, &t->stop);
	if (!t->reused)
		block[KUTRACE_HDR_CLOCK] &= ~((u64)KUTRACE_FLAG_WRAP << 56);
}
