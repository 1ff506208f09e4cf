/* SPDX-License-Identifier: BSD-3-Clause */
/* Asking a field recorder to save what it has. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kutrace.h"

#define MOST_REASON 200

int kutrace_trigger(const char *pipe, const char *reason)
{
	const int saved = errno;
	char line[MOST_REASON + 1];
	struct stat s;
	size_t n;
	int fd, result = -1;

	/* Nobody waits here: a pipe that nobody reads is refused, and what is no pipe is not written to. */
	fd = open(pipe ? pipe : KUTRACE_TRIGGER_PIPE, O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY);
	if (fd >= 0 && fstat(fd, &s) == 0 && S_ISFIFO(s.st_mode)) {
		for (n = 0; reason && reason[n] != '\0' && n < MOST_REASON; n++)
			line[n] = reason[n] == '\n' ? ' ' : reason[n];
		line[n++] = '\n';
		/* Whole or not at all: it is shorter than PIPE_BUF. */
		result = write(fd, line, n) == (ssize_t)n ? 0 : -1;
	}
	if (fd >= 0)
		close(fd);
	errno = saved;
	return result;
}
