// SPDX-License-Identifier: GPL-2.0
/*
 * The buffer and its blocks, and the slow path: a full block, a long silence, entries of several
 * words.
 *
 * A CPU's state is its own: it is changed on that CPU with interrupts off, or by a control call
 * when nothing traces any more. An NMI that finds the slow path at work cannot store its event; it
 * is counted as lost.
 */
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "kutrace_mod.h"

#define NO_BLOCK U32_MAX

/* At a block's end: a TSDELTA and a LOST entry. */
#define RESERVED_WORDS 2

/* The longest step of one TSDELTA: readers take its 32 bits below 2e9 as forward. */
#define LONGEST_STEP 1900000000ULL

/* A CPU keeps at least its block and the one before when others take blocks again. */
#define KEPT_BLOCKS 2

DEFINE_PER_CPU_ALIGNED(struct kutrace_cpu, kutrace_cpu);

/* The blocks in the order in which they were opened; block 0 is never taken again. */
struct block_info {
	u32 later; /* the block opened next */
	u32 cpu;
};

/* What a CPU without a block has before its next word. */
static u64 no_words[1];

static struct block_info *order;
static u32 oldest_block, newest_block;

/* Taken with interrupts off and in any context, so lockdep must not look. */
static arch_spinlock_t order_lock = __ARCH_SPIN_LOCK_UNLOCKED;

/*
 * Names of threads in a ring, where the entries that had them may be overwritten. The newest
 * name of a thread counts; where the table is full, the names in it stay.
 */
#define NAMES 4096

struct thread_name {
	u32 pid;
	u64 text[2];
};

static struct thread_name *thread_names;

int kutrace_buffer_create(unsigned long mb)
{
	struct kutrace_trace *t = &kutrace_trace;
	unsigned long blocks = mb << 20 >> 16;

	if (!blocks || mb > ULONG_MAX >> 20 || blocks >= NO_BLOCK)
		return -EINVAL;
	if (mb << (20 - PAGE_SHIFT) > totalram_pages() / 2)
		return -ENOMEM;
	t->words = vzalloc(mb << 20);
	order = kvcalloc(blocks, sizeof(*order), GFP_KERNEL);
	thread_names = kvcalloc(NAMES, sizeof(*thread_names), GFP_KERNEL);
	if (!t->words || !order || !thread_names) {
		kutrace_buffer_destroy();
		return -ENOMEM;
	}
	t->blocks = blocks;
	return 0;
}

void kutrace_buffer_destroy(void)
{
	vfree(kutrace_trace.words);
	kvfree(order);
	kvfree(thread_names);
	kutrace_trace.words = NULL;
	order = NULL;
	thread_names = NULL;
}

/* Blocks that fit: with byte areas, the low part of the buffer holds those. */
static u32 usable_blocks(u8 flags)
{
	u32 all = kutrace_trace.blocks;

	if (flags & (KUTRACE_FLAG_IPC | KUTRACE_FLAG_LLC))
		return all - DIV_ROUND_UP(all, 8);
	return all;
}

/**
 * kutrace_buffer_reset - empty the buffer for a new trace
 * @flags: KUTRACE_FLAG_* of its blocks
 *
 * Nothing may trace.
 */
void kutrace_buffer_reset(u8 flags)
{
	struct kutrace_trace *t = &kutrace_trace;
	unsigned int cpu;
	u32 i;

	t->bytes = flags & (KUTRACE_FLAG_IPC | KUTRACE_FLAG_LLC) ? (u8 *)t->words : NULL;
	t->flags = flags;
	/* All of it: what is not written must not be read. */
	for (i = 0; i < t->blocks; i++) {
		memset64(t->words + (u64)i * KUTRACE_BLOCK_WORDS, 0, KUTRACE_BLOCK_WORDS);
		cond_resched();
	}
	for_each_possible_cpu(cpu) {
		struct kutrace_cpu *c = per_cpu_ptr(&kutrace_cpu, cpu);

		memset(c, 0, sizeof(*c));
		c->index = NO_BLOCK;
		c->next = no_words + 1;
		kutrace_counters_none(c);
	}
	memset(thread_names, 0, NAMES * sizeof(*thread_names));
	oldest_block = NO_BLOCK;
	newest_block = NO_BLOCK;
	t->used = 0;
	t->reused = 0;
	t->lost = 0;
	t->full_counter = 0;
	t->names_next = NULL;
	t->named++;
	kutrace_shared->generation++;
	memset(&t->start, 0, sizeof(t->start));
	memset(&t->stop, 0, sizeof(t->stop));
}

