// SPDX-License-Identifier: GPL-2.0
/* Before the start: block 0, and the names in it. */
#include <linux/cpumask.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/smp.h>

#include "buffer.h"

/* Words of block 0 that names before the start leave for the rest. */
#define SPARE_WORDS (KUTRACE_BLOCK_WORDS / 128)

/**
 * kutrace_first_cpu - the CPU of block 0
 * @cpu: where its number is put
 *
 * Context: under the mutex; nothing may trace.
 * Return: NULL if none has it any more.
 */
struct kutrace_cpu *kutrace_first_cpu(unsigned int *cpu)
{
	for_each_possible_cpu(*cpu) {
		struct kutrace_cpu *c = per_cpu_ptr(&kutrace_cpu, *cpu);

		if (c->index == 0)
			return c;
	}
	return NULL;
}

/**
 * kutrace_buffer_begin - open block 0, if that has not been done, with the names the kernel knows
 *
 * Context: process context, under the mutex; nothing may trace.
 */
void kutrace_buffer_begin(void)
{
	struct kutrace_trace *t = &kutrace_trace;
	unsigned int cpu;

	if (t->used)
		return;
	kutrace_clock_begin(&t->start);
	cpu = get_cpu();
	kutrace_open_block(per_cpu_ptr(&kutrace_cpu, cpu), cpu,
			   kutrace_raw_counter(kutrace_clock_source), current);
	put_cpu();
	kutrace_names();
}

/**
 * kutrace_store_off - store an entry while nothing traces: a name, before the start
 * @word: event number << 32 | argument
 * @more: the other words
 * @words: how many in all
 *
 * All go to block 0, whichever CPU the caller has come to. After a long pause they are stamped as
 * if there had been none: nothing depends on their times, and a block cannot begin with a TSDELTA.
 *
 * Context: process context, under the mutex; nothing may trace.
 * Return: whether it is stored.
 */
bool kutrace_store_off(u64 word, const u64 *more, u32 words)
{
	struct kutrace_cpu *c;
	unsigned int cpu;
	u64 latest, raw;

	kutrace_buffer_begin();
	c = kutrace_first_cpu(&cpu);
	if (!c || !kutrace_latest(c, &latest))
		return false;
	/* A switch is the caller's own; on another CPU it would not be true. */
	if (word >> KUTRACE_EVENT_SHIFT == KUTRACE_USERPID && cpu != raw_smp_processor_id())
		return false;
	if (c->next + words + SPARE_WORDS > kutrace_block_limit(c->block))
		return false;
	raw = kutrace_raw_counter(kutrace_clock_source);
	if (kutrace_steps(latest, raw >> kutrace_clock_shift))
		raw = latest << kutrace_clock_shift;
	if (!kutrace_slow_store(c, cpu, raw, word, more, words))
		return false;
	kutrace_trace.names_next = c->next;
	kutrace_trace.names_time = words > 1 ? c->data_time : c->anchor;
	return true;
}
