// SPDX-License-Identifier: GPL-2.0
/*
 * The hooks of a stock kernel: programs on its tracepoints that store entries of eight bytes into
 * the row of the CPU they run on (rows.h). Nothing here waits, allocates or loops without a bound.
 *
 * A tracepoint that the running kernel lacks costs its program only: the recorder looks each name
 * up before it loads.
 */
#include <linux/bpf.h>
#include <linux/ioctl.h>
#include <stdbool.h>

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

#include "kernel_types.h"
#include "rows.h"
#include "kutrace/kinds.h"

char LICENSE[] SEC("license") = "GPL";

typedef unsigned long long u64;
typedef unsigned int u32;

const volatile struct kutrace_row_config config = { .words = 1 << 17 };

/* What the recorder maps. */
struct kutrace_rows rows SEC(".bss") __attribute__((aligned(128)));

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, u32);
	__type(value, u64);
	__uint(max_entries, 1); /* the recorder sets it: CPUs * words */
} words SEC(".maps");

/* Numbers of calls that replace the registers which hold their number, by thread. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__type(key, u32);
	__type(value, u32);
	__uint(max_entries, 4096);
} replacing_calls SEC(".maps");

static __always_inline u64 word_of(u32 event, u32 arg)
{
	return (u64)event << KUTRACE_EVENT_SHIFT | arg;
}

static __always_inline u64 stamped(u64 word, u64 counter)
{
	return word | counter << KUTRACE_TS_SHIFT;
}

static __always_inline u64 counter_now(void)
{
	return bpf_ktime_get_ns() >> KUTRACE_ROW_SHIFT;
}

static __always_inline void put(u32 cpu, u64 at, u64 word)
{
	u32 key = cpu * config.words + (at & (config.words - 1));
	u64 *slot = bpf_map_lookup_elem(&words, &key);

	if (slot)
		*slot = word;
}

/* Claims `count` words of a row; false if there is no room, and an entry is lost. */
static __always_inline bool claim(struct kutrace_row *row, u32 count, u64 *at)
{
	if (row->head - row->tail > config.words - KUTRACE_ROW_SPARE) {
		__sync_fetch_and_add(&row->lost, 1);
		/* The next that finds room says how many, when, and who runs: a switch may be among them. */
		row->last = 0;
		row->task = 0;
		return false;
	}
	*at = __sync_fetch_and_add(&row->head, count);
	__sync_fetch_and_add(&row->stored, 1);
	return true;
}

static __always_inline void put_name(u32 cpu, u64 at, u64 now, u32 pid, const char *comm)
{
	u64 text[2];

	__builtin_memcpy(text, comm, sizeof(text));
	put(cpu, at, stamped(word_of(KUTRACE_PIDNAME + 0x30, pid), now));
	put(cpu, at + 1, text[0] ? text[0] : ' ');
	put(cpu, at + 2, text[1] | KUTRACE_ROW_NAME_MARK);
}

/* Who runs, by name and as a switch. `unseen`: the kernel switched to it without a word, which is an event lost. */
static __always_inline bool say_thread(struct kutrace_row *row, u32 cpu, u64 now, bool unseen)
{
	u32 thread = (u32)bpf_get_current_pid_tgid();
	char comm[16];
	u64 at;

	bpf_get_current_comm(comm, sizeof(comm));
	if (!claim(row, unseen ? 5 : 4, &at))
		return false;
	put_name(cpu, at, now, thread, comm);
	at += 3;
	if (unseen) {
		__sync_fetch_and_add(&row->unseen, 1);
		put(cpu, at++, stamped(word_of(KUTRACE_LOST, 1), now));
	}
	put(cpu, at, stamped(word_of(KUTRACE_USERPID, thread), now));
	return true;
}

