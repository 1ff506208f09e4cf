// SPDX-License-Identifier: GPL-2.0
/* The directory kutrace/ in debugfs, for people. */
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/uaccess.h>
#include <linux/utsname.h>

#include "kutrace_mod.h"

static struct dentry *directory;

static void show_cpu(struct seq_file *s, unsigned int cpu)
{
	const struct kutrace_cpu *c = per_cpu_ptr(&kutrace_cpu, cpu);
	u64 words = 0, oldest = 0, counter;
	u32 i, blocks = 0;

	for (i = 0; i < kutrace_trace.used; i++) {
		const u64 *block = kutrace_block(i);

		if (kutrace_block_cpu(i) != cpu)
			continue;
		blocks++;
		words += block == c->block ? c->next - block : KUTRACE_BLOCK_WORDS;
		counter = block[KUTRACE_HDR_COUNTER] & KUTRACE_LOW56;
		if (i && (!oldest || counter < oldest))
			oldest = counter;
	}
	seq_printf(s, "cpu %u: blocks %u, words %llu, lost %llu", cpu, blocks, words,
		   kutrace_lost(cpu));
	if (oldest)
		seq_printf(s, ", since %llu us", kutrace_wall_clock(oldest));
	seq_puts(s, "\n");
}

static int status_show(struct seq_file *s, void *unused)
{
	struct kutrace_trace *t = &kutrace_trace;
	unsigned int cpu;

	if (mutex_lock_killable(&t->mutex))
		return -EINTR;
	seq_printf(s, "state: %s%s\n", kutrace_tracing() ? "on" : "off",
		   kutrace_tracing() && t->full_counter ? ", full" : "");
	if (kutrace_tracing())
		seq_printf(s, "started by process: %d\n", t->session);
	seq_printf(s, "mode:%s%s%s\n",
		   t->flags & KUTRACE_FLAG_WRAP ? " wrap-around" : " stop when full",
		   t->flags & KUTRACE_FLAG_IPC ? ", IPC" : "",
		   t->flags & KUTRACE_FLAG_LLC ? ", LLC" : "");
	seq_printf(s, "blocks: %u of %u, %llu overwritten\n", t->used, t->blocks, t->reused);
	seq_printf(s, "events lost: %llu\n", kutrace_lost(nr_cpu_ids));
	seq_printf(s,
		   "clock: source %u, shift %u, skew at most %llu counts when loaded, %llu since%s%s\n",
		   kutrace_clock_source, kutrace_clock_shift, KUTRACE_CLOCK_SKEW_START(t->clock),
		   KUTRACE_CLOCK_SKEW_STOP(t->clock),
		   KUTRACE_CLOCK_FLAGS(t->clock) & KUTRACE_CLOCK_DIFFERS ? ", CPUs differ" : "",
		   KUTRACE_CLOCK_FLAGS(t->clock) & KUTRACE_CLOCK_UNSTEADY ? ", unsteady" : "");
	seq_printf(s, "cost of an entry, measured at load: %u ns\n", kutrace_cost_ns);
	for_each_possible_cpu(cpu)
		show_cpu(s, cpu);
	mutex_unlock(&t->mutex);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(status);

static int version_show(struct seq_file *s, void *unused)
{
	seq_printf(s, "kutrace_mod %s, control %u, format %u, kernel %s\n", KUTRACE_MOD_VERSION,
		   KUTRACE_MODULE_VERSION, KUTRACE_FORMAT_VERSION, init_utsname()->release);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(version);

/* "stop" freezes a flight recording at the moment of interest; "go" continues it. */
static ssize_t trigger_write(struct file *file, const char __user *from, size_t size, loff_t *at)
{
	char word[8] = {};
	int ret = 0;
	bool go;

	if (!size || size >= sizeof(word))
		return -EINVAL;
	if (copy_from_user(word, from, size))
		return -EFAULT;
	go = sysfs_streq(word, "go");
	if (!go && !sysfs_streq(word, "stop"))
		return -EINVAL;
	if (!kutrace_may_control())
		return -EPERM;
	if (mutex_lock_killable(&kutrace_trace.mutex))
		return -EINTR;
	if (go)
		ret = kutrace_start(NULL);
	else
		kutrace_stop();
	mutex_unlock(&kutrace_trace.mutex);
	return ret && ret != -EALREADY ? ret : size;
}

static const struct file_operations trigger_operations = {
	.owner = THIS_MODULE,
	.write = trigger_write,
};

void kutrace_debugfs_create(void)
{
	directory = debugfs_create_dir("kutrace", NULL);
	debugfs_create_file("status", 0400, directory, NULL, &status_fops);
	debugfs_create_file("version", 0444, directory, NULL, &version_fops);
	debugfs_create_file("trigger", 0200, directory, NULL, &trigger_operations);
}

void kutrace_debugfs_destroy(void)
{
	debugfs_remove_recursive(directory);
}
