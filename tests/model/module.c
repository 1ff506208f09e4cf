/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The shipped C files of kutrace_mod's buffer as one, so that all of their variables lie together; and what the
 * rest of the module is to them. Compiled with tests/model/kernel.h before all else.
 */
#include "model/module.h"


#include "slow.c"
#include "blocks.c"
#include "thread_names.c"
#include "before.c"
#include "silent.c"
#include "finish.c"
#include "recording.c"

struct kutrace_trace kutrace_trace;
struct kutrace_page *kutrace_shared;
u32 kutrace_clock_source = KUTRACE_CLOCK_CNTVCT;
u32 kutrace_clock_shift;
int oops_in_progress;

/* The static key of the hooks. */
u32 model_key;


/* hooks.c, without what is only faster there. */
static bool put_or_store(u64 word)
{
	u64 *slot;

	return kutrace_core_entry(word, kutrace_clock_shift, kutrace_clock_source, NULL, &slot) ||
	       kutrace_store(word, NULL, 1);
}

void model_hook(u64 word)
{
	if (!READ_ONCE(model_key))
		return;
	model_preempt_disable();
	if (READ_ONCE(model_key))
		put_or_store(word);
	model_preempt_enable();
}

void model_hook_return(u64 call, long value)
{
	bool folded;
	u64 *slot;

	if (!READ_ONCE(model_key))
		return;
	model_preempt_disable();
	if (READ_ONCE(model_key) &&
	    !kutrace_core_leave(call, value, kutrace_clock_shift, kutrace_clock_source, NULL, &slot, &folded))
		kutrace_store_return(call, value);
	model_preempt_enable();
}

void model_hook_words(u64 word, const u64 *more, u32 words)
{
	if (!READ_ONCE(model_key))
		return;
	model_preempt_disable();
	if (READ_ONCE(model_key))
		kutrace_store(word, more, words);
	model_preempt_enable();
}

void model_hook_pair(u64 word, u64 data)
{
	if (!READ_ONCE(model_key))
		return;
	model_preempt_disable();
	if (READ_ONCE(model_key) &&
	    !kutrace_core_pair(word, data, kutrace_clock_shift, kutrace_clock_source))
		kutrace_store(word, &data, 2);
	model_preempt_enable();
}

/* An entry of a program, which needs no hook. */
bool model_insert(u64 word)
{
	bool stored;

	model_preempt_disable();
	stored = put_or_store(word);
	model_preempt_enable();
	return stored;
}

void kutrace_enable(bool on)
{
	WRITE_ONCE(model_key, on);
	if (!on)
		model_synchronize();
}

/* Of the other files of the module. */
void kutrace_hooks_choose(void)
{
}

void kutrace_names(void)
{
}

void kutrace_name_kernel(void)
{
}

void kutrace_counters_none(struct kutrace_cpu *c)
{
}

int kutrace_counters_start(u8 flags)
{
	return 0;
}

void kutrace_counters_stop(void)
{
}

void kutrace_counters_note(const u64 *slot, bool folded)
{
}

void kutrace_clock_pair(struct kutrace_pair *pair)
{
	pair->counter = model_counter();
	pair->us = pair->counter;
}

void kutrace_clock_begin(struct kutrace_pair *pair)
{
	kutrace_clock_pair(pair);
}

void kutrace_clock_settle(void)
{
}

u64 kutrace_clock_word(u64 apart)
{
	return 0;
}

/* Nothing is read while it is recorded. */
int kutrace_follow_create(u32 blocks)
{
	return 0;
}

void kutrace_follow_destroy(void)
{
}

void kutrace_follow_reset(void)
{
}

bool kutrace_follow_may_take(u32 index, u64 opened)
{
	return true;
}

void kutrace_follow_taken(u32 index, u64 opened)
{
}

bool kutrace_follow_spare(void)
{
	return false;
}

/* What the tests look at. */
bool model_tracing(void)
{
	return kutrace_trace.state == KUTRACE_ON;
}

u64 *model_block(u32 index)
{
	return kutrace_block(index);
}

u32 model_used(void)
{
	return kutrace_trace.used;
}

u64 model_stop_counter(void)
{
	return kutrace_trace.stop.counter;
}

u64 model_reused(void)
{
	return kutrace_trace.reused;
}

u64 model_header_lost(void)
{
	return kutrace_trace.lost;
}

u64 model_lost(unsigned int cpu)
{
	return kutrace_lost(cpu);
}

u64 model_words_left(unsigned int cpu)
{
	const struct kutrace_cpu *c = per_cpu_ptr(&kutrace_cpu, cpu);

	return c->block && c->next < kutrace_block_limit(c->block) ? kutrace_block_limit(c->block) - c->next : 0;
}

u32 model_blocks;

void model_create(u32 blocks, u8 flags)
{
	model_blocks = blocks;
	kutrace_buffer_create(1);
	kutrace_trace.blocks = blocks;
	kutrace_buffer_reset(flags);
}

void model_hold_lock(bool hold)
{
	order_lock = hold;
}
