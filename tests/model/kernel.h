/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the buffer of kutrace_mod takes from the kernel, for user space: its shipped C files are compiled with this in place
 * of the kernel's headers, and with the compiler's marks before every access to memory (-fsanitize=thread, whose run time
 * library is ours: explorer.cc). The machine under them is machine.cc.
 */
#ifndef KUTRACE_MODEL_KERNEL_H
#define KUTRACE_MODEL_KERNEL_H

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

typedef uint64_t u64;
typedef uint32_t u32;
typedef uint16_t u16;
typedef uint8_t u8;
typedef int64_t s64;
typedef int32_t s32;
typedef int8_t s8;

/* Small blocks, so that all of their fillings can be gone through. */
#include "kutrace/abi.h"
#undef KUTRACE_BLOCK_WORDS
#undef KUTRACE_BLOCK_BYTES
#undef KUTRACE_BYTE_AREA_BYTES
#define KUTRACE_BLOCK_WORDS 32
#define KUTRACE_BLOCK_BYTES (8 * KUTRACE_BLOCK_WORDS)
#define KUTRACE_BYTE_AREA_BYTES KUTRACE_BLOCK_WORDS

#define KUTRACE_DEBUG 1
#define CONFIG_SMP 1
#define KBUILD_MODNAME "kutrace_mod"
#define KERNEL_VERSION(a, b, c) (((a) << 16) + ((b) << 8) + (c))
#define LINUX_VERSION_CODE KERNEL_VERSION(6, 12, 0)

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#undef __always_inline
#define __always_inline inline __attribute__((always_inline))
#define noinline __attribute__((noinline))
#define __percpu
#define U32_MAX UINT32_MAX
#define U64_MAX UINT64_MAX
#define BIT(n) (1UL << (n))
#define BIT_ULL(n) (1ULL << (n))
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define DIV_ROUND_UP(n, d) (((n) + (d) - 1) / (d))
#define min_t(type, a, b) ({ type a_ = (a), b_ = (b); a_ < b_ ? a_ : b_; })
#define max_t(type, a, b) ({ type a_ = (a), b_ = (b); a_ > b_ ? a_ : b_; })
#define min(a, b) min_t(__typeof__(a), a, b)
#define max(a, b) max_t(__typeof__(a), a, b)
#define clamp_t(type, x, low, high) min_t(type, max_t(type, x, low), high)
#define READ_ONCE(x) (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, value) (*(volatile __typeof__(x) *)&(x) = (value))
#define barrier() __asm__ volatile("" : : : "memory")
/* The model's memory is sequentially consistent. */
#define smp_mb() barrier()
#define smp_store_release(p, value) WRITE_ONCE(*(p), value)
#define WARN_ON_ONCE(condition) model_assert(!(condition), #condition)
#define USEC_PER_SEC 1000000L
#define NSEC_PER_USEC 1000L

void model_assert(bool holds, const char *what);

/* CPUs. What is of a CPU is in one section, of which each CPU has a copy. */
#define MODEL_CPUS 3
#define DECLARE_PER_CPU_ALIGNED(type, name) extern __typeof__(type) name
#define DEFINE_PER_CPU_ALIGNED(type, name) __attribute__((section("model_percpu"))) __typeof__(type) name
#define DEFINE_PER_CPU(type, name) __attribute__((section("model_percpu"))) __typeof__(type) name
#define per_cpu_ptr(p, cpu) ((__typeof__(p))model_per_cpu(p, cpu))
#define per_cpu(name, cpu) (*per_cpu_ptr(&(name), cpu))
#define this_cpu_ptr(p) per_cpu_ptr(p, model_cpu())
#define raw_cpu_ptr(p) this_cpu_ptr(p)
#define this_cpu_inc(name) model_increment(this_cpu_ptr(&(name)))
#define this_cpu_cmpxchg(name, before, after) \
	((u64 *)model_exchange((u64 *)this_cpu_ptr(&(name)), (u64)(before), (u64)(after)))
#define nr_cpu_ids ((unsigned int)MODEL_CPUS)
#define cpu_possible(cpu) ((cpu) < nr_cpu_ids)
#define cpu_online(cpu) model_online(cpu)
#define for_each_possible_cpu(cpu) for ((cpu) = 0; (cpu) < nr_cpu_ids; (cpu)++)
#define for_each_online_cpu(cpu) for_each_possible_cpu(cpu) if (cpu_online(cpu))
#define smp_processor_id() model_cpu()
#define raw_smp_processor_id() model_cpu()
#define get_cpu() model_cpu()
#define put_cpu() ((void)0)

