// SPDX-License-Identifier: GPL-2.0
/*
 * The commands of the device (docs/control.md). Memory of the program is read and written outside
 * the mutex, since that may take as long as the program likes.
 */
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/nospec.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "kutrace_mod.h"

#include "kutrace/memory.h"

static void fill_status(struct kutrace_status *s)
{
	const struct kutrace_trace *t = &kutrace_trace;

	s->state |= (t->full_counter ? KUTRACE_STATE_FULL : 0) |
		    (!kutrace_tracing() && t->stop.counter ? KUTRACE_STATE_STOPPED : 0);
	s->flags = t->options | (t->addresses ? 0 : KUTRACE_RESET_NO_ADDRESSES);
	s->generation = kutrace_shared->generation;
	s->blocks = kutrace_usable_blocks();
	s->used = t->used;
	s->reused = t->reused;
	s->lost = kutrace_lost(nr_cpu_ids);
	s->refused = atomic64_read(&t->refused);
	s->overtaken = kutrace_follow_overtaken();
	s->full_us = kutrace_full_us();
	s->clock = t->clock;
	s->start_us = t->start.us;
	s->stop_us = t->stop.us;
	s->starter = t->session;
	s->sets = kutrace_clock_settings();
}

/* A program that knows more members gets those that we know, one that knows fewer gets fewer. */
static long get_status(struct kutrace_file *f, unsigned int cmd, void __user *to)
{
	struct kutrace_status s = { .version = KUTRACE_DEVICE_VERSION, .rights = f->rights };

	s.size = min_t(u32, sizeof(s), _IOC_SIZE(cmd));
	if (s.size < offsetofend(struct kutrace_status, state))
		return -EINVAL;
	if (f->rights & KUTRACE_RIGHT_CONTROL) {
		if (mutex_lock_killable(&kutrace_trace.mutex))
			return -EINTR;
		fill_status(&s);
	}
	s.state |= kutrace_tracing() ? KUTRACE_STATE_TRACING : 0;
	if (f->rights & KUTRACE_RIGHT_CONTROL)
		mutex_unlock(&kutrace_trace.mutex);
	return copy_to_user(to, &s, s.size) ? -EFAULT : 0;
}

static long reset(struct kutrace_file *f, const void __user *from)
{
	struct kutrace_reset r;
	long ret;

	if (copy_from_user(&r, from, sizeof(r)))
		return -EFAULT;
	if (r.reserved)
		return -EINVAL;
	if (mutex_lock_killable(&kutrace_trace.mutex))
		return -EINTR;
	ret = kutrace_reset(r.flags, f->rights & KUTRACE_RIGHT_ADDRESSES);
	mutex_unlock(&kutrace_trace.mutex);
	return ret;
}

static long start(struct kutrace_file *f)
{
	long ret;

	if (mutex_lock_killable(&kutrace_trace.mutex))
		return -EINTR;
	f->controlled = true;
	ret = kutrace_start(f);
	mutex_unlock(&kutrace_trace.mutex);
	return ret;
}

static long stop(void)
{
	if (mutex_lock_killable(&kutrace_trace.mutex))
		return -EINTR;
	kutrace_stop();
	mutex_unlock(&kutrace_trace.mutex);
	return 0;
}

/* Whether a program may make all these entries, and none is cut short. */
static bool are_good(const u64 *entries, u32 words, u32 rights)
{
	u32 at, length;

	for (at = 0; at < words; at += length) {
		length = kutrace_entry_words(entries[at], rights);
		if (!length || length > words - at)
			return false;
	}
	return true;
}

static u32 insert_all(struct kutrace_file *f, const u64 *entries, u32 words, bool before)
{
	u32 at, length;

	for (at = 0; at < words; at += length) {
		length = kutrace_entry_words(entries[at], f->rights);
		if (before ? !kutrace_insert_before(entries + at, length) :
			     !kutrace_tracing() ||
			     (f->allowance && !kutrace_allow(f->allowance, length)) ||
			     !kutrace_insert(entries + at, length))
			break;
	}
	return at;
}

static long insert(struct kutrace_file *f, const void __user *from)
{
	struct kutrace_insert in;
	bool before;
	u64 *entries;
	long ret;

	if (copy_from_user(&in, from, sizeof(in)))
		return -EFAULT;
	if (in.flags & ~KUTRACE_INSERT_BEFORE || in.words > KUTRACE_INSERT_WORDS)
		return -EINVAL;
	before = in.flags & KUTRACE_INSERT_BEFORE;
	if (before && !(f->rights & KUTRACE_RIGHT_CONTROL))
		return -EPERM;
	if (!in.words)
		return 0;
	entries = memdup_user(u64_to_user_ptr(in.from), in.words * sizeof(*entries));
	if (IS_ERR(entries))
		return PTR_ERR(entries);
	if (!are_good(entries, in.words, f->rights))
		ret = -EINVAL;
	else if (before && mutex_lock_killable(&kutrace_trace.mutex))
		ret = -EINTR;
	else
		ret = insert_all(f, entries, in.words, before);
	if (before && ret >= 0)
		mutex_unlock(&kutrace_trace.mutex);
	kfree(entries);
	return ret;
}

static long mark(struct kutrace_file *f, u32 event, u32 arg)
{
	u64 word = (u64)event << KUTRACE_EVENT_SHIFT | arg;

	if (!kutrace_is_mark(event))
		return -EINVAL;
	if (f->allowance && kutrace_tracing() && !kutrace_allow(f->allowance, 1))
		return 0;
	return kutrace_insert(&word, 1);
}

