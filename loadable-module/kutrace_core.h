/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * The hot path: read the counter, claim a word of this CPU's block, pack, store. Plain C without a
 * lock, a sleep or an allocation; it may be interrupted between any two instructions, by itself
 * too.
 *
 * Whoever includes this first says what a CPU's state is and how to reach it:
 *
 *   KUTRACE_CPU_HERE()                 what the others take as `here`; asked once an entry
 *   KUTRACE_CPU_NEXT(here)             `next` of this CPU's struct kutrace_cpu
 *   KUTRACE_CPU_FULL(here, slot)       whether slot >= `limit`
 *   KUTRACE_CPU_SINCE(here, raw)       raw - `base`
 *   KUTRACE_CPU_BEYOND(here, since)    whether since >= `window`
 *   KUTRACE_CPU_CLAIM(here, old, new)  true if `next` was old and now is new, atomic on this CPU;
 *                                      may fail when it need not
 *   KUTRACE_CPU_PUT(here, field, value) sets another field of this CPU's
 *   KUTRACE_COUNTER(kind)        the raw time counter, 64 bits; `kind` is passed on
 *   KUTRACE_SAMPLE(here, sample, raw) reads the event counters, for whoever asks for a sample
 *
 * Order of the claim: the slot is read before the counter and claimed after it. If anything was
 * stored in between, the claim fails and is tried again with a new time; so entries stand in the
 * order of their time stamps.
 *
 * Time stamps have 20 bits. While the raw counter is within a window behind the CPU's anchor, every
 * stamp since the anchor can be told apart; outside of it, the slow path moves the anchor and, if
 * need be, stores a TSDELTA entry. A counter that steps far back is outside too. Time is taken from
 * a base at or before the anchor, whose low bits are zero: the stamp is the same, and one
 * subtraction serves both.
 */
#ifndef KUTRACE_CORE_H
#define KUTRACE_CORE_H

#include "kutrace_cpu.h"

/*
 * Counts behind the anchor in which time stamps are unambiguous; less than a reader's limit for a
 * forward step.
 */
#define KUTRACE_WINDOW 0xc0000ULL

/*
 * Moves the anchor to a raw counter; no window yet, so that the hot path stays out until
 * kutrace_core_open().
 */
static inline void kutrace_core_move(struct kutrace_cpu *cpu, u64 raw, u32 shift)
{
	cpu->anchor = raw >> shift;
	cpu->base = raw & ~(((KUTRACE_TS_MASK + 1) << shift) - 1);
}

/* Opens the window behind the anchor. */
static inline void kutrace_core_open(struct kutrace_cpu *cpu, u32 shift)
{
	WRITE_ONCE(cpu->window, (cpu->anchor << shift) - cpu->base + (KUTRACE_WINDOW << shift));
}

/* Moves the anchor to a raw counter and opens the window behind it. */
static inline void kutrace_core_anchor(struct kutrace_cpu *cpu, u64 raw, u32 shift)
{
	kutrace_core_move(cpu, raw, shift);
	kutrace_core_open(cpu, shift);
}

struct kutrace_sample;

/*
 * Claims words for an entry at a raw counter, which is `since` behind the base. Returns false if
 * the slow path has to do it; else `at` is the first of them, and `sample`, if any, what the event
 * counters said between the look at the entry before and the claim.
 */
static __always_inline bool kutrace_core_claim(struct kutrace_cpu *here, u32 words, u32 kind,
					       struct kutrace_sample *sample, u64 *raw, u64 *since,
					       u64 **at)
{
	u64 *slot;

	do {
		slot = KUTRACE_CPU_NEXT(here);
		*raw = KUTRACE_COUNTER(kind);
		if (sample)
			KUTRACE_SAMPLE(here, sample, *raw);
		*since = KUTRACE_CPU_SINCE(here, *raw);
		if (unlikely(KUTRACE_CPU_FULL(here, slot + words - 1)) ||
		    unlikely(KUTRACE_CPU_BEYOND(here, *since)))
			return false;
	} while (unlikely(!KUTRACE_CPU_CLAIM(here, slot, slot + words)));
	*at = slot;
	return true;
}

/*
 * Stores a one-word entry: event number << 32 | argument. Returns false if the slow path has to do
 * it; else `at` is the slot, and `sample` as above.
 */
static __always_inline bool kutrace_core_entry(u64 word, u32 shift, u32 kind,
					       struct kutrace_sample *sample, u64 **at)
{
	u64 raw, since;

	if (!kutrace_core_claim(KUTRACE_CPU_HERE(), 1, kind, sample, &raw, &since, at))
		return false;
	WRITE_ONCE(**at, word | since >> shift << KUTRACE_TS_SHIFT);
	return true;
}

/*
 * Stores an entry with a word of data, and leaves a zero word behind it. Returns false if the slow
 * path has to do it. To what interrupts it before the end of the data is known, the zero word is
 * one that is not stored yet; so the time comes before the end.
 */
static __always_inline bool kutrace_core_pair(u64 word, u64 data, u32 shift, u32 kind)
{
	struct kutrace_cpu *here = KUTRACE_CPU_HERE();
	u64 *slot;
	u64 raw, since;

	if (!kutrace_core_claim(here, 3, kind, NULL, &raw, &since, &slot))
		return false;
	WRITE_ONCE(slot[1], data);
	WRITE_ONCE(*slot, word | since >> shift << KUTRACE_TS_SHIFT);
	KUTRACE_CPU_PUT(here, data_time, raw >> shift);
	barrier();
	KUTRACE_CPU_PUT(here, data_end, slot + 3);
	return true;
}

