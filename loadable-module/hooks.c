// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel's hooks call, preemption off. The hot functions come in three forms.
 */
#include <linux/kutrace-syscall.h>
#include <linux/module.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/skbuff.h>

#include "compat.h"
#include "kutrace_mod.h"

unsigned long long kutrace_packet_mask = KUTRACE_DEFAULT_PKT_MASK;
u32 kutrace_packet_match = KUTRACE_DEFAULT_PKT_MATCH;

/*
 * The forms of the hot path: the processor's counter at its usual resolution, all constants; that
 * with instructions counted; and any clock, any resolution, any byte areas.
 */
enum form { PLAIN, COUNTING, ANY };

static enum form form;

static __always_inline u8 bytes_in(enum form f)
{
	return f == PLAIN    ? 0 :
	       f == COUNTING ? KUTRACE_FLAG_IPC :
			       kutrace_trace.flags & (KUTRACE_FLAG_IPC | KUTRACE_FLAG_LLC);
}

/* Stores an entry of one word, or says that the slow path has to. */
static __always_inline bool put(u64 word, enum form f)
{
	u32 shift = f == ANY ? kutrace_clock_shift : KUTRACE_HARDWARE_SHIFT;
	u32 kind = f == ANY ? kutrace_clock_source : KUTRACE_HARDWARE_CLOCK;
	u64 *slot;

	if (f != PLAIN && bytes_in(f)) {
		struct kutrace_sample sample;

		sample.flags = bytes_in(f);
		sample.thorough = f == ANY;
		if (!kutrace_core_entry(word, shift, kind, &sample, &slot))
			return false;
		kutrace_note(slot, &sample, false);
		return true;
	}
	return kutrace_core_entry(word, shift, kind, NULL, &slot);
}

/* Folds a return into the call before it, or stores it, or says that the slow path has to. */
static __always_inline bool give_back(u64 call, long value, enum form f)
{
	u32 shift = f == ANY ? kutrace_clock_shift : KUTRACE_HARDWARE_SHIFT;
	u32 kind = f == ANY ? kutrace_clock_source : KUTRACE_HARDWARE_CLOCK;
	bool folded;
	u64 *slot;

	if (f != PLAIN && bytes_in(f)) {
		struct kutrace_sample sample;

		sample.flags = bytes_in(f);
		sample.thorough = f == ANY;
		if (!kutrace_core_leave(call, value, shift, kind, &sample, &slot, &folded))
			return false;
		kutrace_note(slot, &sample, folded);
		return true;
	}
	return kutrace_core_leave(call, value, shift, kind, NULL, &slot, &folded);
}

/* Apart, so that what most traces take needs no stack. */
static noinline bool put_counting(u64 word)
{
	return put(word, COUNTING);
}

static noinline bool put_any(u64 word)
{
	return put(word, ANY);
}

static __always_inline bool put_now(u64 word)
{
	if (likely(form == PLAIN))
		return put(word, PLAIN);
	return form == COUNTING ? put_counting(word) : put_any(word);
}

static __always_inline void entry_as(u64 word, enum form f)
{
	if (!put(word, f))
		kutrace_store(word, NULL, 1);
}

static __always_inline void leave_as(u64 call, long value, enum form f)
{
	if (!give_back(call, value, f))
		kutrace_store_return(call, value);
}

/*
 * System calls, their numbers and results still in the registers. The usual is done here and the
 * rest by another function, so that no stack is needed.
 */
static noinline long syscall_enter_unusual(struct pt_regs *regs, long nr)
{
	u32 num = kutrace_syscall_number(nr, kutrace_compat(regs));

	*kutrace_call_of(current) = num;
	if (likely(num))
		kutrace_put((u64)num << KUTRACE_EVENT_SHIFT | (kutrace_first_arg(regs) & 0xffff));
	return nr;
}

/* The thread remembers the call that it is in; what else there is of it is in the registers. */
static __always_inline long syscall_enter_from(u32 base, struct pt_regs *regs, long nr, enum form f)
{
	u32 num = base + nr;

	if (unlikely((unsigned long)nr >= 511))
		return syscall_enter_unusual(regs, nr);
	*kutrace_call_of(current) = num;
	if (unlikely(!put((u64)num << KUTRACE_EVENT_SHIFT | (u16)kutrace_first_arg(regs), f)))
		return syscall_enter_unusual(regs, nr);
	return nr;
}

static __always_inline long syscall_enter_as(struct pt_regs *regs, long nr, enum form f)
{
	if (unlikely(kutrace_compat(regs)))
		return syscall_enter_from(KUTRACE_SYSCALL32, regs, nr, f);
	return syscall_enter_from(KUTRACE_SYSCALL64, regs, nr, f);
}

