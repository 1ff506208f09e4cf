/* SPDX-License-Identifier: BSD-3-Clause */
/* The device of the module: found, opened when it is the module's, and told to start and stop. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "kutrace.h"

/* Where the kernel says which number the device has: "MAJOR:MINOR". */
#define NUMBER_FILE "/sys/class/misc/kutrace/dev"

static int device_number(dev_t *number)
{
	char text[32], *end;
	unsigned long major_number;
	ssize_t n;
	const int fd = open(NUMBER_FILE, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return -1;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return -1;
	text[n] = '\0';
	major_number = strtoul(text, &end, 10);
	if (*end != ':')
		return -1;
	*number = makedev((unsigned int)major_number, (unsigned int)strtoul(end + 1, NULL, 10));
	return 0;
}

static int is_ours(const struct stat *s)
{
	dev_t number;

	return S_ISCHR(s->st_mode) && device_number(&number) == 0 && s->st_rdev == number;
}

int kutrace_is_device(int fd)
{
	struct stat s;

	return fstat(fd, &s) == 0 && is_ours(&s);
}

/* Not even opened if it is something else: opening does things to some devices, and waits for somebody at a FIFO. */
int kutrace_open_device(void)
{
	const int saved = errno;
	struct stat s;
	int fd;

	if (lstat(KUTRACE_DEVICE, &s) != 0)
		fd = -errno;
	else if (!is_ours(&s))
		fd = -ENXIO;
	else if ((fd = open(KUTRACE_DEVICE, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY)) < 0)
		fd = -errno;
	else if (!kutrace_is_device(fd)) {
		close(fd);
		fd = -ENXIO;
	}
	errno = saved;
	return fd;
}

int kutrace_go(unsigned int flags)
{
	const struct kutrace_reset reset = { .flags = flags & (KUTRACE_RESET_IPC | KUTRACE_RESET_WRAP | KUTRACE_RESET_LLC) };
	const int fd = kutrace_open_device();
	int result = -1;

	if (fd < 0)
		return -1;
	if (ioctl(fd, KUTRACE_IOC_RESET, &reset) == 0 && ioctl(fd, KUTRACE_IOC_START) == 0)
		result = 0;
	close(fd);
	kutrace_attach();
	return result;
}

int kutrace_stop(void)
{
	const int fd = kutrace_open_device();
	int result;

	if (fd < 0)
		return -1;
	result = ioctl(fd, KUTRACE_IOC_STOP) == 0 ? 0 : -1;
	close(fd);
	return result;
}
