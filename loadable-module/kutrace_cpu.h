/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * What one CPU knows of the trace; in the kernel and in user space, where whoever includes this
 * defines the kernel's types and macros first.
 */
#ifndef KUTRACE_CPU_H
#define KUTRACE_CPU_H

#ifdef __KERNEL__
#include <uapi/linux/kutrace.h>
#else
#include "kutrace/abi.h"
#endif

struct hw_perf_event;
struct task_struct;

struct kutrace_cpu {
	/* The hot path's: the first line of the cache, without byte areas. */
	u64 *next; /* next free word of the block; without one, behind a zero word */
	u64 *limit; /* behind the last word for entries; NULL: all goes the slow way */
	u64 base; /* raw counter at or before the anchor, without the bits of a time stamp */
	u64 window; /* raw counter less `base` from which time stamps are ambiguous; 0: all are */
	/* With byte areas: the event counters at the latest entry, and where they are. */
	u32 instructions;
	u32 cycles;
	u32 misses;
	const struct hw_perf_event *instructions_in;
	const struct hw_perf_event *cycles_in; /* arm64 */
	const struct hw_perf_event *misses_in;
	unsigned long bytes_of; /* where the byte of the word at address 0 would be */
	/* The slow path's. */
	u64 anchor; /* counter at the anchor: no entry since is earlier */
	u64 *data_end; /* behind the latest entry of several words */
	u64 data_time; /* and its counter */
	u64 *block; /* the block, NULL before the first */
	u64 *clean; /* the block's words before this are stored or zero */
	u32 index; /* its number */
	u32 epoch; /* the start of tracing that it has seen; 0 before */
	u32 busy; /* the slow path is at work */
	bool online; /* it was, when recording began */
	u64 left; /* counter at the end of the recording that it has seen */
	u64 lost; /* events that could not be stored in this trace */
	u64 lost_noted; /* of these, those in LOST entries */
	u64 lost_time; /* counter at the first that is not */
	/* In a ring: what others may not take yet (blocks.c). */
	u32 held; /* blocks of this CPU */
	u32 pinned; /* of these, the newest into which something interrupted may still store */
	const struct task_struct *task; /* which thread opened the latest, */
	unsigned long switches; /* and how often it had been switched out */
	unsigned long flags; /* whether interrupts were on when the slow path was entered */
};

#endif /* KUTRACE_CPU_H */