void *model_per_cpu(const void *p, unsigned int cpu);
unsigned int model_cpu(void);
bool model_online(unsigned int cpu);
void model_increment(u64 *p);
u64 model_exchange(u64 *p, u64 before, u64 after);

/* Interrupts. Flags: whether they were off. */
#define raw_local_irq_save(flags) ((flags) = model_irq_save())
#define raw_local_irq_restore(flags) model_irq_restore(flags)
#define local_irq_save(flags) raw_local_irq_save(flags)
#define local_irq_restore(flags) raw_local_irq_restore(flags)
#define raw_irqs_disabled_flags(flags) ((flags) != 0)
#define in_interrupt() model_in_interrupt()
#define hardirq_count() (in_interrupt() && !in_nmi())
#define in_nmi() model_in_nmi()
#define get_irq_regs() ((struct pt_regs *)NULL)
#define user_mode(regs) false

struct pt_regs;
unsigned long model_irq_save(void);
void model_irq_restore(unsigned long flags);
bool model_in_interrupt(void);
bool model_in_nmi(void);

/* Locks. Who waits lets the others go on. */
typedef int raw_spinlock_t;
#define DEFINE_RAW_SPINLOCK(name) raw_spinlock_t name
#define raw_spin_trylock(lock) model_trylock(lock)
#define raw_spin_unlock(lock) model_unlock(lock)
#define cpu_relax() model_relax()
#define lockdep_off() ((void)0)
#define lockdep_on() ((void)0)
#define cond_resched() ((void)0)

struct mutex {
	int unused;
};

extern int oops_in_progress;
bool model_trylock(raw_spinlock_t *lock);
void model_unlock(raw_spinlock_t *lock);
void model_relax(void);

/* Threads. */
#define TASK_COMM_LEN 16
struct task_struct {
	int pid;
	char comm[TASK_COMM_LEN];
	unsigned long nvcsw, nivcsw;
	int on_cpu;
};
#define current model_current()
#define init_task model_idle
#define rcu_read_lock() ((void)0)
#define rcu_read_unlock() ((void)0)
#define get_task_struct(task) ((void)(task))
#define put_task_struct(task) ((void)(task))
#define task_cpu(task) model_task_cpu(task)
#define for_each_process_thread(process, task) \
	for ((process) = NULL, (void)(process), (task) = model_next_task(NULL); (task); (task) = model_next_task(task))

extern struct task_struct model_idle;
struct task_struct *model_current(void);
struct task_struct *model_next_task(struct task_struct *task);
unsigned int model_task_cpu(const struct task_struct *task);

/* Named in headers, used by none of these files. */
struct vm_area_struct;
struct file;
void vma_set_file(struct vm_area_struct *vma, struct file *file);
int call_mmap(struct file *file, struct vm_area_struct *vma);

/* Memory and text. */
#define GFP_KERNEL 0
extern u32 model_blocks; /* the buffer has so many, not a megabyte */
#define PAGE_SHIFT 12
#define totalram_pages() (1UL << 30)
void *model_allocate(size_t bytes);
#define vzalloc(size) model_allocate(model_blocks * KUTRACE_BLOCK_BYTES)
#define vfree(p) ((void)(p))
#define kvcalloc(n, size, flags) model_allocate(((n) >= 4096 ? model_blocks : (n)) * (size))
#define kvfree(p) ((void)(p))
/* One access: what comes in the middle of it finds nothing that it would not find before or after. */
void model_set_words(u64 *to, u64 value, size_t count);
#define memset64(to, value, count) model_set_words(to, value, count)
#define strscpy_pad(to, from, size) strncpy(to, from, (size) - 1)
#define mul_u64_u64_div_u64(a, b, c) ((u64)((unsigned __int128)(a) * (b) / (c)))

/* The counter. */
#define read_sysreg(r) model_counter()
#define ktime_get_mono_fast_ns() model_counter()
#define isb() barrier()
u64 model_counter(void);

/* Atomic variables, and what follows a trace with them. */
typedef struct {
	int counter;
} atomic_t;
typedef struct {
	long counter;
} atomic64_t;
typedef unsigned int __poll_t;
#define atomic64_read(a) ((a)->counter)
#define smp_wmb() barrier()
#define smp_load_acquire(p) READ_ONCE(*(p))

/* The kernel's part of KUtrace. */
struct kutrace_ops {
	int unused;
};
void kutrace_enable(bool on);

#endif
