// SPDX-License-Identifier: GPL-2.0
/*
 * The slow path: all that the hot path leaves to do. A full block, a long silence, entries of several words.
 *
 * A CPU's state is its own: it is changed on that CPU with interrupts off, or by a control call
 * when nothing traces any more. An NMI that finds the slow path at work cannot store its event; it
 * is counted as lost.
 */
#include <linux/kernel.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/string.h>

#include "buffer.h"

/**
 * kutrace_steps - how many TSDELTA entries say the step between two entries
 * @latest: counter of the first
 * @now: of the second; may be earlier
 *
 * The only place where this is reckoned: kutrace_announce() is told what came out.
 *
 * Context: any.
 * Return: 0 where readers see the step by themselves; at most FEW_STEPS + 1, which is too many.
 */
u32 kutrace_steps(u64 latest, u64 now)
{
	u64 step = now - latest;

	if (step <= KUTRACE_TS_MAX_STEP)
		return 0;
	if ((s64)step < 0)
		step = -step;
	if (step > FEW_STEPS * LONGEST_STEP)
		return FEW_STEPS + 1;
	return DIV_ROUND_UP(step, LONGEST_STEP);
}

/**
 * kutrace_announce - store the TSDELTA entries of a step
 * @c: the CPU
 * @latest: counter of its latest entry
 * @now: of the next
 * @steps: what kutrace_steps() says of the two
 *
 * Context: on that CPU inside the slow path, or when nothing traces.
 */
void kutrace_announce(struct kutrace_cpu *c, u64 latest, u64 now, u32 steps)
{
	while (steps--) {
		s64 step = clamp_t(s64, now - latest, -(s64)LONGEST_STEP, LONGEST_STEP);

		latest += step;
		*c->next++ =
			kutrace_stamped((u64)KUTRACE_TSDELTA << KUTRACE_EVENT_SHIFT | (u32)step, latest);
	}
}

static void count_lost(struct kutrace_cpu *c, u64 now)
{
	if (READ_ONCE(c->lost) == c->lost_noted)
		c->lost_time = now;
	this_cpu_inc(kutrace_cpu.lost); /* an NMI may come in between */
}

/*
 * Stores an entry on this CPU. Interrupts are off, `c->limit` is NULL so that an NMI stays out, or
 * nothing traces.
 */
bool kutrace_slow_store(struct kutrace_cpu *c, unsigned int cpu, u64 word, const u64 *more, u32 words)
{
	u64 raw = kutrace_raw_counter(kutrace_clock_source);
	u64 now = raw >> kutrace_clock_shift;
	u64 latest = 0;
	bool known = c->block && kutrace_core_latest(c, c->block + kutrace_first_entry(c->index), &latest);
	/* Read once: an NMI may add to it. */
	u64 lost = min_t(u64, READ_ONCE(c->lost) - c->lost_noted, U32_MAX);
	/*
	 * A zero word behind data, so that data is never taken for a call; and the entry of lost
	 * events. No more than is stored: an event that comes here although the fast path would
	 * have had room for it must not be lost.
	 */
	u32 room = words + (words > 1) + (lost > 0);
	u32 steps = known ? kutrace_steps(latest, now) : 0;

	if (steps > FEW_STEPS && !kutrace_tracing()) {
		/* A name long after the one before, for the same block: no time depends on it. */
		now = latest;
		raw = latest << kutrace_clock_shift;
		steps = 0;
	}

	if (known && steps <= FEW_STEPS && c->next + room + steps <= kutrace_block_limit(c->block)) {
		kutrace_announce(c, latest, now, steps);
		kutrace_core_anchor(c, raw, kutrace_clock_shift);
	} else if (!kutrace_open_block(c, cpu, raw)) {
		if (!READ_ONCE(kutrace_trace.full_counter))
			WRITE_ONCE(kutrace_trace.full_counter, now);
		count_lost(c, now);
		return false;
	}
	if (lost) {
		*c->next++ = kutrace_stamped((u64)KUTRACE_LOST << KUTRACE_EVENT_SHIFT | lost, now);
		c->lost_noted += lost;
	}
	*c->next++ = kutrace_stamped(word, now);
	/* Names that are stored before the start have no interval, and may be of another CPU. */
	if (kutrace_tracing()) {
		bool soon = known && now - latest < kutrace_clock_tenth();

		kutrace_counters_note(soon ? c->next - 1 : NULL, false);
	}
	if (words > 1) {
		memcpy(c->next, more, (words - 1) * sizeof(*more));
		c->next += words;
		c->data_end = c->next;
		c->data_time = now;
	}
	return true;
}

