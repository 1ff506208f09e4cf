// SPDX-License-Identifier: GPL-2.0
/* kutrace_mod: records what the hooks of a kernel with CONFIG_KUTRACE see. Loading and unloading.
 */
#include <linux/module.h>
#include <linux/moduleparam.h>

#include "kutrace_mod.h"
#include "tick.h"

static unsigned int tracemb = 32;
module_param(tracemb, uint, 0444);
MODULE_PARM_DESC(tracemb, "size of the trace buffer in MB; default 32");

module_param_named(pktmask, kutrace_packet_mask, ullong, 0444);
MODULE_PARM_DESC(pktmask, "which of the first 24 payload bytes of a packet are compared; 0: no packet is recorded, all ones: every one");

module_param_named(pktmatch, kutrace_packet_match, uint, 0444);
MODULE_PARM_DESC(pktmatch, "the XOR that the masked bytes must have, as 4-byte words");

struct kutrace_trace kutrace_trace = {
	.mutex = __MUTEX_INITIALIZER(kutrace_trace.mutex),
};

static int __init kutrace_mod_init(void)
{
	int ret;

	ret = kutrace_clock_init();
	if (ret)
		return ret;
	ret = kutrace_buffer_create(tracemb);
	if (ret) {
		pr_err("no buffer of tracemb=%u MB: %s\n", tracemb,
		       ret == -ENOMEM ? "not enough memory, load with a smaller one" :
					"give a size from 1 on");
		return ret;
	}
	ret = kutrace_page_create();
	if (ret)
		goto no_page;
	kutrace_buffer_reset(0);
	kutrace_measure_cost();
	ret = kutrace_register(&kutrace_mod_ops);
	if (ret) {
		pr_err("another tracing module is loaded; unload it first\n");
		goto taken;
	}
	ret = kutrace_ticks_create();
	if (ret) {
		pr_err("no more users of CPU hotplug: %d\n", ret);
		goto no_ticks;
	}
	ret = kutrace_device_create();
	if (ret) {
		pr_err("/dev/kutrace cannot be made: %d\n", ret);
		goto no_device;
	}
	ret = kutrace_page_show();
	if (ret) {
		pr_err("/sys/kernel/kutrace cannot be made: %d\n", ret);
		goto no_attribute;
	}
	kutrace_debugfs_create();
	pr_info("%u MB, %u blocks\n", tracemb, kutrace_trace.blocks);
	return 0;

no_attribute:
	kutrace_device_destroy();
no_device:
	kutrace_close();
	kutrace_ticks_destroy();
no_ticks:
	kutrace_unregister();
taken:
	kutrace_page_destroy();
no_page:
	kutrace_buffer_destroy();
	return ret;
}

static void __exit kutrace_mod_exit(void)
{
	kutrace_debugfs_destroy();
	kutrace_page_hide();
	kutrace_device_destroy();
	/* The hooks leave first, then the control calls. */
	kutrace_close();
	kutrace_ticks_destroy();
	kutrace_unregister();
	kutrace_page_destroy();
	kutrace_buffer_destroy();
}

module_init(kutrace_mod_init);
module_exit(kutrace_mod_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Records every transition between user code, kernel and idle on every CPU");
MODULE_VERSION(KUTRACE_MOD_VERSION);
