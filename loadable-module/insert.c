// SPDX-License-Identifier: GPL-2.0
/*
 * Entries that programs make: which they may make, how many, and storing them.
 */
#include <linux/jiffies.h>
#include <linux/moduleparam.h>
#include <linux/nospec.h>
#include <linux/preempt.h>
#include <linux/sched.h>

#include "kutrace_mod.h"

#include "kutrace/kinds.h"

static unsigned int markrate = 100000;
module_param(markrate, uint, 0444);
MODULE_PARM_DESC(markrate, "marks a second that a program without the privilege to control may store; default 100000");

/**
 * kutrace_entry_words - the length of an entry that a program wants stored
 * @word: its first word
 * @rights: of that program
 *
 * Return: 1 to KUTRACE_MAX_ENTRY_WORDS, or 0 if the entry may not be made.
 */
u32 kutrace_entry_words(u64 word, u32 rights)
{
	u32 event = (word >> KUTRACE_EVENT_SHIFT) & KUTRACE_EVENT_MASK;
	u32 words = KUTRACE_EVENT_LENGTH(event);
	u32 kind = event & ~0xf0u;

	if (kutrace_is_mark(event))
		return 1;
	/* A switch can only be to the caller. */
	if (event == KUTRACE_USERPID)
		return rights & KUTRACE_RIGHT_CONTROL && (u32)word == (u32)current->pid;
	if (words < 2 || words > KUTRACE_MAX_ENTRY_WORDS || !kutrace_is_name(event))
		return 0;
	if (!(rights & KUTRACE_RIGHT_CONTROL ? kutrace_is_control_name(kind) : kutrace_is_own_name(kind)))
		return 0;
	return array_index_nospec(words, KUTRACE_MAX_ENTRY_WORDS + 1);
}

/* The time is ours. */
static u64 untimed(u64 word)
{
	return word & ~(KUTRACE_TS_MASK << KUTRACE_TS_SHIFT);
}

/**
 * kutrace_insert - store an entry that a program has made, while something traces
 * @entry: the entry, as kutrace_entry_words() has found it
 * @words: its length
 *
 * Return: whether it is stored.
 */
bool kutrace_insert(const u64 *entry, u32 words)
{
	bool stored = false;

	/* Who stops waits for what is in here. */
	preempt_disable();
	if (kutrace_tracing())
		stored = words == 1 ? kutrace_put(untimed(entry[0])) :
				      kutrace_store(untimed(entry[0]), entry + 1, words);
	preempt_enable();
	return stored;
}

/**
 * kutrace_insert_before - store an entry while nothing traces: before the start
 * @entry: the entry, as kutrace_entry_words() has found it
 * @words: its length
 *
 * Under the mutex. Return: whether it is stored.
 */
bool kutrace_insert_before(const u64 *entry, u32 words)
{
	return !kutrace_tracing() && kutrace_store_off(untimed(entry[0]), entry + 1, words);
}

/* Allowances are for a tenth of a second. */
#define PARTS 10

/**
 * kutrace_allow - whether a program may store so many words more now
 * @allowance: its own, or one of several programs
 * @words: how many
 *
 * Programs that store as fast as they can must not flush what others have stored. What is beyond
 * the allowance is counted.
 */
bool kutrace_allow(struct kutrace_allowance *allowance, u32 words)
{
	unsigned long began = READ_ONCE(allowance->began);
	unsigned long now = jiffies;
	u32 most = DIV_ROUND_UP(READ_ONCE(allowance->rate) ?: markrate, PARTS);

	if (now - began >= HZ / PARTS && cmpxchg(&allowance->began, began, now) == began)
		atomic_set(&allowance->taken, 0);
	/* What is refused has not been taken: the count cannot come round. */
	if (atomic_add_return(words, &allowance->taken) <= most)
		return true;
	atomic_sub(words, &allowance->taken);
	atomic64_inc(&kutrace_trace.refused);
	return false;
}
