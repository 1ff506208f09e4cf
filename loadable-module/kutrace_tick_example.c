// SPDX-License-Identifier: GPL-2.0
/*
 * How another module has a tick that all CPUs share: this one counts, on each CPU, the boundaries
 * that were taken and those that were skipped, and says at the end how late the latest was.
 *
 *   insmod kutrace_mod.ko; insmod kutrace_tick_example.ko interval=1000000; rmmod kutrace_tick_example
 */
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/percpu.h>

#include "tick.h"

static ulong interval = 1000000;
module_param(interval, ulong, 0444);
MODULE_PARM_DESC(interval, "between ticks, ns; default 1000000");

static bool staggered;
module_param(staggered, bool, 0444);
MODULE_PARM_DESC(staggered, "each CPU has its own part of the interval");

struct count {
	u64 taken, skipped, latest;
};

static DEFINE_PER_CPU(struct count, counts);

static void take(struct kutrace_tick *tick, const struct kutrace_tick_moment *moment)
{
	struct count *c = this_cpu_ptr(&counts);

	c->taken++;
	c->skipped += moment->skipped;
	c->latest = max(c->latest, moment->late);
}

static void end(struct kutrace_tick *tick, u64 passed)
{
	this_cpu_add(counts.skipped, passed);
}

static const struct kutrace_tick_ops ops = { .take = take, .end = end };
static struct kutrace_tick tick;

static int __init example_init(void)
{
	int ret = kutrace_tick_init(&tick, &ops);

	if (!ret)
		ret = kutrace_tick_restart(&tick, interval, staggered);
	if (ret)
		kutrace_tick_destroy(&tick);
	return ret;
}

static void __exit example_exit(void)
{
	int cpu;

	/* From here on no function of ours is called. */
	kutrace_tick_destroy(&tick);
	for_each_possible_cpu(cpu) {
		const struct count *c = per_cpu_ptr(&counts, cpu);

		pr_info("CPU %d: %llu ticks due, %llu taken, %llu skipped, the latest %llu ns late\n",
			cpu, c->taken + c->skipped, c->taken, c->skipped, c->latest);
	}
}

module_init(example_init);
module_exit(example_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("An example of a synchronized tick");
