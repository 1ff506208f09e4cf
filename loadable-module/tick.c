// SPDX-License-Identifier: GPL-2.0
/*
 * The synchronized tick: one pinned timer of high resolution for each CPU, on the monotonic clock,
 * which all CPUs have in common. Each is started and stopped by its own CPU, by an
 * inter-processor interrupt, so that CPUs that a real-time thread keeps take part too; and by the
 * CPU that comes or goes.
 */
#ifdef pr_fmt
#undef pr_fmt
#endif
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/errno.h>
#include <linux/hrtimer.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/smp.h>

#include "compat.h"
#include "tick.h"

#include "kutrace/memory.h"

/**
 * struct kutrace_tick_cpu - one CPU's tick
 * @timer: its timer
 * @tick: which tick it is of
 * @state: when it is due
 * @on: it has begun here
 */
struct kutrace_tick_cpu {
	struct hrtimer timer;
	struct kutrace_tick *tick;
	struct kutrace_tick_state state;
	bool on;
};

/* Of the kernel's list of what CPUs do when they come and go. */
static int hotplug_state;

static enum hrtimer_restart expired(struct hrtimer *timer)
{
	struct kutrace_tick_cpu *c = container_of(timer, struct kutrace_tick_cpu, timer);
	struct kutrace_tick_moment moment;

	kutrace_tick_take(&c->state, ktime_get_ns(), &moment);
	c->tick->ops->take(c->tick, &moment);
	hrtimer_set_expires(timer, ns_to_ktime(c->state.next));
	return HRTIMER_RESTART;
}

/* Interrupts off, on the CPU. A CPU may be told twice. */
static void begin_here(void *data)
{
	struct kutrace_tick *tick = data;
	struct kutrace_tick_cpu *c = this_cpu_ptr(tick->cpus);
	u32 cpu = smp_processor_id();

	/* Pairs with kutrace_tick_restart(). */
	if (c->on || smp_load_acquire(&tick->closing))
		return;
	c->on = true;
	kutrace_tick_begin(&c->state, tick->interval,
			   tick->staggered ?
				   kutrace_tick_offset(tick->interval, cpu, nr_cpu_ids) :
				   0,
			   ktime_get_ns());
	if (tick->ops->begin)
		tick->ops->begin(tick);
	hrtimer_start(&c->timer, ns_to_ktime(c->state.next), HRTIMER_MODE_ABS_PINNED_HARD);
}

/* Interrupts off, on the CPU: so the timer's function does not run meanwhile. */
static void end_here(void *data)
{
	struct kutrace_tick *tick = data;
	struct kutrace_tick_cpu *c = this_cpu_ptr(tick->cpus);

	if (!c->on)
		return;
	c->on = false;
	hrtimer_try_to_cancel(&c->timer);
	if (tick->ops->end)
		tick->ops->end(tick, kutrace_tick_passed(&c->state, ktime_get_ns()));
}

static void on_every_cpu(struct kutrace_tick *tick, smp_call_func_t what)
{
	int cpu;

	cpus_read_lock();
	for_each_online_cpu(cpu)
		smp_call_function_single(cpu, what, tick, true);
	cpus_read_unlock();
}

static int cpu_comes(unsigned int cpu, struct hlist_node *node)
{
	struct kutrace_tick *tick = hlist_entry(node, struct kutrace_tick, node);

	smp_call_function_single(cpu, begin_here, tick, true);
	return 0;
}

static int cpu_goes(unsigned int cpu, struct hlist_node *node)
{
	struct kutrace_tick *tick = hlist_entry(node, struct kutrace_tick, node);

	smp_call_function_single(cpu, end_here, tick, true);
	return 0;
}

/**
 * kutrace_tick_possible - whether there can be a tick of an interval; the log says why not
 * @interval: ns
 */
