// SPDX-License-Identifier: GPL-2.0
/* The buffer and its blocks: who has which, and in a ring, which is taken next. */
#include <linux/bits.h>
#include <linux/hardirq.h>
#include <linux/irqflags.h>
#include <linux/kernel.h>
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include <asm/irq_regs.h>

#include "buffer.h"

/* A CPU keeps at least its block and the one before while others have more. */
#define KEPT_BLOCKS 2

/*
 * So many words of a block that had been used before are cleared at a time, interrupts off: 4 KB,
 * when the entries before them come near.
 */
#define CLEARED_WORDS (KUTRACE_BLOCK_WORDS / 16)

/* How often the lock is tried: far longer than anybody holds it. */
#define PATIENCE BIT(24)

DEFINE_PER_CPU_ALIGNED(struct kutrace_cpu, kutrace_cpu);

/* The blocks in the order in which they were opened; block 0 is never taken again. */
struct block_info {
	u32 later; /* the block opened next */
	u32 cpu;
	bool full; /* its CPU has left it */
	u64 opened; /* counts openings of all blocks, from 1 */
};

/* What a CPU without a block has before its next word. */
static u64 no_words[1];

static struct block_info *order;
static u32 oldest_block, newest_block;
static u64 openings;
static u64 latest_opened; /* the latest counter at which a block was */

/* Of the order, of what CPUs hold and of the names of threads. */
static DEFINE_RAW_SPINLOCK(order_lock);

/* Somebody has waited in vain: nobody waits again until it has been had. */
static bool stuck;

/**
 * kutrace_lock_order - take the lock of the blocks' order
 *
 * Only inside the slow path, whose protocol keeps out what could interrupt the holder on its own
 * CPU, or when nothing traces. Whoever has stopped the other CPUs, one of which may have the lock,
 * does not wait: a panic and its dump go on. Nor does anybody wait for ever, or twice.
 *
 * Context: interrupts off inside the slow path. Never sleeps.
 * Return: whether it is taken; if not, there is no block for now, and the event counts as lost.
 */
bool kutrace_lock_order(void)
{
	u32 patience = READ_ONCE(stuck) ? 1 : PATIENCE;

	/* Hooks are inside of everything, lockdep's own places too. */
	lockdep_off();
	while (!raw_spin_trylock(&order_lock)) {
		if (!--patience)
			WRITE_ONCE(stuck, true);
		if (!patience || READ_ONCE(oops_in_progress)) {
			lockdep_on();
			return false;
		}
		cpu_relax();
	}
	if (unlikely(READ_ONCE(stuck)))
		WRITE_ONCE(stuck, false);
	return true;
}

/**
 * kutrace_unlock_order - release it
 *
 * Context: as kutrace_lock_order().
 */
void kutrace_unlock_order(void)
{
	raw_spin_unlock(&order_lock);
	lockdep_on();
}

/**
 * kutrace_buffer_create - allocate the buffer
 * @mb: its megabytes
 *
 * Context: process context; may sleep.
 * Return: 0, -EINVAL or -ENOMEM.
 */
int kutrace_buffer_create(unsigned long mb)
{
	struct kutrace_trace *t = &kutrace_trace;
	unsigned long blocks;

	if (!mb || mb > ULONG_MAX >> 20)
		return -EINVAL;
	blocks = (mb << 20) / KUTRACE_BLOCK_BYTES;
	if (blocks >= NO_BLOCK)
		return -EINVAL;
	if (mb << (20 - PAGE_SHIFT) > totalram_pages() / 2)
		return -ENOMEM;
	t->words = vzalloc(mb << 20);
	order = kvcalloc(blocks, sizeof(*order), GFP_KERNEL);
	if (!t->words || !order || kutrace_thread_names_create() || kutrace_follow_create(blocks)) {
		kutrace_buffer_destroy();
		return -ENOMEM;
	}
	t->blocks = blocks;
	return 0;
}

