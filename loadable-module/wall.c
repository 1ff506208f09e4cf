// SPDX-License-Identifier: GPL-2.0
/*
 * The wall clock of a trace. It is read once, at the start; from there on its times are reckoned
 * with a clock that nobody can set, so that lengths are right whatever is done to the wall clock.
 * That it was set, when and by how much, is stored as an entry.
 */
#include <linux/hardirq.h>
#include <linux/jiffies.h>
#include <linux/math64.h>
#include <linux/preempt.h>
#include <linux/string.h>
#include <linux/ktime.h>
#include <linux/timer.h>

#include "compat.h"
#include "kutrace_mod.h"

/* Settings of which it is remembered whether their entries are still there. */
#define MOST_SETTINGS 32

struct setting {
	u64 counter;
	s64 us;
	int cpu; /* -1: the entry was not stored */
};

/* A look at the clocks: what is compared with the next. */
struct look {
	u64 counter;
	u64 raw;
	s64 offset; /* of the wall clock from the time since boot, in ns: changes when it is set only */
	u64 slept;  /* since boot, in ns */
};

static struct {
	u64 raw;   /* of the start pair */
	u64 slept; /* what the counter has counted while the machine slept, in ns */
	struct look last;
	struct setting settings[MOST_SETTINGS];
	u32 kept;
	u32 seen;
} wall;

static void look(struct look *now)
{
	unsigned long flags;

	local_irq_save(flags);
	now->counter = kutrace_counter();
	now->raw = ktime_get_raw_ns();
	now->slept = ktime_to_ns(ktime_mono_to_any(0, TK_OFFS_BOOT));
	now->offset = ktime_to_ns(ktime_mono_to_real(0)) - now->slept;
	local_irq_restore(flags);
}

/* The same moment on the trace's clock, the raw clock and the wall clock. */
static void read_clocks(u64 *counter, u64 *raw, u64 *real)
{
	u64 before, after, now_raw, now_real, best = U64_MAX;
	unsigned long flags;
	int i;

	/* The closest of a few readings, each of which may be disturbed. */
	for (i = 0; i < 10; i++) {
		local_irq_save(flags);
		before = kutrace_counter();
		now_raw = ktime_get_raw_ns();
		now_real = ktime_get_real_ns();
		after = kutrace_counter();
		local_irq_restore(flags);
		if (after - before >= best)
			continue;
		best = after - before;
		*counter = before + best / 2;
		*raw = now_raw;
		*real = now_real;
	}
}

/**
 * kutrace_clock_begin - the start pair of a trace, and with it the wall clock of all that follows
 * @pair: the result
 */
void kutrace_clock_begin(struct kutrace_pair *pair)
{
	u64 real = 0;

	memset(&wall, 0, sizeof(wall));
	read_clocks(&pair->counter, &wall.raw, &real);
	pair->us = real / NSEC_PER_USEC;
	look(&wall.last);
}

/**
 * kutrace_clock_pair - a later moment on the trace's clock and on its wall clock
 * @pair: the result
 */
void kutrace_clock_pair(struct kutrace_pair *pair)
{
	u64 raw = 0, real;

	read_clocks(&pair->counter, &raw, &real);
	pair->us = kutrace_trace.start.us +
		   (raw - wall.raw + READ_ONCE(wall.slept)) / NSEC_PER_USEC;
}

/*
 * The raw clock stands still while the machine sleeps; whether the counter does depends on the
 * machine. What it has counted is the nearer of what it would count with and without the sleep.
 */
static void account_sleep(const struct look *now)
{
	u64 slept = now->slept - wall.last.slept;
	u64 counts = now->counter - wall.last.counter;
	u64 awake = kutrace_clock_counts(now->raw - wall.last.raw);
	u64 all = awake + kutrace_clock_counts(slept);

	if (slept && counts > awake + (all - awake) / 2)
		WRITE_ONCE(wall.slept, wall.slept + slept);
}

/* Stores that the wall clock was set, and remembers where. */
static void note_setting(const struct look *now, s64 us)
{
	const u64 word = (u64)(KUTRACE_CLOCK_SET | 2 << 4) << KUTRACE_EVENT_SHIFT;
	struct setting *s = &wall.settings[min_t(u32, wall.kept, MOST_SETTINGS - 1)];

	preempt_disable();
	s->cpu = kutrace_store(word, (const u64 *)&us, 2) ? smp_processor_id() : -1;
	preempt_enable();
	s->counter = now->counter;
	/* Beyond what there is room for, the last ones are one. */
	s->us = wall.kept < MOST_SETTINGS ? us : s->us + us;
	wall.kept = min_t(u32, wall.kept + 1, MOST_SETTINGS);
	WRITE_ONCE(wall.seen, wall.seen + 1);
}

static void compare(void)
{
	struct look now;
	s64 us;

	look(&now);
	account_sleep(&now);
	us = div_s64(now.offset - wall.last.offset, NSEC_PER_USEC);
	if (us)
		note_setting(&now, us);
	now.offset = wall.last.offset + us * NSEC_PER_USEC;
	wall.last = now;
}

static void watch(struct timer_list *timer)
{
	compare();
	mod_timer(timer, jiffies + HZ);
}

static DEFINE_TIMER(timer, watch);

/**
 * kutrace_clock_watch - notice from now on, within a second, that the wall clock is set
 *
 * Something traces; under the mutex.
 */
void kutrace_clock_watch(void)
{
	watch(&timer);
}

/* Looks for the last time. Something still traces; under the mutex. */
void kutrace_clock_unwatch(void)
{
	kutrace_delete_timer(&timer);
	compare();
}

/* How often the wall clock was set. */
u32 kutrace_clock_settings(void)
{
	return READ_ONCE(wall.seen);
}

/* Whether the entry of a setting is in the buffer no more. */
static bool is_overwritten(const struct setting *s)
{
	u64 oldest = U64_MAX;
	u32 i;

	for (i = 1; i < kutrace_trace.used; i++) {
		if (kutrace_block_cpu(i) == s->cpu)
			oldest = min(oldest, kutrace_block(i)[KUTRACE_HDR_COUNTER] & KUTRACE_LOW56);
	}
	return s->counter < oldest;
}

/**
 * kutrace_clock_settle - move the start of a ring by settings whose entries are overwritten
 *
 * What is left was recorded after them, and shall have the time of day of then. Nothing traces.
 */
void kutrace_clock_settle(void)
{
	u32 from, to = 0;

	for (from = 0; from < wall.kept; from++) {
		if (is_overwritten(&wall.settings[from])) {
			kutrace_trace.start.us += wall.settings[from].us;
			kutrace_trace.stop.us += wall.settings[from].us;
		} else {
			wall.settings[to++] = wall.settings[from];
		}
	}
	wall.kept = to;
}
