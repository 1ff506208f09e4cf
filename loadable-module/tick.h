/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A tick that all CPUs have at the same moments, for this module and others; kutrace_tick_example.c
 * is one of them.
 */
#ifndef KUTRACE_TICK_H
#define KUTRACE_TICK_H

#include <linux/list.h>
#include <linux/types.h>

#include "tick_math.h"

struct kutrace_tick;
struct kutrace_tick_cpu;

/**
 * struct kutrace_tick_ops - what is called on each CPU, interrupts off
 * @begin: the tick begins here; may be NULL
 * @take: a boundary has passed
 * @end: the tick ends here, and so many boundaries have passed that were not taken; may be NULL
 */
struct kutrace_tick_ops {
	void (*begin)(struct kutrace_tick *tick);
	void (*take)(struct kutrace_tick *tick, const struct kutrace_tick_moment *moment);
	void (*end)(struct kutrace_tick *tick, u64 passed);
};

/**
 * struct kutrace_tick - a tick; its owner keeps it, and may embed it
 * @ops: the owner's
 * @interval: between boundaries, ns
 * @staggered: each CPU has its own part of the interval, in place of all the same moments
 * @closing: it begins on no CPU
 * @node: in the list of all ticks
 * @cpus: each CPU's
 */
struct kutrace_tick {
	const struct kutrace_tick_ops *ops;
	u64 interval;
	bool staggered;
	bool closing;
	struct hlist_node node;
	struct kutrace_tick_cpu __percpu *cpus;
};

int kutrace_tick_init(struct kutrace_tick *tick, const struct kutrace_tick_ops *ops);
int kutrace_tick_restart(struct kutrace_tick *tick, u64 interval, bool staggered);
void kutrace_tick_destroy(struct kutrace_tick *tick);
bool kutrace_tick_possible(u64 interval);

/* For kutrace_mod itself. */
int kutrace_ticks_create(void);
void kutrace_ticks_destroy(void);

#endif /* KUTRACE_TICK_H */