/**
 * kutrace_buffer_destroy - free it
 *
 * Context: process context, may sleep; no hook is in the module, nor will be.
 */
void kutrace_buffer_destroy(void)
{
	vfree(kutrace_trace.words);
	kvfree(order);
	kutrace_thread_names_destroy();
	kutrace_follow_destroy();
	kutrace_trace.words = NULL;
	order = NULL;
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
 * kutrace_usable_blocks - how many blocks fit into the buffer of the present trace
 *
 * Context: any.
 */
u32 kutrace_usable_blocks(void)
{
	return usable_blocks(kutrace_trace.flags);
}

/* Every thread is named anew with the next switch to it. */
static void forget_names(void)
{
	WRITE_ONCE(kutrace_trace.named, (kutrace_trace.named + 2) | 1);
}

/**
 * kutrace_no_block - leave a CPU without a block; its next event opens one
 * @c: the CPU
 *
 * Context: on that CPU inside the slow path, or when nothing traces.
 */
void kutrace_no_block(struct kutrace_cpu *c)
{
	c->next = no_words + 1;
	c->block = NULL;
	c->clean = NULL;
	c->data_end = NULL;
	c->index = NO_BLOCK;
}

/**
 * kutrace_buffer_reset - empty the buffer for a new trace
 * @flags: KUTRACE_FLAG_* of its blocks
 *
 * Context: process context, may sleep, under the mutex; nothing may trace.
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
		kutrace_no_block(c);
		kutrace_counters_none(c);
	}
	kutrace_thread_names_reset();
	memset(order, 0, t->blocks * sizeof(*order));
	kutrace_follow_reset();
	openings = 0;
	oldest_block = NO_BLOCK;
	newest_block = NO_BLOCK;
	t->used = 0;
	t->reused = 0;
	t->lost = 0;
	t->apart = 0;
	latest_opened = 0;
	t->full_counter = 0;
	t->names_next = NULL;
	forget_names();
	kutrace_shared->generation++;
	memset(&t->start, 0, sizeof(t->start));
	memset(&t->stop, 0, sizeof(t->stop));
}

/**
 * kutrace_block - where a block is
 * @index: its number, below the number of blocks used
 *
 * Context: any.
 */
u64 *kutrace_block(u32 index)
{
	const struct kutrace_trace *t = &kutrace_trace;

	/* Byte areas come first. */
	return t->words + (u64)(t->blocks - usable_blocks(t->flags) + index) * KUTRACE_BLOCK_WORDS;
}

/**
 * kutrace_byte_area - where a block's byte area is; NULL if it has none
 * @index: its number
 *
 * Context: any.
 */
u8 *kutrace_byte_area(u32 index)
{
	return kutrace_trace.bytes ? kutrace_trace.bytes + (u64)index * KUTRACE_BYTE_AREA_BYTES :
				     NULL;
}

static bool followed(void)
{
	return kutrace_trace.options & KUTRACE_RESET_FOLLOW;
}

/**
 * kutrace_block_full - whether a block is complete
 * @index: its number, below the number of blocks used
 * @opened: which opening of a block it is; another when it has been used again
 *
 * Context: any.
 */
bool kutrace_block_full(u32 index, u64 *opened)
{
	/* Both in the order in which note_opening() does not write them. */
	*opened = smp_load_acquire(&order[index].opened);
	/* All that its CPU has stored is seen by who sees it full. */
	return smp_load_acquire(&order[index].full) || !kutrace_tracing();
}

/* A block begins anew; who reads it sees first that it does. */
static void note_opening(u32 index)
{
	WRITE_ONCE(order[index].full, false);
	/* It is not full any more for who sees that it is another. */
	smp_store_release(&order[index].opened, ++openings);
	/* And that it is another, by who reads what is stored from now on. */
	smp_wmb();
}

/*
 * Which of this CPU's blocks something that has been interrupted may still store into: a hook that
 * has claimed its word, or found its call, and then was interrupted, by what now opens blocks.
 *
 * None when nothing is interrupted. Only the block of now when threads have been switched since the
 * latest block was opened, since hooks cannot be preempted. All that were opened since, otherwise.
 */
static void count_pinned(struct kutrace_cpu *c)
{
	unsigned long switches = current->nvcsw + current->nivcsw;
	struct pt_regs *regs = get_irq_regs();

	if ((!raw_irqs_disabled_flags(c->flags) && !in_interrupt()) ||
	    (hardirq_count() && !in_nmi() && regs && user_mode(regs)))
		c->pinned = 0;
	else if (c->task != current || c->switches != switches)
		c->pinned = 1;
	c->task = current;
	c->switches = switches;
}

/* The oldest block of a CPU that may give one away, taken out of the order. */
static u32 take_oldest(u32 keep)
{
	u32 index, before = NO_BLOCK;

	for (index = oldest_block; index != NO_BLOCK; index = order[index].later) {
		struct kutrace_cpu *owner = per_cpu_ptr(&kutrace_cpu, order[index].cpu);

		if (owner->held > max(keep, owner->pinned) &&
		    (!followed() || kutrace_follow_may_take(index, order[index].opened))) {
			u32 later = order[index].later;

			if (before == NO_BLOCK)
				oldest_block = later;
			else
				order[before].later = later;
			if (newest_block == index)
				newest_block = before;
			owner->held--;
			if (followed())
				kutrace_follow_taken(index, order[index].opened);
			return index;
		}
		before = index;
	}
	return NO_BLOCK;
}

/* Puts a block behind all others, as this CPU's. */
static void append(struct kutrace_cpu *c, unsigned int cpu, u32 index)
{
	note_opening(index);
	order[index].cpu = cpu;
	order[index].later = NO_BLOCK;
	if (newest_block == NO_BLOCK)
		oldest_block = index;
	else
		order[newest_block].later = index;
	newest_block = index;
	c->held++;
	c->pinned++;
}

/* Counts a block that is overwritten. */
static void count_reused(void)
{
	struct kutrace_trace *t = &kutrace_trace;

	t->reused++;
	if (t->reused % t->used == 0)
		forget_names();
}

/*
 * Under the lock, counters of all CPUs go forward only; one that does not is behind the one before.
 * The kernel's monotonic clock may step back a little when it is adjusted.
 */
static void compare_clocks(void)
{
	struct kutrace_trace *t = &kutrace_trace;
	u64 now;

	if (kutrace_clock_source != KUTRACE_HARDWARE_CLOCK)
		return;
	now = kutrace_hardware_counter_in_order() >> kutrace_clock_shift;
	if (now >= latest_opened)
		latest_opened = now;
	else
		t->apart = max(t->apart, latest_opened - now);
}

/*
 * The block that a CPU leaves. Behind its last entry stands what is of a round before, up to a word
 * that says so. Under the lock: once there is a newer one, another CPU may take it.
 */
static void end_block(struct kutrace_cpu *c)
{
	if (!c->block)
		return;
	if (c->clean < c->block + KUTRACE_BLOCK_WORDS)
		*c->next = ~0ULL;
	/* With what is stored in it. */
	smp_store_release(&order[c->index].full, true);
}

/* A block for this CPU, NO_BLOCK when there is none. @again: it has been used before. */
static u32 allocate_block(struct kutrace_cpu *c, unsigned int cpu, bool *again)
{
	struct kutrace_trace *t = &kutrace_trace;
	bool ring = t->flags & KUTRACE_FLAG_WRAP;
	bool spare = ring || (followed() && kutrace_follow_spare());
	u32 index = NO_BLOCK;

	*again = false;
	/* Every event comes here once the buffer is full: not all CPUs to one lock. */
	if (!spare && READ_ONCE(t->used) >= usable_blocks(t->flags))
		return NO_BLOCK;
	if (!kutrace_lock_order())
		return NO_BLOCK;
	compare_clocks();
	count_pinned(c);
	if (t->used < usable_blocks(t->flags)) {
		index = t->used;
		WRITE_ONCE(t->used, index + 1);
	} else if (ring || followed()) {
		index = take_oldest(KEPT_BLOCKS);
		if (index == NO_BLOCK)
			index = take_oldest(1);
		*again = index != NO_BLOCK;
	}
	if (index != NO_BLOCK)
		end_block(c);
	if (index != NO_BLOCK && index != 0)
		append(c, cpu, index);
	if (*again)
		count_reused();
	kutrace_unlock_order();
	return index;
}

static void put_name(u64 *to, const struct task_struct *task)
{
	char name[TASK_COMM_LEN] = {};

	/* Without its lock: a name that changes right now may come out mixed, but never longer. */
	strscpy_pad(name, task->comm, sizeof(name));
	memcpy(to, name, sizeof(name));
}

static void put_header(u64 *block, u32 index, unsigned int cpu, u64 counter,
		       const struct task_struct *who)
{
	u64 *pid = block + (index ? KUTRACE_HDR_PID : KUTRACE_HDR0_PID);
	u64 *ext = block + (index ? KUTRACE_HDR_EXT : KUTRACE_HDR0_EXT);
	u64 *name = block + (index ? KUTRACE_HDR_NAME : KUTRACE_HDR0_NAME);

	block[KUTRACE_HDR_COUNTER] = (u64)(cpu & 0xff) << 56 | (counter & KUTRACE_LOW56);
	block[KUTRACE_HDR_CLOCK] = (u64)kutrace_trace.flags << 56;
	*pid = who ? (u32)who->pid : 0;
	*ext = cpu >> 8;
	name[0] = 0;
	name[1] = 0;
	if (who)
		put_name(name, who);
}

/**
 * kutrace_open_block - give a CPU a new block
 * @c: the CPU's state
 * @cpu: its number
 * @raw: the raw counter at which it begins
 * @who: the thread that runs there then; NULL: none
 *
 * Context: on that CPU inside the slow path, or when nothing traces.
 * Return: whether there was one; if not, all is as it was.
 */
bool kutrace_open_block(struct kutrace_cpu *c, unsigned int cpu, u64 raw,
			const struct task_struct *who)
{
	bool again;
	u32 index = allocate_block(c, cpu, &again);
	u64 *block;

	if (index == NO_BLOCK)
		return false;
	block = kutrace_block(index);
	kutrace_core_move(c, raw, kutrace_clock_shift);
	put_header(block, index, cpu, c->anchor, who);
	c->block = block;
	c->index = index;
	c->next = block + kutrace_first_entry(index);
	c->data_end = NULL;
	c->clean = again ? c->next : block + KUTRACE_BLOCK_WORDS;
	if (again && kutrace_byte_area(index))
		memset(kutrace_byte_area(index), 0, kutrace_first_entry(index));
	return true;
}

/**
 * kutrace_room - whether a CPU's block has room for entries; if so, it is cleared
 * @c: the CPU
 * @words: how many words they take
 *
 * Context: on that CPU inside the slow path, or when nothing traces.
 */
bool kutrace_room(struct kutrace_cpu *c, u32 words)
{
	u64 *end = c->next + words;
	u8 *bytes = kutrace_byte_area(c->index);
	u64 more;

	if (end > kutrace_block_limit(c->block))
		return false;
	if (likely(end < c->clean))
		return true;
	more = min_t(u64, c->block + KUTRACE_BLOCK_WORDS - c->clean,
		     end - c->clean + CLEARED_WORDS);
	memset64(c->clean, 0, more);
	if (bytes)
		memset(bytes + (c->clean - c->block), 0, more);
	c->clean += more;
	return true;
}
