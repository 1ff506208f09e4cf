/* SPDX-License-Identifier: BSD-3-Clause */
/* Whether something traces, and the insertion of events. The module itself: device.c. */
#include "kutrace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOT_OPENED (-1)
#define NOT_TO_BE_HAD (-2)
#define BY_CALL (-3) /* the recorder sees the call; the kernel finds no such file and does nothing */

static const volatile unsigned int off;
static const volatile unsigned int by_call = 1;
const volatile unsigned int *kutrace_tracing_ = &off;

/* What marks go through. Opened with the first mark of a trace: an open descriptor holds the module. */
static int device = NOT_OPENED;
/* The trace for which it could not be had: not asked for again. */
static unsigned int refused_in;

/*
 * The page is mapped when it is what only the kernel and root can have put there: others could make a file shorter while it
 * is mapped, and what is read then ends the program. Opening blocks on nothing.
 */
static const struct kutrace_page *map_page(void)
{
	const size_t size = (size_t)sysconf(_SC_PAGESIZE);
	const int fd = open(KUTRACE_PAGE_FILE, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY);
	const struct kutrace_page *page = NULL;
	struct stat s;
	void *memory;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &s) == 0 && S_ISREG(s.st_mode) && s.st_uid == 0 && (s.st_mode & (S_IWGRP | S_IWOTH)) == 0 &&
	    s.st_size >= (off_t)size) {
		memory = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
		if (memory != MAP_FAILED)
			page = memory;
	}
	close(fd);
	if (page && (page->magic != KUTRACE_PAGE_MAGIC || page->gone)) {
		munmap((void *)page, size);
		page = NULL;
	}
	return page;
}

/* A descriptor for marks that a recorder has handed down: its number is in the environment. */
static void take_inherited(void)
{
	const char *text = getenv(KUTRACE_DESCRIPTOR_VARIABLE);
	char *end;
	long fd;

	if (!text || *text < '0' || *text > '9')
		return;
	fd = strtol(text, &end, 10);
	if (*end == '\0' && fd > 2 && fd < 1 << 20 && kutrace_is_device((int)fd))
		__atomic_store_n(&device, (int)fd, __ATOMIC_RELAXED);
}

static int marks_by_call(void)
{
	const char *text = getenv(KUTRACE_DESCRIPTOR_VARIABLE);

	if (!text || strcmp(text, KUTRACE_MARKS_BY_CALL) != 0)
		return 0;
	__atomic_store_n(&device, BY_CALL, __ATOMIC_RELAXED);
	__atomic_store_n(&kutrace_tracing_, &by_call, __ATOMIC_RELAXED);
	return 1;
}

/* What was mapped stays so: any thread may be looking at it. */
int kutrace_attach(void)
{
	const int saved = errno;
	const volatile unsigned int *seen = __atomic_load_n(&kutrace_tracing_, __ATOMIC_RELAXED);
	const struct kutrace_page *page = seen == &off || seen == &by_call ? NULL : (const struct kutrace_page *)seen;

	/* A program that has privilege which its caller has not is nothing for its caller to trace with. */
	if ((page && !page->gone) || getauxval(AT_SECURE))
		return page != NULL;
	if (seen == &by_call || marks_by_call())
		return 1;
	page = map_page();
	if (page) {
		if (__atomic_load_n(&device, __ATOMIC_RELAXED) == NOT_OPENED)
			take_inherited();
		seen = &page->tracing;
	}
	__atomic_store_n(&kutrace_tracing_, page ? seen : &off, __ATOMIC_RELAXED);
	errno = saved;
	return page != NULL;
}

/*
 * Makes the system calls by which a program is loaded, and no others: whoever may begin may do this, whatever filter it runs under.
 * Where the module is not loaded: one openat() that finds nothing.
 */
__attribute__((constructor)) static void attach_at_start(void)
{
	kutrace_attach();
}

static unsigned int generation(void)
{
	const volatile unsigned int *seen = __atomic_load_n(&kutrace_tracing_, __ATOMIC_RELAXED);

	return seen == &off || seen == &by_call ? 0 : ((const volatile struct kutrace_page *)seen)->generation;
}

/* Of threads that come at once, one opens it for all. */
static int marks_go_through(void)
{
	int fd = __atomic_load_n(&device, __ATOMIC_RELAXED), before = fd;

	if (fd >= 0 || fd == BY_CALL || (fd == NOT_TO_BE_HAD && __atomic_load_n(&refused_in, __ATOMIC_RELAXED) == generation()))
		return fd;
	fd = kutrace_open_device();
	if (fd < 0) {
		__atomic_store_n(&refused_in, generation(), __ATOMIC_RELAXED);
		fd = NOT_TO_BE_HAD;
	}
	if (!__atomic_compare_exchange_n(&device, &before, fd, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
		if (fd >= 0)
			close(fd);
		fd = before;
	}
	return fd;
}

static void ask(unsigned long request, unsigned long argument)
{
	const int saved = errno;
	const int fd = marks_go_through();

	if (fd >= 0 || fd == BY_CALL)
		ioctl(fd, request, argument);
	errno = saved;
}

void kutrace_insert_(unsigned int event, uint32_t argument)
{
	ask(KUTRACE_MARK_COMMAND(event), argument);
}

void kutrace_insert_label_(unsigned int event, const char *label)
{
	kutrace_insert_(event, kutrace_base40(label));
}

void kutrace_insert_rpc_(unsigned int event, uint32_t id, uint64_t bytes)
{
	kutrace_insert_(event, (uint32_t)kutrace_tenlg(bytes) << 16 | (id & 0xffff));
}

void kutrace_insert_message_(unsigned int event, const void *message, size_t bytes)
{
	if (bytes >= 32)
		kutrace_insert_(event, kutrace_message_hash(message, bytes));
}

void kutrace_insert_name_(unsigned int kind, uint32_t number, const char *text)
{
	uint64_t words[KUTRACE_MAX_ENTRY_WORDS];
	struct kutrace_insert insert = { .from = (uintptr_t)words };

	/* One more than is kept, so that the cut is seen to be one. */
	insert.words = kutrace_pack_name(kind, number, text, strnlen(text, KUTRACE_MAX_NAME_BYTES + 1), words);
	if (insert.words != 0)
		ask(KUTRACE_IOC_INSERT, (unsigned long)&insert);
}
