// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/kutrace, for reading the trace in bulk and for the flag that programs look at; and the
 * directory kutrace/ in debugfs, for people.
 */
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/uaccess.h>
#include <linux/uio.h>
#include <linux/utsname.h>

#include "compat.h"
#include "kutrace_mod.h"

/* The open file that reads; under the trace's mutex. */
static struct file *reader;
static struct dentry *directory;

static u64 stride(void)
{
	return KUTRACE_BLOCK_BYTES + (kutrace_trace.bytes ? KUTRACE_BYTE_AREA_BYTES : 0);
}

static int device_open(struct inode *inode, struct file *file)
{
	/*
	 * Anybody may have the page; what was recorded is for those that may control. Decided once,
	 * for who opens.
	 */
	file->private_data = kutrace_permitted() ? file : NULL;
	return 0;
}

static int device_release(struct inode *inode, struct file *file)
{
	mutex_lock(&kutrace_trace.mutex);
	if (reader == file)
		reader = NULL;
	mutex_unlock(&kutrace_trace.mutex);
	return 0;
}

static ssize_t device_read(struct kiocb *iocb, struct iov_iter *to)
{
	struct kutrace_trace *t = &kutrace_trace;
	struct file *file = iocb->ki_filp;
	ssize_t done = 0;

	if (!file->private_data)
		return -EPERM;
	if (mutex_lock_killable(&t->mutex))
		return -EINTR;
	if (kutrace_tracing() || (reader && reader != file)) {
		mutex_unlock(&t->mutex);
		return -EBUSY;
	}
	reader = file;
	while (iov_iter_count(to)) {
		u64 index = div64_u64(iocb->ki_pos, stride());
		u64 at = iocb->ki_pos - index * stride();
		const u8 *from;
		size_t most, copied;

		if (index >= t->used)
			break;
		if (at < KUTRACE_BLOCK_BYTES) {
			from = (const u8 *)kutrace_block(index) + at;
			most = KUTRACE_BLOCK_BYTES - at;
		} else {
			from = kutrace_byte_area(index) + (at - KUTRACE_BLOCK_BYTES);
			most = stride() - at;
		}
		most = min(most, iov_iter_count(to));
		copied = copy_to_iter(from, most, to);
		iocb->ki_pos += copied;
		done += copied;
		if (copied < most) {
			if (!done)
				done = -EFAULT;
			break;
		}
		cond_resched();
	}
	mutex_unlock(&t->mutex);
	return done;
}

static loff_t device_seek(struct file *file, loff_t offset, int whence)
{
	return fixed_size_llseek(file, offset, whence, kutrace_trace.used * stride());
}

static int device_mmap(struct file *file, struct vm_area_struct *vma)
{
	if (vma->vm_pgoff || vma->vm_end - vma->vm_start != PAGE_SIZE)
		return -EINVAL;
	if (vma->vm_flags & (VM_WRITE | VM_EXEC))
		return -EPERM;
	kutrace_clear_vm_flags(vma, VM_MAYWRITE | VM_MAYEXEC);
	return vm_insert_page(vma, vma->vm_start, virt_to_page(kutrace_shared));
}

static const struct file_operations device_operations = {
	.owner = THIS_MODULE,
	.open = device_open,
	.release = device_release,
	.read_iter = device_read,
	.splice_read = kutrace_splice_read,
	.llseek = device_seek,
	.mmap = device_mmap,
};

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "kutrace",
	.fops = &device_operations,
	.mode = 0666,
};

static void show_cpu(struct seq_file *s, unsigned int cpu)
{
	const struct kutrace_cpu *c = per_cpu_ptr(&kutrace_cpu, cpu);
	u64 words = 0, oldest = 0, counter;
	u32 i, blocks = 0;

	for (i = 0; i < kutrace_trace.used; i++) {
		const u64 *block = kutrace_block(i);
		u32 owner = block[KUTRACE_HDR_COUNTER] >> 56 |
			    (block[i ? KUTRACE_HDR_EXT : KUTRACE_HDR0_EXT] & 0xff) << 8;

		if (owner != cpu)
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
		   "clock: source %u, shift %u, skew at most %llu counts at start, %llu at stop%s%s\n",
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
	u64 command;

	if (!size || size >= sizeof(word))
		return -EINVAL;
	if (copy_from_user(word, from, size))
		return -EFAULT;
	if (sysfs_streq(word, "stop"))
		command = KUTRACE_CMD_OFF;
	else if (sysfs_streq(word, "go"))
		command = KUTRACE_CMD_ON;
	else
		return -EINVAL;
	return kutrace_mod_control(command, 0) == KUTRACE_CMD_ERROR ? -EPERM : size;
}

static const struct file_operations trigger_operations = {
	.owner = THIS_MODULE,
	.write = trigger_write,
};

int kutrace_device_create(void)
{
	int ret;

	ret = misc_register(&device);
	if (ret)
		return ret;
	directory = debugfs_create_dir("kutrace", NULL);
	debugfs_create_file("status", 0400, directory, NULL, &status_fops);
	debugfs_create_file("version", 0444, directory, NULL, &version_fops);
	debugfs_create_file("trigger", 0200, directory, NULL, &trigger_operations);
	return 0;
}

void kutrace_device_destroy(void)
{
	debugfs_remove_recursive(directory);
	misc_deregister(&device);
}