u64 *kutrace_block(u32 index)
{
	const struct kutrace_trace *t = &kutrace_trace;

	/* Byte areas come first. */
	return t->words + (u64)(t->blocks - usable_blocks(t->flags) + index) * KUTRACE_BLOCK_WORDS;
}

u8 *kutrace_byte_area(u32 index)
{
	return kutrace_trace.bytes ? kutrace_trace.bytes + (u64)index * KUTRACE_BYTE_AREA_BYTES :
				     NULL;
}

static u32 first_entry(u32 index)
{
	return index ? KUTRACE_FIRST_ENTRY_OTHER : KUTRACE_FIRST_ENTRY_BLOCK0;
}

/* The oldest block of a CPU that keeps some, taken out of the order. */
static u32 take_oldest(u32 keep)
{
	u32 index, before = NO_BLOCK;

	for (index = oldest_block; index != NO_BLOCK; index = order[index].later) {
		struct kutrace_cpu *owner = per_cpu_ptr(&kutrace_cpu, order[index].cpu);

		if (index != READ_ONCE(owner->index) && owner->held > keep) {
			u32 later = order[index].later;

			if (before == NO_BLOCK)
				oldest_block = later;
			else
				order[before].later = later;
			if (newest_block == index)
				newest_block = before;
			owner->held--;
			return index;
		}
		before = index;
	}
	return NO_BLOCK;
}

/* A block for this CPU, its words zero; NO_BLOCK when there is none. */
static u32 allocate_block(struct kutrace_cpu *c, unsigned int cpu)
{
	struct kutrace_trace *t = &kutrace_trace;
	bool again = false;
	u32 index = NO_BLOCK;

	/* Every event comes here once the buffer is full: not all CPUs to one lock. */
	if (!(t->flags & KUTRACE_FLAG_WRAP) && READ_ONCE(t->used) >= usable_blocks(t->flags))
		return NO_BLOCK;
	arch_spin_lock(&order_lock);
	if (t->used < usable_blocks(t->flags)) {
		index = t->used;
		WRITE_ONCE(t->used, index + 1);
	} else if (t->flags & KUTRACE_FLAG_WRAP) {
		index = take_oldest(KEPT_BLOCKS);
		if (index == NO_BLOCK)
			index = take_oldest(1);
		again = index != NO_BLOCK;
	}
	if (index != NO_BLOCK && index != 0) {
		order[index].cpu = cpu;
		order[index].later = NO_BLOCK;
		if (newest_block == NO_BLOCK)
			oldest_block = index;
		else
			order[newest_block].later = index;
		newest_block = index;
		c->held++;
	}
	if (again) {
		/*
		 * Names that stood in what is overwritten come again with the next switch to their
		 * threads.
		 */
		t->reused++;
		if (t->reused % t->used == 0)
			t->named++;
	}
	arch_spin_unlock(&order_lock);
	if (again) {
		memset64(kutrace_block(index), 0, KUTRACE_BLOCK_WORDS);
		if (kutrace_byte_area(index))
			memset(kutrace_byte_area(index), 0, KUTRACE_BYTE_AREA_BYTES);
	}
	return index;
}

/**
 * kutrace_buffer_name - remember a thread's name for the end of a wrap-around trace
 * @pid: the thread
 * @text: its name, zero padded
 *
 * Any context but NMI.
 */
void kutrace_buffer_name(u32 pid, const u64 text[2])
{
	unsigned long flags;
	u32 i, at;

	raw_local_irq_save(flags);
	arch_spin_lock(&order_lock);
	for (i = 0; i < 16; i++) {
		at = (pid * 2654435761u + i) % NAMES;
		if (thread_names[at].pid && thread_names[at].pid != pid)
			continue;
		thread_names[at].pid = pid;
		memcpy(thread_names[at].text, text, sizeof(thread_names[at].text));
		break;
	}
	arch_spin_unlock(&order_lock);
	raw_local_irq_restore(flags);
}

static void copy_name(u64 *to, const struct task_struct *task)
{
	char name[TASK_COMM_LEN] = {};

	/* Without its lock: a name that changes right now may come out mixed, but never longer. */
	strscpy_pad(name, task->comm, sizeof(name));
	memcpy(to, name, sizeof(name));
}

static u64 *block_limit(u64 *block)
{
	return block + KUTRACE_BLOCK_WORDS - RESERVED_WORDS;
}

