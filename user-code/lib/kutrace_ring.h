/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The writing side of the rings of kutrace/ring.h: header only, C11 and C++. A thread takes a slot of the area with its first
 * event. While nothing collects, an event costs one load and a branch.
 *
 * Writing makes no system call but the wake of a collector that sleeps, never waits, and survives a collector that is gone: then
 * events are lost, and counted. Not for signal handlers.
 */
#ifndef KUTRACE_RING_H
#define KUTRACE_RING_H

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "kutrace/ring.h"

/* The accesses to shared memory, in one place, so that a model can stand for the machine. */
#ifndef KUTRACE_RING_LOAD
#define KUTRACE_RING_LOAD(at) __atomic_load_n(at, __ATOMIC_RELAXED)
#define KUTRACE_RING_LOAD_ACQUIRE(at) __atomic_load_n(at, __ATOMIC_ACQUIRE)
#define KUTRACE_RING_STORE(at, value) __atomic_store_n(at, value, __ATOMIC_RELAXED)
#define KUTRACE_RING_STORE_RELEASE(at, value) __atomic_store_n(at, value, __ATOMIC_RELEASE)
/* 1: it was `from` and is `to`. Ordered like a load that acquires and a store that releases. */
#define KUTRACE_RING_SWAP(at, from, to) kutrace_ring_swap_(at, from, to)
/* All before it is seen by others before anything behind it is looked at. */
#define KUTRACE_RING_FENCE() kutrace_ring_fence_()
#define KUTRACE_RING_WAKE(at) syscall(SYS_futex, at, FUTEX_WAKE, 1, NULL, NULL, 0)
#endif
#ifndef KUTRACE_RING_NOW
#define KUTRACE_RING_NOW() kutrace_ring_counter_()
#endif

#if defined(__SANITIZE_THREAD__)
#define KUTRACE_RING_TSAN_ 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define KUTRACE_RING_TSAN_ 1
#endif
#endif

/* One of each in a program, whatever of it includes this. */
#define KUTRACE_RING_SHARED_ __attribute__((weak, visibility("default")))
#define KUTRACE_RING_SLOW_ static __attribute__((noinline, cold, unused))

