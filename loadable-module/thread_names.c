// SPDX-License-Identifier: GPL-2.0
/*
 * Names of threads in a ring, where the entries that had them may be overwritten. The newest
 * name of a thread counts; where the table is full, the names in it stay.
 */
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "buffer.h"

/* Taken with interrupts off and in any context, so lockdep must not look. */
static arch_spinlock_t names_lock = __ARCH_SPIN_LOCK_UNLOCKED;

/* Twice as many as fit into block 0, where the table goes in the end. */
#define NAMES (KUTRACE_BLOCK_WORDS / 2)

struct thread_name {
	u32 pid;
	u64 text[2];
};

static struct thread_name *thread_names;

int kutrace_thread_names_create(void)
{
	thread_names = kvcalloc(NAMES, sizeof(*thread_names), GFP_KERNEL);
	return thread_names ? 0 : -ENOMEM;
}

void kutrace_thread_names_destroy(void)
{
	kvfree(thread_names);
	thread_names = NULL;
}

void kutrace_thread_names_reset(void)
{
	memset(thread_names, 0, NAMES * sizeof(*thread_names));
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
	arch_spin_lock(&names_lock);
	for (i = 0; i < 16; i++) {
		at = (pid * 2654435761u + i) % NAMES;
		if (thread_names[at].pid && thread_names[at].pid != pid)
			continue;
		thread_names[at].pid = pid;
		memcpy(thread_names[at].text, text, sizeof(thread_names[at].text));
		break;
	}
	arch_spin_unlock(&names_lock);
	raw_local_irq_restore(flags);
}

/*
 * Block 0 of a ring gets the names of all threads that were seen; at the time of its latest entry,
 * so that they stand before what they name.
 */
void kutrace_thread_names_note(void)
{
	const u64 *limit = kutrace_block_limit(kutrace_block(0));
	u64 *next = kutrace_trace.names_next;
	u32 i;

	for (i = 0; next && i < NAMES && next + 3 <= limit; i++) {
		const struct thread_name *name = &thread_names[i];

		if (!name->pid)
			continue;
		next[0] = kutrace_stamped((u64)(KUTRACE_PIDNAME + 0x30) << KUTRACE_EVENT_SHIFT | name->pid,
				  kutrace_trace.names_time);
		memcpy(next + 1, name->text, sizeof(name->text));
		next += 3;
	}
}
