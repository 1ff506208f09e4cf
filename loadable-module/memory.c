// SPDX-License-Identifier: GPL-2.0
/*
 * Samples of what each CPU uses, at its ticks and at its switches (docs/memory.md). Each entry is
 * what was used since the CPU's sample before; since the switch is a sample too, all of it belongs
 * to the thread that has run until then. Zeros are not stored.
 */
#include <linux/err.h>
#include <linux/kernel_stat.h>
#include <linux/mm.h>
#include <linux/perf_event.h>
#include <linux/vmstat.h>

#include "compat.h"
#include "kutrace_mod.h"
#include "tick.h"

#include "kutrace/memory.h"

#define BIT_OF(name) KUTRACE_USED_BIT(KUTRACE_USED_##name)
#define COUNTED                                                                                    \
	(BIT_OF(INSTRUCTIONS) | BIT_OF(CYCLES) | BIT_OF(CACHE_REFERENCES) | BIT_OF(CACHE_MISSES))
#define KNOWN                                                                                      \
	(COUNTED | BIT_OF(FAULTS) | BIT_OF(MAJOR_FAULTS) | BIT_OF(PAGES) | BIT_OF(IRQ_TIME) |     \
	 BIT_OF(SOFTIRQ_TIME) | BIT_OF(STEAL_TIME) | BIT_OF(MODEL_BYTES))

/* How many ticks until a CPU says again how it is sampled: a ring may have lost it. */
#define TICKS_UNTIL_AGAIN 256

/* How many entries a sample has of one quantity: any that a call of the model can need, and one. */
#define MOST_ENTRIES (KUTRACE_MODEL_MOST / U32_MAX + 1)

#define COUNTERS 4

/**
 * struct kutrace_used - one CPU's samples
 * @before: what each quantity was at the sample before
 * @counters: of perf; NULL: not to be had here
 * @model: bytes that programs say were used here
 * @sampled: what is sampled here; 0: nothing yet, or any more
 * @ticks: taken
 */
struct kutrace_used {
	u64 before[KUTRACE_USED_LAST - KUTRACE_USED_FIRST + 1];
	struct perf_event *counters[COUNTERS];
	u64 model;
	u32 sampled;
	u32 ticks;
};

static DEFINE_PER_CPU(struct kutrace_used, used);

/* What the trace is to have; under the mutex of the trace. */
static struct kutrace_memory wanted;

static void put(u32 kind, u32 arg)
{
	kutrace_put((u64)kind << KUTRACE_EVENT_SHIFT | arg);
}

/*
 * What is more than an entry has room for is several. Interrupts are off: what is more than those
 * waits for the next sample, and what has become less, which nothing here promises not to, is none.
 */
static void put_used(struct kutrace_used *u, u32 kind, u64 now)
{
	u64 *before = &u->before[kind - KUTRACE_USED_FIRST];
	u32 entries;

	if ((s64)(now - *before) < 0)
		*before = now;
	for (entries = 0; now != *before && entries < MOST_ENTRIES; entries++) {
		u32 part = min_t(u64, now - *before, U32_MAX);

		put(kind, part);
		*before += part;
	}
}

#ifdef CONFIG_PERF_EVENTS

static bool count(const struct kutrace_used *u, u32 n, u64 *value)
{
	struct perf_event *event = u->counters[n];

	if (!event || READ_ONCE(event->state) != PERF_EVENT_STATE_ACTIVE)
		return false;
	event->pmu->read(event);
	*value = local64_read(&event->count);
	return true;
}

