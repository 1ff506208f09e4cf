// SPDX-License-Identifier: GPL-2.0
/*
 * System call 1023, the door for programs of the reference (docs/control.md). Every command needs
 * the privilege to control. Memory of the program is read and written outside the mutex, since
 * that may take as long as the program likes.
 */
#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/moduleparam.h>
#include <linux/nospec.h>
#include <linux/sched.h>
#include <linux/uaccess.h>

#include "kutrace_mod.h"

static bool by_syscall = true;
module_param_named(syscall, by_syscall, bool, 0444);
MODULE_PARM_DESC(syscall, "1 (default): system call 1023 controls, for programs of the reference; 0: only the device does");

/* A page of the read-out, in words. */
#define PAGE_WORDS 512

/* Of the caller that said SET4KB; another's GET4KB finds none. Under the mutex. */
static struct {
	pid_t tgid;
	u64 word;
} position;

static u64 flush(void)
{
	u64 words = 0;
	unsigned int cpu;

	kutrace_stop();
	/* The unfilled tails are zero. */
	for_each_possible_cpu(cpu) {
		const struct kutrace_cpu *c = per_cpu_ptr(&kutrace_cpu, cpu);

		if (c->block)
			words += c->block + KUTRACE_BLOCK_WORDS - c->next;
	}
	return words;
}

static u64 trace_words(void)
{
	return (u64)kutrace_trace.used * KUTRACE_BLOCK_WORDS;
}

static u64 byte_words(void)
{
	return kutrace_trace.bytes ? (u64)kutrace_trace.used * (KUTRACE_BYTE_AREA_BYTES / 8) : 0;
}

/* A word of an area, or 0 outside. */
static u64 word_at(const void *area, u64 words, u64 index)
{
	u64 word;

	if (index >= words)
		return 0;
	index = array_index_nospec(index, words);
	memcpy(&word, area + 8 * index, sizeof(word));
	return word;
}

/* Copies the page at the position; false if there is none. */
static bool copy_page_at(void *to, const void *area, u64 words)
{
	u64 at = position.word;

	if (at >= words || words - at < PAGE_WORDS)
		return false;
	at = array_index_nospec(at, words);
	memcpy(to, area + 8 * at, 8 * PAGE_WORDS);
	return true;
}

static u64 get_page_of(u64 command, u64 to)
{
	void *page = (void *)__get_free_page(GFP_KERNEL);
	bool found;
	u64 left;

	if (!page || mutex_lock_killable(&kutrace_trace.mutex)) {
		free_page((unsigned long)page);
		return KUTRACE_CMD_ERROR;
	}
	/* Refused is who has said no position, and nothing else happens then. */
	found = position.tgid == current->tgid;
	if (found)
		kutrace_stop();
	found = found && (command == KUTRACE_CMD_GET4KB ?
				  copy_page_at(page, kutrace_block(0), trace_words()) :
				  copy_page_at(page, kutrace_trace.bytes, byte_words()));
	mutex_unlock(&kutrace_trace.mutex);
	left = found ? copy_to_user(u64_to_user_ptr(to), page, 8 * PAGE_WORDS) : KUTRACE_CMD_ERROR;
	free_page((unsigned long)page);
	return left;
}

/* INSERT1 and INSERTN: the entry is in kernel memory. */
static u64 insert(const u64 *entry, u32 words, bool before)
{
	bool stored;

	if (!before)
		return kutrace_insert(entry, words) ? words : 0;
	if (mutex_lock_killable(&kutrace_trace.mutex))
		return KUTRACE_CMD_ERROR;
	stored = kutrace_insert_before(entry, words);
	mutex_unlock(&kutrace_trace.mutex);
	return stored ? words : 0;
}

static u64 insert1(u64 word, bool before)
{
	return kutrace_entry_words(word, KUTRACE_RIGHT_CONTROL) == 1 ? insert(&word, 1, before) : 0;
}

/* Names only: their words are data, and the length is in the number. */
static u64 insertn(u64 from, bool before)
{
	const u64 __user *user = u64_to_user_ptr(from);
	u64 entry[KUTRACE_MAX_ENTRY_WORDS];
	u32 words;

	if (before == kutrace_tracing())
		return 0;
	if (copy_from_user(entry, user, sizeof(entry[0])))
		return KUTRACE_CMD_ERROR;
	words = kutrace_entry_words(entry[0], KUTRACE_RIGHT_CONTROL);
	if (words < 2)
		return 0;
	if (copy_from_user(entry + 1, user + 1, (words - 1) * sizeof(entry[0])))
		return KUTRACE_CMD_ERROR;
	return insert(entry, words, before);
}

