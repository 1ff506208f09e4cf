// SPDX-License-Identifier: GPL-2.0
/*
 * Reading while it traces: blocks are handed out as they become full, and may be used again when
 * the reader has acknowledged them.
 *
 * The reader alone writes which block it was handed in which state of that block (the number of its
 * opening); who needs a block reads it. A block that is overwritten meanwhile has another opening,
 * and so is not taken for what was handed out.
 */
#include <linux/errno.h>
#include <linux/jiffies.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>
#include <linux/timer.h>
#include <linux/uaccess.h>
#include <linux/wait.h>

#include "buffer.h"
#include "compat.h"

/* Blocks that are looked for at a time. */
#define MOST_FOUND 256

/* How soon somebody who waits hears of a full block. */
#define PATIENCE (HZ / 50 ?: 1)

/* What was handed out: of each block, the opening in which it was, and as which number. */
struct handed {
	u64 opened;
	u64 number;
};

/* A block that can be handed out. */
struct found {
	u64 opened;
	u32 index;
};

static struct handed *handed;
static struct found found[MOST_FOUND];
static u32 found_count, found_next;

/* Under the mutex, but what the slow path reads or counts. */
static struct {
	u64 next; /* number of the block that is handed out next */
	u64 acknowledged;
	u64 overtaken;
	bool finished; /* block 0 has been given again, after the end */
	atomic_t spare; /* acknowledged blocks that nobody has taken */
} following;

static DECLARE_WAIT_QUEUE_HEAD(readers);

int kutrace_follow_create(u32 blocks)
{
	handed = kvcalloc(blocks, sizeof(*handed), GFP_KERNEL);
	return handed ? 0 : -ENOMEM;
}

void kutrace_follow_reset(void)
{
	memset(handed, 0, kutrace_trace.blocks * sizeof(*handed));
	memset(&following, 0, sizeof(following));
	found_count = 0;
	found_next = 0;
}

static bool is_handed(u32 index, u64 opened)
{
	/* What is handed out as which number was written before. */
	return smp_load_acquire(&handed[index].opened) == opened;
}

/**
 * kutrace_follow_spare - whether there is a block that is done with; cheap
 *
 * Context: any.
 */
bool kutrace_follow_spare(void)
{
	return atomic_read(&following.spare) > 0;
}

/**
 * kutrace_follow_may_take - whether a block that is full may be overwritten
 * @index: its number
 * @opened: its opening
 *
 * Context: inside the slow path, under the lock of the order.
 */
bool kutrace_follow_may_take(u32 index, u64 opened)
{
	return kutrace_trace.flags & KUTRACE_FLAG_WRAP ||
	       (is_handed(index, opened) &&
		READ_ONCE(handed[index].number) < READ_ONCE(following.acknowledged));
}

/**
 * kutrace_follow_taken - a block is overwritten
 * @index: its number
 * @opened: its opening, until now
 *
 * Context: as kutrace_follow_may_take().
 */
void kutrace_follow_taken(u32 index, u64 opened)
{
	if (!is_handed(index, opened))
		WRITE_ONCE(following.overtaken, following.overtaken + 1);
	else if (READ_ONCE(handed[index].number) < READ_ONCE(following.acknowledged))
		atomic_dec(&following.spare);
}

/* How many blocks were overwritten before they were handed out. */
u64 kutrace_follow_overtaken(void)
{
	return READ_ONCE(following.overtaken);
}

/* Whether a block is complete, and not handed out: full, or left by the end. */
static bool is_ready(u32 index, u64 *opened)
{
	return index && kutrace_block_full(index, opened) && !is_handed(index, *opened);
}

static bool any_ready(void)
{
	u32 i, used = READ_ONCE(kutrace_trace.used);
	u64 opened;

	if (!kutrace_tracing() || (used && !following.next))
		return true;
	for (i = 1; i < used; i++) {
		if (is_ready(i, &opened))
			return true;
	}
	return false;
}

static int by_opening(const void *a, const void *b)
{
	const struct found *x = a, *y = b;

	return x->opened < y->opened ? -1 : x->opened > y->opened;
}

/* Looks for blocks, the earliest first, into which nobody stores any more. */
static void find_blocks(void)
{
	struct found f;
	u32 i, used = READ_ONCE(kutrace_trace.used);

	found_count = 0;
	found_next = 0;
	for (i = 1; i < used && found_count < MOST_FOUND; i++) {
		f.index = i;
		if (is_ready(i, &f.opened))
			found[found_count++] = f;
	}
	sort(found, found_count, sizeof(*found), by_opening, NULL);
	/*
	 * What was interrupted between the claim of its word and the store has stored now: hooks
	 * run with preemption off.
	 */
	if (found_count && kutrace_tracing())
		kutrace_synchronize();
}

static u64 stride(void)
{
	return KUTRACE_BLOCK_BYTES + (kutrace_trace.bytes ? KUTRACE_BYTE_AREA_BYTES : 0);
}

static void put_pairs_so_far(u64 *block)
{
	struct kutrace_pair now;

	kutrace_clock_pair(&now);
	kutrace_put_pairs(block, &now);
}

/* Copies a block as it is to stand in a file. */
static void copy_block(u64 *to, u32 index)
{
	const struct kutrace_trace *t = &kutrace_trace;
	u64 counter;

	memcpy(to, kutrace_block(index), KUTRACE_BLOCK_BYTES);
	if (t->bytes)
		memcpy(to + KUTRACE_BLOCK_WORDS, kutrace_byte_area(index), KUTRACE_BYTE_AREA_BYTES);
	if (!kutrace_tracing())
		return;
	counter = to[KUTRACE_HDR_COUNTER] & KUTRACE_LOW56;
	to[KUTRACE_HDR_CLOCK] = (to[KUTRACE_HDR_CLOCK] & ~KUTRACE_LOW56) |
				(kutrace_wall_clock(counter) & KUTRACE_LOW56);
	if (!index)
		put_pairs_so_far(to);
}

