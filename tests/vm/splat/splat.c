// SPDX-License-Identifier: BSD-3-Clause
/*
 * A module that makes the kernel complain, for the self-test of vm/run: without a parameter it only says hello,
 * with fault=warn it runs into a WARN_ON, with fault=leak it loses memory.
 */
#include <linux/bug.h>
#include <linux/module.h>
#include <linux/slab.h>

static char *fault = "";
module_param(fault, charp, 0);
MODULE_PARM_DESC(fault, "what to do wrong: warn or leak");

static int __init splat_init(void)
{
	pr_info("hello from a module\n");
	if (!strcmp(fault, "warn"))
		WARN_ON(1);
	if (!strcmp(fault, "leak")) {
		int i;

		for (i = 0; i < 16; i++)
			if (!kmalloc(1000, GFP_KERNEL))
				return -ENOMEM;
	}
	return 0;
}

static void __exit splat_exit(void)
{
}

module_init(splat_init);
module_exit(splat_exit);
MODULE_DESCRIPTION("Makes the kernel complain, for a test");
MODULE_LICENSE("Dual BSD/GPL");
