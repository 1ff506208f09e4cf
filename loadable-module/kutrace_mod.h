/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of kutrace_mod share. */
#ifndef KUTRACE_MOD_H
#define KUTRACE_MOD_H

#ifdef pr_fmt
#undef pr_fmt
#endif
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kutrace.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/types.h>

#include "clock.h"
#include "this_cpu.h"

#define KUTRACE_COUNTER(kind) kutrace_raw_counter(kind)
#include "counters.h"
#define KUTRACE_SAMPLE(here, sample, raw) kutrace_sample_read(here, sample, raw)
#include "kutrace_core.h"

enum kutrace_state {
	KUTRACE_OFF,
	KUTRACE_ON,
};

/**
 * struct kutrace_pair - one moment on two clocks
 * @counter: the trace's counter
 * @us: us since 1970 UTC
 */
struct kutrace_pair {
	u64 counter;
	u64 us;
};

/**
 * struct kutrace_trace - the trace that is being recorded, or was
 * @state: enum kutrace_state; changes under @mutex
 * @epoch: counts starts of tracing, from 1
 * @named: generation of thread names; a thread's mark is made of this and its id
 * @flags: KUTRACE_FLAG_* of its blocks
 * @words: the buffer, @blocks of KUTRACE_BLOCK_WORDS
 * @bytes: the byte areas, if @flags asks for them
 * @blocks: blocks of the buffer
 * @used: blocks handed out
 * @reused: blocks handed out again in wrap-around mode
 * @began: raw counter when the present recording, or the latest, had begun; 0 for a moment before
 * @start: when block 0 was opened
 * @stop: when tracing was switched off
 * @full_counter: when the first event was lost for want of a block, or 0
 * @clock: the clock word of block 0
 * @apart: by how many counts a CPU was seen to be behind another, in this trace
 * @lost: events lost on CPUs without a block, after the end
 * @names_next: behind the latest entry of block 0 that was stored while nothing traced
 * @names_time: counter of that entry
 * @session: process that started it
 * @closing: the module goes away
 * @mutex: control calls that change anything here
 */
struct kutrace_trace {
	u32 state;
	u32 epoch;
	u32 named;
	u8 flags;
	u64 *words;
	u8 *bytes;
	u32 blocks;
	u32 used;
	u64 reused;
	u64 began;
	struct kutrace_pair start;
	struct kutrace_pair stop;
	u64 full_counter;
	u64 clock;
	u64 apart;
	u64 lost;
	u64 *names_next;
	u64 names_time;
	pid_t session;
	bool closing;
	struct mutex mutex; /* of all the above */
};

extern struct kutrace_trace kutrace_trace;
extern struct kutrace_ops kutrace_mod_ops;
extern struct kutrace_page *kutrace_shared;

static inline bool kutrace_tracing(void)
{
	return READ_ONCE(kutrace_trace.state) == KUTRACE_ON;
}

/* blocks.c */
int kutrace_buffer_create(unsigned long mb);
void kutrace_buffer_destroy(void);
void kutrace_buffer_reset(u8 flags);
u64 *kutrace_block(u32 index);
u8 *kutrace_byte_area(u32 index);

/* slow.c: all that the hot path leaves to do. */
bool kutrace_store(u64 word, const u64 *more, u32 words);
bool kutrace_store_return(u64 call, long value);

/* before.c: before the start. */
bool kutrace_store_off(u64 word, const u64 *more, u32 words);

/* recording.c */
int kutrace_recording_start(void);
void kutrace_recording_stop(void);

/* finish.c */
u64 kutrace_lost(unsigned int cpu);
u64 kutrace_wall_clock(u64 counter);

/* hooks.c: what the kernel calls. */
bool kutrace_put(u64 word);
void kutrace_hooks_choose(void);
void kutrace_measure_cost(void);
extern u32 kutrace_cost_ns;
extern u32 kutrace_packet_match;
extern unsigned long long kutrace_packet_mask;

/* names.c: names that only the kernel knows. */
void kutrace_names(void);

/* control.c */
u64 kutrace_mod_control(u64 command, u64 arg);
void kutrace_close(void);
bool kutrace_permitted(void);

/* clock.c */
int kutrace_clock_init(void);
void kutrace_clock_pair(struct kutrace_pair *pair);
u64 kutrace_clock_word(u64 apart);

/* counters.c: instructions and cache misses; see counters.h too. */
int kutrace_counters_start(u8 flags);
void kutrace_counters_stop(void);
void kutrace_counters_none(struct kutrace_cpu *c);
void kutrace_counters_note(const u64 *slot, bool folded);
u32 kutrace_mhz(void);

/* Writes the nibble of the interval before an entry; folded: inside the call that it is. */
static __always_inline void kutrace_note(const u64 *slot, const struct kutrace_sample *s,
					 bool folded)
{
	struct kutrace_cpu *here = s->here;
	u8 *byte = (u8 *)(KUTRACE_CPU_GET(here, bytes_of) + ((unsigned long)slot >> 3));
	u32 nibble = 0;

	if (s->flags & KUTRACE_FLAG_IPC) {
		KUTRACE_CPU_PUT(here, instructions, s->instructions);
		KUTRACE_CPU_PUT(here, cycles, s->cycles);
		nibble = kutrace_core_ipc(kutrace_sample_eighths(s));
	}
	if (s->flags & KUTRACE_FLAG_LLC) {
		u32 llc = kutrace_core_llc(kutrace_counted(s->misses, s->misses_before));

		KUTRACE_CPU_PUT(here, misses, s->misses);
		nibble = s->flags & KUTRACE_FLAG_IPC ? kutrace_core_ipc_llc(nibble, llc) : llc;
	}
	*byte = folded ? *byte | nibble << 4 : nibble;
}

/* device.c: /dev/kutrace and debugfs. */
int kutrace_device_create(void);
void kutrace_device_destroy(void);

#endif /* KUTRACE_MOD_H */