/* Not recorded, or begun before the hooks were on. */
static noinline void syscall_exit_unusual(struct pt_regs *regs)
{
	u32 call = kutrace_syscall_call(regs);

	if (call)
		kutrace_mod_ops.leave((u64)call << KUTRACE_EVENT_SHIFT, kutrace_return_value(regs));
}

/*
 * Of a 32-bit call the upper half of the register is not looked at by what stores the result; a fold needs it to be
 * the sign, and else there is none.
 */
static __always_inline void syscall_exit_as(struct pt_regs *regs, enum form f)
{
	u64 call = *kutrace_call_of(current);

	if (unlikely(!call))
		syscall_exit_unusual(regs);
	else
		leave_as(call << KUTRACE_EVENT_SHIFT, kutrace_result_register(regs), f);
}

static void entry_plain(u64 word)
{
	entry_as(word, PLAIN);
}

static void leave_plain(u64 call, long value)
{
	leave_as(call, value, PLAIN);
}

static long syscall_enter_plain(struct pt_regs *regs, long nr)
{
	return syscall_enter_as(regs, nr, PLAIN);
}

static void syscall_exit_plain(struct pt_regs *regs)
{
	syscall_exit_as(regs, PLAIN);
}

static void entry_counting(u64 word)
{
	entry_as(word, COUNTING);
}

static void leave_counting(u64 call, long value)
{
	leave_as(call, value, COUNTING);
}

static long syscall_enter_counting(struct pt_regs *regs, long nr)
{
	return syscall_enter_as(regs, nr, COUNTING);
}

static void syscall_exit_counting(struct pt_regs *regs)
{
	syscall_exit_as(regs, COUNTING);
}

static void entry_any(u64 word)
{
	entry_as(word, ANY);
}

static void leave_any(u64 call, long value)
{
	leave_as(call, value, ANY);
}

static long syscall_enter_any(struct pt_regs *regs, long nr)
{
	return syscall_enter_as(regs, nr, ANY);
}

static void syscall_exit_any(struct pt_regs *regs)
{
	syscall_exit_as(regs, ANY);
}

/**
 * kutrace_put - store a one-word entry
 * @word: event number << 32 | argument
 *
 * Preemption off. Return: whether it is stored.
 */
bool kutrace_put(u64 word)
{
	return put_now(word) || kutrace_store(word, NULL, 1);
}

static void hook_name(struct task_struct *task)
{
	u64 name[2] = {};

	strscpy_pad((char *)name, task->comm, sizeof(name));
	if (!name[0])
		return;
	kutrace_store((u64)(KUTRACE_PIDNAME + 0x30) << KUTRACE_EVENT_SHIFT | (u32)task->pid, name,
		      3);
}

static __always_inline u64 thread_word(const struct task_struct *next)
{
	return (u64)KUTRACE_USERPID << KUTRACE_EVENT_SHIFT | (u32)next->pid;
}

/* To a thread that this trace has no name of yet. Apart, so that the usual needs no stack. */
static noinline void to_nameless_thread(struct task_struct *next)
{
	*kutrace_mark_of(next) = READ_ONCE(kutrace_trace.named);
	if (next->pid)
		hook_name(next);
	kutrace_put(thread_word(next));
}

static __always_inline void to_thread_as(struct task_struct *next, enum form f)
{
	if (unlikely(*kutrace_mark_of(next) != READ_ONCE(kutrace_trace.named)))
		to_nameless_thread(next);
	else
		entry_as(thread_word(next), f);
}

static void to_thread_plain(struct task_struct *next)
{
	to_thread_as(next, PLAIN);
}

static void to_thread_counting(struct task_struct *next)
{
	to_thread_as(next, COUNTING);
}

static void to_thread_any(struct task_struct *next)
{
	to_thread_as(next, ANY);
}

static __always_inline void sample_as(struct pt_regs *regs, enum form f)
{
	u64 word = (u64)KUTRACE_PC_U << KUTRACE_EVENT_SHIFT;
	u64 address;

	if (!regs)
		return;
	address = instruction_pointer(regs);
	if (!user_mode(regs) && !kutrace_trace.addresses)
		address = KUTRACE_PC_HIDDEN;
	word |= kutrace_mhz();
	/* What else there is to note of an entry of several words, the slow path knows. */
	if (f != PLAIN ||
	    !kutrace_core_pair(word, address, KUTRACE_HARDWARE_SHIFT, KUTRACE_HARDWARE_CLOCK))
		kutrace_store(word, &address, 2);
}

static void sample_plain(struct pt_regs *regs)
{
	sample_as(regs, PLAIN);
}

static void sample_any(struct pt_regs *regs)
{
	sample_as(regs, ANY);
}