bool kutrace_tick_possible(u64 interval)
{
	if (interval >= KUTRACE_TICK_SHORTEST && interval <= KUTRACE_TICK_LONGEST)
		return true;
	pr_err_ratelimited("a tick each %llu ns is not possible: %u to %u ns are\n", interval,
	       KUTRACE_TICK_SHORTEST, KUTRACE_TICK_LONGEST);
	return false;
}

/**
 * kutrace_tick_init - prepare a tick on every CPU; kutrace_tick_restart() begins it
 * @tick: of the caller; stays where it is until kutrace_tick_destroy()
 * @ops: what is called on each CPU
 *
 * Context: process context, may sleep.
 * Return: 0; -ENOMEM; what the kernel says against another user of CPU hotplug.
 */
int kutrace_tick_init(struct kutrace_tick *tick, const struct kutrace_tick_ops *ops)
{
	int cpu, ret;

	tick->ops = ops;
	tick->closing = true;
	tick->cpus = alloc_percpu(struct kutrace_tick_cpu);
	if (!tick->cpus)
		return -ENOMEM;
	for_each_possible_cpu(cpu) {
		struct kutrace_tick_cpu *c = per_cpu_ptr(tick->cpus, cpu);

		c->tick = tick;
		hrtimer_setup(&c->timer, expired, CLOCK_MONOTONIC, HRTIMER_MODE_ABS_PINNED_HARD);
	}
	ret = cpuhp_state_add_instance_nocalls(hotplug_state, &tick->node);
	if (ret) {
		free_percpu(tick->cpus);
		tick->cpus = NULL;
	}
	return ret;
}
EXPORT_SYMBOL_GPL(kutrace_tick_init);

static void end_everywhere(struct kutrace_tick *tick)
{
	WRITE_ONCE(tick->closing, true);
	on_every_cpu(tick, end_here);
}

/**
 * kutrace_tick_restart - begin a tick on every CPU and on those that come online, or begin it anew
 * @tick: that kutrace_tick_init() prepared
 * @interval: ns between boundaries, 50 us to 100 ms
 * @staggered: CPU k of n is k/n of an interval behind the first, so that they do not all work at
 *             the same moment; else all have the same boundaries, the multiples of the interval
 *             on the monotonic clock
 *
 * Not from its own functions.
 *
 * Context: process context, may sleep.
 * Return: 0; -EINVAL: no such interval, and nothing has changed.
 */
int kutrace_tick_restart(struct kutrace_tick *tick, u64 interval, bool staggered)
{
	if (!kutrace_tick_possible(interval))
		return -EINVAL;
	end_everywhere(tick);
	tick->interval = interval;
	tick->staggered = staggered;
	/* Whoever may begin sees with what. */
	smp_store_release(&tick->closing, false);
	on_every_cpu(tick, begin_here);
	return 0;
}
EXPORT_SYMBOL_GPL(kutrace_tick_restart);

/**
 * kutrace_tick_destroy - end a tick
 * @tick: that kutrace_tick_init() prepared or failed to, or zeroed
 *
 * When it returns none of its functions runs, nor will run, and no timer of it is armed. May be
 * called again.
 *
 * Context: process context, may sleep.
 */
void kutrace_tick_destroy(struct kutrace_tick *tick)
{
	if (!tick->cpus)
		return;
	end_everywhere(tick);
	cpuhp_state_remove_instance_nocalls(hotplug_state, &tick->node);
	free_percpu(tick->cpus);
	tick->cpus = NULL;
}
EXPORT_SYMBOL_GPL(kutrace_tick_destroy);

/* The kernel knows the two functions once; each tick is an instance. */
int kutrace_ticks_create(void)
{
	hotplug_state = cpuhp_setup_state_multi(CPUHP_AP_ONLINE_DYN, "kutrace:online", cpu_comes,
						cpu_goes);
	return min(hotplug_state, 0);
}

void kutrace_ticks_destroy(void)
{
	cpuhp_remove_multi_state(hotplug_state);
}
