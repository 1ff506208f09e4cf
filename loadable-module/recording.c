// SPDX-License-Identifier: GPL-2.0
/*
 * Recording begins and ends, on each CPU between two of its events and without asking anything of
 * the other CPUs: they may be busy for long, isolated, or asleep. No more interrupts go out than
 * those with which the kernel changes its text.
 */
#include <linux/cpumask.h>
#include <linux/irqflags.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/smp.h>

#include "buffer.h"

/*
 * At the first start, block 0 becomes this CPU's: whoever stored the names may have come here from
 * another. False later.
 */
static bool take_block0(struct kutrace_cpu *c, unsigned int cpu)
{
	unsigned int before;
	struct kutrace_cpu *from = kutrace_first_cpu(&before);
	u64 *block;

	if (!from || from->epoch)
		return false;
	if (from == c)
		return true;
	c->next = from->next;
	c->anchor = from->anchor;
	c->base = from->base;
	c->block = from->block;
	c->clean = from->clean;
	c->data_end = from->data_end;
	c->data_time = from->data_time;
	c->index = 0;
	kutrace_no_block(from);
	block = c->block;
	block[KUTRACE_HDR_COUNTER] = (u64)(cpu & 0xff) << 56 |
				     (block[KUTRACE_HDR_COUNTER] & KUTRACE_LOW56);
	block[KUTRACE_HDR0_EXT] = cpu >> 8;
	return true;
}

/* What runs on this CPU at the first start, block 0 says, behind the names. */
static void begin_here(void)
{
	unsigned int cpu = smp_processor_id();
	struct kutrace_cpu *c = this_cpu_ptr(&kutrace_cpu);

	if (!take_block0(c, cpu))
		return;
	c->epoch = kutrace_trace.epoch;
	kutrace_slow_store(c, cpu, kutrace_raw_counter(kutrace_clock_source),
			   (u64)KUTRACE_USERPID << KUTRACE_EVENT_SHIFT | (u32)current->pid, NULL,
			   1);
	kutrace_counters_note(NULL, false);
}

/*
 * Each CPU begins with the first event that finds the state on, and its time begins when that was
 * set: see kutrace_join().
 */
static void record(void)
{
	struct kutrace_trace *t = &kutrace_trace;
	unsigned long flags;
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		per_cpu_ptr(&kutrace_cpu, cpu)->online = cpu_online(cpu);
	WRITE_ONCE(t->began, 0);
	/* What runs here does so until recording has begun. */
	local_irq_save(flags);
	if (!kutrace_only_names_first())
		begin_here();
	/* Whoever sees it on sees the trace and its blocks set up. */
	smp_store_release(&t->state, KUTRACE_ON);
	/* What happens after this counter finds it on. */
	smp_mb();
	WRITE_ONCE(t->began, kutrace_raw_counter(kutrace_clock_source));
	local_irq_restore(flags);
}

/*
 * Each CPU's recording ends between two of its events: the hot path finds no room from now on, and
 * the slow path finds that nothing is recorded. What has claimed its word already stores it.
 */
static void cut(void)
{
	unsigned int cpu;

	WRITE_ONCE(kutrace_trace.state, KUTRACE_OFF);
	/* Before the closing: see the end of the slow path. */
	smp_mb();
	for_each_possible_cpu(cpu)
		WRITE_ONCE(per_cpu_ptr(&kutrace_cpu, cpu)->limit, NULL);
}

/**
 * kutrace_recording_start - switch the hooks on and record from now on
 *
 * Context: process context, may sleep, under the mutex; nothing may trace.
 * Return: 0, or what is wrong with the event counters that the trace asks for.
 */
int kutrace_recording_start(void)
{
	struct kutrace_trace *t = &kutrace_trace;
	int ret;

	ret = kutrace_counters_start(t->flags);
	if (ret)
		return ret;
	kutrace_buffer_begin();
	if (!t->stop.counter)
		kutrace_name_kernel();
	t->clock = kutrace_clock_word(t->apart);
	t->epoch++;
	kutrace_hooks_choose();
	kutrace_enable(true);
	record();
	WRITE_ONCE(kutrace_shared->tracing, 1);
	return 0;
}

/**
 * kutrace_recording_stop - stop recording, if something is recorded, and complete what was
 *
 * When it returns no hook is in this module. kutrace_enable() waits for a grace period of RCU,
 * which also outlasts inserts: hooks and inserts run with preemption off and while RCU watches. An
 * insert that comes later finds the hot path closed and nothing recorded.
 *
 * Context: process context, may sleep, under the mutex.
 */
void kutrace_recording_stop(void)
{
	struct kutrace_trace *t = &kutrace_trace;

	if (!kutrace_tracing())
		return;
	kutrace_silent_look();
	WRITE_ONCE(kutrace_shared->tracing, 0);
	cut();
	kutrace_clock_pair(&t->stop);
	kutrace_enable(false);
	kutrace_counters_stop();
	kutrace_buffer_finish();
}
