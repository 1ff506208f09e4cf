// SPDX-License-Identifier: GPL-2.0
/*
 * The slow path: all that the hot path leaves to do. A full block, a long silence, entries of
 * several words, the first event of a recording.
 *
 * Who may do what, and when. A CPU's state is its own: others change only `limit`, to NULL, when
 * recording stops (recording.c), and `held`, under the lock of the order. On its own CPU it is
 * changed
 *
 *   by the hot path    nothing but `next`, by one claim, and then where data ends, in any
 *                      context; it may be interrupted between any two instructions by
 *                      interrupts, which nest, and by NMIs
 *   by the slow path   all the rest. Interrupts are off, so that only an NMI comes in between
 *   by a control call  when nothing records and no hook is in the module any more
 *
 *      hot path        slow path                              a hook in an NMI meanwhile
 *      --------        ---------                              --------------------------
 *      no room,   ->   interrupts off
 *      or no window    busy?  ---- yes: this is the NMI  -->  counts its event as lost, returns
 *                      busy = 1                               hot path, block as before; if that
 *                                                             has no room: busy, so lost
 *                      limit = NULL, window = 0               hot path has no room and finds no
 *                      ... all the state changes ...          call to fold into: busy, so lost
 *                      limit: as the block now is             hot path has no window: busy, so lost
 *                      recording stopped meanwhile?
 *                        then limit = NULL again
 *                        else window, too                     hot path, block as it is now
 *                      busy = 0
 *      <-----------    interrupts as they were
 *
 * `busy` comes before `limit`: with the two the other way round, an NMI in between would find no
 * room and nobody at work, go through the whole slow path, and leave the hot path open behind the
 * interrupted one's back. The lock of the order is only taken while busy, so an NMI never waits for
 * what it has interrupted.
 *
 * Where an event could not be stored, the hot path stays closed until the LOST entry that says so
 * is stored; so it stands where the loss was, and no return is folded into a call before it.
 *
 * What was interrupted in the hot path goes on in the block where it began, also if this has
 * become an old one: that is why blocks are pinned (blocks.c).
 */
#include <linux/irqflags.h>
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

/* Stores a word; there is room. */
static void put(struct kutrace_cpu *c, u64 word)
{
	*c->next = word;
	c->next++;
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
		put(c, kutrace_stamped((u64)KUTRACE_TSDELTA << KUTRACE_EVENT_SHIFT | (u32)step,
				       latest));
	}
}

static void count_lost(struct kutrace_cpu *c, u64 now)
{
	if (READ_ONCE(c->lost) == c->lost_noted)
		c->lost_time = now;
	this_cpu_inc(kutrace_cpu.lost); /* an NMI may come in between */
}

/* Makes room for words at a counter: announces the step to it, or opens a block there. */
static bool make_room(struct kutrace_cpu *c, unsigned int cpu, u64 raw, u32 words)
{
	u64 now = raw >> kutrace_clock_shift;
	u64 latest;

	if (kutrace_latest(c, &latest)) {
		u32 steps = kutrace_steps(latest, now);

		if (steps <= FEW_STEPS && kutrace_room(c, steps + words)) {
			kutrace_announce(c, latest, now, steps);
			kutrace_core_move(c, raw, kutrace_clock_shift);
			return true;
		}
	}
	return kutrace_open_block(c, cpu, raw, current) && kutrace_room(c, words);
}

/**
 * kutrace_slow_store - store an entry on a CPU
 * @c: its state
 * @cpu: its number
 * @raw: the raw counter
 * @word: event number << 32 | argument
 * @more: the other words
 * @words: how many in all
 *
 * Context: on that CPU inside the slow path, or when nothing traces.
 * Return: whether it is stored; if not, it is counted as lost.
 */