static long cpu_lost(void __user *at)
{
	struct kutrace_cpu_lost l;

	if (copy_from_user(&l, at, sizeof(l)))
		return -EFAULT;
	if (l.reserved || l.cpu >= nr_cpu_ids)
		return -EINVAL;
	l.cpu = array_index_nospec(l.cpu, nr_cpu_ids);
	if (!cpu_possible(l.cpu))
		return -EINVAL;
	l.lost = kutrace_lost(l.cpu);
	return copy_to_user(at, &l, sizeof(l)) ? -EFAULT : 0;
}

/* Rights only go, and so does the freedom from a rate; other threads see all of it or nothing. */
static long restrict_rights(struct kutrace_file *f, const void __user *from)
{
	struct kutrace_restrict r;

	if (copy_from_user(&r, from, sizeof(r)))
		return -EFAULT;
	if (mutex_lock_killable(&kutrace_trace.mutex))
		return -EINTR;
	if (r.rights & ~f->rights) {
		mutex_unlock(&kutrace_trace.mutex);
		return -EINVAL;
	}
	if (f->rights & KUTRACE_RIGHT_CONTROL && !(r.rights & KUTRACE_RIGHT_CONTROL)) {
		f->own.rate = r.rate;
		/* With its rate. */
		smp_store_release(&f->allowance, &f->own);
		f->stop_on_close = false;
	}
	WRITE_ONCE(f->rights, r.rights);
	mutex_unlock(&kutrace_trace.mutex);
	return 0;
}

/* One at a time through a descriptor: what is handed out has arrived before the next is looked for. */
static long next_block(struct kutrace_file *f, void __user *at)
{
	struct kutrace_follow next;
	struct kutrace_next n;
	long ret;

	if (copy_from_user(&n, at, sizeof(n)))
		return -EFAULT;
	if (n.flags)
		return -EINVAL;
	if (mutex_lock_killable(&f->following))
		return -EINTR;
	if (!f->room)
		f->room = kvmalloc(KUTRACE_BLOCK_BYTES + KUTRACE_BYTE_AREA_BYTES, GFP_KERNEL_ACCOUNT);
	next.room = f->room;
	ret = next.room ? kutrace_follow_copy(f, &n, &next) : -ENOMEM;
	if (ret == 1) {
		if (copy_to_user(u64_to_user_ptr(n.to), next.room, n.bytes) ||
		    copy_to_user(at, &n, sizeof(n)))
			ret = -EFAULT;
		else
			kutrace_follow_done(&next);
	}
	mutex_unlock(&f->following);
	return ret;
}

static long want_memory(const void __user *from)
{
	struct kutrace_memory m;
	long ret;

	if (copy_from_user(&m, from, sizeof(m)))
		return -EFAULT;
	if (mutex_lock_killable(&kutrace_trace.mutex))
		return -EINTR;
	ret = kutrace_tracing() ? -EBUSY : kutrace_memory_want(&m);
	mutex_unlock(&kutrace_trace.mutex);
	return ret;
}

static long control(struct kutrace_file *f, unsigned int cmd, unsigned long arg)
{
	void __user *at = (void __user *)arg;

	if (!(f->rights & KUTRACE_RIGHT_CONTROL))
		return -EPERM;
	switch (cmd) {
	case KUTRACE_IOC_RESET:
		return reset(f, at);
	case KUTRACE_IOC_START:
		return start(f);
	case KUTRACE_IOC_STOP:
		return stop();
	case KUTRACE_IOC_NEXT:
		return next_block(f, at);
	case KUTRACE_IOC_CPU_LOST:
		return cpu_lost(at);
	case KUTRACE_IOC_MEMORY:
		return want_memory(at);
	case KUTRACE_IOC_MODEL:
		if (arg > KUTRACE_MODEL_MOST)
			return -EINVAL;
		kutrace_memory_model(arg);
		return 0;
	case KUTRACE_IOC_STOP_ON_CLOSE:
		if (arg > 1)
			return -EINVAL;
		WRITE_ONCE(f->stop_on_close, arg);
		return 0;
	}
	return -ENOTTY;
}

/**
 * kutrace_ioctl - a command of the device
 * @file: an open descriptor of it
 * @cmd: KUTRACE_IOC_*
 * @arg: an address, or a number
 */
long kutrace_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct kutrace_file *f = file->private_data;
	void __user *at = (void __user *)arg;
	u32 n = cmd - KUTRACE_MARK_COMMAND(0);

	/* Marks first: they are many. */
	if (likely(n <= KUTRACE_SPECIAL_LAST - KUTRACE_USERPID))
		return f->rights & KUTRACE_RIGHT_MARK ? mark(f, KUTRACE_USERPID + n, arg) : -EPERM;
	if ((cmd & ~IOCSIZE_MASK) == (KUTRACE_IOC_STATUS & ~IOCSIZE_MASK))
		return get_status(f, cmd, at);
	switch (cmd) {
	case KUTRACE_IOC_INSERT:
		return f->rights & KUTRACE_RIGHT_MARK ? insert(f, at) : -EPERM;
	case KUTRACE_IOC_RESTRICT:
		return restrict_rights(f, at);
	}
	return control(f, cmd, arg);
}
