/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The few members of kernel structures that the programs read, declared by hand. Where they stand
 * in the running kernel, libbpf finds out when it loads (CO-RE); a member declared with another
 * width than the kernel's is refused there.
 */
#ifndef KUTRACE_RECORD_KERNEL_TYPES_H
#define KUTRACE_RECORD_KERNEL_TYPES_H

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct thread_info {
	unsigned long flags;
	unsigned int status; /* x86 */
};

struct task_struct {
	struct thread_info thread_info;
	int pid;
	int tgid;
	char comm[16];
};

#if defined(__TARGET_ARCH_x86)
struct pt_regs {
	unsigned long bx;
	unsigned long ax;
	unsigned long dx;
	unsigned long si;
	unsigned long di;
	unsigned long orig_ax;
	unsigned long ip;
};
#elif defined(__TARGET_ARCH_arm64)
struct pt_regs {
	unsigned long long regs[31];
	unsigned long long pc;
	int syscallno;
};
#endif

#pragma clang attribute pop

/* What a program on a perf event is given: the user-space form of pt_regs, whose layout is ABI. */
struct sample_context {
#if defined(__TARGET_ARCH_x86)
	unsigned long long before[16];
#else
	unsigned long long before[32];
#endif
	unsigned long long address;
};

#endif /* KUTRACE_RECORD_KERNEL_TYPES_H */