/* The whole counter, before what 20 bits would not place; with what was lost, and who runs if the row says otherwise. */
static __noinline int say_state(u32 cpu)
{
	struct kutrace_row *row = &rows.row[cpu & (KUTRACE_ROWS - 1)];
	u64 current = bpf_get_current_task();
	u64 now = counter_now();
	u64 at, lost, before;

	if (!claim(row, 2, &at))
		return 0;
	put(cpu, at, stamped(word_of(KUTRACE_TSDELTA, 0), now));
	put(cpu, at + 1, now);
	row->last = now;
	before = __sync_lock_test_and_set(&row->task, current);
	if (before != current && !say_thread(row, cpu, now, before != 0))
		return 0;
	lost = row->lost - row->lost_noted;
	if (lost && claim(row, 1, &at)) {
		__sync_fetch_and_add(&row->lost_noted, lost);
		put(cpu, at, stamped(word_of(KUTRACE_LOST, (u32)lost), now));
	}
	return 1;
}

/* Where on this CPU an entry of `count` words goes, with its time; false if it is lost, or nothing is stored now. */
static __always_inline bool begin(u32 count, u32 *cpu, u64 *at, u64 *now)
{
	struct kutrace_row *row;

	*cpu = bpf_get_smp_processor_id() & (KUTRACE_ROWS - 1);
	row = &rows.row[*cpu];
	*now = counter_now();
	if (!rows.on)
		return false;
	if (*now - row->last > KUTRACE_ROW_STEP || row->task != bpf_get_current_task()) {
		if (!say_state(*cpu))
			return false;
		*now = counter_now(); /* behind who runs */
	}
	if (!claim(row, count, at))
		return false;
	row->last = *now;
	return true;
}

static __always_inline bool store(u64 word)
{
	u64 at, now;
	u32 cpu;

	if (!begin(1, &cpu, &at, &now))
		return false;
	put(cpu, at, stamped(word, now));
	return true;
}

static __always_inline void store_pair(u64 word, u64 second)
{
	u64 at, now;
	u32 cpu;

	if (!begin(2, &cpu, &at, &now))
		return;
	put(cpu, at, stamped(word, now));
	put(cpu, at + 1, second);
}

static __always_inline void store_name(u32 pid, const char *comm)
{
	u64 at, now;
	u32 cpu;

	if (begin(3, &cpu, &at, &now))
		put_name(cpu, at, now, pid, comm);
}

/* ---- system calls ------------------------------------------------------------------- */

#if defined(__TARGET_ARCH_x86)
#define TS_COMPAT 2 /* arch/x86/include/asm/thread_info.h: a 32-bit call is under way */
#define NR_IOCTL 16
#define NR_EXECVE 59
#define NR_RT_SIGRETURN 15
#define NR_EXECVEAT 322
#define NR32_EXECVE 11
#define NR32_SIGRETURN 119
#define NR32_RT_SIGRETURN 173
#define NR32_EXECVEAT 358

static __always_inline bool is_compat(void)
{
	struct task_struct *task = bpf_get_current_task_btf();

	return task->thread_info.status & TS_COMPAT;
}

static __always_inline u32 first_argument(const struct pt_regs *regs, bool compat)
{
	return (compat ? regs->bx : regs->di) & 0xffff;
}

static __always_inline u64 argument(const struct pt_regs *regs, u32 k)
{
	return k == 0 ? regs->di : k == 1 ? regs->si : regs->dx;
}

static __always_inline long call_number(const struct pt_regs *regs)
{
	return (int)regs->orig_ax;
}

/* A successful exec has execve's number in place of its own, the return from a signal -1. */
static __always_inline bool replaces_number(long nr, bool compat)
{
	if (compat)
		return nr == NR32_EXECVE || nr == NR32_EXECVEAT || nr == NR32_SIGRETURN || nr == NR32_RT_SIGRETURN;
	return nr == NR_EXECVE || nr == NR_EXECVEAT || nr == NR_RT_SIGRETURN;
}

static __always_inline bool is_replaced(long nr, bool compat)
{
	return nr == -1 || replaces_number(nr, compat);
}
#elif defined(__TARGET_ARCH_arm64)
#define TIF_32BIT 22 /* arch/arm64/include/asm/thread_info.h */
#define NR_IOCTL 29

static __always_inline bool is_compat(void)
{
	struct task_struct *task = bpf_get_current_task_btf();

	return task->thread_info.flags & (1UL << TIF_32BIT);
}

static __always_inline u32 first_argument(const struct pt_regs *regs, bool compat)
{
	return regs->regs[0] & 0xffff;
}

