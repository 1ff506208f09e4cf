/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * old_client FILE: a program built on the reference's control library, as docs/trace-format.md, 1.2, 1.6, 1.16 and 1.19,
 * describe it: no /dev/kutrace, no new command, names in 64-byte buffers inserted while tracing is off, the pairs and
 * wall clocks patched into the headers by itself. Traces itself making a hundred getpid calls between marks.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "kutrace/abi.h"

static uint64_t block[KUTRACE_BLOCK_WORDS];

static uint64_t control(uint64_t command, uint64_t argument)
{
	return (uint64_t)syscall(KUTRACE_CONTROL_SYSCALL, command, argument);
}

static uint64_t counter(void)
{
#ifdef __x86_64__
	return __builtin_ia32_rdtsc() >> 6;
#else
	uint64_t value;

	__asm__ volatile("isb; mrs %0, cntvct_el0" : "=r"(value));
	return value;
#endif
}

static uint64_t microseconds(void)
{
	struct timeval t;

	gettimeofday(&t, NULL);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_usec;
}

static void pair(uint64_t *count, uint64_t *us)
{
	int tries = 0;

	do {
		*count = counter();
		*us = microseconds();
	} while (counter() - *count > 320 && ++tries < 1000);
}

/* All 64 bytes are handed over, whatever the length. */
static int insert_name(uint64_t kind, uint64_t number, const char *name)
{
	uint64_t buffer[8] = { 0 };
	size_t bytes = strlen(name) > 55 ? 55 : strlen(name);
	uint64_t words = 1 + (bytes + 7) / 8;

	memcpy(buffer + 1, name, bytes);
	buffer[0] = (kind | words << 4) << 32 | number;
	return control(~(uint64_t)KUTRACE_CMD_INSERTN, (uintptr_t)buffer) == words;
}

static int fail(const char *what)
{
	fprintf(stderr, "old_client: %s\n", what);
	return 1;
}

int main(int argc, char **argv)
{
	uint64_t start_counter, start_us, stop_counter, stop_us, words, b;
	struct utsname u;
	double slope;
	FILE *out;
	int i, wrapped;

	if (argc != 2)
		return 2;
	if (control(KUTRACE_CMD_TEST, 0) != 0)
		return fail("test");
	if (control(KUTRACE_CMD_VERSION, 0) != 4)
		return fail("version");
	if (control(KUTRACE_CMD_RESET, 0) != 0)
		return fail("reset");
	pair(&start_counter, &start_us);
	uname(&u);
	if (!insert_name(KUTRACE_KERNEL_VERSION, 0, u.version) || !insert_name(KUTRACE_HOST_NAME, 0, u.nodename) ||
	    !insert_name(KUTRACE_SYSCALL64NAME, SYS_getpid, "getpid") ||
	    !insert_name(KUTRACE_PIDNAME, (uint64_t)getpid(), "old_client"))
		return fail("names");
	if (control(~(uint64_t)KUTRACE_CMD_INSERT1, (uint64_t)KUTRACE_USERPID << 32 | (uint64_t)getpid()) > 1)
		return fail("the thread");
	if (control(KUTRACE_CMD_ON, 0) != 1)
		return fail("on");
	if (control(KUTRACE_CMD_INSERT1, (uint64_t)KUTRACE_MARKA << 32 | 12345) != 1)
		return fail("mark");
	for (i = 0; i < 100; i++)
		syscall(SYS_getpid);
	if (control(KUTRACE_CMD_INSERT1, (uint64_t)KUTRACE_MARKB << 32 | 12345) != 1)
		return fail("mark");
	if (control(KUTRACE_CMD_OFF, 0) != 0)
		return fail("off");
	usleep(20000);
	pair(&stop_counter, &stop_us);
	if (control(KUTRACE_CMD_FLUSH, 0) > 64 * KUTRACE_BLOCK_WORDS)
		return fail("flush");
	words = control(KUTRACE_CMD_GETCOUNT, 0);
	wrapped = (int64_t)words < 0;
	if (wrapped)
		words = ~words;
	if (!words || words % KUTRACE_BLOCK_WORDS)
		return fail("count");
	out = fopen(argv[1], "w");
	if (!out)
		return fail(argv[1]);
	slope = (double)(stop_us - start_us) / (double)(stop_counter - start_counter);
	for (b = 0; b < words / KUTRACE_BLOCK_WORDS; b++) {
		for (i = 0; i < 16; i++) {
			if (control(KUTRACE_CMD_SET4KB, b * KUTRACE_BLOCK_WORDS + 512 * (uint64_t)i) != 0 ||
			    control(KUTRACE_CMD_GET4KB, (uintptr_t)(block + 512 * i)) != 0)
				return fail("read");
		}
		/* Word by word gives the same. */
		if (control(KUTRACE_CMD_GETWORD, b * KUTRACE_BLOCK_WORDS + 20) != block[20])
			return fail("word");
		block[1] = (block[1] & ~KUTRACE_LOW56) |
			   (uint64_t)((double)start_us + ((double)(block[0] & KUTRACE_LOW56) - (double)start_counter) * slope);
		if (b == 0) {
			block[1] |= (uint64_t)KUTRACE_FORMAT_VERSION << 56;
			if (!wrapped)
				block[1] &= ~((uint64_t)KUTRACE_FLAG_WRAP << 56);
			block[2] = start_counter;
			block[3] = start_us;
			block[4] = stop_counter;
			block[5] = stop_us;
		}
		if (fwrite(block, sizeof(block), 1, out) != 1)
			return fail("write");
	}
	if (fclose(out))
		return fail("write");
	return control(KUTRACE_CMD_RESET, 0) == 0 ? 0 : fail("reset");
}
