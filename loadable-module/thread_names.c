// SPDX-License-Identifier: GPL-2.0
/*
 * Names of threads in a ring, where the entries that had them may be overwritten. The newest
 * name of a thread counts; where the table is full, the names in it stay.
 */
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "buffer.h"

/* Twice as many as fit into block 0, where the table goes in the end. */
#define NAMES (KUTRACE_BLOCK_WORDS / 2)

/* Places in which a thread's name may stand. */
#define PLACES 16

struct thread_name {
	u32 pid;
	u64 text[2];
};

static struct thread_name *thread_names;

/**
 * kutrace_thread_names_create - allocate the table
 *
 * Context: process context; may sleep.
 * Return: 0 or -ENOMEM.
 */
int kutrace_thread_names_create(void)
{
	thread_names = kvcalloc(NAMES, sizeof(*thread_names), GFP_KERNEL);
	return thread_names ? 0 : -ENOMEM;
}

/**
 * kutrace_thread_names_destroy - free it
 *
 * Context: process context, may sleep; no hook is in the module, nor will be.
 */
void kutrace_thread_names_destroy(void)
{
	kvfree(thread_names);
	thread_names = NULL;
}

/**
 * kutrace_thread_names_reset - forget all names
 *
 * Context: under the mutex; nothing may trace.
 */
void kutrace_thread_names_reset(void)
{
	memset(thread_names, 0, NAMES * sizeof(*thread_names));
}

/**
 * kutrace_thread_names_remember - remember a thread's name for the end of the trace
 * @pid: the thread
 * @text: its name, zero padded
 *
 * The entry with the name is in the trace already; what is not remembered because the lock cannot
 * be had stands there until it is overwritten.
 *
 * Context: inside the slow path, interrupts off.
 */
void kutrace_thread_names_remember(u32 pid, const u64 text[2])
{
	u32 i;

	if (!kutrace_lock_order())
		return;
	for (i = 0; i < PLACES; i++) {
		struct thread_name *name = &thread_names[(pid * 2654435761u + i) % NAMES];

		if (name->pid && name->pid != pid)
			continue;
		name->pid = pid;
		memcpy(name->text, text, sizeof(name->text));
		break;
	}
	kutrace_unlock_order();
}

/**
 * kutrace_thread_names_note - give block 0 of a ring the names of all threads that were seen
 *
 * At the time of its latest entry, so that they stand before what they name.
 *
 * Context: under the mutex; nothing may trace.
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
		next[0] = kutrace_stamped((u64)(KUTRACE_PIDNAME + 0x30) << KUTRACE_EVENT_SHIFT |
						  name->pid,
					  kutrace_trace.names_time);
		memcpy(next + 1, name->text, sizeof(name->text));
		next += 3;
	}
}