/* Left without an interrupt: a store to the monitored location did it. */
static void hook_idle_exit(void)
{
	const struct kutrace_cpu *c = KUTRACE_CPU_HERE();
	const u64 *slot = KUTRACE_CPU_NEXT(c);

	if (!KUTRACE_CPU_FULL(c, slot) &&
	    ((slot[-1] >> KUTRACE_EVENT_SHIFT) & KUTRACE_EVENT_MASK) == KUTRACE_MWAIT)
		kutrace_put((u64)KUTRACE_MONITOREXIT << KUTRACE_EVENT_SHIFT);
}

/* The filter and the hash: docs/trace-format.md, 1.17. */
static void hook_packet(u32 event, const struct sk_buff *skb, int offset)
{
	u8 payload[32] = {};
	unsigned int length;
	u8 masked[24];
	u64 sum;
	u32 hash = 0;
	int i;

	if (!kutrace_packet_mask)
		return;
	if (offset > skb->len)
		return;
	/* Wherever the payload is, in the linear part or in pages; what a short one lacks is zero. */
	length = min_t(unsigned int, skb->len - offset, sizeof(payload));
	if (skb_copy_bits(skb, offset, payload, length))
		return;
	for (i = 0; i < sizeof(masked); i++)
		masked[i] = kutrace_packet_mask >> i & 1 ? payload[i] : 0;
	sum = get_unaligned_le64(masked) ^ get_unaligned_le64(masked + 8) ^
	      get_unaligned_le64(masked + 16);
	if (kutrace_packet_mask != U64_MAX && (u32)(sum ^ sum >> 32) != kutrace_packet_match)
		return;
	for (i = 0; i < sizeof(payload); i += 4)
		hash ^= get_unaligned_le32(payload + i);
	kutrace_put((u64)event << KUTRACE_EVENT_SHIFT | hash);
}

u32 kutrace_cost_ns;

/* What an entry costs on this machine, storing into the empty buffer. Before registration. */
void kutrace_measure_cost(void)
{
	struct kutrace_cpu *c;
	unsigned long flags;
	u64 begin;
	int i;

	local_irq_save(flags);
	c = this_cpu_ptr(&kutrace_cpu);
	c->next = kutrace_block(0);
	c->limit = c->next + 4000;
	kutrace_core_anchor(c, kutrace_raw_counter(kutrace_clock_source), kutrace_clock_shift);
	begin = ktime_get_ns();
	for (i = 0; i < 2000; i++) {
		c->next = kutrace_block(0) + i;
		entry_plain(0);
	}
	kutrace_cost_ns = (u32)(ktime_get_ns() - begin) / 2000;
	local_irq_restore(flags);
	kutrace_buffer_reset(0);
}

struct kutrace_ops kutrace_mod_ops = {
	.name = hook_name,
	.idle_exit = hook_idle_exit,
	.packet = hook_packet,
	.control = kutrace_mod_control,
};

/* The thread that leaves has used what was used until now. */
static void to_thread_sampling(struct task_struct *next)
{
	kutrace_memory_switch();
	switch (form) {
	case PLAIN:
		return to_thread_plain(next);
	case COUNTING:
		return to_thread_counting(next);
	case ANY:
		return to_thread_any(next);
	}
}

/* Takes the functions that fit the trace; the kernel takes them over when it is switched on. */
void kutrace_hooks_choose(void)
{
	bool usual = kutrace_clock_source == KUTRACE_HARDWARE_CLOCK &&
		     kutrace_clock_shift == KUTRACE_HARDWARE_SHIFT;
	u8 bytes = bytes_in(ANY);

	form = !usual || bytes & KUTRACE_FLAG_LLC ? ANY : bytes ? COUNTING : PLAIN;
	switch (form) {
	case PLAIN:
		kutrace_mod_ops.entry = entry_plain;
		kutrace_mod_ops.leave = leave_plain;
		kutrace_mod_ops.syscall_enter = syscall_enter_plain;
		kutrace_mod_ops.syscall_exit = syscall_exit_plain;
		kutrace_mod_ops.to_thread = to_thread_plain;
		kutrace_mod_ops.sample = sample_plain;
		break;
	case COUNTING:
		kutrace_mod_ops.entry = entry_counting;
		kutrace_mod_ops.leave = leave_counting;
		kutrace_mod_ops.syscall_enter = syscall_enter_counting;
		kutrace_mod_ops.syscall_exit = syscall_exit_counting;
		kutrace_mod_ops.to_thread = to_thread_counting;
		kutrace_mod_ops.sample = sample_any;
		break;
	case ANY:
		kutrace_mod_ops.entry = entry_any;
		kutrace_mod_ops.leave = leave_any;
		kutrace_mod_ops.syscall_enter = syscall_enter_any;
		kutrace_mod_ops.syscall_exit = syscall_exit_any;
		kutrace_mod_ops.to_thread = to_thread_any;
		kutrace_mod_ops.sample = sample_any;
		break;
	}
	if (kutrace_memory_wanted())
		kutrace_mod_ops.to_thread = to_thread_sampling;
}
