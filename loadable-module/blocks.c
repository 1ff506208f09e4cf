// SPDX-License-Identifier: GPL-2.0
/* The buffer and its blocks: who has which, and in a ring, which is taken next. */
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "buffer.h"

/* A CPU keeps at least its block and the one before when others take blocks again. */
#define KEPT_BLOCKS 2

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

/* Taken with interrupts off and in any context, so lockdep must not look. */
static arch_spinlock_t order_lock = __ARCH_SPIN_LOCK_UNLOCKED;

int kutrace_buffer_create(unsigned long mb)
{
	struct kutrace_trace *t = &kutrace_trace;
	unsigned long blocks = (mb << 20) / KUTRACE_BLOCK_BYTES;

	if (!blocks || mb > ULONG_MAX >> 20 || blocks >= NO_BLOCK)
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

void kutrace_buffer_destroy(void)
{
	vfree(kutrace_trace.words);
	kvfree(order);
	kutrace_trace.words = NULL;
	order = NULL;
	kutrace_thread_names_destroy();
	kutrace_follow_destroy();
}

/* Blocks that fit: with byte areas, the low part of the buffer holds those. */
static u32 usable_blocks(u8 flags)
{
	u32 all = kutrace_trace.blocks;

	if (flags & (KUTRACE_FLAG_IPC | KUTRACE_FLAG_LLC))
		return all - DIV_ROUND_UP(all, 8);
	return all;
}

/* Blocks that fit into the buffer of the present trace. */
u32 kutrace_usable_blocks(void)
{
	return usable_blocks(kutrace_trace.flags);
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
	kutrace_thread_names_reset();
	memset(order, 0, t->blocks * sizeof(*order));
	kutrace_follow_reset();
	openings = 0;
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

static bool followed(void)
{
	return kutrace_trace.options & KUTRACE_RESET_FOLLOW;
}

/**
 * kutrace_block_full - whether a block is complete
 * @index: its number, below the number of blocks used
 * @opened: which opening of a block it is; another when it has been used again
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

/* The oldest block of a CPU that keeps some, taken out of the order. */
static u32 take_oldest(u32 keep)
{
	u32 index, before = NO_BLOCK;

	for (index = oldest_block; index != NO_BLOCK; index = order[index].later) {
		struct kutrace_cpu *owner = per_cpu_ptr(&kutrace_cpu, order[index].cpu);

		if (index != READ_ONCE(owner->index) && owner->held > keep &&
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

/*
 * Whoever has stopped the other CPUs, one of which may have the lock, does not wait: a panic and its
 * dump go on. Only taken inside the slow path, so that an NMI never waits for what it interrupted.
 */
static bool lock_order(void)
{
	while (!arch_spin_trylock(&order_lock)) {
		if (READ_ONCE(oops_in_progress))
			return false;
		cpu_relax();
	}
	return true;
}

/* A block for this CPU, its words zero; NO_BLOCK when there is none. */
static u32 allocate_block(struct kutrace_cpu *c, unsigned int cpu)
{
	struct kutrace_trace *t = &kutrace_trace;
	bool again = false;
	u32 index = NO_BLOCK;

	/* Every event comes here once the buffer is full: not all CPUs to one lock. */
	if (READ_ONCE(t->used) >= usable_blocks(t->flags) && !(t->flags & KUTRACE_FLAG_WRAP) &&
	    !(followed() && kutrace_follow_spare()))
		return NO_BLOCK;
	if (!lock_order())
		return NO_BLOCK;
	if (t->used < usable_blocks(t->flags)) {
		index = t->used;
		WRITE_ONCE(t->used, index + 1);
	} else if (t->flags & KUTRACE_FLAG_WRAP || followed()) {
		index = take_oldest(KEPT_BLOCKS);
		if (index == NO_BLOCK)
			index = take_oldest(1);
		again = index != NO_BLOCK;
	}
	if (index != NO_BLOCK && index != 0) {
		note_opening(index);
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

static void copy_name(u64 *to, const struct task_struct *task)
{
	char name[TASK_COMM_LEN] = {};

	/* Without its lock: a name that changes right now may come out mixed, but never longer. */
	strscpy_pad(name, task->comm, sizeof(name));
	memcpy(to, name, sizeof(name));
}

bool kutrace_open_block(struct kutrace_cpu *c, unsigned int cpu, u64 raw)
{
	struct kutrace_trace *t = &kutrace_trace;
	u32 index = allocate_block(c, cpu);
	u64 *block;

	if (index == NO_BLOCK)
		return false;
	if (c->block) {
		/* With what is stored in it. */
		smp_store_release(&order[c->index].full, true);
	}
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
	c->next = block + kutrace_first_entry(index);
	c->data_end = NULL;
	return true;
}