/* The next full block: copied, and not overwritten meanwhile. */
static bool copy_found(struct kutrace_follow *next)
{
	u64 opened;

	for (;;) {
		const struct found *f;

		if (found_next >= found_count)
			find_blocks();
		if (!found_count)
			return false;
		f = &found[found_next++];
		copy_block(next->room, f->index);
		/* The copy comes before this look at whether it is still the same block. */
		smp_rmb();
		if (!kutrace_block_full(f->index, &opened) || opened != f->opened)
			continue; /* counted by who took it */
		next->index = f->index;
		next->opened = opened;
		return true;
	}
}

/* What comes next: block 0 first, then full blocks, at the end the others and block 0 again. */
static int copy_next(struct kutrace_follow *next)
{
	next->index = 0;
	next->again = false;
	if (!kutrace_trace.used)
		return kutrace_tracing() ? -EAGAIN : 0;
	if (following.next && copy_found(next))
		return 1;
	if (following.next && kutrace_tracing())
		return -EAGAIN;
	if (following.finished)
		return 0;
	next->again = following.next;
	copy_block(next->room, 0);
	return 1;
}

static void acknowledge(u64 number)
{
	u64 before = following.acknowledged;

	if (number <= before)
		return;
	/* The first is block 0, which is not used again. */
	atomic_add(number - max(before, 1ULL), &following.spare);
	WRITE_ONCE(following.acknowledged, number);
}

/* Whether this descriptor may read on; it is the reader then. */
static int may_follow(struct kutrace_file *f, const struct kutrace_next *n)
{
	struct kutrace_trace *t = &kutrace_trace;

	if (!(t->options & KUTRACE_RESET_FOLLOW) || n->bytes < stride() ||
	    n->acknowledge > following.next)
		return -EINVAL;
	if (t->reader && t->reader != f)
		return -EBUSY;
	if (t->addresses && !(f->rights & KUTRACE_RIGHT_ADDRESSES))
		return -EACCES;
	t->reader = f;
	f->controlled = true;
	return 0;
}

/**
 * kutrace_follow_copy - the next block of a trace that is followed
 * @f: who asks
 * @n: what is asked for, and what is handed out
 * @next: the block, in its room; kutrace_follow_done() is to say that it has arrived
 *
 * Return: 1, 0 at the end, or -EAGAIN, -EINVAL, -EBUSY, -EACCES, -EINTR.
 */
int kutrace_follow_copy(struct kutrace_file *f, struct kutrace_next *n, struct kutrace_follow *next)
{
	int ret;

	if (mutex_lock_killable(&kutrace_trace.mutex))
		return -EINTR;
	ret = may_follow(f, n);
	if (!ret) {
		acknowledge(n->acknowledge);
		ret = copy_next(next);
	}
	n->number = following.next;
	n->overtaken = following.overtaken;
	n->bytes = stride();
	n->flags = next->index ? 0 : KUTRACE_NEXT_FIRST;
	next->generation = kutrace_shared->generation;
	mutex_unlock(&kutrace_trace.mutex);
	return ret;
}

/**
 * kutrace_follow_done - a block has been handed out
 * @next: as kutrace_follow_copy() gave it
 */
void kutrace_follow_done(const struct kutrace_follow *next)
{
	mutex_lock(&kutrace_trace.mutex);
	if (next->generation == kutrace_shared->generation) {
		if (next->index) {
			WRITE_ONCE(handed[next->index].number, following.next);
			/* The number is seen by who sees that it is handed out. */
			smp_store_release(&handed[next->index].opened, next->opened);
		}
		following.finished |= next->again;
		following.next++;
	}
	mutex_unlock(&kutrace_trace.mutex);
}

/**
 * kutrace_follow_leave - the reader goes: what it has not acknowledged is for the next
 *
 * Under the mutex.
 */
void kutrace_follow_leave(void)
{
	u32 i;

	for (i = 1; i < kutrace_trace.used; i++) {
		if (handed[i].opened && handed[i].number >= following.acknowledged)
			WRITE_ONCE(handed[i].opened, 0);
	}
	following.next = following.acknowledged;
	following.finished = false;
	found_count = 0;
	found_next = 0;
}

/* No hook wakes anybody: a timer looks, while somebody waits. */
static void look(struct timer_list *timer)
{
	if (any_ready())
		wake_up_interruptible(&readers);
	else if (wq_has_sleeper(&readers))
		mod_timer(timer, jiffies + PATIENCE);
}

static DEFINE_TIMER(timer, look);

/**
 * kutrace_follow_poll - f_op->poll() of the device
 * @file: the descriptor
 * @wait: where to wait
 */
__poll_t kutrace_follow_poll(struct file *file, struct poll_table_struct *wait)
{
	poll_wait(file, &readers, wait);
	if (!(READ_ONCE(kutrace_trace.options) & KUTRACE_RESET_FOLLOW))
		return kutrace_tracing() ? 0 : EPOLLIN | EPOLLRDNORM;
	if (any_ready())
		return EPOLLIN | EPOLLRDNORM;
	mod_timer(&timer, jiffies + PATIENCE);
	return 0;
}

/* Tracing has stopped: there is something for everybody. */
void kutrace_follow_stopped(void)
{
	kutrace_delete_timer(&timer);
	wake_up_interruptible(&readers);
}

/* Nobody has the device open any more. */
void kutrace_follow_destroy(void)
{
	kutrace_delete_timer(&timer);
	kvfree(handed);
	handed = NULL;
}
