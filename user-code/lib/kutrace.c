/* SPDX-License-Identifier: BSD-3-Clause */
/* The control system call, whether something traces, and the insertion of events. */
#include "kutrace.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const volatile unsigned int off;
static const volatile unsigned int on = 1;
const volatile unsigned int *kutrace_tracing_ = &off;

/* Not syscall(2): that turns results of -4095..-1 into errno, and all ones is an answer here. */
uint64_t kutrace_control(uint64_t command, uint64_t argument)
{
#if defined(__x86_64__)
	uint64_t result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "0"((uint64_t)KUTRACE_CONTROL_SYSCALL), "D"(command), "S"(argument)
			 : "rcx", "r11", "memory");
	return result;
#elif defined(__aarch64__)
	register uint64_t x0 __asm__("x0") = command;
	register uint64_t x1 __asm__("x1") = argument;
	register uint64_t x8 __asm__("x8") = KUTRACE_CONTROL_SYSCALL;

	__asm__ volatile("svc #0" : "+r"(x0) : "r"(x1), "r"(x8) : "memory");
	return x0;
#else
	(void)command;
	(void)argument;
	return (uint64_t)-(int64_t)ENOSYS;
#endif
}

/* A page of ours for ever: a program that traces itself may be at work in any thread, so nothing is unmapped. */
int kutrace_attach(void)
{
	const int saved = errno;
	const volatile unsigned int *seen = &off;
	int fd;

	if (__atomic_load_n(&kutrace_tracing_, __ATOMIC_RELAXED) != &off)
		return 1;
	fd = open(KUTRACE_DEVICE, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		const size_t size = (size_t)sysconf(_SC_PAGESIZE);
		const void *page = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);

		close(fd);
		if (page != MAP_FAILED)
			seen = &((const struct kutrace_page *)page)->tracing;
	}
	/* A module without the device: it must be asked each time. One that refuses us would refuse our events, too. */
	if (seen == &off && kutrace_control(KUTRACE_CMD_TEST, 0) <= 1)
		seen = &on;
	__atomic_store_n(&kutrace_tracing_, seen, __ATOMIC_RELAXED);
	errno = saved;
	return seen != &off;
}

__attribute__((constructor)) static void attach_at_start(void)
{
	kutrace_attach();
}

int kutrace_go(unsigned int flags)
{
	if (kutrace_control(KUTRACE_CMD_TEST, 0) != 0)
		return -1;
	if (kutrace_control(KUTRACE_CMD_RESET, flags) != 0)
		return -1;
	if (kutrace_control(KUTRACE_CMD_ON, 0) != 1)
		return -1;
	kutrace_attach();
	return 0;
}

int kutrace_stop(void)
{
	return kutrace_control(KUTRACE_CMD_OFF, 0) == 0 ? 0 : -1;
}

void kutrace_insert_(unsigned int event, uint32_t argument)
{
	kutrace_control(KUTRACE_CMD_INSERT1, (uint64_t)event << KUTRACE_EVENT_SHIFT | argument);
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

	/* One more than is kept, so that the cut is seen to be one. */
	if (kutrace_pack_name(kind, number, text, strnlen(text, KUTRACE_MAX_NAME_BYTES + 1), words) != 0)
		kutrace_control(KUTRACE_CMD_INSERTN, (uint64_t)(uintptr_t)words);
}
