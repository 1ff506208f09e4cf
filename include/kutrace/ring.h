/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Rings that programs write records into and a collector reads while both run: the layout of the memory that they share, and
 * the records. docs/coroutine-format.md describes both for other implementations; the writer is user-code/lib/kutrace_ring.h.
 *
 * An area is one file, mapped by the collector and by each process that writes. It has a header, a table of sites, and slots.
 * A slot is a ring with a header; it belongs to one thread at a time, which alone writes into it. Each group of members that
 * one side writes has 64 bytes of its own.
 */
#ifndef KUTRACE_RING_LAYOUT_H
#define KUTRACE_RING_LAYOUT_H

#include <stdint.h>

#define KUTRACE_RING_MAGIC 0x31474e4952544b55ULL /* "UKTRING1" */
#define KUTRACE_RING_VERSION 1
#define KUTRACE_RING_HEADER_BYTES 4096
#define KUTRACE_RING_RECORD_BYTES 16
/* Where the area is: handed down in this variable, a path. */
#define KUTRACE_RING_VARIABLE "KUTRACE_RING"

/* What the times of records count. */
#define KUTRACE_RING_CLOCK_TSC 1
#define KUTRACE_RING_CLOCK_CNTVCT 2
#define KUTRACE_RING_CLOCK_GIVEN 4 /* ns of a clock that the program made up */

/* The same instant on three clocks. */
struct kutrace_ring_times {
	uint64_t counter;
	uint64_t monotonic_ns;
	uint64_t realtime_ns;
};

struct kutrace_ring_area {
	/* Written once, by who makes the area. */
	uint64_t magic;
	uint32_t version;
	uint32_t header_bytes;
	uint64_t area_bytes;
	uint64_t sites_at; /* offset of site 0, which is never used */
	uint64_t slots_at; /* offset of slot 0 */
	uint64_t slot_bytes;
	uint32_t sites; /* how many, at most 2^20 */
	uint32_t slots;
	uint32_t records; /* of one ring: a power of 2 */
	uint32_t clock;
	/* Written by the collector. */
	uint32_t recording __attribute__((aligned(64))); /* 0: nobody collects any more */
	uint32_t freed; /* how often a slot became free */
	/* 1: the collector sleeps and wants to be woken; who sets it to 0 wakes it (FUTEX_WAKE). */
	uint32_t sleeping __attribute__((aligned(64)));
	/* Written by threads, rarely. */
	uint64_t next_id __attribute__((aligned(64))); /* of coroutines; taken in blocks */
	uint64_t unplaced; /* events of threads for which there was no slot: attempted and lost */
	uint32_t next_serial; /* of uses of slots */
	uint32_t next_site;
	uint32_t sites_refused; /* sites for which the table had no room */
	uint8_t reserved[KUTRACE_RING_HEADER_BYTES - 192 - 28];
};

#define KUTRACE_RING_FILE_BYTES 152
#define KUTRACE_RING_FUNCTION_BYTES 92
struct kutrace_ring_site {
	uint32_t complete; /* 1 when the rest stands */
	uint32_t line;
	uint32_t flags; /* KUTRACE_SITE_* */
	char file[KUTRACE_RING_FILE_BYTES]; /* of longer names the end; ends in NUL */
	char function[KUTRACE_RING_FUNCTION_BYTES]; /* of longer names the beginning */
};
#define KUTRACE_SITE_FOREVER 1 /* who waits here may do so for ever: listeners */

#define KUTRACE_SLOT_FREE 0
#define KUTRACE_SLOT_CLAIMED 1 /* its new owner fills in who it is */
#define KUTRACE_SLOT_USED 2
#define KUTRACE_SLOT_LEFT 3 /* its thread has ended; the collector takes the rest and frees it */

