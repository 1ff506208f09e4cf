/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of kutrace_mod share. */
#ifndef KUTRACE_MOD_H
#define KUTRACE_MOD_H

#ifdef pr_fmt
#undef pr_fmt
#endif
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/kutrace.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/types.h>

struct file;
struct poll_table_struct;
struct vm_area_struct;

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
 * @named: what threads are marked with that this trace has a name of: another for each generation of
 *         names, and odd, since children are born with 0
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
 * @starter: descriptor through which it was started, or NULL
 * @reader: descriptor that reads it, or NULL
 * @options: KUTRACE_RESET_* it was made with
 * @addresses: samples of the kernel have their addresses
 * @refused: marks beyond their programs' allowances
 * @closing: the module goes away
 * @mutex: control calls that change anything here
 */
struct kutrace_trace {
	u32 state;
	u32 epoch;
	u16 named;
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
	const struct kutrace_file *starter;
	const struct kutrace_file *reader;
	u32 options;
	bool addresses;
	atomic64_t refused;
	bool closing;
	struct mutex mutex; /* of all the above */
};

/**
 * struct kutrace_allowance - how many words a program may store
 * @rate: a second; 0: the module's parameter
 * @taken: since @began
 * @began: jiffies
 */
struct kutrace_allowance {
	u32 rate;
	atomic_t taken;
	unsigned long began;
};

/**
 * struct kutrace_file - an open descriptor of the device
 * @rights: KUTRACE_RIGHT_*
 * @generation: of the trace that is being read
 * @controlled: it has read or started, so that closing it matters
 * @stop_on_close: what it has started ends with it
 * @following: held while a block is handed out through it
 * @room: for that block
 * @allowance: NULL: it may store what it likes
 * @own: an allowance of its own
 */
struct kutrace_file {
	u32 rights;
	u32 generation;
	bool controlled;
	bool stop_on_close;
	struct mutex following; /* of the room */
	void *room;
	struct kutrace_allowance *allowance;
	struct kutrace_allowance own;
};

extern struct kutrace_trace kutrace_trace;
extern struct kutrace_ops kutrace_mod_ops;
extern struct kutrace_page *kutrace_shared;

/* Block 0 has nothing but names where the others are overwritten, or read before it. */
static inline bool kutrace_only_names_first(void)
{
	return kutrace_trace.flags & KUTRACE_FLAG_WRAP ||
	       kutrace_trace.options & KUTRACE_RESET_FOLLOW;
}

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
bool kutrace_block_full(u32 index, u64 *opened);
u32 kutrace_usable_blocks(void);

static inline u32 kutrace_block_cpu(u32 index)
{
	const u64 *block = kutrace_block(index);

	return block[KUTRACE_HDR_COUNTER] >> 56 |
	       (block[index ? KUTRACE_HDR_EXT : KUTRACE_HDR0_EXT] & 0xff) << 8;
}

/* slow.c: all that the hot path leaves to do. */
bool kutrace_store(u64 word, const u64 *more, u32 words);
bool kutrace_store_return(u64 call, long value);

/* before.c: before the start. */
bool kutrace_store_off(u64 word, const u64 *more, u32 words);

/* recording.c */
int kutrace_recording_start(void);
void kutrace_recording_stop(void);

/* finish.c */
void kutrace_put_pairs(u64 *block, const struct kutrace_pair *stop);
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
void kutrace_name_kernel(void);

/* rights.c */
bool kutrace_may_control(void);
bool kutrace_may_have_addresses(void);
u32 kutrace_rights(void);

/* control.c: under the mutex, but for the last. */
int kutrace_start(const struct kutrace_file *by);
void kutrace_stop(void);
int kutrace_reset(u32 wanted, bool addresses);
u64 kutrace_full_us(void);
void kutrace_close(void);

/* insert.c: entries that programs make. */
u32 kutrace_entry_words(u64 word, u32 rights);
bool kutrace_insert(const u64 *entry, u32 words);
bool kutrace_insert_before(const u64 *entry, u32 words);
bool kutrace_allow(struct kutrace_allowance *allowance, u32 words);

/* syscall.c, ioctl.c: the two doors. */
u64 kutrace_mod_control(u64 command, u64 arg);
long kutrace_ioctl(struct file *file, unsigned int cmd, unsigned long arg);

/* clock.c */
int kutrace_clock_init(void);
u64 kutrace_clock_word(u64 apart);

/* wall.c: what time of day it is in a trace. */
void kutrace_clock_begin(struct kutrace_pair *pair);
void kutrace_clock_pair(struct kutrace_pair *pair);
void kutrace_clock_watch(void);
void kutrace_clock_unwatch(void);
void kutrace_clock_settle(void);
u32 kutrace_clock_settings(void);

/* counters.c: instructions and cache misses; see counters.h too. */
int kutrace_counters_offered(u8 flags);
int kutrace_counters_start(u8 flags);
void kutrace_counters_stop(void);
void kutrace_counters_none(struct kutrace_cpu *c);
void kutrace_counters_note(const u64 *slot, bool folded);
u32 kutrace_mhz(void);

/* memory.c: samples of what each CPU uses; all but the two below under the mutex. */
struct kutrace_memory;
int kutrace_memory_want(const struct kutrace_memory *m);
bool kutrace_memory_wanted(void);
int kutrace_memory_prepare(void);
void kutrace_memory_start(void);
void kutrace_memory_stop(void);
void kutrace_memory_switch(void);
void kutrace_memory_model(u64 bytes);

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

/**
 * struct kutrace_follow - a block on its way to the reader of a trace that goes on
 * @room: for a block and its byte area
 * @opened: its opening
 * @index: its number in the buffer
 * @generation: of the trace
 * @again: it is block 0 for the second time
 */
struct kutrace_follow {
	void *room;
	u64 opened;
	u32 index;
	u32 generation;
	bool again;
};

/* follow.c: reading while it traces. */
int kutrace_follow_create(u32 blocks);
void kutrace_follow_destroy(void);
void kutrace_follow_reset(void);
bool kutrace_follow_spare(void);
bool kutrace_follow_may_take(u32 index, u64 opened);
void kutrace_follow_taken(u32 index, u64 opened);
u64 kutrace_follow_overtaken(void);
int kutrace_follow_copy(struct kutrace_file *f, struct kutrace_next *n,
			struct kutrace_follow *next);
void kutrace_follow_done(const struct kutrace_follow *next);
void kutrace_follow_leave(void);
void kutrace_follow_stopped(void);
__poll_t kutrace_follow_poll(struct file *file, struct poll_table_struct *wait);

/* device.c: /dev/kutrace. */
int kutrace_device_create(void);
void kutrace_device_destroy(void);

/* debugfs.c */
void kutrace_debugfs_create(void);
void kutrace_debugfs_destroy(void);

/* page.c: the page that says whether something traces. */
int kutrace_page_create(void);
int kutrace_page_show(void);
void kutrace_page_hide(void);
void kutrace_page_destroy(void);
int kutrace_page_map(struct vm_area_struct *vma);

#endif /* KUTRACE_MOD_H */