bool kutrace_slow_store(struct kutrace_cpu *c, unsigned int cpu, u64 raw, u64 word,
			const u64 *more, u32 words)
{
	u64 now = raw >> kutrace_clock_shift;
	/* Read once: an NMI may add to it. */
	u64 lost = min_t(u64, READ_ONCE(c->lost) - c->lost_noted, U32_MAX);
	u64 latest;
	bool soon = kutrace_latest(c, &latest) && now - latest < kutrace_clock_tenth();

	/*
	 * A zero word behind data, so that data is never taken for a call; and the entry of lost
	 * events. No more than is stored: an event that comes here although the hot path would have
	 * had room for it must not be lost.
	 */
	if (!make_room(c, cpu, raw, words + (words > 1) + (lost > 0))) {
		if (!READ_ONCE(kutrace_trace.full_counter))
			WRITE_ONCE(kutrace_trace.full_counter, now);
		count_lost(c, now);
		return false;
	}
	if (lost) {
		put(c, kutrace_stamped((u64)KUTRACE_LOST << KUTRACE_EVENT_SHIFT | lost, now));
		c->lost_noted += lost;
	}
	put(c, kutrace_stamped(word, now));
	/* Names that are stored before the start have no interval, and may be of another CPU. */
	if (kutrace_tracing())
		kutrace_counters_note(soon ? c->next - 1 : NULL, false);
	if (words > 1) {
		memcpy(c->next, more, (words - 1) * sizeof(*more));
		c->next[words - 1] = 0;
		c->next += words;
		c->data_end = c->next;
		c->data_time = now;
	}
	KUTRACE_ASSERT(c->next <= kutrace_block_limit(c->block));
	return true;
}

/*
 * Says what this CPU has of the time before a pause: from the stop on nobody knows what ran here.
 * Where the block has no room for it, a new one does.
 */
static void leave(struct kutrace_cpu *c, unsigned int cpu)
{
	u64 now = c->left;
	u64 latest;
	u32 steps;

	if (!kutrace_latest(c, &latest))
		return;
	now = max(now, latest);
	steps = kutrace_steps(latest, now);
	if (steps <= FEW_STEPS && kutrace_room(c, steps + 2))
		kutrace_announce(c, latest, now, steps);
	else if (!kutrace_open_block(c, cpu, now << kutrace_clock_shift, NULL) ||
		 !kutrace_room(c, 2))
		return;
	put(c, kutrace_stamped((u64)KUTRACE_USERPID << KUTRACE_EVENT_SHIFT, now));
	put(c, kutrace_stamped((u64)KUTRACE_MWAIT << KUTRACE_EVENT_SHIFT | KUTRACE_IDLE_OFFLINE,
			       now));
}

/**
 * kutrace_join - take part in the recording with a CPU, if it does not yet
 * @c: its state
 * @cpu: its number
 * @who: the thread that runs there
 *
 * It has been running there since the recording began: every switch is an event, and there has been
 * no event. So the CPU's time begins there. What runs after a pause, a new block says; block 0 of a
 * ring is for names.
 *
 * Context: on that CPU inside the slow path, or when nothing traces.
 * Return: whether it took part since the beginning.
 */
bool kutrace_join(struct kutrace_cpu *c, unsigned int cpu, const struct task_struct *who)
{
	struct kutrace_trace *t = &kutrace_trace;
	u64 began = READ_ONCE(t->began);
	bool since = c->online && began;

	if (c->epoch == t->epoch)
		return true;
	if (c->epoch)
		leave(c, cpu);
	kutrace_no_block(c);
	c->epoch = t->epoch;
	since = since && kutrace_open_block(c, cpu, began, who) && kutrace_room(c, 1);
	if (since)
		put(c, kutrace_stamped((u64)KUTRACE_USERPID << KUTRACE_EVENT_SHIFT | (u32)who->pid,
				       began >> kutrace_clock_shift));
	return since;
}

/* Whether the slow path is this one's now; false for an NMI that has interrupted it. */
static bool enter(struct kutrace_cpu *c, unsigned long flags)
{
	if (READ_ONCE(c->busy))
		return false;
	WRITE_ONCE(c->busy, 1);
	barrier();
	WRITE_ONCE(c->limit, NULL);
	WRITE_ONCE(c->window, 0);
	barrier();
	c->flags = flags;
	return true;
}