#ifdef __cplusplus
extern "C" {
#endif

struct kutrace_ring_writer {
	struct kutrace_ring_slot *slot; /* NULL: none yet, or none to be had */
	uint64_t *words;
	uint64_t mask;
	uint64_t head;
	uint64_t limit; /* records may be written up to here without a look at the tail */
	uint64_t attempted;
	uint64_t lost;
	uint64_t told_lost; /* of these, in records of kind LOST */
	uint64_t id, id_end; /* of the block that ids are taken from */
	uint32_t freed; /* when there was no slot */
	uint32_t records;
};

KUTRACE_RING_SHARED_ uint32_t kutrace_ring_on_;
KUTRACE_RING_SHARED_ struct kutrace_ring_area *kutrace_ring_area_;
KUTRACE_RING_SHARED_ pthread_key_t kutrace_ring_key_;
KUTRACE_RING_SHARED_ __thread struct kutrace_ring_writer kutrace_ring_writer_;

/* Where the sites of this process stand in the table, by the address of the file's name and the line. */
#define KUTRACE_RING_KNOWN_SITES 4096
struct kutrace_ring_known_site {
	const char *file;
	uint32_t line;
	uint32_t site; /* 0: not known yet */
};
KUTRACE_RING_SHARED_ struct kutrace_ring_known_site kutrace_ring_known_[KUTRACE_RING_KNOWN_SITES];

static inline int kutrace_ring_swap_(uint32_t *at, uint32_t from, uint32_t to)
{
	return __atomic_compare_exchange_n(at, &from, to, 0, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

static inline void kutrace_ring_fence_(void)
{
#ifdef KUTRACE_RING_TSAN_ /* which knows no fences */
	static __thread uint32_t nothing;

	__atomic_fetch_add(&nothing, 1, __ATOMIC_SEQ_CST);
#else
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
#endif
}

static inline uint64_t kutrace_ring_counter_(void)
{
#if defined(__x86_64__)
	return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
	uint64_t counter;
	__asm__ volatile("mrs %0, cntvct_el0" : "=r"(counter));
	return counter;
#else
#error "no counter is known for this machine"
#endif
}

static inline uint64_t kutrace_ring_ns_(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static inline struct kutrace_ring_times kutrace_ring_read_clocks(void)
{
	struct kutrace_ring_times t;

	t.monotonic_ns = kutrace_ring_ns_(CLOCK_MONOTONIC);
	t.counter = KUTRACE_RING_NOW();
	t.realtime_ns = kutrace_ring_ns_(CLOCK_REALTIME);
	return t;
}

/* 1: somebody collects. */
static inline int kutrace_ring_test(void)
{
	return __builtin_expect(KUTRACE_RING_LOAD(&kutrace_ring_on_) != 0, 0) != 0;
}

/* ---- the area --------------------------------------------------------------------- */

static inline struct kutrace_ring_slot *kutrace_ring_slot_at(struct kutrace_ring_area *area, uint32_t i)
{
	return (struct kutrace_ring_slot *)((char *)area + area->slots_at + i * area->slot_bytes);
}

/* Whether the header describes the layout that this code knows, within so many bytes. */
static inline int kutrace_ring_is_sound(const struct kutrace_ring_area *a, uint64_t bytes)
{
	return bytes >= KUTRACE_RING_HEADER_BYTES && a->magic == KUTRACE_RING_MAGIC && a->version == KUTRACE_RING_VERSION &&
	       a->header_bytes == KUTRACE_RING_HEADER_BYTES && a->area_bytes == bytes && a->sites > 0 &&
	       a->sites <= 1u << KUTRACE_RING_SITE_BITS && a->sites_at == KUTRACE_RING_HEADER_BYTES &&
	       a->slots_at == a->sites_at + a->sites * sizeof(struct kutrace_ring_site) && a->slots_at % 64 == 0 &&
	       a->records >= 4 && (a->records & (a->records - 1)) == 0 && a->records <= 1u << 24 &&
	       a->slot_bytes == sizeof(struct kutrace_ring_slot) + a->records * (uint64_t)KUTRACE_RING_RECORD_BYTES &&
	       a->slots > 0 && a->slots <= 1u << 16 && a->slots_at + a->slots * a->slot_bytes == bytes;
}

/* The thread has ended: all that it wrote stands, and it writes no more. */
KUTRACE_RING_SLOW_ void kutrace_ring_leave_(void *writer)
{
	struct kutrace_ring_writer *w = (struct kutrace_ring_writer *)writer;

	if (w->slot)
		KUTRACE_RING_STORE_RELEASE(&w->slot->state, KUTRACE_SLOT_LEFT);
	memset(w, 0, sizeof(*w));
}

/* A child has the memory of its parent, whose slot is not its own. */
KUTRACE_RING_SLOW_ void kutrace_ring_in_child_(void)
{
	memset(&kutrace_ring_writer_, 0, sizeof(kutrace_ring_writer_));
}

/* Begins to write into an area that is mapped. It stays mapped: any thread may be writing. */
KUTRACE_RING_SLOW_ int kutrace_ring_use(struct kutrace_ring_area *area)
{
	if (!kutrace_ring_area_) {
		if (pthread_key_create(&kutrace_ring_key_, kutrace_ring_leave_) != 0)
			return 0;
		pthread_atfork(NULL, NULL, kutrace_ring_in_child_);
	}
	memset(kutrace_ring_known_, 0, sizeof(kutrace_ring_known_)); /* a new area knows no sites */
	kutrace_ring_area_ = area;
	KUTRACE_RING_STORE_RELEASE(&kutrace_ring_on_, 1u);
	return 1;
}

/*
 * Maps the area that the environment names, if it is a file of this user's that nobody else may write to. 1: recording. Makes no
 * system call where there is none. Not in a program that has privilege which its caller has not.
 */
KUTRACE_RING_SLOW_ int kutrace_ring_attach(void)
{
	const char *path = getenv(KUTRACE_RING_VARIABLE);
	const int saved = errno;
	struct stat s;
	void *memory = MAP_FAILED;
	int fd;

	if (kutrace_ring_area_ || !path || getauxval(AT_SECURE))
		return kutrace_ring_area_ != NULL;
	fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY);
	if (fd >= 0) {
		if (fstat(fd, &s) == 0 && S_ISREG(s.st_mode) && s.st_uid == geteuid() && (s.st_mode & 077) == 0 &&
		    s.st_size >= KUTRACE_RING_HEADER_BYTES)
			memory = mmap(NULL, (size_t)s.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		close(fd);
	}
	if (memory != MAP_FAILED) {
		struct kutrace_ring_area *area = (struct kutrace_ring_area *)memory;

		if (!kutrace_ring_is_sound(area, (uint64_t)s.st_size) || !KUTRACE_RING_LOAD(&area->recording) || !kutrace_ring_use(area))
			munmap(memory, (size_t)s.st_size);
	}
	errno = saved;
	return kutrace_ring_area_ != NULL;
}

KUTRACE_RING_SLOW_ int kutrace_ring_claim_(struct kutrace_ring_writer *w)
{
	struct kutrace_ring_area *area = kutrace_ring_area_;
	const uint32_t freed = KUTRACE_RING_LOAD_ACQUIRE(&area->freed);
	uint32_t i;

	if (w->freed == freed + 1) /* none was there, and none has come since */
		return 0;
	for (i = 0; i < area->slots; i++) {
		struct kutrace_ring_slot *slot = kutrace_ring_slot_at(area, i);

		if (KUTRACE_RING_LOAD(&slot->state) != KUTRACE_SLOT_FREE || !KUTRACE_RING_SWAP(&slot->state, KUTRACE_SLOT_FREE, KUTRACE_SLOT_CLAIMED))
			continue;
		slot->serial = __atomic_add_fetch(&area->next_serial, 1, __ATOMIC_RELAXED);
		slot->pid = (uint32_t)getpid();
		slot->tid = (uint32_t)syscall(SYS_gettid);
		slot->start = kutrace_ring_read_clocks();
		w->slot = slot;
		w->words = (uint64_t *)(slot + 1);
		w->records = area->records;
		w->mask = area->records - 1;
		KUTRACE_RING_STORE_RELEASE(&slot->state, KUTRACE_SLOT_USED);
		pthread_setspecific(kutrace_ring_key_, w);
		return 1;
	}
	w->freed = freed + 1;
	return 0;
}

/* ---- records ---------------------------------------------------------------------- */

#define KUTRACE_RING_EVENT_RECORDS 2 /* the most that one event takes */

static inline void kutrace_ring_record_(struct kutrace_ring_writer *w, uint64_t at, uint64_t word0, uint64_t word1)
{
	uint64_t *to = w->words + 2 * (at & w->mask);

	KUTRACE_RING_STORE(to, word0);
	KUTRACE_RING_STORE(to + 1, word1);
}

static inline uint64_t kutrace_ring_word0_(uint64_t time, unsigned int kind, unsigned int argument)
{
	return (time & ((1ULL << KUTRACE_RING_TIME_BITS) - 1)) | (uint64_t)kind << KUTRACE_RING_TIME_BITS |
	       (uint64_t)argument << KUTRACE_RING_ARGUMENT_SHIFT;
}

/* The collector is woken when it sleeps: it says so, looks once more, and then sleeps. */
static inline void kutrace_ring_wake_(struct kutrace_ring_area *area)
{
	KUTRACE_RING_FENCE();
	if (KUTRACE_RING_LOAD(&area->sleeping) == 1 && KUTRACE_RING_SWAP(&area->sleeping, 1, 0))
		KUTRACE_RING_WAKE(&area->sleeping);
}

/* What was lost before is told at the first place that is free again. */
static inline void kutrace_ring_tell_lost_(struct kutrace_ring_writer *w)
{
	kutrace_ring_record_(w, w->head, kutrace_ring_word0_(KUTRACE_RING_NOW(), KUTRACE_RING_LOST, 0), w->lost - w->told_lost);
	w->told_lost = w->lost;
	w->head++;
	KUTRACE_RING_STORE_RELEASE(&w->slot->head, w->head);
}

/* When nobody collects any more, a program that loses events stops making them. */
static inline int kutrace_ring_lose_(struct kutrace_ring_area *area)
{
	if (!KUTRACE_RING_LOAD(&area->recording))
		KUTRACE_RING_STORE(&kutrace_ring_on_, 0u);
	return 0;
}

/*
 * Looks where the collector is: 1 when there is room for an event. From half of the ring on it is called for every eighth of it, and
 * wakes the collector.
 */
KUTRACE_RING_SLOW_ int kutrace_ring_room_(struct kutrace_ring_writer *w)
{
	struct kutrace_ring_area *area = kutrace_ring_area_;
	uint64_t tail, fill;

	if (!w->slot && !kutrace_ring_claim_(w)) {
		__atomic_add_fetch(&area->unplaced, 1, __ATOMIC_RELAXED);
		return kutrace_ring_lose_(area);
	}
	KUTRACE_RING_STORE(&w->slot->attempted, ++w->attempted);
	tail = KUTRACE_RING_LOAD_ACQUIRE(&w->slot->tail);
	fill = w->head - tail;
	if (fill >= w->records / 2)
		kutrace_ring_wake_(area);
	/* Of a tail that cannot be, the collector's memory is damaged: nothing more is written over what it may be reading. */
	if (fill > w->records || w->records - fill < KUTRACE_RING_EVENT_RECORDS + (w->lost != w->told_lost)) {
		KUTRACE_RING_STORE(&w->slot->lost, ++w->lost);
		w->limit = 0;
		return kutrace_ring_lose_(area);
	}
	w->limit = fill < w->records / 2 ? tail + w->records / 2 + KUTRACE_RING_EVENT_RECORDS : w->head + w->records / 8 + KUTRACE_RING_EVENT_RECORDS;
	if (w->limit > tail + w->records)
		w->limit = tail + w->records;
	if (w->lost != w->told_lost)
		kutrace_ring_tell_lost_(w);
	return 1;
}

/* Room for one event, which is counted as attempted. */
static inline int kutrace_ring_begin_(struct kutrace_ring_writer *w)
{
	if (__builtin_expect(w->head + KUTRACE_RING_EVENT_RECORDS > w->limit, 0))
		return kutrace_ring_room_(w);
	KUTRACE_RING_STORE(&w->slot->attempted, ++w->attempted);
	return 1;
}

static inline uint64_t kutrace_ring_word1_(uint64_t id, uint32_t site)
{
	return (id & ((1ULL << KUTRACE_RING_ID_BITS) - 1)) | (uint64_t)site << KUTRACE_RING_ID_BITS;
}

/* An event of this thread; to be called when kutrace_ring_test() was 1. */
static inline void kutrace_ring_put(unsigned int kind, unsigned int argument, uint64_t id, uint32_t site)
{
	struct kutrace_ring_writer *w = &kutrace_ring_writer_;

	if (!kutrace_ring_begin_(w))
		return;
	kutrace_ring_record_(w, w->head, kutrace_ring_word0_(KUTRACE_RING_NOW(), kind, argument), kutrace_ring_word1_(id, site));
	w->head++;
	KUTRACE_RING_STORE_RELEASE(&w->slot->head, w->head);
}

/* The same with a value: two records, which become visible together. */
static inline void kutrace_ring_put_value(unsigned int kind, unsigned int argument, uint64_t id, uint32_t site, uint64_t value)
{
	struct kutrace_ring_writer *w = &kutrace_ring_writer_;
	uint64_t now;

	if (!kutrace_ring_begin_(w))
		return;
	now = KUTRACE_RING_NOW();
	kutrace_ring_record_(w, w->head, kutrace_ring_word0_(now, kind, argument), kutrace_ring_word1_(id, site));
	kutrace_ring_record_(w, w->head + 1, kutrace_ring_word0_(now, KUTRACE_RING_MORE, 0), value);
	w->head += 2;
	KUTRACE_RING_STORE_RELEASE(&w->slot->head, w->head);
}

/* Up to eight bytes of a name as the value of an event. */
static inline uint64_t kutrace_ring_short_name(const char *text)
{
	uint64_t bytes = 0;
	unsigned int i;

	for (i = 0; i < 8 && text[i] != '\0'; i++)
		bytes |= (uint64_t)(unsigned char)text[i] << 8 * i;
	return bytes;
}

/* The process ends, and what it has not ended by now it never will. */
static inline void kutrace_ring_exit(void)
{
	kutrace_ring_put(KUTRACE_RING_EXIT, 0, 0, 0);
	KUTRACE_RING_STORE(&kutrace_ring_on_, 0u);
}

/* An id that no coroutine of this recording had or gets. */
static inline uint64_t kutrace_ring_new_id(void)
{
	struct kutrace_ring_writer *w = &kutrace_ring_writer_;

	if (__builtin_expect(w->id == w->id_end, 0)) {
		w->id = __atomic_fetch_add(&kutrace_ring_area_->next_id, 256, __ATOMIC_RELAXED);
		w->id_end = w->id + 256;
	}
	return w->id++;
}

#ifndef KUTRACE_RING_NO_START
__attribute__((constructor)) static void kutrace_ring_start_(void)
{
	kutrace_ring_attach();
}

/* Each file of the program that includes this has one: the first says it. */
__attribute__((destructor)) static void kutrace_ring_exit_(void)
{
	if (kutrace_ring_test())
		kutrace_ring_exit();
}
#endif

/* ---- sites ------------------------------------------------------------------------ */

/* A new site of the table; 0: it has no room. */
KUTRACE_RING_SLOW_ uint32_t kutrace_ring_add_site(const char *file, const char *function, uint32_t line, uint32_t flags)
{
	struct kutrace_ring_area *area = kutrace_ring_area_;
	const uint32_t number = __atomic_add_fetch(&area->next_site, 1, __ATOMIC_RELAXED);
	struct kutrace_ring_site *site = (struct kutrace_ring_site *)((char *)area + area->sites_at) + number;
	const size_t bytes = strlen(file);

	if (number >= area->sites) {
		__atomic_sub_fetch(&area->next_site, 1, __ATOMIC_RELAXED);
		__atomic_add_fetch(&area->sites_refused, 1, __ATOMIC_RELAXED);
		return 0;
	}
	site->line = line;
	site->flags = flags;
	strncpy(site->file, bytes < KUTRACE_RING_FILE_BYTES ? file : file + bytes - (KUTRACE_RING_FILE_BYTES - 1), KUTRACE_RING_FILE_BYTES - 1);
	strncpy(site->function, function, KUTRACE_RING_FUNCTION_BYTES - 1);
	KUTRACE_RING_STORE_RELEASE(&site->complete, 1u);
	return number;
}

/* The site's number; constant strings are told apart by their address, and one that two threads meet at once gets two numbers. */
static inline uint32_t kutrace_ring_site_number(const char *file, const char *function, uint32_t line, uint32_t flags)
{
	uint32_t i = (uint32_t)((uintptr_t)file >> 3) * 31 + line * 0x9e3779b1u, tries;

	for (tries = 0; tries < 16; tries++, i++) {
		struct kutrace_ring_known_site *known = &kutrace_ring_known_[i % KUTRACE_RING_KNOWN_SITES];
		const uint32_t site = KUTRACE_RING_LOAD_ACQUIRE(&known->site);
		const char *none = NULL;

		if (site != 0 && __atomic_load_n(&known->file, __ATOMIC_RELAXED) == file && KUTRACE_RING_LOAD(&known->line) == line)
			return site;
		if (site == 0 && __atomic_compare_exchange_n(&known->file, &none, file, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
			const uint32_t added = kutrace_ring_add_site(file, function, line, flags);

			KUTRACE_RING_STORE(&known->line, line);
			KUTRACE_RING_STORE_RELEASE(&known->site, added);
			return added;
		}
	}
	return 0;
}

#ifdef __cplusplus
}
#endif
#endif