static int claim(u32 n, int cpu)
{
	static const u64 config[COUNTERS] = {
		PERF_COUNT_HW_INSTRUCTIONS,
		PERF_COUNT_HW_CPU_CYCLES,
		PERF_COUNT_HW_CACHE_REFERENCES,
		PERF_COUNT_HW_CACHE_MISSES,
	};
	struct perf_event_attr attr = {
		.type = PERF_TYPE_HARDWARE,
		.config = config[n],
		.size = sizeof(attr),
		.pinned = 1,
	};
	struct perf_event *event;

	event = perf_event_create_kernel_counter(&attr, cpu, NULL, NULL, NULL);
	if (IS_ERR(event))
		return PTR_ERR(event);
	per_cpu(used, cpu).counters[n] = event;
	return READ_ONCE(event->state) == PERF_EVENT_STATE_ACTIVE ? 0 : -EBUSY;
}

static void release(void)
{
	int cpu, n;

	for_each_possible_cpu(cpu) {
		for (n = 0; n < COUNTERS; n++) {
			struct perf_event *event = per_cpu(used, cpu).counters[n];

			per_cpu(used, cpu).counters[n] = NULL;
			if (event)
				perf_event_release_kernel(event);
		}
	}
}

#else

static bool count(const struct kutrace_used *u, u32 n, u64 *value)
{
	return false;
}

static int claim(u32 n, int cpu)
{
	return -ENODEV;
}

static void release(void)
{
}

#endif

static u64 pages_allocated(void)
{
	u64 pages = 0;
#ifdef CONFIG_VM_EVENT_COUNTERS
	int zone;

	for (zone = 0; zone <= ZONE_MOVABLE; zone++)
		pages += raw_cpu_read(vm_event_states.event[PGALLOC_NORMAL - ZONE_NORMAL + zone]);
#endif
	return pages;
}

/* What a quantity is on this CPU by now; false where nothing says it. */
static __always_inline bool look(const struct kutrace_used *u, u32 kind, u64 *now)
{
	switch (kind) {
	case KUTRACE_USED_INSTRUCTIONS:
	case KUTRACE_USED_CYCLES:
	case KUTRACE_USED_CACHE_REFERENCES:
	case KUTRACE_USED_CACHE_MISSES:
		return count(u, kind - KUTRACE_USED_INSTRUCTIONS, now);
#ifdef CONFIG_VM_EVENT_COUNTERS
	case KUTRACE_USED_FAULTS:
		*now = raw_cpu_read(vm_event_states.event[PGFAULT]);
		return true;
	case KUTRACE_USED_MAJOR_FAULTS:
		*now = raw_cpu_read(vm_event_states.event[PGMAJFAULT]);
		return true;
	case KUTRACE_USED_PAGES:
		*now = pages_allocated();
		return true;
#endif
	case KUTRACE_USED_IRQ_TIME:
		*now = raw_cpu_read(kernel_cpustat.cpustat[CPUTIME_IRQ]);
		return true;
	case KUTRACE_USED_SOFTIRQ_TIME:
		*now = raw_cpu_read(kernel_cpustat.cpustat[CPUTIME_SOFTIRQ]);
		return true;
	case KUTRACE_USED_STEAL_TIME:
		*now = raw_cpu_read(kernel_cpustat.cpustat[CPUTIME_STEAL]);
		return true;
	case KUTRACE_USED_MODEL_BYTES:
		*now = u->model;
		return true;
	}
	return false;
}

/* Samples all that is sampled here. Returns what could be: another user of perf may take a counter. */
static u32 sample(struct kutrace_used *u)
{
	u32 left = u->sampled, found = left;

	while (left) {
		u32 n = __ffs(left);
		u64 now;

		if (look(u, KUTRACE_USED_FIRST + n, &now))
			put_used(u, KUTRACE_USED_FIRST + n, now);
		else
			found &= ~BIT(n);
		left &= left - 1;
	}
	return found;
}

static void say(struct kutrace_used *u, const struct kutrace_tick *tick, u32 again)
{
	put(KUTRACE_TICK_ON,
	    (u32)tick->interval | again | (tick->staggered ? KUTRACE_TICK_STAGGERED : 0));
	put(KUTRACE_SAMPLED, u->sampled);
}