/*
 * Whether `last`, the latest word of a block, is the call of which `call` (number << 32) is the
 * number, and a return at `count` of `value` can be folded into it; if so, `delta` is how many
 * counts later it came, at least one.
 *
 * A call's word has 16 bits of argument and zeros above; a word that was claimed but is not stored
 * yet is zero and matches nothing, and a zero word follows every entry of several words. So the
 * difference to the call's own word without argument has nothing but the time in it, which a
 * rotation brings to the low end.
 */
static __always_inline bool kutrace_core_folds(u64 last, u64 call, long value, u64 count,
					       u32 *delta)
{
	u64 passed = (call | count << KUTRACE_TS_SHIFT) - (last & ~0xffffULL);

	passed = passed << KUTRACE_TS_BITS | passed >> KUTRACE_TS_SHIFT;
	if (passed > KUTRACE_MAX_FOLD_COUNTS || value != (s8)value)
		return false;
	asm("" : "+r"(passed)); /* or gcc takes three instructions for the next line, not two */
	passed += passed < 1;
	*delta = passed;
	return true;
}

/* Its halves of one byte each, for the fewest instructions; little-endian, as traces are. */
static __always_inline void kutrace_core_put_folded(u64 *slot, u32 delta, long value)
{
	WRITE_ONCE(((u8 *)slot)[KUTRACE_RETVAL_SHIFT / 8], value);
	WRITE_ONCE(((u8 *)slot)[KUTRACE_DELTA_SHIFT / 8], delta);
}

/* The return of a call as an entry of its own. */
static __always_inline u64 kutrace_core_return_word(u64 call, long value)
{
	return call | (u64)KUTRACE_RETURN_BIT << KUTRACE_EVENT_SHIFT | (value & 0xffff);
}

/*
 * The return of a call: folded into the latest entry if that is its call, else an entry of its own.
 * `at` is its slot. Both are done with one reading of the counter: what is stored between the look
 * at the latest entry and the claim makes that fail. An interrupt between the look and a fold leaves
 * its entries behind the call; they are later than this return, as their time stamps say.
 */
static __always_inline bool kutrace_core_leave(u64 call, long value, u32 shift, u32 kind,
					       struct kutrace_sample *sample, u64 **at,
					       bool *folded)
{
	struct kutrace_cpu *here = KUTRACE_CPU_HERE();
	u64 *slot;
	u64 raw, since;
	u32 delta;

	do {
		slot = KUTRACE_CPU_NEXT(here);
		raw = KUTRACE_COUNTER(kind);
		if (sample)
			KUTRACE_SAMPLE(here, sample, raw);
		since = KUTRACE_CPU_SINCE(here, raw);
		if (unlikely(KUTRACE_CPU_BEYOND(here, since)))
			return false;
		if (kutrace_core_folds(slot[-1], call, value, since >> shift, &delta)) {
			*at = slot - 1;
			*folded = true;
			kutrace_core_put_folded(*at, delta, value);
			return true;
		}
		if (unlikely(KUTRACE_CPU_FULL(here, slot)))
			return false;
	} while (unlikely(!KUTRACE_CPU_CLAIM(here, slot, slot + 1)));
	WRITE_ONCE(*slot, kutrace_core_return_word(call, value) | since >> shift << KUTRACE_TS_SHIFT);
	*at = slot;
	*folded = false;
	return true;
}

/*
 * Counter of the entry before `cpu->next`, all of whose bits the block and the anchor tell. False
 * if that entry is claimed but not stored yet: the slow path has interrupted it.
 */
static inline bool kutrace_core_latest(const struct kutrace_cpu *cpu, const u64 *first, u64 *time)
{
	u64 word;

	if (cpu->next == cpu->data_end) {
		*time = cpu->data_time;
		return true;
	}
	if (cpu->next == first) {
		*time = cpu->anchor;
		return true;
	}
	word = cpu->next[-1];
	if (!word)
		return false;
	*time = cpu->anchor + (((word >> KUTRACE_TS_SHIFT) - cpu->anchor) & KUTRACE_TS_MASK);
	return true;
}

/*
 * Value of the ratio instructions / cycles in sixteenths of a byte area
 * (docs/trace-format.md, 1.12).
 */
static __always_inline u32 kutrace_core_ipc(u64 eighths)
{
	static const u8 nibble[128] = {
		0,  1,  2,  3,  4,  5,  6,  7,  8,  8,  9,  9,  10, 10, 11, 11,
		12, 12, 12, 12, 13, 13, 13, 13, 14, 14, 14, 14, 15, 15, 15, 15,
		15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15,
		15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15,
		15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15,
		15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15,
		15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15,
		15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15,
	};

	return nibble[eighths & 127]; /* no processor comes to 16 */
}

/* Bucket of a number of cache misses. */
static __always_inline u32 kutrace_core_llc(u64 misses)
{
	if (misses < 8)
		return misses != 0;
	return misses >= 65536 ? 15 : 62 - __builtin_clzll(misses);
}

/* Both in one nibble. */
static __always_inline u32 kutrace_core_ipc_llc(u32 ipc, u32 llc)
{
	static const u8 small[16] = { 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3 };

	return (ipc & 0xc) | small[llc & 15];
}

#endif /* KUTRACE_CORE_H */
