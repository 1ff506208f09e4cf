// SPDX-License-Identifier: GPL-2.0
/*
 * CPUs without a single event: idle without a tick, or one thread in user code on an isolated CPU.
 * They are not asked, since that would disturb them. Who ran there is looked up before the
 * recording ends; if there still is no event when it has ended, there was no switch either, and so
 * it ran there all the time.
 */
#include <linux/cpumask.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>

#include "buffer.h"

/* Threads found on CPUs that had had no event; the kernel's idle threads are not found. */
static DEFINE_PER_CPU(struct task_struct *, found);
static DEFINE_PER_CPU(bool, looked);

/* A CPU that has not taken part yet. */
static bool is_silent(unsigned int cpu)
{
	const struct kutrace_cpu *c = per_cpu_ptr(&kutrace_cpu, cpu);

	return c->online && READ_ONCE(c->epoch) != kutrace_trace.epoch;
}

static void forget(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		struct task_struct *task = per_cpu(found, cpu);

		per_cpu(found, cpu) = NULL;
		per_cpu(looked, cpu) = false;
		if (task)
			put_task_struct(task);
	}
}

/**
 * kutrace_silent_look - look who runs on CPUs that have had no event
 *
 * Context: process context, under the mutex; while something records.
 */
void kutrace_silent_look(void)
{
#ifdef CONFIG_SMP
	struct task_struct *process, *task;
	unsigned int cpu;
	bool any = false;

	for_each_online_cpu(cpu) {
		per_cpu(looked, cpu) = is_silent(cpu);
		any |= per_cpu(looked, cpu);
	}
	if (!any)
		return;
	rcu_read_lock();
	for_each_process_thread(process, task) {
		if (!READ_ONCE(task->on_cpu))
			continue;
		cpu = task_cpu(task);
		if (!per_cpu(looked, cpu) || per_cpu(found, cpu))
			continue;
		get_task_struct(task);
		per_cpu(found, cpu) = task;
	}
	rcu_read_unlock();
#endif
}

/**
 * kutrace_silent_join - give the CPUs that still have had no event a block that says who ran there
 *
 * Context: process context, under the mutex; nothing traces any more.
 */
void kutrace_silent_join(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		if (per_cpu(looked, cpu) && is_silent(cpu)) {
			struct task_struct *task = per_cpu(found, cpu);

			kutrace_join(per_cpu_ptr(&kutrace_cpu, cpu), cpu,
				     task ? task : &init_task);
		}
	}
	forget();
}
