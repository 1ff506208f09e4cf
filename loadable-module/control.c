// SPDX-License-Identifier: GPL-2.0
/*
 * The control call (docs/trace-format.md, 1.16). Every command needs a privilege; every user
 * pointer goes through copy_from_user() or copy_to_user(); what changes the trace is done by one
 * caller at a time.
 */
#include <linux/capability.h>
#include <linux/moduleparam.h>
#include <linux/sched.h>
#include <linux/uaccess.h>

#include "kutrace_mod.h"

static bool check = true;
module_param(check, bool, 0444);
MODULE_PARM_DESC(check,
		 "1 (default): control needs CAP_SYS_PTRACE, CAP_PERFMON or CAP_SYS_ADMIN; 0: anybody may");

/* Of the caller that said SET4KB; another's GET4KB finds none. */
static struct {
	pid_t tgid;
	u64 word;
} position;

bool kutrace_permitted(void)
{
	return !check || capable(CAP_SYS_PTRACE) || perfmon_capable();
}

static u64 start(void)
{
	struct kutrace_trace *t = &kutrace_trace;

	if (kutrace_tracing())
		return 1;
	if (t->closing || kutrace_recording_start())
		return KUTRACE_CMD_ERROR;
	t->session = current->tgid;
	return 1;
}

/**
 * kutrace_close - stop tracing for good
 *
 * Context: process context; sleeps. When it returns no hook is in this module, nor will be.
 */
void kutrace_close(void)
{
	mutex_lock(&kutrace_trace.mutex);
	kutrace_trace.closing = true;
	kutrace_recording_stop();
	mutex_unlock(&kutrace_trace.mutex);
}

static u64 reset(u64 arg)
{
	u8 flags = (arg & KUTRACE_RESET_IPC ? KUTRACE_FLAG_IPC : 0) |
		   (arg & KUTRACE_RESET_WRAP ? KUTRACE_FLAG_WRAP : 0) |
		   (arg & KUTRACE_RESET_LLC ? KUTRACE_FLAG_LLC : 0);

	kutrace_recording_stop();
	if (arg & ~(u64)(KUTRACE_RESET_IPC | KUTRACE_RESET_WRAP | KUTRACE_RESET_LLC))
		return KUTRACE_CMD_ERROR;
	if (flags & (KUTRACE_FLAG_IPC | KUTRACE_FLAG_LLC)) {
		/* Asked now, where the caller can be told. */
		if (kutrace_counters_start(flags))
			return KUTRACE_CMD_ERROR;
		kutrace_counters_stop();
	}
	kutrace_buffer_reset(flags);
	return 0;
}

static u64 flush(void)
{
	u64 words = 0;
	unsigned int cpu;

	kutrace_recording_stop();
	/* The unfilled tails have been zero since their blocks were opened. */
	for_each_possible_cpu(cpu) {
		const struct kutrace_cpu *c = per_cpu_ptr(&kutrace_cpu, cpu);

		if (c->block)
			words += c->block + KUTRACE_BLOCK_WORDS - c->next;
	}
	return words;
}

static u64 filled_words(void)
{
	u64 words = (u64)kutrace_trace.used * KUTRACE_BLOCK_WORDS;

	return kutrace_trace.reused ? ~words : words;
}

static u64 get_word(u64 index)
{
	if (index >= (u64)kutrace_trace.used * KUTRACE_BLOCK_WORDS)
		return 0;
	return kutrace_block(0)[index];
}

static u64 get_byte_word(u64 index)
{
	u64 word;

	if (!kutrace_trace.bytes ||
	    index >= (u64)kutrace_trace.used * (KUTRACE_BYTE_AREA_BYTES / 8))
		return 0;
	memcpy(&word, kutrace_trace.bytes + 8 * index, sizeof(word));
	return word;
}

static u64 set_position(u64 word)
{
	if (word % 512)
		return KUTRACE_CMD_ERROR;
	position.tgid = current->tgid;
	position.word = word;
	return 0;
}

/* 4 KB from the remembered word of an area of `words`. */
static u64 get_4kb(u64 to, const void *area, u64 words)
{
	if (position.tgid != current->tgid || !area || position.word >= words ||
	    words - position.word < 512)
		return KUTRACE_CMD_ERROR;
	return copy_to_user(u64_to_user_ptr(to), (const u64 *)area + position.word, 4096);
}

/* Entries that programs may make, less 0x200; all others only the kernel can know. */
#define BITS_OF(from, to) GENMASK((to) - KUTRACE_USERPID, (from) - KUTRACE_USERPID)

static const u32 insertable = BITS_OF(KUTRACE_RPCIDREQ, KUTRACE_RPCIDMID) |
			      BITS_OF(KUTRACE_MARKA, KUTRACE_MARKD) |
			      BITS_OF(KUTRACE_LOCKNOACQUIRE, KUTRACE_LOCKWAKEUP) |
			      BITS_OF(KUTRACE_RX_USER, KUTRACE_DEQUEUE);

