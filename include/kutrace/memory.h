/* SPDX-License-Identifier: (GPL-2.0 OR BSD-3-Clause) */
/*
 * Samples of what each CPU uses: how programs ask the module for them (docs/control.md), and what the entries say
 * (docs/memory.md). Apart from abi.h, which is part of the kernel patches: kernels need not know of samples.
 */
#ifndef KUTRACE_MEMORY_H
#define KUTRACE_MEMORY_H

#include "kutrace/kinds.h"

/* Of the argument of KUTRACE_TICK_ON. */
#define KUTRACE_TICK_INTERVAL_MASK 0x07ffffffu
#define KUTRACE_TICK_STAGGERED 0x80000000u
#define KUTRACE_TICK_AGAIN 0x40000000u

/* Between ticks, ns. */
#define KUTRACE_TICK_SHORTEST 50000
#define KUTRACE_TICK_LONGEST 100000000

/* The kinds of what is used: bit n of a set of them is the n-th. */
#define KUTRACE_USED_FIRST KUTRACE_USED_INSTRUCTIONS
#define KUTRACE_USED_LAST KUTRACE_USED_MODEL_BYTES
#define KUTRACE_USED_BIT(kind) (1u << ((kind) - KUTRACE_USED_FIRST))

static inline int kutrace_is_used(unsigned int kind)
{
	return kind >= KUTRACE_USED_FIRST && kind <= KUTRACE_USED_LAST;
}

/* Any entry of samples and ticks. */
static inline int kutrace_is_sampling(unsigned int kind)
{
	return kind >= KUTRACE_TICK_ON && kind <= KUTRACE_USED_LAST;
}

/* What the next START is to sample; a RESET forgets it. */
struct kutrace_memory {
	unsigned int interval_ns; /* 0: nothing; else KUTRACE_TICK_SHORTEST to KUTRACE_TICK_LONGEST */
	unsigned int flags;       /* KUTRACE_MEMORY_STAGGERED */
	unsigned int used;        /* KUTRACE_USED_BIT() of all that is wanted */
	unsigned int reserved;
};

#define KUTRACE_MEMORY_STAGGERED 1 /* each CPU has its own part of the interval */

#define KUTRACE_IOC_MEMORY _IOW(0xe7, 9, struct kutrace_memory)
/* So many bytes, by value, are used by the caller, says the model: KUTRACE_USED_MODEL_BYTES. */
#define KUTRACE_IOC_MODEL _IO(0xe7, 10)
#define KUTRACE_MODEL_MOST 0x10000000000 /* of one call */

#endif /* KUTRACE_MEMORY_H */
