// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/kutrace: opening, which decides what a descriptor may do, closing, and reading a trace that
 * is complete. Its commands are in ioctl.c.
 */
#include <linux/fs.h>
#include <linux/math64.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/nospec.h>
#include <linux/slab.h>
#include <linux/uio.h>

#include "compat.h"
#include "kutrace_mod.h"

/* Of all programs that are let in by their group. */
static struct kutrace_allowance group_allowance;

/* Read at once; a divisor of a block and of a byte area. */
#define PIECE KUTRACE_BYTE_AREA_BYTES

static u64 stride(void)
{
	return KUTRACE_BLOCK_BYTES + (kutrace_trace.bytes ? KUTRACE_BYTE_AREA_BYTES : 0);
}

static int device_open(struct inode *inode, struct file *file)
{
	u32 rights = kutrace_rights();
	struct kutrace_file *f;

	/* Who may do nothing does not hold the module either. */
	if (!rights)
		return -EPERM;
	f = kzalloc(sizeof(*f), GFP_KERNEL_ACCOUNT);
	if (!f)
		return -ENOMEM;
	mutex_init(&f->following);
	f->rights = rights;
	f->allowance = rights & KUTRACE_RIGHT_CONTROL ? NULL : &group_allowance;
	file->private_data = f;
	return 0;
}

static int device_release(struct inode *inode, struct file *file)
{
	struct kutrace_trace *t = &kutrace_trace;
	struct kutrace_file *f = file->private_data;

	/* Only who controls can wait here, for others who do. */
	if (f->controlled) {
		mutex_lock(&t->mutex);
		if (t->reader == f) {
			kutrace_follow_leave();
			t->reader = NULL;
		}
		if (t->starter == f) {
			if (f->stop_on_close)
				kutrace_stop();
			t->starter = NULL;
		}
		mutex_unlock(&t->mutex);
	}
	kvfree(f->room);
	kfree(f);
	return 0;
}

/* Whether the trace can be read by this descriptor now; under the mutex. */
static int may_read(struct kutrace_file *f, u64 position)
{
	struct kutrace_trace *t = &kutrace_trace;

	if (kutrace_tracing() || (t->reader && t->reader != f))
		return -EBUSY;
	if (t->options & KUTRACE_RESET_FOLLOW)
		return -EINVAL;
	if (t->addresses && !(f->rights & KUTRACE_RIGHT_ADDRESSES))
		return -EACCES;
	t->reader = f;
	f->controlled = true;
	if (!position)
		f->generation = kutrace_shared->generation;
	return f->generation == kutrace_shared->generation ? 0 : -ESTALE;
}

/*
 * Copies a piece of the trace. The program's memory may be slow to be there: it is not touched
 * under the mutex.
 */
static ssize_t read_piece(struct kutrace_file *f, u64 position, void *to, size_t most)
{
	u64 index, at;
	ssize_t size;

	if (mutex_lock_killable(&kutrace_trace.mutex))
		return -EINTR;
	size = may_read(f, position);
	index = div64_u64_rem(position, stride(), &at);
	if (!size && index < kutrace_trace.used) {
		index = array_index_nospec(index, kutrace_trace.used);
		size = min_t(size_t, most, PIECE - at % PIECE);
		memcpy(to,
		       at < KUTRACE_BLOCK_BYTES ?
			       (const u8 *)kutrace_block(index) + at :
			       kutrace_byte_area(index) + (at - KUTRACE_BLOCK_BYTES),
		       size);
	}
	mutex_unlock(&kutrace_trace.mutex);
	return size;
}

static ssize_t device_read(struct kiocb *iocb, struct iov_iter *to)
{
	struct kutrace_file *f = iocb->ki_filp->private_data;
	ssize_t size = 0, done = 0;
	size_t copied;
	void *piece;

	if (!(f->rights & KUTRACE_RIGHT_CONTROL))
		return -EPERM;
	piece = kmalloc(PIECE, GFP_KERNEL);
	if (!piece)
		return -ENOMEM;
	while (iov_iter_count(to)) {
		size = read_piece(f, iocb->ki_pos, piece, iov_iter_count(to));
		if (size <= 0)
			break;
		copied = copy_to_iter(piece, size, to);
		iocb->ki_pos += copied;
		done += copied;
		if (copied < size) {
			size = -EFAULT;
			break;
		}
		cond_resched();
	}
	kfree(piece);
	return done ?: size;
}

static loff_t device_seek(struct file *file, loff_t offset, int whence)
{
	struct kutrace_file *f = file->private_data;

	if (!(f->rights & KUTRACE_RIGHT_CONTROL))
		return -EPERM;
	return fixed_size_llseek(file, offset, whence, READ_ONCE(kutrace_trace.used) * stride());
}

static int device_mmap(struct file *file, struct vm_area_struct *vma)
{
	return kutrace_page_map(vma);
}

static const struct file_operations device_operations = {
	.owner = THIS_MODULE,
	.open = device_open,
	.release = device_release,
	.read_iter = device_read,
	.splice_read = kutrace_splice_read,
	.llseek = device_seek,
	.unlocked_ioctl = kutrace_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.poll = kutrace_follow_poll,
	.mmap = device_mmap,
};

/* Anybody may try: who may what is for device_open() to say. */
static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "kutrace",
	.fops = &device_operations,
	.mode = 0666,
};

int kutrace_device_create(void)
{
	return misc_register(&device);
}

void kutrace_device_destroy(void)
{
	misc_deregister(&device);
}
