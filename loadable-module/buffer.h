/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of the buffer share and no other needs: blocks.c, slow.c, recording.c, before.c,
 * silent.c, thread_names.c, finish.c. All but hooks.c and the hot path also compile in user space, where
 * tests/model interrupts them between any two accesses to memory.
 */
#ifndef KUTRACE_BUFFER_H
#define KUTRACE_BUFFER_H

#include "kutrace_mod.h"

/* No block has this number. */
#define NO_BLOCK U32_MAX

/* At a block's end: a TSDELTA and a LOST entry, for losses after the CPU's last entry. */
#define RESERVED_WORDS 2

/* The longest step of one TSDELTA: readers take its 32 bits below 2e9 as forward. */
#define LONGEST_STEP 1900000000ULL

/* A longer step than this many TSDELTA can say takes a new block, which has the whole counter. */
#define FEW_STEPS 4

/* Where debugging is asked for: what must hold, does. */
#if defined(CONFIG_DEBUG_KERNEL) || defined(KUTRACE_DEBUG)
#define KUTRACE_ASSERT(condition) WARN_ON_ONCE(!(condition))
#else
#define KUTRACE_ASSERT(condition) ((void)0)
#endif

static inline u32 kutrace_first_entry(u32 index)
{
	return index ? KUTRACE_FIRST_ENTRY_OTHER : KUTRACE_FIRST_ENTRY_BLOCK0;
}

/* Behind the last word of a block that is for entries. */
static inline u64 *kutrace_block_limit(u64 *block)
{
	return block + KUTRACE_BLOCK_WORDS - RESERVED_WORDS;
}

/* Word of an entry stamped with a counter. */
static inline u64 kutrace_stamped(u64 word, u64 counter)
{
	return word | counter << KUTRACE_TS_SHIFT;
}

/* Counter of the latest entry of a CPU, as kutrace_core_latest(); false also without a block. */
static inline bool kutrace_latest(const struct kutrace_cpu *c, u64 *latest)
{
	return c->block &&
	       kutrace_core_latest(c, c->block + kutrace_first_entry(c->index), latest);
}

/* blocks.c */
bool kutrace_open_block(struct kutrace_cpu *c, unsigned int cpu, u64 raw,
			const struct task_struct *who);
void kutrace_no_block(struct kutrace_cpu *c);
bool kutrace_room(struct kutrace_cpu *c, u32 words);
bool kutrace_lock_order(void);
void kutrace_unlock_order(void);

/* slow.c */
u32 kutrace_steps(u64 latest, u64 now);
void kutrace_announce(struct kutrace_cpu *c, u64 latest, u64 now, u32 steps);
bool kutrace_slow_store(struct kutrace_cpu *c, unsigned int cpu, u64 raw, u64 word,
			const u64 *more, u32 words);
bool kutrace_join(struct kutrace_cpu *c, unsigned int cpu, const struct task_struct *who);

/* thread_names.c */
int kutrace_thread_names_create(void);
void kutrace_thread_names_destroy(void);
void kutrace_thread_names_reset(void);
void kutrace_thread_names_remember(u32 pid, const u64 text[2]);
void kutrace_thread_names_note(void);

/* before.c */
void kutrace_buffer_begin(void);
struct kutrace_cpu *kutrace_first_cpu(unsigned int *cpu);

/* silent.c */
void kutrace_silent_look(void);
void kutrace_silent_join(void);

/* finish.c */
void kutrace_buffer_finish(void);

#endif /* KUTRACE_BUFFER_H */
