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
#include <linux/seqlock.h>
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
	u64 slept;  /* since boot, in ns, as the kernel reckons it */
};

static struct {
	u64 raw;   /* of the start pair */
	/* Of `slept` and `last`: their one writer is compare(), readers may interrupt anything else. */
	seqcount_t changing;
	u64 slept; /* what the counter has counted while the machine slept, in ns */
	struct look last;
	struct setting settings[MOST_SETTINGS];
	u32 kept;
	u32 seen;
} wall;

/* One moment on all clocks: as far apart as the result says, in counts. */
static u64 look(struct look *now, u64 *real)
{
	unsigned long flags;
	u64 before, apart;

	local_irq_save(flags);
	before = kutrace_counter();
	now->raw = ktime_get_raw_ns();
	*real = ktime_get_real_ns();
	apart = kutrace_counter() - before;
	now->counter = before + apart / 2;
	now->slept = ktime_to_ns(ktime_mono_to_any(0, TK_OFFS_BOOT));
	now->offset = ktime_to_ns(ktime_mono_to_real(0)) - now->slept;
	local_irq_restore(flags);
	return apart;
}

/* The closest of a few, each of which may be disturbed. */
static void look_closely(struct look *now, u64 *real)
{
	u64 apart, best = U64_MAX, its_real;
	struct look one;
	int i;

	for (i = 0; i < 10; i++) {
		apart = look(&one, &its_real);
		if (apart >= best)
			continue;
		best = apart;
		*now = one;
		*real = its_real;
	}
}

/*
 * What the counter has counted between two looks while the machine slept, in ns. The raw clock
 * stands still then; whether the counter does depends on the machine. The kernel's own reckoning
 * of a sleep is no measure: it may come from a clock of whole seconds.
 */
static u64 counted_asleep(const struct look *from, const struct look *to)
{
	u64 counts = to->counter - from->counter;
	u64 awake = kutrace_clock_counts(to->raw - from->raw);

	if (to->slept == from->slept || (s64)(counts - awake) <= 0)
		return 0;
	return kutrace_clock_ns(counts - awake);
}

/**
 * kutrace_clock_begin - the start pair of a trace, and with it the wall clock of all that follows
 * @pair: the result
 */
void kutrace_clock_begin(struct kutrace_pair *pair)
{
	u64 real = 0;

	memset(&wall, 0, sizeof(wall));
	seqcount_init(&wall.changing);
	look_closely(&wall.last, &real);
	wall.raw = wall.last.raw;
	pair->counter = wall.last.counter;
	pair->us = real / NSEC_PER_USEC;
}

/**
 * kutrace_clock_pair - a later moment on the trace's clock and on its wall clock
 * @pair: the result
 */
void kutrace_clock_pair(struct kutrace_pair *pair)
{
	struct look now;
	unsigned int seen;
	u64 slept, real;

	do {
		seen = read_seqcount_begin(&wall.changing);
		look_closely(&now, &real);
		slept = wall.slept + counted_asleep(&wall.last, &now);
	} while (read_seqcount_retry(&wall.changing, seen));
	pair->counter = now.counter;
	pair->us = kutrace_trace.start.us + (now.raw - wall.raw + slept) / NSEC_PER_USEC;
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
	unsigned long flags;
	struct look now;
	u64 asleep, real;
	s64 moved, us;

	look(&now, &real);
	asleep = counted_asleep(&wall.last, &now);
	/* What the wall clock has gone by more than time on the counter's clock. */
	moved = now.offset - wall.last.offset + (s64)(now.slept - wall.last.slept - asleep);
	us = div_s64(moved, NSEC_PER_USEC);
	if (us)
		note_setting(&now, us);
	/* What is less than that is not forgotten. */
	now.offset -= moved - us * NSEC_PER_USEC;
	local_irq_save(flags);
	write_seqcount_begin(&wall.changing);
	wall.slept += asleep;
	wall.last = now;
	write_seqcount_end(&wall.changing);
	local_irq_restore(flags);
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
