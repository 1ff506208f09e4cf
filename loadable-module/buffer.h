/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of the buffer share and no other needs: blocks.c, slow.c, before.c, thread_names.c, finish.c. */
#ifndef KUTRACE_BUFFER_H
#define KUTRACE_BUFFER_H

#include "kutrace_mod.h"

/* No block has this number. */
#define NO_BLOCK U32_MAX

/* At a block's end: a TSDELTA and a LOST entry. */
#define RESERVED_WORDS 2

/* The longest step of one TSDELTA: readers take its 32 bits below 2e9 as forward. */
#define LONGEST_STEP 1900000000ULL

/* A longer step than this many TSDELTA can say takes a new block, which has the whole counter. */
#define FEW_STEPS 4

static inline u32 kutrace_first_entry(u32 index)
{
	return index ? KUTRACE_FIRST_ENTRY_OTHER : KUTRACE_FIRST_ENTRY_BLOCK0;
}

static inline u64 *kutrace_block_limit(u64 *block)
{
	return block + KUTRACE_BLOCK_WORDS - RESERVED_WORDS;
}

/* Word of an entry stamped with a counter. */
static inline u64 kutrace_stamped(u64 word, u64 counter)
{
	return word | counter << KUTRACE_TS_SHIFT;
}

/* blocks.c */
bool kutrace_open_block(struct kutrace_cpu *c, unsigned int cpu, u64 raw);

/* slow.c */
u32 kutrace_steps(u64 latest, u64 now);
void kutrace_announce(struct kutrace_cpu *c, u64 latest, u64 now, u32 steps);
bool kutrace_slow_store(struct kutrace_cpu *c, unsigned int cpu, u64 word, const u64 *more,
			u32 words);
void kutrace_join(struct kutrace_cpu *c, unsigned int cpu);

/* thread_names.c */
int kutrace_thread_names_create(void);
void kutrace_thread_names_destroy(void);
void kutrace_thread_names_reset(void);
void kutrace_thread_names_note(void);

#endif /* KUTRACE_BUFFER_H */
