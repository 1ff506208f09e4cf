// SPDX-License-Identifier: GPL-2.0
/*
 * The page that says whether something traces, for anybody to map.
 *
 * It is a page of a file in memory (shmem), and a mapping of it is one of that file: neither the
 * device's nor the attribute's. So a mapping holds the page and nothing of this module, and goes
 * on to be readable when the module is gone; `gone` then says that it is of no more use. The
 * attribute in sysfs by which anybody gets it holds the module neither: the kernel takes it from
 * open descriptors when the module goes.
 */
#include <linux/err.h>
#include <linux/file.h>
#include <linux/kobject.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/shmem_fs.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "compat.h"
#include "kutrace_mod.h"

struct kutrace_page *kutrace_shared;

static struct file *memory;
static struct page *page;
static struct kobject *folder;

/**
 * kutrace_page_map - map the page, in place of whatever was to be mapped
 * @vma: as f_op->mmap() has it
 */
int kutrace_page_map(struct vm_area_struct *vma)
{
	if (vma->vm_pgoff || vma->vm_end - vma->vm_start != PAGE_SIZE)
		return -EINVAL;
	if (vma->vm_flags & (VM_WRITE | VM_EXEC))
		return -EPERM;
	kutrace_clear_vm_flags(vma, VM_MAYWRITE | VM_MAYEXEC);
	return kutrace_map_other(vma, memory);
}

static ssize_t page_read(struct file *file, struct kobject *of, KUTRACE_BIN_ATTRIBUTE *attribute,
			 char *to, loff_t at, size_t size)
{
	return memory_read_from_buffer(to, size, &at, kutrace_shared, PAGE_SIZE);
}

static int page_mmap(struct file *file, struct kobject *of, KUTRACE_BIN_ATTRIBUTE *attribute,
		     struct vm_area_struct *vma)
{
	return kutrace_page_map(vma);
}

static struct bin_attribute attribute = {
	.attr = { .name = "page", .mode = 0444 },
	.size = PAGE_SIZE,
	.read = page_read,
	.mmap = page_mmap,
};

int kutrace_page_create(void)
{
	memory = shmem_file_setup("kutrace", PAGE_SIZE, KUTRACE_NO_VMA_FLAGS);
	if (IS_ERR(memory))
		return PTR_ERR(memory);
	page = shmem_read_mapping_page(memory->f_mapping, 0);
	if (IS_ERR(page)) {
		fput(memory);
		return PTR_ERR(page);
	}
	/* It is written to without the kernel's knowing, and must not be swapped out. */
	mapping_set_unevictable(memory->f_mapping);
	set_page_dirty_lock(page);
	kutrace_shared = page_address(page);
	kutrace_shared->magic = KUTRACE_PAGE_MAGIC;
	return 0;
}

/* Shows the page to everybody. */
int kutrace_page_show(void)
{
	int ret;

	folder = kobject_create_and_add("kutrace", kernel_kobj);
	if (!folder)
		return -ENOMEM;
	ret = sysfs_create_bin_file(folder, &attribute);
	if (ret)
		kutrace_page_hide();
	return ret;
}

void kutrace_page_hide(void)
{
	sysfs_remove_bin_file(folder, &attribute);
	kobject_put(folder);
}

void kutrace_page_destroy(void)
{
	WRITE_ONCE(kutrace_shared->gone, 1);
	put_page(page);
	fput(memory);
}