static u64 reset(u64 flags)
{
	if (flags & ~(u64)(KUTRACE_RESET_IPC | KUTRACE_RESET_WRAP | KUTRACE_RESET_LLC))
		return KUTRACE_CMD_ERROR;
	flags |= KUTRACE_RESET_STOP;
	return kutrace_reset(flags, kutrace_may_have_addresses()) ? KUTRACE_CMD_ERROR : 0;
}

static u64 start(void)
{
	int ret = kutrace_start(NULL);

	return ret && ret != -EALREADY ? KUTRACE_CMD_ERROR : 1;
}

static u64 set_position(u64 word)
{
	if (word % PAGE_WORDS)
		return KUTRACE_CMD_ERROR;
	kutrace_stop();
	position.tgid = current->tgid;
	position.word = word;
	return 0;
}

/* Under the mutex. */
static u64 change(u64 command, u64 arg)
{
	switch (command) {
	case KUTRACE_CMD_OFF:
		kutrace_stop();
		return 0;
	case KUTRACE_CMD_ON:
		return start();
	case KUTRACE_CMD_FLUSH:
		return flush();
	case KUTRACE_CMD_RESET:
		return reset(arg);
	case KUTRACE_CMD_FULL_US:
		return kutrace_full_us();
	case KUTRACE_CMD_CLOCK:
		return kutrace_trace.clock;
	case KUTRACE_CMD_GETCOUNT:
		kutrace_stop();
		return kutrace_trace.reused ? ~trace_words() : trace_words();
	case KUTRACE_CMD_GETWORD:
		kutrace_stop();
		return word_at(kutrace_block(0), trace_words(), arg);
	case KUTRACE_CMD_GETIPCWORD:
		kutrace_stop();
		return word_at(kutrace_trace.bytes, byte_words(), arg);
	case KUTRACE_CMD_SET4KB:
		return set_position(arg);
	}
	return KUTRACE_CMD_ERROR;
}

/* Who has no right to addresses of the kernel gets no words of a trace that has some. */
static bool is_secret(u64 command)
{
	return (command == KUTRACE_CMD_GETWORD || command == KUTRACE_CMD_GET4KB) &&
	       READ_ONCE(kutrace_trace.addresses) && !kutrace_may_have_addresses();
}

/**
 * kutrace_mod_control - a control command
 * @command: KUTRACE_CMD_*, or the complement of INSERT1 and INSERTN
 * @arg: its argument
 *
 * Return: as docs/control.md says; KUTRACE_CMD_ERROR without privilege or for what is not known.
 */
u64 kutrace_mod_control(u64 command, u64 arg)
{
	u64 result;

	if (!by_syscall)
		return -ENOSYS;
	if (!kutrace_may_control() || is_secret(command))
		return KUTRACE_CMD_ERROR;
	switch (command) {
	case KUTRACE_CMD_INSERT1:
		return insert1(arg, false);
	case ~(u64)KUTRACE_CMD_INSERT1:
		return insert1(arg, true);
	case KUTRACE_CMD_INSERTN:
		return insertn(arg, false);
	case ~(u64)KUTRACE_CMD_INSERTN:
		return insertn(arg, true);
	case KUTRACE_CMD_GET4KB:
	case KUTRACE_CMD_GETIPC4KB:
		return get_page_of(command, arg);
	case KUTRACE_CMD_STAT:
		return READ_ONCE(kutrace_trace.used);
	case KUTRACE_CMD_TEST:
		return kutrace_tracing();
	case KUTRACE_CMD_VERSION:
		return KUTRACE_MODULE_VERSION;
	case KUTRACE_CMD_LOST:
		return kutrace_lost(arg < nr_cpu_ids ? array_index_nospec(arg, nr_cpu_ids) :
						    nr_cpu_ids);
	}
	if (mutex_lock_killable(&kutrace_trace.mutex))
		return KUTRACE_CMD_ERROR;
	result = change(command, arg);
	mutex_unlock(&kutrace_trace.mutex);
	return result;
}
