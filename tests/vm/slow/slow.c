// SPDX-License-Identifier: BSD-3-Clause
/*
 * /dev/slow: memory that is never there, as a user's page fault handler or file system can make it. Who touches a mapping
 * of it waits until it is killed; read() gives one byte for each page fault that has begun.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/semaphore.h>
#include <linux/uaccess.h>
#include <linux/wait.h>

static DECLARE_WAIT_QUEUE_HEAD(never);
static struct semaphore begun;

static vm_fault_t slow_fault(struct vm_fault *vmf)
{
	up(&begun);
	wait_event_killable(never, false);
	return VM_FAULT_SIGBUS;
}

static const struct vm_operations_struct slow_memory = {
	.fault = slow_fault,
};

static int slow_mmap(struct file *file, struct vm_area_struct *vma)
{
	vma->vm_ops = &slow_memory;
	return 0;
}

static ssize_t slow_read(struct file *file, char __user *to, size_t size, loff_t *at)
{
	if (down_killable(&begun))
		return -EINTR;
	return size && !put_user('f', to) ? 1 : -EFAULT;
}

static const struct file_operations slow_operations = {
	.owner = THIS_MODULE,
	.mmap = slow_mmap,
	.read = slow_read,
};

static struct miscdevice slow = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "slow",
	.fops = &slow_operations,
};

static int __init slow_init(void)
{
	sema_init(&begun, 0);
	return misc_register(&slow);
}

static void __exit slow_exit(void)
{
	misc_deregister(&slow);
}

module_init(slow_init);
module_exit(slow_exit);
MODULE_DESCRIPTION("Memory that never comes, for a test");
MODULE_LICENSE("Dual BSD/GPL");