/*
 * Closes what this CPU has of the time before a pause: from the stop on nobody knows what ran here.
 */
static void leave(struct kutrace_cpu *c)
{
	u64 now = kutrace_trace.stop.counter;
	u64 latest;
	u32 steps;

	if (!c->block || !kutrace_core_latest(c, c->block + kutrace_first_entry(c->index), &latest))
		return;
	now = max(now, latest);
	steps = kutrace_steps(latest, now);
	if (steps > FEW_STEPS || c->next + steps + 2 > kutrace_block_limit(c->block))
		return;
	kutrace_announce(c, latest, now, steps);
	*c->next++ = kutrace_stamped((u64)KUTRACE_USERPID << KUTRACE_EVENT_SHIFT, now);
	*c->next++ = kutrace_stamped((u64)KUTRACE_MWAIT << KUTRACE_EVENT_SHIFT | KUTRACE_IDLE_OFFLINE, now);
}

/* Takes part in the current trace on this CPU. */
void kutrace_join(struct kutrace_cpu *c, unsigned int cpu)
{
	struct kutrace_trace *t = &kutrace_trace;

	if (c->epoch == t->epoch)
		return;
	if (c->epoch || kutrace_only_names_first()) {
		/*
		 * What runs here after a pause, a new block says. Block 0 of a ring is for names.
		 */
		if (c->epoch)
			leave(c);
		c->block = NULL;
		c->index = NO_BLOCK;
	} else if (c->block && current->pid != (pid_t)c->block[KUTRACE_HDR0_PID]) {
		/*
		 * Block 0, with the names stored before: the thread that did it has left this CPU
		 * since.
		 */
		kutrace_slow_store(c, cpu, (u64)KUTRACE_USERPID << KUTRACE_EVENT_SHIFT | (u32)current->pid, NULL,
		      1);
	}
	kutrace_counters_note(NULL, false);
	c->epoch = t->epoch;
}

static bool store_here(u64 word, const u64 *more, u32 words, bool fold, long value)
{
	struct kutrace_cpu *c;
	unsigned long flags;
	unsigned int cpu;
	bool stored = false;
	u32 delta;

	raw_local_irq_save(flags);
	cpu = raw_smp_processor_id();
	c = this_cpu_ptr(&kutrace_cpu);
	if (c->busy) {
		/* An NMI inside the slow path. What it adds to is not read there twice. */
		count_lost(c, kutrace_counter());
		goto out;
	}
	/*
	 * In this order: an NMI between the two would else find no room and nobody at work, go through
	 * all of this, and leave the hot path open behind our back.
	 */
	WRITE_ONCE(c->busy, 1);
	barrier();
	WRITE_ONCE(c->limit, NULL);
	barrier();
	if (kutrace_tracing()) {
		u64 now;

		kutrace_join(c, cpu);
		now = kutrace_counter();

		if (fold && c->block && now - c->anchor < KUTRACE_WINDOW &&
		    kutrace_core_folds(c->next[-1], word, value, now, &delta)) {
			kutrace_core_put_folded(c->next - 1, delta, value);
			kutrace_counters_note(c->next - 1, true);
			stored = true;
		} else {
			if (fold)
				word = kutrace_core_return_word(word, value);
			stored = kutrace_slow_store(c, cpu, word, more, words);
		}
	}
	if (stored || (c->block && c->next < kutrace_block_limit(c->block)))
		WRITE_ONCE(c->limit, kutrace_tracing() ? kutrace_block_limit(c->block) : NULL);
	barrier();
	WRITE_ONCE(c->busy, 0);
out:
	raw_local_irq_restore(flags);
	return stored;
}

/**
 * kutrace_store - store an entry of one or more words on this CPU
 * @word: event number << 32 | argument
 * @more: the other words
 * @words: how many in all, 1 to KUTRACE_MAX_ENTRY_WORDS
 *
 * Any context. Return: whether it is stored; if not and something traces, it is counted as lost.
 */
bool kutrace_store(u64 word, const u64 *more, u32 words)
{
	return store_here(word, more, words, false, 0);
}

/**
 * kutrace_store_return - store or fold the return of a call, where the fast path could not
 * @call: number of the call << 32
 * @value: its result
 */
bool kutrace_store_return(u64 call, long value)
{
	return store_here(call, NULL, 1, true, value);
}