/*
 * Opens the hot path, if it has something to do, and ends the slow one. The window keeps it closed
 * until it is known that its limit may stand.
 */
static void leave_busy(struct kutrace_cpu *c, bool on)
{
	if (on && c->block && READ_ONCE(c->lost) == c->lost_noted) {
		barrier();
		WRITE_ONCE(c->limit, min(kutrace_block_limit(c->block), c->clean));
		/*
		 * Whoever stops recording says so and then takes the limit away; either that is
		 * seen here, or the limit goes after this.
		 */
		smp_mb();
		if (kutrace_tracing())
			kutrace_core_open(c, kutrace_clock_shift);
		else
			WRITE_ONCE(c->limit, NULL);
	}
	barrier();
	WRITE_ONCE(c->busy, 0);
}

/* Folds the return of a call into its entry, as the hot path does. */
static bool fold_slowly(struct kutrace_cpu *c, u64 call, long value, u64 now)
{
	u32 delta;

	if (!c->block || now - c->anchor >= KUTRACE_WINDOW ||
	    READ_ONCE(c->lost) != c->lost_noted ||
	    !kutrace_core_folds(c->next[-1], call, value, now, &delta))
		return false;
	kutrace_core_put_folded(c->next - 1, delta, value);
	kutrace_counters_note(c->next - 1, true);
	return true;
}

/* An event inside the slow path while something is recorded. */
static bool store_busy(struct kutrace_cpu *c, unsigned int cpu, u64 word, const u64 *more,
		       u32 words, bool fold, long value)
{
	u64 raw;

	if (c->epoch != kutrace_trace.epoch) {
		kutrace_join(c, cpu, current);
		kutrace_counters_note(NULL, false);
	}
	raw = kutrace_raw_counter(kutrace_clock_source);
	/* As in the hot path the look comes after the counter: nothing is later than the stop. */
	if (!kutrace_tracing())
		return false;
	if (fold) {
		if (fold_slowly(c, word, value, raw >> kutrace_clock_shift))
			return true;
		word = kutrace_core_return_word(word, value);
	}
	if (!kutrace_slow_store(c, cpu, raw, word, more, words))
		return false;
	if (words == 3 && kutrace_trace.flags & KUTRACE_FLAG_WRAP &&
	    word >> KUTRACE_EVENT_SHIFT == KUTRACE_PIDNAME + 0x30)
		kutrace_thread_names_remember((u32)word, more);
	return true;
}

static bool store_here(u64 word, const u64 *more, u32 words, bool fold, long value)
{
	struct kutrace_cpu *c;
	unsigned long flags;
	bool stored = false;

	raw_local_irq_save(flags);
	c = this_cpu_ptr(&kutrace_cpu);
	if (enter(c, flags)) {
		bool on = kutrace_tracing();

		if (on)
			stored = store_busy(c, raw_smp_processor_id(), word, more, words, fold,
					    value);
		leave_busy(c, on);
	} else {
		u64 now = kutrace_counter();

		if (kutrace_tracing())
			count_lost(c, now);
	}
	raw_local_irq_restore(flags);
	return stored;
}

/**
 * kutrace_store - store an entry of one or more words on this CPU
 * @word: event number << 32 | argument
 * @more: the other words
 * @words: how many in all, 1 to KUTRACE_MAX_ENTRY_WORDS
 *
 * Context: any, preemption off. Turns interrupts off for the time of a block's 4 KB at most.
 * Return: whether it is stored; if not and something traces, it is counted as lost.
 */
bool kutrace_store(u64 word, const u64 *more, u32 words)
{
	return store_here(word, more, words, false, 0);
}

/**
 * kutrace_store_return - store or fold the return of a call, where the hot path could not
 * @call: number of the call << 32
 * @value: its result
 *
 * Context: as kutrace_store().
 * Return: whether it is stored.
 */
bool kutrace_store_return(u64 call, long value)
{
	return store_here(call, NULL, 1, true, value);
}