struct kutrace_ring_slot {
	/* Written by the thread when it takes the slot. */
	uint32_t state;
	uint32_t serial; /* which use of a slot of this area this is, from 1 on */
	uint32_t pid; /* as the process itself sees them */
	uint32_t tid;
	struct kutrace_ring_times start;
	/* Written by the thread. */
	uint64_t head __attribute__((aligned(64))); /* records written since the slot was taken */
	uint64_t attempted; /* events, that one included that is being written */
	uint64_t lost; /* of these, those for which there was no room */
	/* Written by the collector. */
	uint64_t tail __attribute__((aligned(64))); /* records taken */
	uint8_t reserved[56];
	/* The records: number n is at n modulo the size of the ring. */
};

/*
 * A record is two words. Word 0: bits 47-0 the counter, 55-48 the kind, 63-56 an argument. Word 1: bits 43-0 a coroutine's
 * id, 63-44 a site. An event is a record, and a second one of kind KUTRACE_RING_MORE where it has a value.
 */
#define KUTRACE_RING_TIME_BITS 48
#define KUTRACE_RING_ARGUMENT_SHIFT 56
#define KUTRACE_RING_ID_BITS 44
#define KUTRACE_RING_SITE_BITS 20

enum kutrace_ring_kind {
	KUTRACE_RING_MORE = 1,      /* word 1: the value of the event before it */
	KUTRACE_RING_LOST = 2,      /* word 1: how many events were lost before this place; argument 0 */
	KUTRACE_RING_EXIT = 3,      /* the process ends by exit() or a return from main() */
	KUTRACE_CORO_CREATE = 16,   /* site: the coroutine's function; argument: KUTRACE_CREATE_*; value: its parent's id */
	KUTRACE_CORO_START = 17,    /* its body begins to run on this thread */
	KUTRACE_CORO_SUSPEND = 18,  /* argument: KUTRACE_WAIT_*; value: what it waits for */
	KUTRACE_CORO_READY = 19,    /* somebody put it where a worker will find it */
	KUTRACE_CORO_RESUME = 20,   /* runs again, on this thread */
	KUTRACE_CORO_FINAL = 21,    /* its body has ended */
	KUTRACE_CORO_DESTROY = 22,  /* its frame is gone */
	KUTRACE_CORO_NAME = 23,     /* value: up to eight bytes of a name */
	KUTRACE_CORO_WAIT = 24,     /* the next suspend of this coroutine waits for this, too; argument and value as there */
	KUTRACE_RES_SIGNAL = 32,    /* argument: how many waiters it wakes at most, 0: all; value: the resource */
	KUTRACE_RES_CLOSE = 33,     /* wakes all, for good; value: the resource */
	KUTRACE_RES_TAKE = 34,      /* the coroutine holds it from now on; value: the resource */
	KUTRACE_RES_GIVE = 35,      /* not any more; value: the resource */
	KUTRACE_WORKER_PARK = 40,   /* this thread finds nothing to run and blocks */
	KUTRACE_WORKER_UNPARK = 41  /* it looks again */
};

/* Argument of CREATE. */
#define KUTRACE_CREATE_PARENT 1 /* the value is the parent; else it is what runs on this thread, if anything does */
#define KUTRACE_CREATE_EXISTED 2 /* it is older than the recording */

/* Argument of SUSPEND and WAIT. Without a value: on what is not known. */
enum kutrace_wait_kind {
	KUTRACE_WAIT_OTHER = 0,
	KUTRACE_WAIT_EVENT = 1,
	KUTRACE_WAIT_LOCK = 2,  /* value: a resource that is taken and given */
	KUTRACE_WAIT_QUEUE = 3,
	KUTRACE_WAIT_TIMER = 4,
	KUTRACE_WAIT_IO = 5,
	KUTRACE_WAIT_JOIN = 6,  /* value: the id of the coroutine whose end it waits for */
	KUTRACE_WAIT_YIELD = 7, /* for nothing: others may run */
	KUTRACE_WAIT_KINDS = 8
};

#endif
