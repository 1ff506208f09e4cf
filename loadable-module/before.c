// SPDX-License-Identifier: GPL-2.0
/* Before the start: block 0, the names in it, and who runs where when recording begins. */
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/smp.h>

#include "buffer.h"

/**
 * kutrace_buffer_begin - open block 0, if that has not been done, with the names the kernel knows
 *
 * Nothing may trace. Under the mutex.
 */
void kutrace_buffer_begin(void)
{
	struct kutrace_trace *t = &kutrace_trace;
	unsigned int cpu;

	if (t->used)
		return;
	kutrace_clock_begin(&t->start);
	cpu = get_cpu();
	kutrace_open_block(per_cpu_ptr(&kutrace_cpu, cpu), cpu, kutrace_raw_counter(kutrace_clock_source));
	put_cpu();
	kutrace_names();
}

static void begin_here(void *unused)
{
	struct kutrace_cpu *c = this_cpu_ptr(&kutrace_cpu);

	WRITE_ONCE(c->busy, 1);
	barrier();
	if (c->index == 0)
		kutrace_join(c, smp_processor_id());
	barrier();
	WRITE_ONCE(c->busy, 0);
	/* Whoever sees it on sees the trace and its blocks set up. */
	smp_store_release(&kutrace_trace.state, KUTRACE_ON);
}

/**
 * kutrace_buffer_record - record from now on; the hooks are live
 *
 * The CPU of block 0 comes first and says who runs there: the thread that stored the names may go
 * on elsewhere, and must not seem to run on both. Under the mutex.
 */
void kutrace_buffer_record(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		if (per_cpu_ptr(&kutrace_cpu, cpu)->index == 0 &&
		    !smp_call_function_single(cpu, begin_here, NULL, 1))
			return;
	}
	/* Whoever sees it on sees the trace and its blocks set up. */
	smp_store_release(&kutrace_trace.state, KUTRACE_ON);
}

/**
 * kutrace_store_off - store an entry while nothing traces: a name, before the start
 * @word: event number << 32 | argument
 * @more: the other words
 * @words: how many in all
 *
 * All go to block 0, whichever CPU the caller has come to. Under the mutex.
 */
bool kutrace_store_off(u64 word, const u64 *more, u32 words)
{
	unsigned int cpu;

	kutrace_buffer_begin();
	for_each_possible_cpu(cpu) {
		struct kutrace_cpu *c = per_cpu_ptr(&kutrace_cpu, cpu);

		if (c->index != 0)
			continue;
		/* A switch is the caller's own; on another CPU it would not be true. */
		if (word >> KUTRACE_EVENT_SHIFT == KUTRACE_USERPID && cpu != raw_smp_processor_id())
			return false;
		if (c->next + words + KUTRACE_BLOCK_WORDS / 128 > kutrace_block_limit(c->block))
			return false;
		if (!kutrace_slow_store(c, cpu, word, more, words))
			return false;
		kutrace_trace.names_next = c->next;
		kutrace_trace.names_time = words > 1 ? c->data_time : c->anchor;
		return true;
	}
	return false;
}
