// SPDX-License-Identifier: GPL-2.0
/*
 * A trace begins, ends, and is thrown away: what the system call and the device have in common.
 * All of it under the mutex of the trace.
 */
#include <linux/errno.h>
#include <linux/sched.h>

#include "kutrace_mod.h"

/* Of RESET. */
#define KNOWN_FLAGS                                                                                \
	(KUTRACE_RESET_IPC | KUTRACE_RESET_WRAP | KUTRACE_RESET_LLC |                             \
	 KUTRACE_RESET_FOLLOW | KUTRACE_RESET_NO_ADDRESSES | KUTRACE_RESET_STOP)

/**
 * kutrace_stop - stop tracing, if something traces, and complete what was recorded
 *
 * Context: process context, may sleep, under the mutex. When it returns no hook is in this module.
 */
void kutrace_stop(void)
{
	if (!kutrace_tracing())
		return;
	kutrace_clock_unwatch();
	kutrace_memory_stop();
	kutrace_recording_stop();
	kutrace_follow_stopped();
}

/**
 * kutrace_start - start tracing, or go on with what was stopped
 * @by: the descriptor through which it is done, or NULL
 *
 * What is followed has handed out its end when it was stopped: it does not go on.
 *
 * Return: 0; -EALREADY, -ENODEV, -EINVAL, -EOPNOTSUPP, and nothing has changed.
 */
int kutrace_start(const struct kutrace_file *by)
{
	struct kutrace_trace *t = &kutrace_trace;

	if (kutrace_tracing())
		return -EALREADY;
	if (t->closing)
		return -ENODEV;
	if (t->options & KUTRACE_RESET_FOLLOW && t->stop.counter)
		return -EINVAL;
	if (kutrace_memory_prepare())
		return -EOPNOTSUPP;
	if (kutrace_recording_start()) {
		kutrace_memory_stop();
		return -EOPNOTSUPP;
	}
	kutrace_memory_start();
	t->session = current->tgid;
	t->starter = by;
	kutrace_clock_watch();
	return 0;
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
	kutrace_stop();
	mutex_unlock(&kutrace_trace.mutex);
}

/**
 * kutrace_reset - empty the buffer for a new trace
 * @wanted: KUTRACE_RESET_*
 * @addresses: whether the caller has a right to addresses of the kernel
 *
 * Return: 0; -EINVAL, -EBUSY, -ENODEV, -EOPNOTSUPP, and nothing has changed.
 */
int kutrace_reset(u32 wanted, bool addresses)
{
	struct kutrace_trace *t = &kutrace_trace;
	u8 flags = (wanted & KUTRACE_RESET_IPC ? KUTRACE_FLAG_IPC : 0) |
		   (wanted & KUTRACE_RESET_WRAP ? KUTRACE_FLAG_WRAP : 0) |
		   (wanted & KUTRACE_RESET_LLC ? KUTRACE_FLAG_LLC : 0);

	if (wanted & ~KNOWN_FLAGS)
		return -EINVAL;
	if (t->closing)
		return -ENODEV;
	if (kutrace_tracing() && !(wanted & KUTRACE_RESET_STOP))
		return -EBUSY;
	/* Asked while everything is as it was: the caller may not look at what we answer. */
	if (kutrace_counters_offered(flags & ~(kutrace_tracing() ? t->flags : 0)))
		return -EOPNOTSUPP;
	kutrace_stop();
	kutrace_memory_want(NULL);
	kutrace_buffer_reset(flags);
	t->options = wanted & ~KUTRACE_RESET_STOP;
	t->addresses = addresses && !(wanted & KUTRACE_RESET_NO_ADDRESSES);
	atomic64_set(&t->refused, 0);
	return 0;
}

/* When the first event was lost, in us since 1970 UTC; 0: none was. */
u64 kutrace_full_us(void)
{
	return kutrace_trace.full_counter ? kutrace_wall_clock(kutrace_trace.full_counter) : 0;
}
