/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A recording of rings as a file: sections, one behind the other, each a header and bytes of payload, a multiple of 8. Words are
 * little-endian. docs/coroutine-format.md describes it. A file that ends within a section was cut: all before that is whole.
 */
#ifndef KUTRACE_CORO_FILE_H
#define KUTRACE_CORO_FILE_H

#include <stdint.h>

#define KUTRACE_CORO_MAGIC 0x314f524f4354554bULL /* "KUTCORO1", at the beginning of each section */
#define KUTRACE_CORO_VERSION 1

struct kutrace_coro_section {
	uint64_t magic;
	uint64_t kind;
	uint64_t bytes; /* of the payload */
	uint64_t value[5];
};

enum kutrace_coro_section_kind {
	/* The first. Values: version, clock (KUTRACE_RING_CLOCK_*), counter, monotonic ns, realtime ns. Payload: the area's path. */
	KUTRACE_SECTION_BEGIN = 1,
	/* Records of one use of a slot. Values: serial; pid << 32 | tid; number of the first; counter when the slot was taken. */
	KUTRACE_SECTION_RECORDS = 2,
	/* Sites (struct kutrace_ring_site). Value: number of the first. */
	KUTRACE_SECTION_SITES = 3,
	/* All of a use of a slot. Values: serial; pid << 32 | tid; attempted; lost; records | KUTRACE_THREAD_*. Payload: its start times. */
	KUTRACE_SECTION_THREAD = 4,
	/* The last. Values: counter, monotonic ns, realtime ns; events without a slot; sites without a place. */
	KUTRACE_SECTION_END = 5
};

#define KUTRACE_THREAD_LEFT (1ULL << 63)    /* it ended by itself: its counts are final */
#define KUTRACE_THREAD_DAMAGED (1ULL << 62) /* its slot held what no writer leaves there */
#define KUTRACE_THREAD_RECORDS (KUTRACE_THREAD_DAMAGED - 1)

#endif