static bool open_block(struct kutrace_cpu *c, unsigned int cpu, u64 raw)
{
	struct kutrace_trace *t = &kutrace_trace;
	u32 index = allocate_block(c, cpu);
	u64 *block;

	if (index == NO_BLOCK)
		return false;
	block = kutrace_block(index);
	kutrace_core_anchor(c, raw, kutrace_clock_shift);
	block[KUTRACE_HDR_COUNTER] = (u64)(cpu & 0xff) << 56 | (c->anchor & KUTRACE_LOW56);
	block[KUTRACE_HDR_CLOCK] = (u64)t->flags << 56;
	if (index) {
		block[KUTRACE_HDR_PID] = current->pid;
		block[KUTRACE_HDR_EXT] = cpu >> 8;
		copy_name(block + KUTRACE_HDR_NAME, current);
	} else {
		block[KUTRACE_HDR0_PID] = current->pid;
		block[KUTRACE_HDR0_EXT] = cpu >> 8;
		copy_name(block + KUTRACE_HDR0_NAME, current);
	}
	c->block = block;
	c->index = index;
	c->next = block + first_entry(index);
	c->data_end = NULL;
	return true;
}

/* Word of an entry stamped with a counter. */
static u64 stamped(u64 word, u64 counter)
{
	return word | counter << KUTRACE_TS_SHIFT;
}

/*
 * Announces the step from the latest entry to `now`, if readers cannot see it.
 */
static void announce_step(struct kutrace_cpu *c, u64 latest, u64 now)
{
	while ((s64)(now - latest) > (s64)KUTRACE_TS_MAX_STEP || (s64)(now - latest) < 0) {
		s64 step = clamp_t(s64, now - latest, -(s64)LONGEST_STEP, LONGEST_STEP);

		latest += step;
		*c->next++ =
			stamped((u64)KUTRACE_TSDELTA << KUTRACE_EVENT_SHIFT | (u32)step, latest);
	}
}

static void count_lost(struct kutrace_cpu *c, u64 now)
{
	if (READ_ONCE(c->lost) == c->lost_noted)
		c->lost_time = now;
	this_cpu_inc(kutrace_cpu.lost); /* an NMI may come in between */
}

/* TSDELTA entries that announce_step() may store. */
static u32 step_words(u64 latest, u64 now)
{
	u64 step = now - latest; /* huge if it is back */

	return step > KUTRACE_TS_MAX_STEP ? 1 + (u32)min_t(u64, step / LONGEST_STEP, 64) : 0;
}

/*
 * Stores an entry on this CPU. Interrupts are off, `c->limit` is NULL so that an NMI stays out, or
 * nothing traces.
 */
static bool store(struct kutrace_cpu *c, unsigned int cpu, u64 word, const u64 *more, u32 words)
{
	u64 raw = kutrace_raw_counter(kutrace_clock_source);
	u64 now = raw >> kutrace_clock_shift;
	u64 latest = 0;
	bool known = c->block && kutrace_core_latest(c, c->block + first_entry(c->index), &latest);
	/* Read once: an NMI may add to it. */
	u64 lost = min_t(u64, READ_ONCE(c->lost) - c->lost_noted, U32_MAX);
	/*
	 * A zero word behind data, so that data is never taken for a call; and the entry of lost
	 * events. No more than is stored: an event that comes here although the fast path would
	 * have had room for it must not be lost.
	 */
	u32 room = words + (words > 1) + (lost > 0);

	if (known && c->next + room + step_words(latest, now) <= block_limit(c->block)) {
		announce_step(c, latest, now);
		kutrace_core_anchor(c, raw, kutrace_clock_shift);
	} else if (!open_block(c, cpu, raw)) {
		if (!READ_ONCE(kutrace_trace.full_counter))
			WRITE_ONCE(kutrace_trace.full_counter, now);
		count_lost(c, now);
		return false;
	}
	if (lost) {
		*c->next++ = stamped((u64)KUTRACE_LOST << KUTRACE_EVENT_SHIFT | lost, now);
		c->lost_noted += lost;
	}
	*c->next++ = stamped(word, now);
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

	if (!c->block || !kutrace_core_latest(c, c->block + first_entry(c->index), &latest))
		return;
	now = max(now, latest);
	if (c->next + step_words(latest, now) + 2 > block_limit(c->block))
		return;
	announce_step(c, latest, now);
	*c->next++ = stamped((u64)KUTRACE_USERPID << KUTRACE_EVENT_SHIFT, now);
	*c->next++ = stamped((u64)KUTRACE_MWAIT << KUTRACE_EVENT_SHIFT | KUTRACE_IDLE_OFFLINE, now);
}