static __always_inline u64 argument(const struct pt_regs *regs, u32 k)
{
	return regs->regs[k];
}

static __always_inline long call_number(const struct pt_regs *regs)
{
	return regs->syscallno;
}

static __always_inline bool replaces_number(long nr, bool compat)
{
	return false;
}

static __always_inline bool is_replaced(long nr, bool compat)
{
	return false;
}
#endif

/* The event of a call (docs/trace-format.md); 0: none, a number out of range. */
static __always_inline u32 call_event(long nr, bool compat)
{
	if (nr < 0)
		return 0;
	if (!compat && nr < 511)
		return KUTRACE_SYSCALL64 + nr;
	if (nr < 511)
		return KUTRACE_SYSCALL32 + nr;
	return KUTRACE_SYSCALL_OTHER;
}

/* A mark is an ioctl on no file (KUTRACE_MARKS_BY_CALL). */
static __always_inline void mark(const struct pt_regs *regs)
{
	u32 event = KUTRACE_USERPID + ((u32)argument(regs, 1) - KUTRACE_MARK_COMMAND(0));

	if ((int)argument(regs, 0) < 0 && kutrace_is_mark(event))
		store(word_of(event, (u32)argument(regs, 2)));
}

SEC("tp_btf/sys_enter")
int BPF_PROG(sys_enter, struct pt_regs *regs, long nr)
{
	bool compat = is_compat();
	u32 event = call_event(nr, compat);

	if (!event)
		return 0;
	if (replaces_number(nr, compat)) {
		u32 thread = (u32)bpf_get_current_pid_tgid();

		bpf_map_update_elem(&replacing_calls, &thread, &event, BPF_ANY);
	}
	store(word_of(event, first_argument(regs, compat)));
	if (nr == NR_IOCTL && !compat)
		mark(regs);
	return 0;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(sys_exit, struct pt_regs *regs, long value)
{
	bool compat = is_compat();
	long nr = call_number(regs);
	u32 event = call_event(nr, compat);

	if (is_replaced(nr, compat)) {
		u32 thread = (u32)bpf_get_current_pid_tgid();
		u32 *called = bpf_map_lookup_elem(&replacing_calls, &thread);

		if (called) {
			event = *called;
			bpf_map_delete_elem(&replacing_calls, &thread);
		}
	}
	if (event)
		store(word_of(event | KUTRACE_RETURN_BIT, value & 0xffff));
	return 0;
}

/* ---- threads ------------------------------------------------------------------------ */

SEC("tp_btf/sched_switch")
int BPF_PROG(sched_switch, bool preempt, struct task_struct *before, struct task_struct *next)
{
	if (store(word_of(KUTRACE_USERPID, next->pid)))
		rows.row[bpf_get_smp_processor_id() & (KUTRACE_ROWS - 1)].task = (u64)next;
	return 0;
}

SEC("tp_btf/sched_waking")
int BPF_PROG(sched_waking, struct task_struct *task)
{
	store(word_of(KUTRACE_RUNNABLE, task->pid));
	return 0;
}

SEC("tp_btf/sched_wakeup_new")
int BPF_PROG(sched_wakeup_new, struct task_struct *task)
{
	store(word_of(KUTRACE_RUNNABLE, task->pid));
	return 0;
}

SEC("tp_btf/task_newtask")
int BPF_PROG(task_newtask, struct task_struct *task)
{
	char comm[16];

	bpf_core_read(comm, sizeof(comm), &task->comm);
	store_name(task->pid, comm);
	return 0;
}

SEC("tp_btf/task_rename")
int BPF_PROG(task_rename, struct task_struct *task, const char *name)
{
	char comm[16] = {};

	bpf_probe_read_kernel_str(comm, sizeof(comm), name);
	store_name(task->pid, comm);
	return 0;
}

/* A thread that executes takes the number of its process. */
SEC("tp_btf/sched_process_exec")
int BPF_PROG(sched_process_exec, struct task_struct *task, int before)
{
	char comm[16];

	if (task->pid == before)
		return 0;
	bpf_core_read(comm, sizeof(comm), &task->comm);
	store_name(task->pid, comm);
	store(word_of(KUTRACE_USERPID, task->pid));
	return 0;
}

/* ---- interrupts and faults ---------------------------------------------------------- */

static __always_inline u32 irq_event(u32 irq)
{
	if (irq >= KUTRACE_IRQ_SHARED)
		return KUTRACE_IRQ + KUTRACE_IRQ_SHARED + irq % KUTRACE_IRQ_SHARED_COUNT;
	return KUTRACE_IRQ + irq;
}

SEC("tp_btf/irq_handler_entry")
int BPF_PROG(irq_handler_entry, int irq)
{
	store(word_of(irq_event(irq), irq & 0xffff));
	return 0;
}

SEC("tp_btf/irq_handler_exit")
int BPF_PROG(irq_handler_exit, int irq)
{
	store(word_of(irq_event(irq) | KUTRACE_RETURN_BIT, 0));
	return 0;
}

SEC("tp_btf/softirq_entry")
int BPF_PROG(softirq_entry, u32 vec)
{
	store(word_of(KUTRACE_BOTTOM_HALF, vec));
	return 0;
}

SEC("tp_btf/softirq_exit")
int BPF_PROG(softirq_exit, u32 vec)
{
	store(word_of(KUTRACE_BOTTOM_HALF | KUTRACE_RETURN_BIT, 0));
	return 0;
}

/* x86: interrupts with a vector of their own. */
#define VECTOR(name)                                                                     \
	SEC("tp_btf/" #name "_entry")                                                    \
	int BPF_PROG(name##_entry, int vector)                                           \
	{                                                                                \
		store(word_of(KUTRACE_IRQ | (vector & 0xff), 0));                        \
		return 0;                                                                \
	}                                                                                \
	SEC("tp_btf/" #name "_exit")                                                     \
	int BPF_PROG(name##_exit, int vector)                                            \
	{                                                                                \
		store(word_of(KUTRACE_IRQ | KUTRACE_RETURN_BIT | (vector & 0xff), 0));   \
		return 0;                                                                \
	}

VECTOR(local_timer)
VECTOR(reschedule)
VECTOR(call_function)
VECTOR(call_function_single)
VECTOR(irq_work)
VECTOR(x86_platform_ipi)
VECTOR(error_apic)
VECTOR(thermal_apic)
VECTOR(threshold_apic)
VECTOR(deferred_error_apic)
VECTOR(spurious_apic)

/* Where a fault ends there is no tracepoint: it is shown as a moment. */
static __always_inline void fault(u64 error)
{
	store(word_of(KUTRACE_PAGE_FAULT, error & 0xffff));
	store(word_of(KUTRACE_PAGE_FAULT | KUTRACE_RETURN_BIT, 0));
}

SEC("tp_btf/page_fault_user")
int BPF_PROG(page_fault_user, unsigned long address, struct pt_regs *regs, unsigned long error)
{
	fault(error);
	return 0;
}

SEC("tp_btf/page_fault_kernel")
int BPF_PROG(page_fault_kernel, unsigned long address, struct pt_regs *regs, unsigned long error)
{
	fault(error);
	return 0;
}

/* ---- between CPUs, and frequency ---------------------------------------------------- */

SEC("tp_btf/ipi_send_cpu")
int BPF_PROG(ipi_send_cpu, u32 cpu)
{
	store(word_of(KUTRACE_IPI, cpu));
	return 0;
}

/* Recorded on the CPU that it is about only: elsewhere it would stand in another's row. */
SEC("tp_btf/cpu_frequency")
int BPF_PROG(cpu_frequency, u32 khz, u32 cpu)
{
	if (cpu == bpf_get_smp_processor_id())
		store(word_of(KUTRACE_PSTATE2, khz / 1000));
	return 0;
}

/* ---- samples, and the edges of a trace ---------------------------------------------- */

SEC("perf_event")
int sample(struct sample_context *context)
{
	u64 address = context->address;

	if (address)
		store_pair(word_of(KUTRACE_PC_U, 0), address);
	return 0;
}

/* Run by the recorder on each CPU when it begins and when it ends: the row reaches from edge to edge. */
SEC("raw_tp/kutrace_edge")
int edge(void *context)
{
	say_state(bpf_get_smp_processor_id());
	return 0;
}