static bool may_insert(u64 word)
{
	u32 n = ((word >> KUTRACE_EVENT_SHIFT) & KUTRACE_EVENT_MASK) - KUTRACE_USERPID;

	if (likely(n && n < 32))
		return insertable & BIT(n);
	/* A switch can only be to the caller. */
	return !n && (u32)word == (u32)current->pid;
}

static u64 insert1(u64 word, bool off)
{
	bool stored;

	if (off == kutrace_tracing() || !may_insert(word))
		return 0;
	/* The time is ours. */
	word &= ~(KUTRACE_TS_MASK << KUTRACE_TS_SHIFT);
	if (off)
		return kutrace_store_off(word, NULL, 1);
	preempt_disable();
	stored = kutrace_put(word);
	preempt_enable();
	return stored;
}

/* Names only: their words are data, and the length is in the number. */
static u64 insertn(u64 from, bool off)
{
	const u64 __user *user = u64_to_user_ptr(from);
	u64 words[KUTRACE_MAX_ENTRY_WORDS];
	u32 n, count;
	bool stored;

	if (off == kutrace_tracing())
		return 0;
	if (copy_from_user(words, user, sizeof(words[0])))
		return KUTRACE_CMD_ERROR;
	n = (words[0] >> KUTRACE_EVENT_SHIFT) & KUTRACE_EVENT_MASK;
	count = KUTRACE_EVENT_LENGTH(n);
	if (!kutrace_is_name(n) || count < 2 || count > KUTRACE_MAX_ENTRY_WORDS)
		return 0;
	if (copy_from_user(words + 1, user + 1, (count - 1) * sizeof(words[0])))
		return KUTRACE_CMD_ERROR;
	words[0] &= ~(KUTRACE_TS_MASK << KUTRACE_TS_SHIFT);
	if (off) {
		stored = kutrace_store_off(words[0], words + 1, count);
	} else {
		preempt_disable();
		stored = kutrace_store(words[0], words + 1, count);
		preempt_enable();
	}
	return stored ? count : 0;
}

/* One at a time. */
static u64 change(u64 command, u64 arg)
{
	switch (command) {
	case KUTRACE_CMD_OFF:
		kutrace_recording_stop();
		return 0;
	case KUTRACE_CMD_ON:
		return start();
	case KUTRACE_CMD_FLUSH:
		return flush();
	case KUTRACE_CMD_RESET:
		return reset(arg);
	case ~(u64)KUTRACE_CMD_INSERT1:
		return insert1(arg, true);
	case ~(u64)KUTRACE_CMD_INSERTN:
		return insertn(arg, true);
	}
	/* The rest reads what was recorded. */
	kutrace_recording_stop();
	switch (command) {
	case KUTRACE_CMD_GETCOUNT:
		return filled_words();
	case KUTRACE_CMD_GETWORD:
		return get_word(arg);
	case KUTRACE_CMD_GETIPCWORD:
		return get_byte_word(arg);
	case KUTRACE_CMD_SET4KB:
		return set_position(arg);
	case KUTRACE_CMD_GET4KB:
		return get_4kb(arg, kutrace_block(0),
			       (u64)kutrace_trace.used * KUTRACE_BLOCK_WORDS);
	case KUTRACE_CMD_GETIPC4KB:
		return get_4kb(arg, kutrace_trace.bytes,
			       (u64)kutrace_trace.used * (KUTRACE_BYTE_AREA_BYTES / 8));
	}
	return KUTRACE_CMD_ERROR;
}

/**
 * kutrace_mod_control - a control command
 * @command: KUTRACE_CMD_*, or the complement of INSERT1 and INSERTN
 * @arg: its argument
 *
 * Return: as docs/trace-format.md says; KUTRACE_CMD_ERROR without privilege or for what is not
 * known.
 */
u64 kutrace_mod_control(u64 command, u64 arg)
{
	u64 result;

	if (!kutrace_permitted())
		return KUTRACE_CMD_ERROR;
	switch (command) {
	case KUTRACE_CMD_INSERT1:
		return insert1(arg, false);
	case KUTRACE_CMD_INSERTN:
		return insertn(arg, false);
	case KUTRACE_CMD_STAT:
		return READ_ONCE(kutrace_trace.used);
	case KUTRACE_CMD_TEST:
		return kutrace_tracing();
	case KUTRACE_CMD_VERSION:
		return KUTRACE_MODULE_VERSION;
	case KUTRACE_CMD_LOST:
		return kutrace_lost(arg < nr_cpu_ids ? arg : nr_cpu_ids);
	}
	if (mutex_lock_killable(&kutrace_trace.mutex))
		return KUTRACE_CMD_ERROR;
	if (command == KUTRACE_CMD_FULL_US)
		result = kutrace_trace.full_counter ?
				 kutrace_wall_clock(kutrace_trace.full_counter) :
				 0;
	else if (command == KUTRACE_CMD_CLOCK)
		result = kutrace_trace.clock;
	else
		result = change(command, arg);
	mutex_unlock(&kutrace_trace.mutex);
	return result;
}