static void begin(struct kutrace_tick *tick)
{
	struct kutrace_used *u = this_cpu_ptr(&used);
	u32 n, can = 0;

	for (n = 0; n < ARRAY_SIZE(u->before); n++) {
		if (wanted.used & BIT(n) && look(u, KUTRACE_USED_FIRST + n, &u->before[n]))
			can |= BIT(n);
	}
	u->ticks = 0;
	u->sampled = can;
	say(u, tick, 0);
}

/* The entry of the tick comes last: it ends what is one cell of a picture. */
static void take(struct kutrace_tick *tick, const struct kutrace_tick_moment *moment)
{
	struct kutrace_used *u = this_cpu_ptr(&used);
	u32 found = sample(u);

	if (unlikely(moment->skipped))
		put(KUTRACE_TICK_SKIPPED, min_t(u64, moment->skipped, U32_MAX));
	put(KUTRACE_TICK, min_t(u64, moment->late, U32_MAX));
	if (unlikely(found != u->sampled || ++u->ticks % TICKS_UNTIL_AGAIN == 0)) {
		u->sampled = found;
		say(u, tick, KUTRACE_TICK_AGAIN);
	}
}

static void end(struct kutrace_tick *tick, u64 passed)
{
	struct kutrace_used *u = this_cpu_ptr(&used);

	sample(u);
	u->sampled = 0;
	put(KUTRACE_TICK_OFF, min_t(u64, passed, U32_MAX));
}

static const struct kutrace_tick_ops ops = { .begin = begin, .take = take, .end = end };
static struct kutrace_tick tick;

/**
 * kutrace_memory_switch - sample what the thread used that leaves this CPU
 *
 * Context: in the scheduler, interrupts off.
 */
void kutrace_memory_switch(void)
{
	struct kutrace_used *u = this_cpu_ptr(&used);

	if (u->sampled)
		sample(u);
}

/**
 * kutrace_memory_model - count bytes of the model for the thread that runs
 * @bytes: how many
 */
void kutrace_memory_model(u64 bytes)
{
	this_cpu_add(used.model, bytes);
}

/**
 * kutrace_memory_want - say what the next start is to sample
 * @m: how; NULL: nothing
 *
 * Return: 0; -EINVAL: no such interval or quantity.
 */
int kutrace_memory_want(const struct kutrace_memory *m)
{
	static const struct kutrace_memory nothing;

	if (!m)
		m = &nothing;
	if (m->reserved || m->flags & ~KUTRACE_MEMORY_STAGGERED || m->used & ~KNOWN)
		return -EINVAL;
	if (m->interval_ns && !kutrace_tick_possible(m->interval_ns))
		return -EINVAL;
	wanted = *m;
	return 0;
}

/* Whether switches are sampled in the next recording. */
bool kutrace_memory_wanted(void)
{
	return wanted.interval_ns;
}

static int claim_all(void)
{
	u32 n;
	int cpu, ret;

	for_each_online_cpu(cpu) {
		for (n = 0; n < COUNTERS; n++) {
			if (!(wanted.used & BIT(n)))
				continue;
			ret = claim(n, cpu);
			if (ret) {
				pr_err("no counter for samples: perf says %d; sample without\n", ret);
				return ret;
			}
		}
	}
	return 0;
}

/**
 * kutrace_memory_prepare - claim all that the samples need, before recording starts
 *
 * Return: 0, or why there cannot be samples; then nothing is claimed.
 */
int kutrace_memory_prepare(void)
{
	int ret;

	if (!wanted.interval_ns)
		return 0;
	ret = claim_all();
	if (!ret)
		ret = kutrace_tick_init(&tick, &ops);
	if (ret)
		release();
	return ret;
}

/* Recording has started. */
void kutrace_memory_start(void)
{
	if (wanted.interval_ns)
		kutrace_tick_restart(&tick, wanted.interval_ns,
				     wanted.flags & KUTRACE_MEMORY_STAGGERED);
}

/* Recording is about to stop, or has not started. */
void kutrace_memory_stop(void)
{
	kutrace_tick_destroy(&tick);
	release();
}
