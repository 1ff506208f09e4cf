// SPDX-License-Identifier: BSD-3-Clause
/*
 * /dev/stall: "CPU INTERVAL TIMES", written there, has interrupts off on that CPU from shortly before a multiple of the
 * interval, in ns of the monotonic clock, until half an interval after the multiple that is so many later.
 */
#include <linux/cpu.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/workqueue.h>

struct stall {
	u64 interval;
	u32 times;
};

static long stall(void *data)
{
	struct stall *s = data;
	unsigned long flags;
	u64 now, into;

	/* Where the rest of an interval is long enough to get here, and short enough to miss nothing else. */
	do {
		local_irq_save(flags);
		now = ktime_get_ns();
		div64_u64_rem(now, s->interval, &into);
		if (into > s->interval / 4 * 3 && into < s->interval / 8 * 7)
			break;
		local_irq_restore(flags);
		cpu_relax();
	} while (true);
	while (ktime_get_ns() < now - into + (s->times + 1) * s->interval + s->interval / 2)
		cpu_relax();
	local_irq_restore(flags);
	return 0;
}

static ssize_t stall_write(struct file *file, const char __user *from, size_t size, loff_t *at)
{
	struct stall s;
	char text[64];
	u32 cpu;

	if (size >= sizeof(text) || copy_from_user(text, from, size))
		return -EINVAL;
	text[size] = 0;
	if (sscanf(text, "%u %llu %u", &cpu, &s.interval, &s.times) != 3 || !s.interval || cpu >= nr_cpu_ids || !cpu_online(cpu))
		return -EINVAL;
	work_on_cpu(cpu, stall, &s);
	return size;
}

static const struct file_operations stall_operations = {
	.owner = THIS_MODULE,
	.write = stall_write,
};

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "stall",
	.fops = &stall_operations,
};

module_misc_device(device);
MODULE_DESCRIPTION("A CPU that stands still, for a test");
MODULE_LICENSE("Dual BSD/GPL");