/* Takes part in the current trace on this CPU. */
static void join(struct kutrace_cpu *c, unsigned int cpu)
{
	struct kutrace_trace *t = &kutrace_trace;

	if (c->epoch == t->epoch)
		return;
	if (c->epoch || (t->flags & KUTRACE_FLAG_WRAP)) {
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
		store(c, cpu, (u64)KUTRACE_USERPID << KUTRACE_EVENT_SHIFT | (u32)current->pid, NULL,
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
	WRITE_ONCE(c->limit, NULL);
	barrier();
	WRITE_ONCE(c->busy, 1);
	barrier();
	if (kutrace_tracing()) {
		u64 now;

		join(c, cpu);
		now = kutrace_counter();

		if (fold && c->block && now - c->anchor < KUTRACE_WINDOW &&
		    kutrace_core_folds(c->next[-1], word, value, now, &delta)) {
			kutrace_core_put_folded(c->next - 1, delta, value);
			kutrace_counters_note(c->next - 1, true);
			stored = true;
		} else {
			if (fold)
				word = kutrace_core_return_word(word, value);
			stored = store(c, cpu, word, more, words);
		}
	}
	if (stored || (c->block && c->next < block_limit(c->block)))
		WRITE_ONCE(c->limit, kutrace_tracing() ? block_limit(c->block) : NULL);
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
	kutrace_clock_pair(&t->start);
	cpu = get_cpu();
	open_block(per_cpu_ptr(&kutrace_cpu, cpu), cpu, kutrace_raw_counter(kutrace_clock_source));
	put_cpu();
	kutrace_names();
}

static void begin_here(void *unused)
{
	struct kutrace_cpu *c = this_cpu_ptr(&kutrace_cpu);

	WRITE_ONCE(c->busy, 1);
	barrier();
	if (c->index == 0)
		join(c, smp_processor_id());
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
		if (c->next + words + 64 > block_limit(c->block))
			return false;
		if (!store(c, cpu, word, more, words))
			return false;
		kutrace_trace.names_next = c->next;
		kutrace_trace.names_time = words > 1 ? c->data_time : c->anchor;
		return true;
	}
	return false;
}

/**
 * kutrace_lost - events lost in this trace
 * @cpu: of one CPU; nr_cpu_ids or more: of all
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

/* The losses after a CPU's last block: in the words that its end keeps free. */
static void note_lost(struct kutrace_cpu *c)
{
	u64 lost = min_t(u64, c->lost - c->lost_noted, U32_MAX);
	u64 latest;

	if (!lost)
		return;
	c->lost_noted += lost;
	if (!c->block || !kutrace_core_latest(c, c->block + first_entry(c->index), &latest)) {
		kutrace_trace.lost += lost;
		return;
	}
	if (c->lost_time - latest <= LONGEST_STEP)
		announce_step(c, latest, c->lost_time);
	*c->next++ = stamped((u64)KUTRACE_LOST << KUTRACE_EVENT_SHIFT | lost, c->lost_time);
}

/**
 * kutrace_wall_clock - the time of day of a counter, in us since 1970 UTC
 * @counter: of this trace; while it runs, counters after the start are scaled up to now
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

/*
 * Block 0 of a ring gets the names of all threads that were seen; at the time of its latest entry,
 * so that they stand before what they name.
 */
static void note_names(void)
{
	const u64 *limit = block_limit(kutrace_block(0));
	u64 *next = kutrace_trace.names_next;
	u32 i;

	for (i = 0; next && i < NAMES && next + 3 <= limit; i++) {
		const struct thread_name *name = &thread_names[i];

		if (!name->pid)
			continue;
		next[0] = stamped((u64)(KUTRACE_PIDNAME + 0x30) << KUTRACE_EVENT_SHIFT | name->pid,
				  kutrace_trace.names_time);
		memcpy(next + 1, name->text, sizeof(name->text));
		next += 3;
	}
}

/**
 * kutrace_buffer_finish - make what was recorded a file: losses, clocks, the header's pairs
 *
 * Nothing may trace. Under the mutex; once for a trace.
 */
void kutrace_buffer_finish(void)
{
	struct kutrace_trace *t = &kutrace_trace;
	unsigned int cpu;
	u64 *block;
	u32 i;

	for_each_possible_cpu(cpu)
		note_lost(per_cpu_ptr(&kutrace_cpu, cpu));
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
		note_names();
	block = kutrace_block(0);
	block[KUTRACE_HDR_CLOCK] |= (u64)KUTRACE_FORMAT_VERSION << 56;
	if (!t->reused)
		block[KUTRACE_HDR_CLOCK] &= ~((u64)KUTRACE_FLAG_WRAP << 56);
	block[KUTRACE_HDR0_START_COUNTER] = t->start.counter;
	block[KUTRACE_HDR0_START_US] = t->start.us;
	block[KUTRACE_HDR0_STOP_COUNTER] = t->stop.counter;
	block[KUTRACE_HDR0_STOP_US] = t->stop.us;
	block[KUTRACE_HDR0_LOST] = t->lost;
	block[KUTRACE_HDR0_CLOCK] = t->clock;
}
